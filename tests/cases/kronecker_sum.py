"""KroneckerSum: A ⊕ B = A ⊗ I + I ⊗ B."""

import numpy as np
import scipy.sparse
from market import COARSE, DEFECTIVE, PAIRED, case, definite, hermitian, jordan, kron, kronsum, matrix, singular

import otimes as ox


def cases():
    arrays = {
        "two": (matrix(2), matrix(3)),
        "two of one size": (matrix(3), matrix(3, seed=1)),
        "three": (matrix(2), matrix(3), matrix(4)),
        "symmetric": (hermitian(2), hermitian(3)),
        "three symmetric": (hermitian(2), hermitian(3), 5 * np.eye(4)),
        "definite": (definite(2), definite(3)),
        "negative definite": (-definite(2), -definite(3)),
        "definite although one is not": (definite(2) + 9 * np.eye(2), -np.eye(3)),
        "complex": (matrix(2, dtype=complex), matrix(3)),
        "two complex": (matrix(2, dtype=complex), matrix(3, dtype=complex)),
        "complex hermitian": (hermitian(2, complex), hermitian(3, complex)),
        "float32": (matrix(2, dtype=np.float32), matrix(3, dtype=np.float32)),
        "symmetric float32": (definite(2, np.float32), definite(3, np.float32)),
        "integer": (matrix(2, dtype=int), matrix(3, dtype=int)),
        "one singular": (singular(2), matrix(3)),
        "singular by B = -A^T": (np.array([[1.0, 2], [0, 3]]), -np.array([[1.0, 0], [2, 3]])),
        "singular and symmetric": (np.array([[1.0, -1], [-1, 1]]), np.array([[1.0, -1, 0], [-1, 2, -1], [0, -1, 1]])),
        "1x1": (matrix(1), np.array([[4.0]])),
        "1x1 beside": (matrix(1), matrix(6)),
        "size 0": (np.zeros((0, 0)), hermitian(3)),
        "negative determinant": (np.diag([-9.0, 1.0]), definite(3)),
    }
    for name, factors in arrays.items():
        yield case(name, lambda factors=factors: ox.kronsum(*factors), kronsum(*factors))
    A, B = matrix(2), matrix(3)
    J = kronsum(jordan(2), jordan(3))
    yield case("defective", lambda: ox.kronsum(jordan(2), jordan(3)), J, DEFECTIVE)
    a = matrix(2, dtype=np.float32)
    yield case("float32 and float64", lambda: ox.kronsum(a, B), kronsum(a, B), COARSE)
    yield case("weak identity", lambda: ox.kronsum(A, ox.eye(3)), kronsum(A, np.eye(3)))
    weak = lambda: ox.kronsum(a, ox.eye(3), ox.permutation([1, 0]))  # noqa: E731  used once, below
    half = np.float32
    yield case("float32 and weak", weak, kronsum(a, np.eye(3, dtype=half), np.eye(2, dtype=half)[::-1]))
    i = matrix(2, dtype=int)
    yield case("integer and weak", lambda: ox.kronsum(i, ox.eye(3)), kronsum(i, np.eye(3, dtype=int)))
    yield case("integer and half of weak", lambda: ox.kronsum(i, 0.5 * ox.eye(3)), kronsum(i, 0.5 * np.eye(3)))
    S = np.triu(np.tril(B, 1), -1)
    yield case("sparse", lambda: ox.kronsum(A, scipy.sparse.csr_array(S)), kronsum(A, S))
    d = np.array([1.0, 5, -2])
    yield case("diagonal", lambda: ox.kronsum(A, ox.diag(d)), kronsum(A, np.diag(d)))
    yield case("two diagonals", lambda: ox.kronsum(ox.diag(d), ox.diag(d[:2])), kronsum(np.diag(d), np.diag(d[:2])))
    yield case("zero", lambda: ox.kronsum(A, ox.zeros(3)), kronsum(A, np.zeros((3, 3))))
    yield case("kronecker inside", lambda: ox.kronsum(ox.kron(A, B), A), kronsum(kron(A, B), A))
    yield case("flattened", lambda: ox.kronsum(ox.kronsum(A, B), A), kronsum(A, B, A))
    yield case("multiple inside", lambda: ox.kronsum(2.0 * ox.kron(A, B), A), kronsum(2 * kron(A, B), A))
    yield case(
        "scaled", lambda: -2.0 * ox.kronsum(hermitian(2), hermitian(3)), -2 * kronsum(hermitian(2), hermitian(3))
    )
    yield case("times i", lambda: 1j * ox.kronsum(A, B), 1j * kronsum(A, B))
    yield case("assumed not hermitian", lambda: ox.kronsum(ox.assume(A, hermitian=False), B), kronsum(A, B))
    skewed = [hermitian(2) + 1j * np.eye(2), hermitian(3) - 1j * np.eye(3)]
    yield case("hermitian by pairs", lambda: ox.kronsum(*skewed), kronsum(*skewed), PAIRED)
    lower = [np.tril(A), np.tril(B)]
    yield case(
        "known triangular", lambda: ox.kronsum(*(ox.assume(L, "lower_triangular") for L in lower)), kronsum(*lower)
    )
