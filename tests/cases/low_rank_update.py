"""LowRankUpdate: A + U C Vᴴ for the kinds of A that are solved by rules."""

import numpy as np
from market import COARSE, case, definite, kron, kronsum, matrix

import otimes as ox


def cases():
    A, B, D = matrix(2), matrix(3), definite(6)
    U, V, C = matrix(6, 2, seed=3), matrix(6, 2, seed=4), matrix(2)
    W = matrix(6, 1, complex)
    K, P = kron(A, B), kron(definite(2), definite(3))
    yield case("kronecker", lambda: ox.kron(A, B) + ox.low_rank(U, V), K + U @ V.T)
    yield case(
        "kronecker, shifted",
        lambda: ox.kron(definite(2), definite(3)) + 0.5 * ox.eye(6) + ox.low_rank(U),
        P + 0.5 * np.eye(6) + U @ U.T,
    )
    known = [ox.assume(definite(n), "positive_definite") for n in (2, 3)]
    yield case(
        "kronecker sum, definite",
        lambda: ox.low_rank(U, C=definite(2)) + ox.kronsum(*known),
        kronsum(definite(2), definite(3)) + U @ definite(2) @ U.T,
    )
    yield case("dense, with a core", lambda: ox.low_rank(U, V, C) + D, D + U @ C @ V.T)
    yield case("identity", lambda: ox.eye(6) + ox.low_rank(U), np.eye(6) + U @ U.T)
    yield case(
        "singular core",
        lambda: ox.diag(np.arange(1.0, 7)) + ox.low_rank(U, C=[1.0, 0.0]),
        np.diag(np.arange(1.0, 7)) + np.outer(U[:, 0], U[:, 0]),
    )
    yield case("complex", lambda: ox.low_rank(W) + ox.kron(A, B), K + W @ W.conj().T)
    first = np.eye(6)[:, 0]
    rest = np.diag(1 - first)
    yield case("base singular, the whole regular", lambda: ox.diag(1 - first) + ox.low_rank(first), np.eye(6))
    yield case("singular", lambda: ox.eye(6, float) + ox.low_rank(first, C=[-1.0]), rest)
    u = U.astype(np.float32)
    yield case("float32", lambda: ox.low_rank(u) + D.astype(np.float32), D.astype(np.float32) + u @ u.T)
    yield case("float32 and float64", lambda: ox.low_rank(u) + D, D + u @ u.T, COARSE)
    i = matrix(6, 1, int)
    yield case("integer", lambda: ox.low_rank(i) + 3 * ox.eye(6), i @ i.T + 3 * np.eye(6, dtype=int))
    twice = lambda: ox.kron(A, B) + ox.low_rank(U, V) + ox.low_rank(W) + D  # noqa: E731  used once, below
    yield case("updated twice, and added to", twice, K + U @ V.T + W @ W.conj().T + D)
    yield case(
        "no solve rule for the base",
        lambda: ox.kron(A, B) + ox.kron(B, A) + ox.low_rank(U, V),
        K + kron(B, A) + U @ V.T,
    )
    yield case("size 0", lambda: ox.low_rank(np.zeros((0, 2))) + np.zeros((0, 0)), np.zeros((0, 0)))
