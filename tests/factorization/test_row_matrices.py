"""Products with the rearrangement in place, against the rearranged matrix."""

import numpy as np
import pytest
import threadpoolctl

import otimes as ox
from otimes.core import threads as core_threads
from otimes.errors import NonFiniteError
from otimes.factorization.operand import read_operand
from otimes.factorization.rearrangement import Rearrangement
from otimes.factorization.sources import row_matrices
from otimes.factorization.sources.dense import largest_entry

SHAPES = ((3, 16), (5, 20))


def matrix(dtype, order, shapes=SHAPES):
    (m1, n1), (m2, n2) = shapes
    rng = np.random.default_rng(0)
    M = rng.standard_normal((m1 * m2, n1 * n2)) + 1j * rng.standard_normal((m1 * m2, n1 * n2))
    M = M.astype(dtype) if "complex" in dtype else M.real.astype(dtype)
    return np.repeat(M, 2, axis=0)[::2] if order == "strided" else np.asarray(M, order=order)


@pytest.fixture(params=[1, 3])
def threads(request, monkeypatch):
    """So many threads, even for a small matrix."""
    monkeypatch.setattr(core_threads, "PAYING_ENTRIES", 0)
    monkeypatch.setattr(core_threads, "threads_of_blas", lambda: request.param)
    return request.param


@pytest.mark.parametrize("order", ["C", "F", "strided"])
@pytest.mark.parametrize("dtype", ["float32", "float64", "complex64", "complex128"])
@pytest.mark.usefixtures("threads")
def test_products(dtype, order):
    shapes = ((16, 17), (18, 16)) if order == "F" else SHAPES
    M = matrix(dtype, order, shapes)
    R, dense = Rearrangement.of(read_operand(M), shapes), ox.rearrange(M, shapes=shapes)
    assert row_matrices.has_row_matrices(R.blocks, R.dtype) == (order != "F")
    rng = np.random.default_rng(1)
    left, right = (rng.standard_normal((size, 3)).astype(dtype) for size in R.shape)
    rtol = 1e-4 if dtype in ("float32", "complex64") else 1e-12
    np.testing.assert_allclose(R.product(right), dense @ right, rtol=rtol, atol=rtol * 10)
    np.testing.assert_allclose(R.adjoint_product(left), dense.conj().T @ left, rtol=rtol, atol=rtol * 10)
    expected = np.linalg.norm(dense - left @ right.T), np.linalg.norm(dense)
    np.testing.assert_allclose(R.residual_norms(left, right), expected, rtol=rtol)
    np.testing.assert_allclose(R.T.residual_norms(right, left), expected, rtol=rtol)


@pytest.mark.parametrize("together", [1, 1000, 10**6])  # entries of some rows of M, less than one, and more than all
def test_the_residual_of_some_rows_at_a_time(together, monkeypatch):
    monkeypatch.setattr(row_matrices, "_TOGETHER", together)
    M = matrix("float64", "C")
    R, dense = Rearrangement.of(read_operand(M), SHAPES), ox.rearrange(M, shapes=SHAPES)
    left, right = (np.random.default_rng(1).standard_normal((size, 2)) for size in dense.shape)
    expected = np.linalg.norm(dense - left @ right.T), np.linalg.norm(dense)
    np.testing.assert_allclose(R.residual_norms(left, right), expected, rtol=1e-13)
    np.testing.assert_allclose(R.T.residual_norms(right, left), expected, rtol=1e-13)


@pytest.mark.usefixtures("threads")
def test_what_else_is_read_in_threads():
    M = matrix("complex128", "C")
    operand, X = read_operand(M), np.random.default_rng(2).standard_normal((320, 4))
    np.testing.assert_allclose(operand.product(X), M @ X, rtol=1e-13)
    assert largest_entry(M) == max(abs(M.real).max(), abs(M.imag).max())
    for row in (0, 7, 14):
        bad = M.copy()
        bad[row, 3] = np.nan
        with pytest.raises(NonFiniteError, match=rf"1 entry .* \({row}, 3\)"):
            largest_entry(bad)


def test_a_thread_that_fails_is_heard(monkeypatch):
    monkeypatch.setattr(core_threads, "threads_of_blas", lambda: 2)

    def work(span):
        if 3 in span:
            raise MemoryError
        return span

    with pytest.raises(MemoryError):
        core_threads.in_threads(work, 4, 2**30)
    assert core_threads.in_threads(len, 5, 2**30) == [2, 3]
    assert core_threads.in_threads(len, 5, 1) == [5]


def test_as_many_threads_as_blas_may_take():
    with threadpoolctl.threadpool_limits(3, user_api="blas"):
        assert core_threads.threads_of_blas() == 3
        with core_threads.one_thread(True), core_threads.one_thread(True):
            assert core_threads.threads_of_blas() == 3
    with threadpoolctl.threadpool_limits(1, user_api="blas"):
        assert core_threads.threads_of_blas() == 1
