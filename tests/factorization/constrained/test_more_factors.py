"""Structure and weights of three and more factors, against minimizers and definitions."""

import functools
import itertools

import numpy as np
import pytest
from scipy import linalg, optimize

import otimes as ox
from otimes.factorization.constrained.alternating import Problem
from otimes.factorization.constrained.least_squares import LeastSquares
from otimes.factorization.constrained.observed import WeightedLeastSquares, read_observed
from otimes.factorization.multiway.cut import Cut
from otimes.factorization.operand import read_operand

SHAPES = ((2, 2), (3, 3), (2, 2))


def random_matrix(shape, dtype="float64", seed=0):
    rng = np.random.default_rng(seed)
    M = rng.standard_normal(shape)
    return (M + 1j * rng.standard_normal(shape) if "complex" in dtype else M).astype(dtype)


def definite(n, dtype="float64", seed=0):
    X = random_matrix((n, n), dtype, seed)
    return X @ X.conj().T


def kron(*factors):
    return functools.reduce(np.kron, factors)


def dense(F):
    return sum(kron(*term) for term in F.factors)


@pytest.mark.parametrize("dtype", ["float64", "complex128"])
@pytest.mark.parametrize("weighted", [False, True])
def test_the_equations_of_each_slot(weighted, dtype):
    """The loss is Σ_i a_iᴴ N_i a_i − 2 Re a_iᴴ c_i and a constant, in the entries of each factor."""
    shapes, terms = ((2, 3), (2, 1), (3, 2), (1, 2)), 2
    M = random_matrix((12, 12), dtype)
    W = np.random.default_rng(1).exponential(size=M.shape) if weighted else np.ones(M.shape)
    cut = Cut.balanced(shapes)
    pair = (
        WeightedLeastSquares.of(read_observed(M, W), cut.pair)
        if weighted
        else LeastSquares(read_operand(M).rearranged(cut.pair))
    )
    assert min(len(cut.left), len(cut.right)) > 1

    def loss(factors):
        K = sum(kron(*(F[:, r].reshape(s) for F, s in zip(factors, shapes, strict=True))) for r in range(terms))
        return (W / W.max() * np.abs(M - K) ** 2).sum()

    factors = [random_matrix((m * n, terms), dtype, seed=k) for k, (m, n) in enumerate(shapes)]
    for k in range(4):
        normal, moment = Problem(pair, cut).equations(k, tuple(factors))

        def quadratic(A, normal=normal, moment=moment):
            return (
                np.einsum("ir,irs,is->", A.conj(), np.broadcast_to(normal, (len(A), 2, 2)), A) - 2 * np.vdot(A, moment)
            ).real

        A, B = factors[k], random_matrix(factors[k].shape, dtype, seed=9)
        change = loss([*factors[:k], B, *factors[k + 1 :]]) - loss(factors)
        assert quadratic(B) - quadratic(A) == pytest.approx(change, rel=1e-10)


@pytest.mark.parametrize("structure", ["nonnegative", "symmetric", ("toeplitz", None, "nonnegative")])
def test_one_term(structure):
    """Against L-BFGS over the entries, from many starts."""
    M = random_matrix((12, 12)) + 0.4
    wanted = structure if isinstance(structure, tuple) else (structure,) * 3
    bounds = [
        (0 if one == "nonnegative" else None, None)
        for one, n in zip(wanted, (2, 3, 2), strict=True)
        for _ in range(n * n)
    ]

    def product(x):
        factors = [part.reshape(n, n) for part, n in zip(np.split(x, [4, 13]), (2, 3, 2), strict=True)]
        shaped = {
            "symmetric": lambda A: A + A.T,
            "toeplitz": lambda A: linalg.toeplitz(A.ravel()[:2], A.ravel()[[0, 2]]),
        }
        return kron(*(shaped.get(one, lambda A: A)(A) for one, A in zip(wanted, factors, strict=True)))

    starts = (np.abs(random_matrix(17, seed=k)) for k in range(3))
    best = min(optimize.minimize(lambda x: ((M - product(x)) ** 2).sum(), x, bounds=bounds).fun for x in starts)
    F = ox.nearest_kronecker(M, shapes=SHAPES, structure=structure)
    assert F.error <= np.sqrt(best) / np.linalg.norm(M) * (1 + 1e-5)
    assert F.error == pytest.approx(np.linalg.norm(M - dense(F)) / np.linalg.norm(M), rel=1e-12)
    assert all(after <= before for before, after in itertools.pairwise(F.history))


def test_definite_factors_are_inherited():
    M = definite(12)
    F = ox.nearest_kronecker(M, shapes=SHAPES, structure="spd")
    assert "best product found of symmetric factors has it, as it always is where M is positive definite" in F.reason
    assert F.error == pytest.approx(ox.nearest_kronecker(M, shapes=SHAPES).error, rel=1e-10)
    assert min(np.linalg.eigvalsh(A).min() for A in F.factors[0]) > 0


@pytest.mark.parametrize("dtype", ["float64", "complex128"])
def test_terms_of_definite_factors_are_found_again(dtype):
    M = sum(kron(*(definite(n, dtype, seed=10 * r + k) for k, n in enumerate((3, 2, 4)))) for r in range(2))
    F = ox.nearest_kronecker(M, shapes=((3, 3), (2, 2), (4, 4)), terms=2, structure="psd")
    assert np.linalg.norm(M - dense(F)) <= 1e-5 * np.linalg.norm(M)
    assert min(np.linalg.eigvalsh(A).min() for term in F.factors for A in term) > -1e-12 * np.linalg.norm(M)


