"""ScalarMultiple: real, complex, negative, zero and NumPy scalars, of every kind of operator."""

import numpy as np
from market import COARSE, PAIRED, case, definite, hermitian, kron, matrix, singular

import otimes as ox


def cases():
    A, B = matrix(2), matrix(3)
    K = kron(A, B)
    yield case("positive", lambda: 2.5 * ox.kron(A, B), 2.5 * K)
    yield case("negative, even size", lambda: -ox.kron(A, B), -K)
    C = kron(matrix(3), matrix(5))
    yield case("negative, odd size", lambda: -2.0 * ox.kron(matrix(3), matrix(5)), -2.0 * C)
    yield case("imaginary", lambda: 1j * ox.kron(A, B), 1j * K)
    yield case("complex", lambda: (0.6 - 0.8j) * ox.kron(A, B), (0.6 - 0.8j) * K)
    yield case("zero", lambda: 0.0 * ox.kron(A, B), 0 * K, PAIRED)
    yield case("rectangular", lambda: -3.0 * ox.kron(matrix(3, 2), matrix(2)), -3 * kron(matrix(3, 2), matrix(2)))
    rectangles = kron(matrix(2, 3), matrix(3, 2))
    yield case("square of rectangles", lambda: 2.0 * ox.kron(matrix(2, 3), matrix(3, 2)), 2 * rectangles)
    yield case("divided", lambda: ox.kron(A, B) / 4, K / 4)
    yield case("0-d array", lambda: np.array(2.5) * ox.kron(A, B), 2.5 * K)
    yield case("scalar of a factor", lambda: ox.kron(2 * ox.kron(A, B), A), kron(2 * K, A))
    yield case(
        "scalars of two factors", lambda: ox.kron(2j * ox.kron(A, A), 3 * ox.kron(B)), kron(2j * kron(A, A), 3 * B)
    )
    P, H, S = definite(2), hermitian(3), singular(3)
    yield case("definite", lambda: 2.0 * ox.kron(P, definite(3)), 2 * kron(P, definite(3)))
    yield case("negative definite", lambda: -2.0 * ox.kron(P, definite(3)), -2 * kron(P, definite(3)))
    yield case("negative of negative", lambda: -1.0 * ox.kron(-P, definite(3)), kron(P, definite(3)))
    yield case("hermitian", lambda: -2.0 * ox.kron(P, H), -2.0 * kron(P, H))
    yield case("imaginary hermitian", lambda: 1j * ox.kron(P, H), 1j * kron(P, H))
    yield case("singular", lambda: 2.0 * ox.kron(A, S), 2 * kron(A, S))
    a, b = matrix(2, dtype=np.float32), matrix(3, dtype=np.float32)
    yield case("float32", lambda: 2.5 * ox.kron(a, b), 2.5 * kron(a, b))
    yield case("float32 by NumPy", lambda: np.float32(2.5) * ox.kron(a, b), np.float32(2.5) * kron(a, b))
    yield case("widened by NumPy", lambda: np.float64(2.5) * ox.kron(a, b), np.float64(2.5) * kron(a, b), COARSE)
    yield case("complex of float32", lambda: 1j * ox.kron(a, b), 1j * kron(a, b))
    i, j = matrix(2, dtype=int), matrix(3, dtype=int)
    yield case("integer", lambda: 3 * ox.kron(i, j), 3 * kron(i, j))
    yield case("half an integer", lambda: 0.5 * ox.kron(i, j), 0.5 * kron(i, j))
    order = [2, 0, 1, 4, 3, 5]
    yield case("permutation", lambda: 2.5 * ox.permutation(order), 2.5 * np.eye(6)[order])
    yield case("weak identity", lambda: 2.5 * ox.eye(6), 2.5 * np.eye(6))
    yield case("negative identity", lambda: -ox.eye(5), -np.eye(5))
    yield case("imaginary identity", lambda: 1j * ox.eye(6), 1j * np.eye(6))
    yield case("integer identity", lambda: 3 * ox.eye(6, np.int64), 3 * np.eye(6, dtype=int))
    yield case("dense", lambda: 2.0 * ox.aslinearoperator(matrix(6)), 2.0 * matrix(6))
    yield case("1x1", lambda: -2.0 * ox.aslinearoperator(matrix(1)), -2.0 * matrix(1))
    yield case("size 0", lambda: -2.0 * ox.aslinearoperator(np.zeros((0, 0))), np.zeros((0, 0)))
    yield case("zero of size 0", lambda: 0.0 * ox.aslinearoperator(np.zeros((0, 0))), np.zeros((0, 0)))
    D = matrix(6) @ K
    yield case("product", lambda: 2.0 * (ox.aslinearoperator(matrix(6)) @ ox.kron(A, B)), 2 * D)
