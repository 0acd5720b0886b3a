"""Each structure is found in a matrix that has it, and the operator is that matrix."""

import numpy as np
import pytest
import scipy.linalg
import scipy.sparse

import otimes as ox

rng = np.random.default_rng(5)
normal = rng.standard_normal
K = np.asarray(ox.commutation(3, 4)).astype(float)
TRIDIAGONAL = scipy.linalg.toeplitz([2, -1, 0, 0, 0, 0, 0, 0])


def complex_normal(shape):
    return normal(shape) + 1j * normal(shape)


def kronsum(A, B):
    return np.kron(A, np.eye(len(B), dtype=B.dtype)) + np.kron(np.eye(len(A), dtype=A.dtype), B)


def blocks_by(index, blocks):
    """The matrix with blocks[index[i, j]] in place (i, j)."""
    return np.block([[blocks[k] for k in row] for row in index])


LAGS = np.arange(3)[:, None] - np.arange(3)

CASES = {
    "zero": (np.zeros((4, 6)), "zero matrix", "4×6"),
    "one by one": (np.array([[3.0]]), "multiple of the identity", "1×1"),
    "one by one, zero": (np.zeros((1, 1)), "zero matrix", "1×1"),
    "identity": (np.eye(6), "multiple of the identity", "6×6"),
    "twice the identity": (2 * np.eye(7), "multiple of the identity", "7×7"),
    "diagonal": (np.diag(normal(6)), "diagonal matrix", "6×6"),
    "product of diagonals": (np.diag(np.kron(normal(3), normal(4))), "Kronecker product", "3×3 ⊗ 4×4"),
    "permutation": (np.eye(7)[[3, 1, 0, 2, 6, 5, 4]], "permutation matrix", "7×7"),
    "controlled not": (np.eye(4)[[0, 1, 3, 2]], "permutation matrix", "4×4"),
    "commutation": (K, "commutation matrix", "of 3 and 4"),
    "product": (np.kron(normal((3, 4)), normal((8, 5))), "Kronecker product", "3×4 ⊗ 8×5"),
    "complex product": (np.kron(complex_normal((3, 3)), complex_normal((2, 5))), "Kronecker product", "3×3 ⊗ 2×5"),
    "product of three": (
        np.kron(np.kron(normal((3, 2)), normal((2, 2))), normal((2, 5))),
        "Kronecker product",
        "3×2 ⊗ 2×2 ⊗ 2×5",
    ),
    "identity times": (np.kron(np.eye(3), normal((4, 2))), "Kronecker product", "3×3 ⊗ 4×2"),
    "column times row": (np.outer(normal(7), normal(5)), "Kronecker product", "1×5 ⊗ 7×1"),
    "row": (np.kron(normal((1, 3)), normal((1, 4))), "Kronecker product", "1×3 ⊗ 1×4"),
    "Laplacian": (kronsum(TRIDIAGONAL, TRIDIAGONAL[:5, :5]), "Kronecker sum", "8×8 ⊕ 5×5"),
    "sum of general": (kronsum(normal((3, 3)), normal((4, 4))), "Kronecker sum", "3×3 ⊕ 4×4"),
    "complex sum": (kronsum(complex_normal((3, 3)), complex_normal((4, 4))), "Kronecker sum", "3×3 ⊕ 4×4"),
    "sum of three": (
        kronsum(normal((2, 2)), kronsum(normal((3, 3)), normal((2, 2)))),
        "Kronecker sum",
        "2×2 ⊕ 3×3 ⊕ 2×2",
    ),
    "Toeplitz": (scipy.linalg.toeplitz(normal(9), normal(7)), "Toeplitz matrix", "9×7"),
    "complex Toeplitz": (scipy.linalg.toeplitz(complex_normal(6)), "Toeplitz matrix", "6×6"),
    "circulant": (scipy.linalg.circulant(normal(9)), "circulant matrix", "9×9"),
    "block Toeplitz": (blocks_by(LAGS, normal((5, 2, 4))), "block Toeplitz matrix", "3×3 · 2×4"),
    "block circulant": (blocks_by(LAGS % 3, normal((3, 2, 4))), "block circulant matrix", "3×3 · 2×4"),
    "two levels of Toeplitz": (
        np.asarray(ox.multilevel_toeplitz(normal((5, 7)))),
        "multilevel Toeplitz matrix",
        "3×3 · 4×4",
    ),
    "two levels of circulants": (
        np.asarray(ox.multilevel_circulant(normal((5, 4)))),
        "multilevel circulant matrix",
        "5×5 · 4×4",
    ),
    "block diagonal": (
        scipy.linalg.block_diag(normal((2, 3)), normal((4, 4)), normal((3, 1))),
        "block diagonal matrix",
        "(3 blocks from 2×3 to 4×4)",
    ),
    "two terms": (
        sum(np.kron(normal((4, 4)), normal((5, 5))) for _ in range(2)),
        "sum of Kronecker products",
        "(2 terms of 4×4 ⊗ 5×5)",
    ),
    "low rank": (normal((20, 2)) @ normal((2, 17)), "sum of Kronecker products", "(2 terms of 1×17 ⊗ 20×1)"),
    "commutation times product": (
        K @ np.kron(normal((4, 3)), normal((3, 5))),
        "commuted Kronecker product",
        "K(3, 4) X with X = 4×3 ⊗ 3×5",
    ),
    "diagonal blocks": (
        K.T @ scipy.linalg.block_diag(*normal((3, 4, 4))) @ K,
        "commuted block diagonal matrix",
        "K(4, 3) X K(3, 4) with X = (3 blocks of 4×4)",
    ),
    "Toeplitz blocks": (
        K.T @ blocks_by(LAGS, normal((5, 4, 4))) @ K,
        "commuted block Toeplitz matrix",
        "K(4, 3) X K(3, 4) with X = 3×3 · 4×4",
    ),
}
each = pytest.mark.parametrize("name", CASES)


