"""KroneckerTerms: sums of Kronecker products of one partition, as they are made and as their solvers need them."""

import numpy as np
from market import case, definite, hermitian, kron, matrix, singular

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
    X, Y = [[matrix(*shape, complex, seed) for seed in (1, 2)] for shape in ((2, 3), (3, 2))]
    rectangles = 2 * kron(X[0], Y[0]) + 1j * kron(X[1], Y[1])
    weighted = lambda: 2 * ox.kron(X[0], Y[0]) + 1j * ox.kron(X[1], Y[1])  # noqa: E731
    yield case("square of rectangles, complex", weighted, rectangles)
    three = kron(A, np.eye(6)) + kron(np.eye(2), B, np.eye(2))
    split = lambda: ox.kron(A, ox.eye(3), ox.eye(2)) + ox.kron(ox.eye(2), B, ox.eye(2))  # noqa: E731  used once, below
    yield case("identities split", split, three)
    commuting = 2 * kron(A, np.eye(3)) + kron(A, B)
    yield case("one kind per slot", lambda: ox.kron(A, 2.0 * ox.eye(3)) + ox.kron(A, B), commuting)
    H, G = hermitian(2, complex), hermitian(3)
    hermitian_terms = kron(H, G) - 2 * kron(H, np.eye(3)) + 3 * kron(np.eye(2), G)
    lazily = lambda: ox.kron(H, G) - 2 * ox.kron(H, ox.eye(3)) + 3 * ox.kron(ox.eye(2), G)  # noqa: E731
    yield case("hermitian kinds", lazily, hermitian_terms)
    known = lambda n, dtype=float: ox.assume(definite(n, dtype), "positive_definite")  # noqa: E731
    yield case(
        "definite pairs, complex",
        lambda: ox.kron(H, known(3)) - 1.5 * ox.kron(known(2, complex), G),
        kron(H, definite(3)) - 1.5 * kron(definite(2, complex), G),
    )
    stiff, mass = [hermitian(n) for n in (2, 3, 1)], [known(n) for n in (2, 3, 1)]
    rows = [[stiff[j] if i == j else mass[j] for j in range(3)] for i in range(3)]
    whole = sum(kron(*map(np.asarray, row)) for row in rows)
    yield case("stiffness and mass in three slots", lambda: ox.kron_terms(rows), whole)
    d, e = np.array([1.0, 3.0]), np.array([2.0, 1.0, 5.0])
    diagonal = kron(stiff[0], stiff[1]) + np.diag(kron(d, e))
    yield case("with a diagonal", lambda: ox.kron(stiff[0], stiff[1]) + ox.kron(ox.diag(d), ox.diag(e)), diagonal)
    i, j = matrix(2, dtype=int), matrix(3, dtype=int)
    yield case("integer, general", lambda: ox.kron(i, j) - ox.kron(i.T, j @ j), kron(i, j) - kron(i.T, j @ j))
    a, b = matrix(3, dtype=np.float32), matrix(2, dtype=np.float32)
    yield case("float32", lambda: ox.kron(a, b) + ox.kron(a @ a, b.T), kron(a, b) + kron(a @ a, b.T))
    S = singular(3)
    yield case("singular", lambda: ox.kron(S, C) + ox.kron(S @ S, A), kron(S, C) + kron(S @ S, A))
    three = kron(A, B, A) + kron(C, D, C)
    yield case("three slots, general", lambda: ox.kron(A, B, A) + ox.kron(C, D, C), three)
