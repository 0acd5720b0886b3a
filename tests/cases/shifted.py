"""Shifted: A + c I for real and complex c and every kind of A."""

import numpy as np
import scipy.sparse
from market import COARSE, DEFECTIVE, case, definite, hermitian, jordan, kron, kronsum, matrix

import otimes as ox


def cases():
    A, B, eye = matrix(2), matrix(3), np.eye(6)
    H = kron(hermitian(2), hermitian(3))
    yield case("general", lambda: ox.kron(A, B) + 2.0 * ox.eye(6), kron(A, B) + 2 * eye)
    yield case("identity", lambda: ox.kron(A, B) + ox.eye(6), kron(A, B) + eye)
    yield case("identity first", lambda: 0.5 * ox.eye(6) - ox.kron(A, B), 0.5 * eye - kron(A, B))
    yield case("hermitian", lambda: ox.kron(hermitian(2), hermitian(3)) + 0.4 * ox.eye(6), H + 0.4 * eye)
    yield case("hermitian, complex shift", lambda: ox.kron(hermitian(2), hermitian(3)) + 1j * ox.eye(6), H + 1j * eye)
    both = kron(definite(2), definite(3))
    yield case("definite", lambda: ox.kron(definite(2), definite(3)) + 0.1 * ox.eye(6), both + 0.1 * eye)
    yield case("made indefinite", lambda: ox.kron(definite(2), definite(3)) - 20.0 * ox.eye(6), both - 20 * eye)
    known = [ox.assume(definite(n), "positive_definite") for n in (2, 3)]
    yield case("known definite", lambda: ox.kron(*known) + 0.1 * ox.eye(6), both + 0.1 * eye)
    units = kron(np.diag([1.0, 2.0]), np.diag([1.0, 3.0, 5.0]))
    yield case(
        "shifted onto an eigenvalue",
        lambda: ox.kron(np.diag([1.0, 2.0]), np.diag([1.0, 3.0, 5.0])) - 6 * ox.eye(6),
        units - 6 * eye,
    )
    ones = ox.kron(np.ones((2, 2)), np.ones((3, 3)))
    yield case("nearly onto an eigenvalue", lambda: ones - 6.0 * ox.eye(6), np.ones((6, 6)) - 6 * eye)
    yield case(
        "square of rectangles",
        lambda: ox.kron(matrix(2, 3), matrix(3, 2)) + 9.0 * ox.eye(6),
        kron(matrix(2, 3), matrix(3, 2)) + 9 * eye,
    )
    yield case(
        "complex hermitian",
        lambda: ox.kron(hermitian(2, complex), hermitian(3)) + 0.4 * ox.eye(6),
        kron(hermitian(2, complex), hermitian(3)) + 0.4 * eye,
    )
    yield case("kronecker sum", lambda: ox.kronsum(A, B) + 2.0 * ox.eye(6), kronsum(A, B) + 2 * eye)
    yield case(
        "hermitian kronecker sum",
        lambda: ox.kronsum(hermitian(2), hermitian(3)) + 0.3 * ox.eye(6),
        kronsum(hermitian(2), hermitian(3)) + 0.3 * eye,
    )
    S = np.tril(matrix(6))
    yield case("sparse", lambda: ox.aslinearoperator(scipy.sparse.csr_array(S)) + 2.0 * ox.eye(6), S + 2 * eye)
    yield case("sum", lambda: ox.kron(A, B) + ox.eye(6) + ox.kron(B, A), kron(A, B) + eye + kron(B, A))
    yield case(
        "both shifted",
        lambda: (ox.kron(A, B) + ox.eye(6)) + (ox.kron(B, A) - 3 * ox.eye(6)),
        kron(A, B) + kron(B, A) - 2 * eye,
    )
    order = [1, 2, 0, 4, 5, 3]
    yield case("weak permutation", lambda: ox.permutation(order) + 3.0 * ox.eye(6), np.eye(6)[order] + 3 * eye)
    a, b = matrix(2, dtype=np.float32), matrix(3, dtype=np.float32)
    yield case("float32", lambda: ox.kron(a, b) + 2.0 * ox.eye(6), kron(a, b) + 2 * np.eye(6, dtype=np.float32))
    yield case("float32, stated float64", lambda: ox.kron(a, b) + 2.0 * ox.eye(6, float), kron(a, b) + 2 * eye, COARSE)
    yield case(
        "float32, stated complex",
        lambda: ox.kron(a, b) + ox.eye(6, np.complex64),
        kron(a, b) + np.eye(6, dtype=np.complex64),
    )
    i, j = matrix(2, dtype=int), matrix(3, dtype=int)
    yield case("integer", lambda: ox.kron(i, j) + 2 * ox.eye(6), kron(i, j) + 2 * np.eye(6, dtype=int))
    yield case("integer, half", lambda: ox.kron(i, j) + 0.5 * ox.eye(6), kron(i, j) + 0.5 * eye)
    yield case(
        "defective",
        lambda: ox.kron(jordan(2), jordan(3)) + 1.0 * ox.eye(6),
        kron(jordan(2), jordan(3)) + eye,
        DEFECTIVE,
    )
    yield case("1x1", lambda: ox.aslinearoperator(scipy.sparse.csr_array([[2.0]])) + 3 * ox.eye(1), [[5.0]])
    yield case("size 0", lambda: ox.kron(np.zeros((0, 0)), B) + 3.0 * ox.eye(0), np.zeros((0, 0)))
