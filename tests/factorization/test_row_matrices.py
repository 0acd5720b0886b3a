"""Products with the rearrangement in place, against the rearranged matrix."""

import numpy as np
import pytest

import otimes as ox
from otimes.factorization.operand import read_operand
from otimes.factorization.rearrangement import Rearrangement
from otimes.factorization.sources import row_matrices

SHAPES = ((3, 16), (5, 20))


def matrix(dtype, order, shapes=SHAPES):
    (m1, n1), (m2, n2) = shapes
    rng = np.random.default_rng(0)
    M = rng.standard_normal((m1 * m2, n1 * n2)) + 1j * rng.standard_normal((m1 * m2, n1 * n2))
    M = M.astype(dtype) if "complex" in dtype else M.real.astype(dtype)
    return np.repeat(M, 2, axis=0)[::2] if order == "strided" else np.asarray(M, order=order)


@pytest.mark.parametrize("order", ["C", "F", "strided"])
@pytest.mark.parametrize("dtype", ["float32", "float64", "complex64", "complex128"])
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
