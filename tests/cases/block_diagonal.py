"""BlockDiagonal: square, rectangular and structured blocks along the diagonal."""

import numpy as np
from market import COARSE, DEFECTIVE, case, definite, hermitian, jordan, kron, matrix, singular
from scipy.linalg import block_diag

import otimes as ox


def cases():
    arrays = {
        "two": (matrix(2), matrix(3)),
        "three": (matrix(2), matrix(1), matrix(4)),
        "symmetric": (hermitian(2), hermitian(3)),
        "definite": (definite(2), definite(3)),
        "complex hermitian and real": (hermitian(2, complex), definite(3)),
        "complex": (matrix(2, dtype=complex), matrix(3)),
        "float32": (matrix(2, dtype=np.float32), matrix(3, dtype=np.float32)),
        "integer": (matrix(2, dtype=int), matrix(3, dtype=int)),
        "tall": (matrix(3, 2), matrix(2), matrix(4, 1)),
        "wide": (matrix(2, 3), matrix(1, 4)),
        "square of rectangles": (matrix(2, 3), matrix(3, 2)),
        "square of rectangles, complex": (matrix(1, 3, complex), matrix(4, 2)),
        "one singular": (singular(3), matrix(2)),
        "scales apart": (1e-3 * matrix(2), matrix(3)),
        "one zero": (np.zeros((2, 2)), matrix(3)),
        "block of no columns": (matrix(2), np.zeros((2, 0))),
        "block of no rows": (np.zeros((0, 2)), matrix(2)),
        "size 0": (np.zeros((0, 0)), np.zeros((0, 0))),
    }
    for name, blocks in arrays.items():
        yield case(name, lambda blocks=blocks: ox.block_diag(*blocks), block_diag(*blocks))
    A, B, a = matrix(2), matrix(3), matrix(2, dtype=np.float32)
    yield case("float32 and float64", lambda: ox.block_diag(a, B), block_diag(a, B), COARSE)
    yield case("weak blocks", lambda: ox.block_diag(ox.eye(2), a, ox.permutation([1, 0])), weak(a))
    yield case("defective", lambda: ox.block_diag(jordan(2), B), block_diag(jordan(2), B), DEFECTIVE)
    K = kron(A, B)
    yield case("of kroneckers", lambda: ox.block_diag(ox.kron(A, B), ox.kron(A, A)), block_diag(K, kron(A, A)))
    H = kron(definite(2), definite(3))
    yield case(
        "of definite ones", lambda: ox.block_diag(ox.kron(definite(2), definite(3)), A @ A.T), block_diag(H, A @ A.T)
    )
    yield case(
        "of shifted", lambda: ox.block_diag(ox.kron(A, B), B) + 2.0 * ox.eye(9), block_diag(K, B) + 2 * np.eye(9)
    )
    stated = [ox.assume(np.tril(M), "lower_triangular") for M in (A, B)]
    yield case("known triangular", lambda: ox.block_diag(*stated), block_diag(np.tril(A), np.tril(B)))
    yield case("partition", lambda: ox.partition(ox.kron(ox.eye(2), B)), kron(np.eye(2), B))


def weak(a):
    """Return diag(I, a, swap) in the dtype of a."""
    return block_diag(np.eye(2), a, np.eye(2)[::-1]).astype(a.dtype)
