"""BlockToeplitz: dense and structured blocks, rectangular ones, zeros between, symmetry, dtypes."""

import numpy as np
from market import case, definite, hermitian, kron, matrix

import otimes as ox


def toeplitz(column, row):
    """Return the dense block matrix of the definition."""
    blocks = [[column[i - j] if i >= j else row[j - i] for j in range(len(row))] for i in range(len(column))]
    return np.block(blocks)


def adjoints(column):
    return [A.conj().T for A in column]


def cases():
    a = [matrix(2, seed=i) + (5 * np.eye(2) if not i else 0) for i in range(6)]
    h = [definite(2), *a[1:3]]
    z = [hermitian(2, complex) + 9 * np.eye(2), 1j * a[1]]
    wide = [matrix(2, 3, seed=i) for i in range(5)]
    integers = [matrix(2, dtype=int, seed=i) for i in range(3)]
    yield case("general", lambda: ox.block_toeplitz(a[:3], a[3:]), toeplitz(a[:3], [a[0], *a[4:]]))
    yield case("symmetric", lambda: ox.block_toeplitz(h), toeplitz(h, adjoints(h)))
    yield case("hermitian", lambda: ox.block_toeplitz(z), toeplitz(z, adjoints(z)))
    yield case(
        "blocks and grid rectangular",
        lambda: ox.block_toeplitz(wide[:3], wide[3:]),
        toeplitz(wide[:3], [wide[0], wide[4]]),
    )
    yield case(
        "square of rectangles", lambda: ox.block_toeplitz(wide[:3], wide[2:4]), toeplitz(wide[:3], [wide[0], wide[3]])
    )
    yield case(
        "array",
        lambda: ox.block_toeplitz(np.stack(a[:3]).astype(np.float32)),
        toeplitz(a[:3], adjoints(a[:3])).astype(np.float32),
    )
    yield case("integer", lambda: ox.block_toeplitz(integers), toeplitz(integers, adjoints(integers)))
    K, Z = kron(matrix(2), hermitian(3)), np.zeros((6, 6))
    yield case(
        "operators and zeros",
        lambda: ox.block_toeplitz([ox.kron(matrix(2), hermitian(3)) + 9.0 * ox.eye(6), None, ox.eye(6)]),
        toeplitz([K + 9 * np.eye(6), Z, np.eye(6)], [None, Z, np.eye(6)]),
    )
    many = [5 * np.eye(2)] + [matrix(2, seed=i) / 10 / i for i in range(1, 20)]
    yield case("transforms", lambda: ox.block_toeplitz(many, many[:18]), toeplitz(many, many[:18]))
    yield case(
        "transforms, complex",
        lambda: ox.block_toeplitz([1j * A for A in many], many),
        toeplitz([1j * A for A in many], many),
    )
    yield case("identities", lambda: ox.block_toeplitz([2 * ox.eye(2), ox.eye(2)]), kron([[2.0, 1], [1, 2]], np.eye(2)))
    yield case("blocks of size 0", lambda: ox.block_toeplitz(np.zeros((2, 0, 0))), np.zeros((0, 0)))
