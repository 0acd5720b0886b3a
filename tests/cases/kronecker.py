"""Kronecker: shapes, signs, dtypes and memory of plain factors."""

import numpy as np
from market import COARSE, DEFECTIVE, PAIRED, case, definite, hermitian, jordan, kron, matrix, singular, skew

import otimes as ox


def shapes():
    """Return factors of all kinds of shapes by name."""
    return {
        "two": (matrix(2), matrix(3)),
        "three unequal": (matrix(2), matrix(3), matrix(4)),
        "four": (matrix(2), matrix(3), matrix(2, seed=1), matrix(3, seed=1)),
        "cube": (matrix(3), matrix(3), matrix(3)),
        "tall": (matrix(3, 2), matrix(4, 3)),
        "wide": (matrix(2, 3), matrix(2, 4)),
        "tall and wide": (matrix(3, 2), matrix(2, 5)),
        "wide and tall": (matrix(2, 5), matrix(4, 2)),
        "three mixed": (matrix(2, 3), matrix(4, 1), matrix(3, 2)),
        "square of rectangles": (matrix(2, 3), matrix(3, 2)),
        "square of tall and wide": (matrix(3, 2), matrix(2, 3)),
        "square of three rectangles": (matrix(2, 3), matrix(3, 4), matrix(4, 2)),
        "one square, two not": (matrix(3), matrix(2, 3), matrix(3, 2)),
        "row and column": (matrix(1, 3), matrix(4, 1)),
        "columns": (matrix(3, 1), matrix(2, 1)),
        "1x1 and 1x1": (matrix(1), -matrix(1)),
        "1x1 between": (matrix(2), -matrix(1), matrix(3)),
        "size 0, definite": (np.zeros((0, 0)), definite(2)),
        "no rows": (np.zeros((0, 3)), matrix(2)),
        "no columns": (matrix(2), np.zeros((3, 0))),
        "no rows, no columns": (np.zeros((0, 2)), np.zeros((2, 0))),
    }


def values():
    """Return factors of all kinds of entries by name."""
    return {
        "complex": (matrix(2, dtype=complex), matrix(3, dtype=complex)),
        "complex and real": (matrix(2, dtype=complex), matrix(3)),
        "complex mixed shapes": (matrix(2, 3, complex), matrix(4, 2, complex)),
        "complex three": (matrix(2, dtype=complex), matrix(3), matrix(2, dtype=complex, seed=1)),
        "complex hermitian": (hermitian(2, complex), hermitian(3, complex)),
        "complex definite": (definite(2, complex), definite(3, complex)),
        "complex64": (matrix(2, dtype=np.complex64), matrix(3, dtype=np.float32)),
        "float32": (matrix(2, dtype=np.float32), matrix(3, dtype=np.float32)),
        "float32 definite": (definite(2, np.float32), definite(3, np.float32)),
        "integer": (matrix(2, dtype=int), matrix(3, dtype=int)),
        "int32 rectangular": (matrix(2, 3, np.int32), matrix(3, 1, np.int32)),
        "boolean and float": (np.eye(2, dtype=bool)[::-1], matrix(3)),
        "integer and float": (matrix(2, dtype=int), matrix(3)),
        "singular": (singular(2), matrix(3)),
        "two singular": (singular(2), singular(3)),
        "singular rectangular": (np.ones((3, 2)), matrix(2)),
        "zeros": (np.zeros((2, 2)), hermitian(3)),
        "definite": (definite(2), definite(3)),
        "semidefinite": (np.diag([1.0, 0.0]), definite(3)),
        "indefinite": (hermitian(2), hermitian(3)),
        "negative definite": (-definite(2), definite(3)),
        "negative definite pair": (-definite(2), -definite(3)),
        "negative definite pair of three": (-definite(2), definite(3), -definite(2)),
        "three negative definite": (-definite(2), -definite(3), -definite(2)),
        "negative determinant, odd power": (np.diag([-1.0, 2.0]), definite(3)),
        "negative determinant, even power": (np.diag([-1.0, 2.0]), definite(4)),
        "two negative determinants": (np.diag([-1.0, 2.0, 3.0]), np.diag([-1.0, 2.0, 3.0])),
        "rotations": (np.array([[0.6, -0.8], [0.8, 0.6]]), np.array([[0.0, 0, 1], [1, 0, 0], [0, 1, 0]])),
        "opposite scales": (1e150 * matrix(2), 1e-150 * matrix(3)),
    }


def paired():
    """Return factors whose product is Hermitian although they are not."""
    return {
        "skew and skew": (skew(2), skew(4)),
        "size 0": (np.zeros((0, 0)), matrix(2)),
        "zeros and general": (np.zeros((2, 2)), matrix(3)),
        "imaginary pair": (1j * hermitian(2), -1j * hermitian(3)),
        "imaginary definite pair": (1j * definite(2), -1j * definite(3)),
    }


def memory():
    """Return factors of all kinds of memory by name."""
    frozen = matrix(3)
    frozen.setflags(write=False)
    return {
        "fortran order": (np.asfortranarray(matrix(2, 3)), np.asfortranarray(matrix(3))),
        "strided": (matrix(4, 6)[::2, ::3], matrix(9, 6)[::3, ::2]),
        "reversed": (matrix(2)[::-1], matrix(3)[:, ::-1]),
        "read-only": (frozen, frozen),
    }


def cases():
    for name, factors in (shapes() | values() | memory()).items():
        yield case(name, lambda factors=factors: ox.kron(*factors), kron(*factors))
    for name, factors in paired().items():
        yield case(name, lambda factors=factors: ox.kron(*factors), kron(*factors), PAIRED)
    a, A, B = matrix(2, dtype=np.float32), matrix(2), matrix(3)
    yield case("float32 and float64", lambda: ox.kron(a, B), kron(a, B), COARSE)
    yield case("defective", lambda: ox.kron(jordan(2), jordan(3)), kron(jordan(2), jordan(3)), DEFECTIVE)
    yield case("vector beside matrix", lambda: ox.kron(B, np.arange(1.0, 3)), np.kron(B, np.arange(1.0, 3)))
    yield case(
        "known definite",
        lambda: ox.kron(*(ox.assume(definite(n), "positive_definite") for n in (2, 3))),
        kron(definite(2), definite(3)),
    )
    rotation = np.array([[0.6, -0.8], [0.8, 0.6]])
    yield case("known unitary", lambda: ox.kron(*[ox.assume(rotation, "unitary")] * 2), kron(rotation, rotation))
    yield case("known not hermitian", lambda: ox.kron(ox.assume(A, hermitian=False), B), kron(A, B))
    lower, upper = np.tril(B), np.triu(matrix(3, 2))
    known = lambda: ox.kron(ox.assume(np.triu(A), "upper_triangular"), ox.assume(upper, "upper_triangular"))  # noqa: E731  used once, below
    yield case("known triangular, rectangular", known, kron(np.triu(A), upper))
    yield case("known triangular", lambda: ox.kron(*[ox.assume(lower, "lower_triangular")] * 2), kron(lower, lower))
    yield case("mixed product", lambda: ox.kron(A, B) @ ox.kron(A, B), kron(A, B) @ kron(A, B))
    shared = ox.aslinearoperator(A)
    for name, other in (("one", B), ("other", matrix(3, seed=1))):
        yield case(f"shared factor, {name}", lambda other=other: ox.kron(shared, other), kron(A, other))