SPANNED = {  # over the real numbers, as linear combinations of the entries give them
    "symmetric": lambda A: A + A.T,
    "toeplitz": lambda A: linalg.toeplitz(A[:, 0], A[0]),
    "circulant": lambda A: linalg.circulant(A[0]),
    "hermitian": lambda A: A + A.conj().T,
    "diagonal": lambda A: np.diag(np.diag(A)),
    "real": lambda A: A.real + 0 * A,
    None: lambda A: A,
}


@pytest.mark.parametrize(
    ("structure", "dtype", "terms"),
    [
        ("toeplitz", "float64", 2),
        (("symmetric", None, "circulant"), "float64", 2),
        ("toeplitz", "complex128", 2),
        ("hermitian", "complex128", 2),
        (("hermitian", "real", None), "complex128", 1),
        (("hermitian", None, None), "complex128", 1),  # products of complex and of real coefficients: by iteration
    ],
)
def test_linear_structure(structure, dtype, terms):
    """Against Gauss-Newton steps over what the entries of any matrices are mapped to, and found again without noise."""
    wanted = structure if isinstance(structure, tuple) else (structure,) * 3
    sizes = (2, 3, 2)

    def factors(x):
        halves = x.reshape(2, terms, -1)
        entries = halves[0] + 1j * halves[1] if dtype == "complex128" else halves[0]
        return [
            [SPANNED[one](A.reshape(n, n)) for one, n, A in zip(wanted, sizes, np.split(row, [4, 13]), strict=True)]
            for row in entries
        ]

    def product(x):
        return sum(kron(*term) for term in factors(x))

    exact = product(random_matrix(34 * terms, seed=7))
    F = ox.nearest_kronecker(exact, shapes=SHAPES, terms=terms, structure=structure)
    assert F.error < 1e-7
    M = exact + random_matrix((12, 12), dtype, seed=8)
    F = ox.nearest_kronecker(M, shapes=SHAPES, terms=terms, structure=structure)

    def residual(x):
        rest = (M - product(x)).ravel()
        return np.r_[rest.real, rest.imag]

    starts = [random_matrix(34 * terms, seed=k) for k in range(2)]
    best = min(2 * optimize.least_squares(residual, x, max_nfev=50).cost for x in starts)
    assert F.error <= np.sqrt(best) / np.linalg.norm(M) * (1 + 1e-6)
    assert F.error == pytest.approx(np.linalg.norm(M - dense(F)) / np.linalg.norm(M), rel=1e-12)
    assert all(after <= before for before, after in itertools.pairwise(F.history))
    assert ("linear, so that" in F.reason) == (wanted != ("hermitian", None, None))
    for term in F.factors:
        for A, one, n in zip(term, wanted, sizes, strict=True):
            basis = np.array([SPANNED[one](E.reshape(n, n)) for E in np.eye(n * n) + 0j]).reshape(n * n, -1)
            if dtype == "complex128":
                basis = np.vstack([basis, *[[SPANNED[one](1j * E.reshape(n, n)).ravel() for E in np.eye(n * n)]]])
            real, target = (np.hstack([X.real, X.imag]) for X in (basis, A.ravel()))
            np.testing.assert_allclose(real.T @ np.linalg.lstsq(real.T, target, rcond=None)[0], target, atol=1e-9)


def test_factors_of_sets_that_are_no_cones():
    parts = [np.linalg.qr(random_matrix((n, n), seed=n))[0] for n in (2, 3, 4)]
    F = ox.nearest_kronecker(
        5 * kron(*parts), shapes=((2, 2), (3, 3), (4, 4)), structure=("orthogonal", None, "orthogonal")
    )
    assert F.error < 1e-13
    A, B, C = F.factors[0]
    np.testing.assert_allclose(A.T @ A, np.eye(2), atol=1e-13)
    np.testing.assert_allclose(B.T @ B, 25 * np.eye(3), atol=1e-11)
    np.testing.assert_allclose(C.T @ C, np.eye(4), atol=1e-13)


@pytest.mark.parametrize("scale", [1e200, 1e-200])
def test_huge_and_tiny(scale):
    M = random_matrix((12, 12)) + 1
    F, plain = (ox.nearest_kronecker(c * M, shapes=SHAPES, structure="nonnegative") for c in (scale, 1))
    assert F.error == pytest.approx(plain.error, rel=1e-7)
    np.testing.assert_allclose(dense(F) / scale, dense(plain), atol=1e-4)


def test_missing_entries():
    shapes = ((4, 4), (3, 3), (5, 5))
    truth = sum(kron(*(random_matrix(s, seed=10 * r + k) for k, s in enumerate(shapes))) for r in range(2))
    M = np.where(np.random.default_rng(0).random(truth.shape) < 0.8, np.nan, truth)
    F = ox.nearest_kronecker(M, shapes=shapes, terms=2, weights=1)
    assert np.linalg.norm(dense(F) - truth) <= 1e-6 * np.linalg.norm(truth)
    assert F.certificate.held_out_error < 1e-6


def test_more_terms_than_a_cut_has_singular_values():
    M = random_matrix((8, 8))
    F = ox.nearest_kronecker(
        M, shapes=((2, 2),) * 3, terms=5, structure="symmetric", iteration=ox.Alternating(starts=1)
    )
    assert F.terms == 5
    assert F.certificate.gap == np.inf
    assert F.error == pytest.approx(np.linalg.norm(M - dense(F)) / np.linalg.norm(M), rel=1e-12)
