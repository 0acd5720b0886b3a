"""LowRank: U C Vᴴ of thin factors, arrays and operators."""

import numpy as np
from market import COARSE, case, definite, hermitian, kron, matrix

import otimes as ox


def cases():
    U, V, C = matrix(5, 2), matrix(5, 2, seed=1), matrix(2)
    u, v = U.astype(np.float32), V.astype(np.float32)
    W, Z = matrix(5, 2, complex), matrix(5, 2, complex, seed=1)
    i, j = matrix(4, 1, int), matrix(4, 1, int, seed=1)
    yield case("gram", lambda: ox.low_rank(U), U @ U.T)
    yield case("square", lambda: ox.low_rank(U, V), U @ V.T)
    yield case("with a core", lambda: ox.low_rank(U, V, C), U @ C @ V.T)
    yield case("hermitian core", lambda: ox.low_rank(U, C=hermitian(2)), U @ hermitian(2) @ U.T)
    yield case(
        "definite, complex", lambda: ox.low_rank(W, C=definite(2, complex)), W @ definite(2, complex) @ W.conj().T
    )
    yield case("complex", lambda: ox.low_rank(W, Z, C), W @ C @ Z.conj().T)
    yield case("tall", lambda: ox.low_rank(matrix(6, 2), matrix(3, 2)), matrix(6, 2) @ matrix(3, 2).T)
    yield case("unequal ranks", lambda: ox.low_rank(U, matrix(4, 3), matrix(2, 3)), U @ matrix(2, 3) @ matrix(4, 3).T)
    yield case(
        "rank above the size",
        lambda: ox.low_rank(matrix(2, 4), C=definite(4)),
        matrix(2, 4) @ definite(4) @ matrix(2, 4).T,
    )
    yield case("one vector, weighted", lambda: ox.low_rank(U[:, 0], C=[-2.0]), -2 * np.outer(U[:, 0], U[:, 0]))
    yield case("float32", lambda: ox.low_rank(u, v), u @ v.T)
    yield case("float32 and float64", lambda: ox.low_rank(u, V), u @ V.T, COARSE)
    yield case("integer", lambda: ox.low_rank(i, j), i @ j.T)
    yield case(
        "of kroneckers",
        lambda: ox.low_rank(ox.kron(matrix(2, 1), matrix(3, 2))),
        kron(matrix(2, 1), matrix(3, 2)) @ kron(matrix(2, 1), matrix(3, 2)).T,
    )
    yield case("rank 0", lambda: ox.low_rank(U[:, :0], V[:, :0]), np.zeros((5, 5)))
    yield case("size 0", lambda: ox.low_rank(np.zeros((0, 2)), V), np.zeros((0, 5)))
