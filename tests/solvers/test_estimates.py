"""Stochastic estimates: without bias, with an error that is what it says, exact where they can be.

Many seeds make a sample; its bounds are quantiles at which a right code fails once in 10⁴ (and seeds are fixed).
"""

import math

import numpy as np
import pytest
import scipy.stats
import torch
from market import definite, hermitian, matrix

import otimes as ox
from otimes.errors import DTypeError, NotPositiveDefinite, ShapeError, StructureError

METHODS = ("xtrace", "hutch++", "hutchinson")
SEEDS = 400
RARE = 1e-4
LIMIT = scipy.stats.norm.isf(RARE / 2)  # standard errors
SPREAD = scipy.stats.chi2.ppf([RARE / 2, 1 - RARE / 2], SEEDS - 1) / (SEEDS - 1)  # of a variance of normal values
every_method = pytest.mark.parametrize("method", METHODS)
every_kind = pytest.mark.parametrize("kind", ["hermitian", "general", "complex hermitian", "complex"])


def operator(kind):
    dtype = complex if "complex" in kind else float
    make = hermitian if "hermitian" in kind else matrix
    return ox.kron(make(6, dtype=dtype), make(7, dtype=dtype, seed=1))


def sample(call):
    """Return the values and standard errors of many seeds."""
    estimates = [call(seed) for seed in range(SEEDS)]
    return np.array([e.value for e in estimates]), np.array([e.standard_error for e in estimates])


@every_method
@every_kind
def test_the_trace_is_without_bias(method, kind):
    A = operator(kind)
    values, _ = sample(lambda seed: ox.trace_estimate(A, matvecs=12, method=method, rng=seed))
    exact = np.trace(np.asarray(A))
    for part in (np.real, np.imag):
        gaps = part(values - exact)
        assert abs(gaps.mean()) <= LIMIT * gaps.std(ddof=1) / math.sqrt(SEEDS) + 1e-12 * abs(exact)


@every_kind
def test_the_variance_of_hutchinsons_estimate_is_the_known_one(kind):
    """‖S‖² summed off the diagonal, S the part that xᴴ A x sees: twice that of (A + Aᵀ)/2 for real signs."""
    A = operator(kind)
    values, errors = sample(lambda seed: ox.trace_estimate(A, matvecs=10, method="hutchinson", rng=seed))
    a = np.asarray(A)
    seen = a if np.iscomplexobj(a) else (a + a.T) / 2
    off = seen - np.diag(np.diag(seen))
    wanted = np.linalg.norm(off) ** 2 * (1 if np.iscomplexobj(a) else 2) / 10
    low, high = SPREAD
    assert low * wanted <= np.mean(np.abs(values - np.trace(a)) ** 2) <= high * wanted
    assert low * wanted <= np.mean(errors**2) <= high * wanted


@every_method
@every_kind
def test_the_standard_error_is_calibrated(method, kind):
    """The mean square of the errors is that of the standard errors; XTrace's and Hutch++'s only up to a small bias."""
    A = operator(kind)
    values, errors = sample(lambda seed: ox.trace_estimate(A, matvecs=18, method=method, rng=seed))
    ratio = np.mean(errors**2) / np.mean(np.abs(values - np.trace(np.asarray(A))) ** 2)
    low, high = SPREAD
    slack = 1.0 if method == "hutchinson" else 1.4
    assert low / slack / high <= ratio <= high * slack / low


def test_decaying_spectra_are_estimated_far_better_than_by_hutchinson():
    Q = ox.kron(*(np.linalg.qr(matrix(20, seed=i))[0] for i in range(2)))
    A = Q @ ox.diag(0.6 ** np.arange(400)) @ Q.T
    exact = float(np.trace(np.asarray(A)))
    root_mean_squares = {}
    for method in METHODS:
        gaps = [ox.trace_estimate(A, matvecs=60, method=method, rng=s).value - exact for s in range(10)]
        root_mean_squares[method] = np.sqrt(np.mean(np.square(gaps)))
    assert root_mean_squares["hutch++"] < root_mean_squares["hutchinson"] / 10
    assert root_mean_squares["xtrace"] < root_mean_squares["hutch++"] / 10


