"""Sum: of Kronecker products, of other kinds, and of kinds whose dtypes differ."""

import numpy as np
import scipy.sparse
from market import COARSE, case, definite, hermitian, jordan, kron, matrix, singular

import otimes as ox


def cases():
    A, B, C, D = matrix(2), matrix(3), matrix(2, seed=1), matrix(3, seed=1)
    two = kron(A, B) + kron(C, D)
    yield case("two terms", lambda: ox.kron(A, B) + ox.kron(C, D), two)
    yield case("three terms", lambda: ox.kron(A, B) + ox.kron(C, D) + ox.kron(B, A), two + kron(B, A))
    yield case("difference", lambda: ox.kron(A, B) - ox.kron(C, D), kron(A, B) - kron(C, D))
    yield case("cancelling", lambda: ox.kron(A, B) - ox.kron(A, B), np.zeros((6, 6)))
    yield case("kronecker and dense", lambda: ox.kron(A, B) + matrix(6), kron(A, B) + matrix(6))
    yield case("dense and kronecker", lambda: matrix(6) + ox.kron(A, B), matrix(6) + kron(A, B))
    tall = [kron(matrix(3, 2, seed=s), matrix(2, seed=s)) for s in (0, 1)]
    yield case("tall", lambda: ox.kron(matrix(3, 2), matrix(2)) + tall[1], tall[0] + tall[1])
    wide = [kron(matrix(1, 2, seed=s), matrix(3, seed=s)) for s in (0, 1)]
    yield case("wide", lambda: wide[0] + ox.kron(matrix(1, 2, seed=1), matrix(3, seed=1)), wide[0] + wide[1])
    P, Q = kron(definite(2), definite(3)), kron(definite(3), definite(2))
    yield case("definite", lambda: ox.kron(definite(2), definite(3)) + ox.kron(definite(3), definite(2)), P + Q)
    assumed = [ox.assume(definite(n), "positive_definite") for n in (2, 3)]
    yield case("known definite", lambda: ox.kron(*assumed) + ox.kron(*assumed[::-1]), P + Q)
    H = kron(hermitian(2, complex), hermitian(3, complex))
    yield case(
        "complex hermitian",
        lambda: ox.kron(hermitian(2, complex), hermitian(3, complex)) + ox.kron(definite(2), definite(3)),
        H + P,
    )
    yield case("complex and real", lambda: ox.kron(A * 1j, B) + ox.kron(C, D), kron(A * 1j, B) + kron(C, D))
    a, b = matrix(2, dtype=np.float32), matrix(3, dtype=np.float32)
    yield case("float32", lambda: ox.kron(a, b) + ox.kron(b, a), kron(a, b) + kron(b, a))
    yield case("float32 and float64", lambda: ox.kron(a, b) + ox.kron(B, A), kron(a, b) + kron(B, A), COARSE)
    i, j = matrix(2, dtype=int), matrix(3, dtype=int)
    yield case("integer", lambda: ox.kron(i, j) + ox.kron(j, i), kron(i, j) + kron(j, i))
    order = [1, 2, 0, 4, 5, 3]
    shuffle = np.eye(6, dtype=int)[order]
    yield case("integer and weak permutation", lambda: ox.kron(i, j) + ox.permutation(order), kron(i, j) + shuffle)
    yield case("weak permutation and integer", lambda: ox.permutation(order) + ox.kron(i, j), kron(i, j) + shuffle)
    half = lambda: 0.5 * ox.permutation(order) + ox.kron(i, j)  # noqa: E731  used once, below
    yield case("half a weak permutation and integer", half, kron(i, j) + 0.5 * shuffle)
    yield case("two weak", lambda: ox.permutation(order) + ox.commutation(2, 3), shuffle + ox_free_commutation())
    f = matrix(6, dtype=np.float32)
    yield case("weak permutation and float32", lambda: ox.permutation(order) + f, shuffle.astype(np.float32) + f)
    S = np.tril(matrix(6))
    yield case(
        "sparse and kronecker", lambda: ox.aslinearoperator(scipy.sparse.csr_array(S)) + ox.kron(A, B), S + kron(A, B)
    )
    yield case("singular", lambda: ox.kron(singular(2), B) + ox.kron(singular(2), D), kron(singular(2), B + D))
    yield case(
        "defective",
        lambda: ox.kron(jordan(2), np.eye(3)) + ox.kron(jordan(2), np.eye(3)),
        kron(2 * jordan(2), np.eye(3)),
        "defective",
    )
    yield case("1x1", lambda: ox.kron(matrix(1), [[2.0]]) + ox.kron([[3.0]], [[4.0]]), matrix(1) * 2 + 12)
    yield case("size 0", lambda: ox.kron(np.zeros((0, 0)), B) + ox.kron(np.zeros((0, 0)), D), np.zeros((0, 0)))
    yield case(
        "sum of sum and sum",
        lambda: (ox.kron(A, B) + ox.kron(C, D)) + (ox.kron(B, A) + ox.kron(D, C)),
        two + kron(B, A) + kron(D, C),
    )
    common = ox.aslinearoperator(A)
    yield case("one factor in common", lambda: ox.kron(common, B) + ox.kron(common, D), kron(A, B + D))


def ox_free_commutation():
    """Return the commutation matrix of sizes 2, 3 by reshaping the rows of the identity."""
    return np.eye(6).reshape(3, 2, 6).transpose(1, 0, 2).reshape(6, 6)
