"""Block: full, triangular, bordered and rectangular matrices of blocks, their twins by `numpy.block`."""

import numpy as np
from market import COARSE, DEFECTIVE, case, definite, hermitian, jordan, kron, matrix

import otimes as ox


def cases():
    A, B, C, D = matrix(2), matrix(2, 3, seed=1), matrix(3, 2, seed=1), matrix(3)
    a, b, c, d = (M.astype(np.float32) for M in (A, B, C, D))
    i, j = matrix(2, dtype=int), matrix(2, 3, int)
    E = [[matrix(m, n, seed=m + 2 * n) for n in (2, 1, 3)] for m in (2, 1, 3)]
    singular_pivot = [[np.zeros((2, 2)), np.eye(2)], [np.eye(2), np.ones((2, 2))]]
    P = definite(5)
    grids = {
        "two by two": [[A, B], [C, D]],
        "small pivot": [[0.1 * matrix(3), matrix(3)], [matrix(3), C @ B]],
        "pivots singular, the whole regular": singular_pivot,
        "three by three": E,
        "definite": [[P[:3, :3], P[:3, 3:]], [P[3:, :3], P[3:, 3:]]],
        "complex": [[A * 1j, B], [C, matrix(3, dtype=complex)]],
        "float32": [[a, b], [c, d]],
        "float32 and float64": [[a, b], [c, D]],
        "integer": [[i, j], [j.T, matrix(3, dtype=int)]],
        "another partition": [[matrix(2, 3), matrix(2, 1)], [matrix(2, 3, seed=1), matrix(2, 1, seed=1)]],
        "row": [[A, B]],
        "column": [[A], [C]],
        "tall": [[matrix(4, 2), matrix(4, 1)], [matrix(2), matrix(2, 1)]],
        "singular": [[A, A], [A, A]],
        "block of size 0": [[np.zeros((0, 0)), np.zeros((0, 3))], [np.zeros((3, 0)), D]],
        "size 0": [[np.zeros((0, 2)), np.zeros((0, 3))]],
    }
    for name, grid in grids.items():
        tags = [COARSE] if name == "float32 and float64" else []
        yield case(name, lambda grid=grid: ox.block(grid), np.block(grid), *tags)
    zeros = np.zeros((2, 3))
    yield case("lower", lambda: ox.block([[A, 0], [C, D]]), np.block([[A, zeros], [C, D]]))
    upper = [[A, B, zeros], [np.zeros((3, 2)), D, C @ B], [np.zeros((3, 2)), np.zeros((3, 3)), D.T]]
    yield case("upper, of three", lambda: ox.block([[A, B, None], [0, D, C @ B], [0, 0, D.T]]), np.block(upper))
    step = [[jordan(2), 0 * A + 1], [np.zeros((2, 2)), jordan(2)]]
    yield case("upper, defective", lambda: ox.block([step[0], [None, step[1][1]]]), np.block(step), DEFECTIVE)
    L, M = np.tril(A), np.tril(D)
    stated = [ox.assume(T, "lower_triangular") for T in (L, M)]
    yield case(
        "triangular throughout", lambda: ox.block([[stated[0], 0], [C, stated[1]]]), np.block([[L, zeros], [C, M]])
    )
    saddle = np.block([[hermitian(3), C], [C.T, np.zeros((2, 2))]])
    yield case("saddle point", lambda: ox.block([[hermitian(3), C], [C.T, 0]]), saddle)
    u, v = matrix(6, 1), matrix(1, 6)
    bordered = np.block([[kron(A, D), u], [v, np.full((1, 1), 5.0)]])
    yield case("kronecker, bordered", lambda: ox.block([[ox.kron(A, D), u], [v, 5.0]]), bordered)
    H, F = (hermitian(2, complex), hermitian(3, complex)), (A * 1j, D)
    tasks = lambda: ox.block([[ox.kron(*H), ox.kron(*F)], [ox.kron(F[0].T.conj(), D.T), ox.kron(*H)]])  # noqa: E731
    yield case("hermitian, of kroneckers", tasks, np.block([[kron(*H), kron(*F)], [kron(*F).T.conj(), kron(*H)]]))
    weak = np.block([[np.eye(2, dtype=np.float32), b], [c, np.eye(3, dtype=np.float32)]])
    yield case("weak and float32", lambda: ox.block([[ox.eye(2), b], [c, ox.eye(3)]]), weak)
    shifted = np.block([[A, B], [C, D]]) + 2 * np.eye(5)
    yield case("shifted", lambda: ox.block([[A, B], [C, D]]) + 2.0 * ox.eye(5), shifted)
    half = np.block([[A, zeros], [C, 2 * D]])
    yield case("sum with a block diagonal", lambda: ox.block([[0 * A, 0], [C, D]]) + ox.block_diag(A, D), half)
    yield case("partition of a kronecker", lambda: ox.partition(ox.kron(A, D)), kron(A, D))
    mirrored = lambda: ox.block_hermitian([[ox.kron(*H)], [kron(*F), ox.eye(6)]])  # noqa: E731
    yield case(
        "hermitian by its lower triangle", mirrored, np.block([[kron(*H), kron(*F).T.conj()], [kron(*F), np.eye(6)]])
    )
