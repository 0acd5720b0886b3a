"""Sparse weights: the entries at their nonzeros are all that is read, and the result is that of the same dense ones."""

import tracemalloc

import numpy as np
import pytest
from scipy import sparse

import otimes as ox
from otimes.errors import DTypeError, NonFiniteError
from otimes.factorization.constrained.observed import read_observed

SHAPES = ((5, 4), (3, 6))


def random_matrix(shape, dtype="float64", seed=0):
    rng = np.random.default_rng(seed)
    M = rng.standard_normal(shape)
    return (M + 1j * rng.standard_normal(shape) if "complex" in dtype else M).astype(dtype)


def dense(F):
    return sum(np.kron(A, B) for A, B in F.factors)


def sparse_weights(shape=(15, 24), seed=1):
    rng = np.random.default_rng(seed)
    return rng.exponential(size=shape) * (rng.random(shape) < 0.6)


@pytest.mark.parametrize("dtype", ["float64", "complex128", "float32"])
def test_the_equations_and_the_error_are_those_of_dense_weights(dtype):
    M, W = random_matrix((15, 24), dtype), sparse_weights()
    M[3, 5] = M[0, 0] = np.nan
    left, right = random_matrix((20, 2), dtype, 1), random_matrix((18, 2), dtype, 2)
    few, all_of_them = (read_observed(M, weights).problem(SHAPES) for weights in (sparse.csr_array(W), W))
    tolerance = 100 * float(np.finfo(dtype).eps)
    assert few.dtype == all_of_them.dtype == dtype
    assert few.error(left, right) == pytest.approx(all_of_them.error(left, right), rel=tolerance)
    for one, other, fixed in ((few, all_of_them, right), (few.T, all_of_them.T, left)):
        for found, expected in zip(one.equations(fixed), other.equations(fixed), strict=True):
            np.testing.assert_allclose(found, expected, atol=tolerance * 10)
    np.testing.assert_allclose(few.weighted.product(right), all_of_them.weighted.product(right), atol=tolerance * 10)


@pytest.mark.parametrize("structure", [None, "nonnegative", ("toeplitz", None)])
def test_the_minimum(structure):
    M, W = random_matrix((15, 24)) + 0.4, sparse_weights()
    F, G = (
        ox.nearest_kronecker(M, shapes=SHAPES, terms=2, structure=structure, weights=weights, held_out=0)
        for weights in (sparse.coo_matrix(W), W)
    )
    assert F.error == pytest.approx(G.error, rel=1e-6)
    weighted = [np.sqrt((W * (M - K) ** 2).sum() / (W * M**2).sum()) for K in (dense(F), dense(G))]
    assert [F.error, G.error] == pytest.approx(weighted, rel=1e-12)


@pytest.mark.parametrize("kind", ["array", "sparse", "operator", "SciPy operator", "function"])
def test_whatever_holds_the_matrix(kind):
    A, B = random_matrix((5, 4)), random_matrix((3, 6), seed=1)
    A[1] = 0
    M, asked = np.kron(A, B), []

    def entry(rows, columns):
        asked.append(len(rows))
        return M[rows, columns]

    given = {
        "array": M,
        "sparse": sparse.csc_array(M),
        "operator": ox.kron(A, B),
        "SciPy operator": sparse.linalg.aslinearoperator(M),
        "function": ox.EntryFunction(entry, M.shape),
    }[kind]
    W = sparse.csr_array(sparse_weights())
    F = ox.nearest_kronecker(given, shapes=SHAPES, weights=W)
    assert np.linalg.norm(dense(F) - M) <= 1e-10 * np.linalg.norm(M)
    assert F.certificate.held_out_error < 1e-10
    assert sum(asked) == (W.nnz if kind == "function" else 0)


def test_a_matrix_that_is_not_formed():
    """10⁶ × 100, of which 200,000 entries are known."""
    rng, shapes = np.random.default_rng(0), ((100, 100), (10_000, 1))
    A, b = rng.standard_normal((100, 100)), rng.standard_normal((10_000, 1))
    rows, columns = rng.integers(0, 10**6, 200_000), rng.integers(0, 100, 200_000)
    known = sparse.coo_array((A[rows // 10_000, columns] * b[rows % 10_000, 0], (rows, columns)), (10**6, 100)).tocsr()
    known.data /= sparse.coo_array((np.ones(200_000), (rows, columns)), (10**6, 100)).tocsr().data  # some twice
    W = (known != 0).astype(float)
    tracemalloc.start()
    F = ox.nearest_kronecker(known, shapes=shapes, weights=W, iteration=ox.Alternating(starts=1))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10**8  # bytes; the matrix has 8 · 10⁸, and so would its weights
    (C, d) = F.factors[0]
    assert F.certificate.held_out_error < 1e-6
    np.testing.assert_allclose(C * (A[0, 0] / C[0, 0]), A, atol=1e-5)
    np.testing.assert_allclose(d * (C[0, 0] / A[0, 0]), b, atol=1e-5)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"weights": sparse.csr_array(-np.eye(15, 24))}, NonFiniteError, "must be finite numbers ≥ 0"),
        ({"weights": sparse.csr_array(np.nan * np.eye(15, 24))}, NonFiniteError, "must be finite numbers ≥ 0"),
        ({"weights": sparse.csr_array(1j * np.eye(15, 24))}, DTypeError, "dtype complex128"),
        ({"weights": sparse.csr_array((15, 24))}, NonFiniteError, "nothing is observed"),
        ({"M": np.full((15, 24), np.inf)}, NonFiniteError, "infinite entries of positive weight"),
        ({"M": np.full((15, 24), np.nan)}, NonFiniteError, "nothing is observed"),
    ],
)
def test_says_what_is_wrong(change, error, message):
    asked = {"M": np.ones((15, 24)), "weights": sparse.csr_array(np.eye(15, 24))} | change
    with pytest.raises(error, match=message):
        ox.nearest_kronecker(asked.pop("M"), shapes=SHAPES, **asked)
