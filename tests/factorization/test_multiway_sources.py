"""Three factors of what is no array: the same approximations as of the formed matrix."""

import functools

import numpy as np
import pytest
import scipy.sparse
from scipy.sparse.linalg import aslinearoperator

import otimes as ox

SHAPES = ((3, 3), (4, 2), (2, 5))
FORMS = ["terms", "orthogonal", "train"]


def random(shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape)


def sum_of_products():
    return ox.kron_terms([tuple(random(s, (r, k)) for k, s in enumerate(SHAPES)) for r in range(4)])


def sparse():
    return scipy.sparse.random_array((24, 30), density=0.2, rng=np.random.default_rng(0), format="csr")


SOURCES = {
    "sum of products": sum_of_products,
    "sparse": sparse,
    "operator of SciPy": lambda: aslinearoperator(random((24, 30))),
    "low rank": lambda: ox.low_rank(random((24, 2)), random((30, 2), 1)),
    "single precision, by columns": lambda: np.asfortranarray(random((24, 30)).astype(np.float32)),
}


def formed(source):
    if scipy.sparse.issparse(source):
        return source.toarray()
    return np.asarray(source @ np.eye(30), float)


def as_good(F, reference, form, rounding):
    """Whether the errors are equal; of trains, which start from one cut or another, within the bound for them."""
    if form == "train":
        return reference.error / 2**0.5 <= F.error <= reference.error * 2**0.5
    return F.error == pytest.approx(reference.error, rel=rounding)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", SOURCES)
def test_equals_that_of_the_formed_matrix(name, form):
    source = SOURCES[name]()
    M = formed(source)
    F = ox.nearest_kronecker(source, shapes=SHAPES, terms=3, form=form)
    reference = ox.nearest_kronecker(M, shapes=SHAPES, terms=3, form=form)
    rounding = 1e-5 if "single" in name else 1e-6
    assert as_good(F, reference, form, rounding)
    error = np.linalg.norm(M - F.operator @ np.eye(30)) / np.linalg.norm(M)
    assert error == pytest.approx(F.error, rel=rounding)


@pytest.mark.parametrize("form", FORMS)
def test_a_kronecker_sum_too_large_to_form(form):
    """8,000 rows would be 512 MB; its terms and its train are known."""
    factors = [np.diag(np.arange(1.0, n + 1)) + np.eye(n, k=1) for n in (20, 20, 20)]
    F = ox.nearest_kronecker(ox.kronsum(*factors), shapes=((20, 20),) * 3, form=form, tol=1e-10)
    assert F.error < 1e-10
    x = random(8000)
    np.testing.assert_allclose(F.operator @ x, ox.kronsum(*factors) @ x, atol=1e-7)
    if form == "train":
        assert F.train.ranks == (1, 2, 2, 1)


class TestSpans:
    """Sums of products are approximated in coordinates of what their factors span."""

    @pytest.mark.parametrize("dtype", ["float32", "float64", "complex128"])
    @pytest.mark.parametrize("form", FORMS)
    def test_equals_that_of_the_formed_matrix(self, form, dtype):
        factors = [[random(s, (r, k)).astype(dtype) for k, s in enumerate(SHAPES)] for r in range(3)]
        if dtype == "complex128":
            factors = [[F + 1j * random(F.shape, 9) for F in term] for term in factors]
        K = ox.kron_terms([tuple(term) for term in factors])
        F = ox.nearest_kronecker(K, shapes=SHAPES, terms=2, form=form)
        reference = ox.nearest_kronecker(np.asarray(K), shapes=SHAPES, terms=2, form=form)
        rounding = 1e-5 if dtype == "float32" else 1e-10
        assert as_good(F, reference, form, max(rounding, 1e-6))
        assert (F.shapes, F.operator.dtype) == (SHAPES, dtype)
        residual = np.asarray(K) - F.operator @ np.eye(30, dtype=dtype)
        assert np.linalg.norm(residual) / np.linalg.norm(np.asarray(K)) == pytest.approx(F.error, rel=rounding)
        if form == "orthogonal":
            np.testing.assert_allclose(F.singular_values, reference.singular_values, rtol=rounding)

    @pytest.mark.parametrize("form", FORMS)
    def test_216_000_rows(self, form):
        shapes = ((60, 60),) * 3
        terms = [tuple(random(s, (r, k)) for k, s in enumerate(shapes)) for r in range(2)]
        K = ox.kron_terms([*terms, *terms, terms[0]])
        F = ox.nearest_kronecker(K, shapes=shapes, tol=1e-10, form=form)
        assert F.error < 1e-10
        assert F.certificate.probe_residual < 1e-10
        assert F.train.ranks == (1, 2, 2, 1) if form == "train" else F.terms <= 4
        assert F.candidates == () or F.candidates[0].shapes == shapes

    @pytest.mark.parametrize("scale", [1e200, 1e-200])
    @pytest.mark.parametrize("form", FORMS)
    def test_scales_far_from_one(self, form, scale):
        terms = [tuple(random(s, (r, k)) for k, s in enumerate(SHAPES)) for r in range(3)]
        F = ox.nearest_kronecker(ox.kron_terms([(scale * A, B, C) for A, B, C in terms]), shapes=SHAPES, form=form)
        reference = ox.nearest_kronecker(ox.kron_terms(terms), shapes=SHAPES, form=form)
        assert F.error == pytest.approx(reference.error, rel=1e-8)
        size = np.linalg.norm(reference.operator @ np.eye(30))
        assert np.linalg.norm((F.operator @ np.eye(30)) / scale) == pytest.approx(size, rel=1e-8)

    def test_factors_that_are_products_and_scalars(self):
        A, B, C, D = (random((2, 2), seed) for seed in range(4))
        K = 3 * ox.kron(A, B, C, D) + ox.kron(A, [[2.0]], C, B, D)
        F = ox.nearest_kronecker(K, shapes=((4, 4), (2, 2), (2, 2)), terms=2)
        np.testing.assert_allclose(F.operator @ np.eye(16), np.asarray(K), atol=1e-12)

    def test_more_terms_than_the_spans_admit(self):
        K = ox.kron(*(random((3, 3), seed) for seed in range(3)))
        F = ox.nearest_kronecker(K, shapes=((3, 3),) * 3, terms=3)
        assert (F.terms, F.error < 1e-14) == (3, True)

    def test_zeros(self):
        F = ox.nearest_kronecker(0.0 * ox.kron(np.eye(2), np.eye(3), np.eye(2)), shapes=((2, 2), (3, 3), (2, 2)))
        assert F.error == 0
        assert not (F.operator @ np.ones(12)).any()


def test_a_sum_is_recompressed_to_fewer_terms():
    A, B, C = (random((4, 4), seed) for seed in range(3))
    D = random((4, 4), 3)
    K = ox.kron(A, B, C) + ox.kron(A, B, D) + ox.kron(A, C, C)  # A ⊗ (B ⊗ (C + D) + C ⊗ C)
    F = ox.nearest_kronecker(K, shapes=((4, 4),) * 3, tol=1e-12)
    assert (F.terms, F.error < 1e-12) == (2, True)
    products = [functools.reduce(np.kron, term) for term in F.factors]
    np.testing.assert_allclose(sum(products), np.asarray(K), atol=1e-10)