def distance(M, operator):
    return np.linalg.norm(M - np.asarray(operator)) / (np.linalg.norm(M) or 1)


@each
def test_dense(name):
    M, structure, detail = CASES[name]
    found = ox.detect(M)
    assert found
    assert (found.structure, found.detail) == (structure, detail)
    assert distance(M, found.operator) < 1e-14
    assert found.distance < 1e-14
    assert found.numbers <= M.size
    assert found.operator.dtype == M.dtype


@pytest.mark.parametrize("name", [name for name, (_, structure, _) in CASES.items() if "ronecker" not in structure])
def test_equal_entries_are_exact(name):
    M, structure, detail = CASES[name]
    found = ox.detect(M, rtol=0)
    assert (found.structure, found.detail, found.distance) == (structure, detail, 0)


@each
def test_sparse(name):
    M, structure, detail = CASES[name]
    found = ox.detect(scipy.sparse.coo_array(M))
    assert (found.structure, found.detail) == (structure, detail)
    assert distance(M, found.operator) < 1e-14


@each
def test_other_memory_orders(name):
    M, structure, detail = CASES[name]
    found = ox.detect(np.asfortranarray(M))
    assert (found.structure, found.detail) == (structure, detail)


@each
@pytest.mark.parametrize("scale", [1e200, 1e-200])
def test_scales(name, scale):
    M, structure, _ = CASES[name]
    found = ox.detect(scale * M)
    assert found
    assert distance(M, np.asarray(found.operator) / scale) < 1e-13
    if structure not in ("permutation matrix", "commutation matrix"):
        assert found.structure == structure


@each
def test_within_a_tolerance(name):
    M, structure, detail = CASES[name]
    noise = normal(M.shape) * 1e-6
    found = ox.detect(M + noise, rtol=1e-4 * max(1, np.linalg.norm(noise)))
    if M.any():
        assert (found.structure, found.detail) == (structure, detail)
        assert found.distance <= found.rtol
        assert distance(M + noise, found.operator) <= found.distance * (1 + 1e-9)