@every_method
def test_operators_of_low_rank_are_exact(method):
    a = matrix(40, 2)
    A = ox.aslinearoperator(a @ a.T)
    estimate = ox.trace_estimate(A, matvecs=12, method=method, rng=0)
    if method != "hutchinson":
        assert estimate.value == pytest.approx(np.trace(a @ a.T), rel=1e-12)
        assert estimate.standard_error <= 1e-10
    assert ox.trace_estimate(ox.zeros(40), matvecs=12, method=method, rng=0).value == 0


@every_method
@pytest.mark.parametrize("n", [0, 1, 5, 12])
def test_as_many_products_as_columns_are_exact(method, n):
    A = matrix(n, dtype=complex)
    estimate = ox.trace_estimate(A, matvecs=12, method=method)
    assert estimate.matvecs == n
    assert estimate.standard_error == 0
    np.testing.assert_allclose(estimate.value, np.trace(A), rtol=1e-13)
    diagonal = ox.diagonal_estimate(A, matvecs=12)
    np.testing.assert_allclose(diagonal.value, np.diagonal(A), rtol=1e-13)
    assert not diagonal.standard_error.any()


@every_method
def test_no_more_products_than_allowed(method):
    class Counting:
        shape, dtype, count = (50, 50), np.dtype(float), 0

        def matvec(self, x):
            self.count += 1
            return 2 * x

    for matvecs in (4, 5, 13, 30):
        counting = Counting()
        estimate = ox.trace_estimate(counting, matvecs=matvecs, method=method, rng=0)
        assert counting.count == estimate.matvecs <= matvecs
        if method != "hutch++":  # whose test vectors, projected, are of no fixed length
            assert estimate.value == pytest.approx(100, rel=1e-12)


@every_kind
def test_the_diagonal(kind):
    A = operator(kind)
    a = np.asarray(A)
    values, errors = sample(lambda seed: ox.diagonal_estimate(A, matvecs=10, rng=seed))
    variance = (np.linalg.norm(a, axis=1) ** 2 - np.abs(np.diagonal(a)) ** 2) / 10
    variance = variance / 2 if kind == "complex hermitian" else variance  # only real parts count
    limit = scipy.stats.norm.isf(RARE / 2 / len(a))
    gaps = np.abs(values - np.diagonal(a))
    for part in (np.real, np.imag):
        bias = part(values - np.diagonal(a)).mean(0)
        assert (np.abs(bias) <= limit * np.sqrt(variance / SEEDS) + 1e-12).all()
    low, high = scipy.stats.chi2.ppf([RARE / 2 / len(a), 1 - RARE / 2 / len(a)], SEEDS - 1) / (SEEDS - 1)
    for squares in ((gaps**2).mean(0), (errors**2).mean(0)):
        assert (low * variance <= squares).all()
        assert (squares <= high * variance).all()


@pytest.mark.parametrize("dtype", [float, complex])
def test_the_log_determinant(dtype):
    A = ox.kron(definite(6, dtype), definite(7, dtype, 1)) + ox.kron(definite(6, dtype, 2), np.eye(7))
    exact = np.linalg.slogdet(np.asarray(A)).logabsdet
    values, errors = sample(lambda seed: ox.logdet_estimate(A, probes=5, steps=42, rng=seed))
    assert values.dtype == float
    assert abs(values.mean() - exact) <= LIMIT * values.std(ddof=1) / math.sqrt(SEEDS)
    low, high = SPREAD
    assert low / high <= np.mean(errors**2) / values.var(ddof=1) <= high / low
    every = ox.logdet_estimate(A, probes=42, steps=42)
    assert every.value == pytest.approx(exact, rel=1e-10)
    assert every.standard_error == 0


def test_lanczos_steps_converge_at_the_rate_stated():
    Q = np.linalg.qr(matrix(60))[0]
    A = (Q * np.linspace(1, 100, 60)) @ Q.T
    A = (A + A.T) / 2
    exact = np.log(np.linspace(1, 100, 60)).sum()
    gaps = [abs(ox.logdet_estimate(A, probes=60, steps=steps).value - exact) for steps in (5, 10, 20, 30)]
    for fewer, more, steps in zip(gaps, gaps[1:], (5, 10, 10), strict=False):
        assert more <= fewer * math.exp(-4 * steps / 10) * 10 + 1e-9


