"""Kronecker products whose factors are operators of every other kind."""

import numpy as np
import scipy.sparse
import scipy.sparse.linalg
from market import COARSE, case, definite, hermitian, kron, kronsum, matrix

import otimes as ox


def cases():
    A, B, H = matrix(2), matrix(3), hermitian(2)
    d, order, eye3 = np.array([1.0, -2, 4]), [1, 2, 0], np.eye(3)
    yield case("kronecker sum", lambda: ox.kron(A, ox.kronsum(A, B)), kron(A, kronsum(A, B)))
    yield case("hermitian kronecker sum", lambda: ox.kron(ox.kronsum(H, H), H), kron(kronsum(H, H), H))
    S = np.triu(np.tril(matrix(4), 1), -1)
    yield case("sparse", lambda: ox.kron(A, scipy.sparse.csr_array(S)), kron(A, S))
    thin = S[:, :2]
    yield case(
        "sparse rectangles", lambda: ox.kron(scipy.sparse.csr_array(thin), matrix(2, 4)), kron(thin, matrix(2, 4))
    )
    yield case("permutation", lambda: ox.kron(ox.permutation(order), A), kron(eye3[order], A))
    yield case(
        "two permutations",
        lambda: ox.kron(ox.permutation(order), ox.permutation([1, 0])),
        kron(eye3[order], np.eye(2)[::-1]),
    )
    swap = np.eye(6).reshape(3, 2, 6).transpose(1, 0, 2).reshape(6, 6)
    yield case("commutation", lambda: ox.kron(A, ox.commutation(2, 3)), kron(A, swap))
    yield case("diagonal", lambda: ox.kron(ox.diag(d), A), kron(np.diag(d), A))
    yield case("two diagonals", lambda: ox.kron(ox.diag(d), ox.diag(d[:2])), kron(np.diag(d), np.diag(d[:2])))
    yield case(
        "diagonal with zero", lambda: ox.kron(ox.diag([1.0, 0.0]), ox.diag(d)), kron(np.diag([1.0, 0]), np.diag(d))
    )
    yield case("identity first", lambda: ox.kron(ox.eye(3), A), kron(eye3, A))
    yield case("identity last", lambda: ox.kron(A, ox.eye(3)), kron(A, eye3))
    yield case("identity between", lambda: ox.kron(A, ox.eye(3), A), kron(A, eye3, A))
    yield case("identity and rectangle", lambda: ox.kron(ox.eye(3), matrix(3, 2)), kron(eye3, matrix(3, 2)))
    yield case("merged identities", lambda: ox.kron(ox.eye(2), ox.eye(3), A), kron(np.eye(6), A))
    yield case("identity and hermitian", lambda: ox.kron(ox.eye(3), hermitian(4)), kron(eye3, hermitian(4)))
    yield case("sum", lambda: ox.kron(ox.kron(A, A) + matrix(4), B), kron(kron(A, A) + matrix(4), B))
    yield case(
        "product", lambda: ox.kron(ox.aslinearoperator(matrix(4)) @ ox.kron(A, A), A), kron(matrix(4) @ kron(A, A), A)
    )
    shifted = kron(definite(2), definite(2)) + 0.5 * np.eye(4)
    yield case(
        "shifted",
        lambda: ox.kron(ox.kron(definite(2), definite(2)) + 0.5 * ox.eye(4), definite(2)),
        kron(shifted, definite(2)),
    )
    foreign = scipy.sparse.linalg.aslinearoperator(B)
    yield case("external", lambda: ox.kron(A, foreign), kron(A, B))
    yield case(
        "every kind",
        lambda: ox.kron(ox.diag(d[:2]), scipy.sparse.csr_array(A), ox.permutation(order), ox.eye(2), A),
        kron(np.diag(d[:2]), A, eye3[order], np.eye(2), A),
    )
    a, i = matrix(2, dtype=np.float32), matrix(2, dtype=int)
    f32 = np.eye(3, dtype=np.float32)
    yield case("float32 and weak identity", lambda: ox.kron(ox.eye(3), a), kron(f32, a))
    yield case("float32 and weak permutation", lambda: ox.kron(a, ox.permutation(order)), kron(a, f32[order]))
    yield case("float32, stated float64", lambda: ox.kron(ox.eye(3, float), a), kron(eye3, a), COARSE)
    yield case(
        "float32, stated complex64", lambda: ox.kron(ox.eye(3, np.complex64), a), kron(np.eye(3, dtype=np.complex64), a)
    )
    yield case("real, stated complex", lambda: ox.kron(A, ox.eye(3, complex)), kron(A, np.eye(3, dtype=complex)))
    yield case(
        "complex permutation", lambda: ox.kron(A, ox.permutation(order, complex)), kron(A, eye3[order].astype(complex))
    )
    yield case("integer and weak identity", lambda: ox.kron(ox.eye(3), i), kron(np.eye(3, dtype=int), i))
    yield case("integer, stated float32", lambda: ox.kron(ox.eye(3, np.float32), i), kron(f32, i), COARSE)
    yield case("integer and half of a weak identity", lambda: ox.kron(0.5 * ox.eye(3), i), kron(0.5 * eye3, i))
    yield case("only weak", lambda: ox.kron(ox.eye(3), ox.permutation([1, 0])), kron(eye3, np.eye(2)[::-1]))
