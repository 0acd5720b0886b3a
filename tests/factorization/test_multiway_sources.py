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


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", SOURCES)
def test_equals_that_of_the_formed_matrix(name, form):
    source = SOURCES[name]()
    M = formed(source)
    F = ox.nearest_kronecker(source, shapes=SHAPES, terms=3, form=form)
    reference = ox.nearest_kronecker(M, shapes=SHAPES, terms=3, form=form)
    rounding = 1e-5 if "single" in name else 1e-6
    assert F.error == pytest.approx(reference.error, rel=rounding)
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


def test_a_sum_is_recompressed_to_fewer_terms():
    A, B, C = (random((4, 4), seed) for seed in range(3))
    D = random((4, 4), 3)
    K = ox.kron(A, B, C) + ox.kron(A, B, D) + ox.kron(A, C, C)  # A ⊗ (B ⊗ (C + D) + C ⊗ C)
    F = ox.nearest_kronecker(K, shapes=((4, 4),) * 3, tol=1e-12)
    assert (F.terms, F.error < 1e-12) == (2, True)
    products = [functools.reduce(np.kron, term) for term in F.factors]
    np.testing.assert_allclose(sum(products), np.asarray(K), atol=1e-10)
