"""KroneckerTerms: sums of Kronecker products of one partition, as they are made and as their solvers need them."""

import numpy as np
from market import case, kron, matrix

import otimes as ox


def cases():
    A, B, C, D = matrix(2), matrix(3), matrix(2, seed=1), matrix(3, seed=1)
    yield case("one term", lambda: ox.kron_terms([(A, B)]), kron(A, B))
    yield case("scaled terms", lambda: 2.0 * ox.kron(A, B) - ox.kron(C, D), 2 * kron(A, B) - kron(C, D))
    stacks = np.stack([A, C, A + C]), np.stack([B, D, B - D])
    many = kron(A, B) + kron(C, D) + kron(A + C, B - D)
    yield case("stacked", lambda: ox.kron_terms(stacks), many)
    yield case("regrouped", lambda: ox.regroup(ox.kron(A, B, C) + ox.kron(C, D, A), [(2, 2), (6, 6)]),
               kron(A, B, C) + kron(C, D, A))  # fmt: skip
    X, Y = matrix(2, 3, complex), matrix(3, 2, complex, 1)
    yield case("square of rectangles, complex", lambda: ox.kron_terms([(X, Y), (X.conj(), 1j * Y)]),
               kron(X, Y) + kron(X.conj(), 1j * Y))  # fmt: skip
    three = kron(A, np.eye(6)) + kron(np.eye(2), B, np.eye(2))
    split = lambda: ox.kron(A, ox.eye(3), ox.eye(2)) + ox.kron(ox.eye(2), B, ox.eye(2))  # noqa: E731  used once, below
    yield case("identities split", split, three)
