"""Product: chains of square and of rectangular links."""

import numpy as np
import scipy.sparse
from market import COARSE, DEFECTIVE, case, definite, jordan, kron, matrix, singular

import otimes as ox


def cases():
    A, B = matrix(2), matrix(3)
    K, M = kron(A, B), matrix(6)
    dense = ox.aslinearoperator(M)
    order = [1, 2, 0, 4, 5, 3]
    shuffle = np.eye(6)[order]
    yield case("dense kronecker", lambda: dense @ ox.kron(A, B), M @ K)
    yield case("kronecker dense", lambda: ox.kron(A, B) @ dense, K @ M)
    yield case("three links", lambda: dense @ ox.kron(A, B) @ ox.permutation(order), M @ K @ shuffle)
    yield case("not conforming", lambda: ox.kron(A, B) @ ox.kron(B, A), K @ kron(B, A))
    yield case("permutation first", lambda: ox.permutation(order) @ ox.kron(A, B), shuffle @ K)
    yield case("diagonal first", lambda: ox.diag(np.arange(1.0, 7)) @ ox.kron(A, B), np.diag(np.arange(1.0, 7)) @ K)
    tall, wide = matrix(3, 2), matrix(1, 2)
    yield case("tall", lambda: dense @ ox.kron(tall, A), M @ kron(tall, A))
    yield case("wide", lambda: ox.kron(wide, B) @ dense, kron(wide, B) @ M)
    low = kron(tall, matrix(2, 1)) @ matrix(2, 6)
    yield case("square, thin links", lambda: ox.kron(tall, matrix(2, 1)) @ ox.aslinearoperator(matrix(2, 6)), low)
    full = matrix(2, 6) @ kron(tall, matrix(2, 1))
    yield case("square, thick links", lambda: ox.aslinearoperator(matrix(2, 6)) @ ox.kron(tall, matrix(2, 1)), full)
    cut = matrix(4)
    yield case("refining partitions", lambda: ox.kron(cut, B) @ ox.kron(A, A, B), kron(cut, B) @ kron(A, A, B))
    outer = matrix(6, 1) @ matrix(1, 6)
    yield case("outer", lambda: ox.aslinearoperator(matrix(6, 1)) @ ox.aslinearoperator(matrix(1, 6)), outer)
    yield case("complex", lambda: dense @ ox.kron(A * 1j, B), M @ kron(A * 1j, B))
    a, b, f = (matrix(n, dtype=np.float32) for n in (2, 3, 6))
    yield case("float32", lambda: ox.aslinearoperator(f) @ ox.kron(a, b), f @ kron(a, b))
    yield case("float32 and float64", lambda: dense @ ox.kron(a, b), M @ kron(a, b), COARSE)
    i, j = matrix(2, dtype=int), matrix(3, dtype=int)
    yield case("integer", lambda: ox.kron(i, j) @ ox.kron(j, i), kron(i, j) @ kron(j, i))
    stated = ox.permutation(order, complex)
    yield case("stated complex permutation", lambda: stated @ ox.kron(A, B), shuffle.astype(complex) @ K)
    yield case("weak only", lambda: ox.permutation(order) @ ox.commutation(2, 3), shuffle @ swap())
    yield case("singular", lambda: dense @ ox.kron(singular(2), B), M @ kron(singular(2), B))
    S = np.tril(M)
    sparse = ox.aslinearoperator(scipy.sparse.csr_array(S))
    yield case("sparse", lambda: sparse @ ox.kron(A, B), S @ K)
    lower = [ox.assume(np.tril(matrix(n)), "lower_triangular") for n in (2, 3)]
    yield case(
        "known triangular",
        lambda: ox.kron(*lower) @ ox.kron(*lower[::-1]),
        kron(np.tril(A), np.tril(B)) @ kron(np.tril(B), np.tril(A)),
    )
    root = kron(A, B)
    yield case(
        "gram",
        lambda: ox.kron(A, B).T @ ox.kron(definite(3), definite(2)) @ ox.kron(A, B),
        root.T @ kron(definite(3), definite(2)) @ root,
    )
    yield case(
        "defective",
        lambda: ox.kron(jordan(2), np.eye(3)) @ ox.kron(2 * np.eye(3), np.eye(2)),
        2 * kron(jordan(2), np.eye(3)),
        DEFECTIVE,
    )
    yield case(
        "1x1",
        lambda: ox.aslinearoperator(matrix(1, 6)) @ ox.kron(matrix(2, 1), matrix(3, 1)),
        matrix(1, 6) @ kron(matrix(2, 1), matrix(3, 1)),
    )
    yield case(
        "size 0",
        lambda: ox.aslinearoperator(np.zeros((0, 6))) @ ox.kron(matrix(2, 1), np.zeros((3, 0))),
        np.zeros((0, 0)),
    )
    yield case("nothing between", lambda: ox.kron(np.zeros((2, 0)), B) @ ox.kron(B, np.zeros((0, 2))), np.zeros((6, 6)))


def swap():
    """Return the commutation matrix of sizes 2, 3 by reshaping the rows of the identity."""
    return np.eye(6).reshape(3, 2, 6).transpose(1, 0, 2).reshape(6, 6)