def test_invariant_subspaces_end_the_process():
    """An identity, and an operator of three eigenvalues: one and three steps are all there are."""
    assert ox.logdet_estimate(3 * ox.eye(50), probes=4, steps=20, rng=0).value == pytest.approx(50 * math.log(3))
    d = np.repeat([1.0, 2.0, 5.0], 20)
    estimate = ox.logdet_estimate(ox.diag(d), probes=4, steps=20, rng=0)
    assert estimate.value == pytest.approx(np.log(d).sum(), rel=1e-12)
    assert ox.logdet_estimate(np.zeros((0, 0))).value == 0


def test_many_rows_in_single_precision_are_no_sign_of_rounding():
    """n eps is 0.03 here: neither a decaying spectrum nor a small Lanczos coefficient is taken for rounding of 0."""
    d = 1 / np.arange(1, 513, dtype=np.float32) ** 2
    exact = d.astype(float).sum() ** 2
    for seed in range(3):
        estimate = ox.trace_estimate(ox.kron(ox.diag(d), ox.diag(d)), matvecs=100, rng=seed)
        assert 0 < abs(estimate.value - exact) <= LIMIT * estimate.standard_error
    h = hermitian(512)
    a = (np.eye(512) + 0.018 * h / np.sqrt(np.mean(np.linalg.eigvalsh(h) ** 2))).astype(np.float32)
    exact = 2 * 512 * np.linalg.slogdet(a.astype(float)).logabsdet
    estimate = ox.logdet_estimate(ox.kron(a, a), probes=4, steps=8, rng=0)
    assert abs(estimate.value - exact) <= LIMIT * estimate.standard_error


def test_seeds():
    A = operator("general")
    for call in (
        lambda rng: ox.trace_estimate(A, matvecs=9, rng=rng).value,
        lambda rng: ox.diagonal_estimate(A, matvecs=9, rng=rng).value[0],
        lambda rng: ox.logdet_estimate(A @ A.T, probes=3, rng=rng).value,
    ):
        assert call(7) == call(7) == call(np.random.default_rng(7)) == call(np.int64(7))
        assert call(7) != call(8)
        assert call(None) != call(None)
        for wrong in ("seed", 1.5, True):
            with pytest.raises(DTypeError, match="rng="):
                call(wrong)
        with pytest.raises(ShapeError, match="rng=-1"):
            call(-1)


def test_torch_and_single_precision():
    A = ox.kron(definite(6), definite(7, seed=1))
    T = ox.kron(torch.tensor(definite(6)), torch.tensor(definite(7, seed=1)))
    S = ox.kron(definite(6, np.float32), definite(7, np.float32, seed=1))
    for call in (
        lambda A: ox.trace_estimate(A, matvecs=12, rng=1),
        lambda A: ox.trace_estimate(A, matvecs=12, method="hutch++", rng=1),
        lambda A: ox.diagonal_estimate(A, matvecs=12, rng=1),
        lambda A: ox.logdet_estimate(A, probes=3, rng=1),
    ):
        wanted = call(A)
        for B, rtol in ((T, 1e-8), (S, 1e-3)):
            found = call(B)
            np.testing.assert_allclose(np.asarray(found.value), wanted.value, rtol=rtol, atol=rtol)
            np.testing.assert_allclose(np.asarray(found.standard_error), wanted.standard_error, rtol=10 * rtol)


def test_refusals():
    for call in (ox.trace_estimate, ox.diagonal_estimate, ox.logdet_estimate):
        with pytest.raises(ShapeError, match="3×2"):
            call(np.ones((3, 2)))
    with pytest.raises(ShapeError, match=r"method='hutch' is not one of 'xtrace', 'hutch\+\+', 'hutchinson'"):
        ox.trace_estimate(np.eye(3), method="hutch")
    with pytest.raises(ShapeError, match="matvecs=3: at least 4 are needed for a standard error"):
        ox.trace_estimate(np.eye(3), matvecs=3)
    with pytest.raises(ShapeError, match="probes=1"):
        ox.logdet_estimate(np.eye(3), probes=1)
    with pytest.raises(ShapeError, match="steps"):
        ox.logdet_estimate(np.eye(3), steps=0)
    with pytest.raises(StructureError, match="Hermitian"):
        ox.logdet_estimate(ox.assume(matrix(3), hermitian=False))
    with pytest.raises(NotPositiveDefinite, match="slogdet"):
        ox.logdet_estimate(hermitian(20), rng=0)
