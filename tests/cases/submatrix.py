"""Submatrix: rows and columns of Kronecker products that split along no factor, selections and their transposes."""

import numpy as np
from market import case, definite, kron, matrix

import otimes as ox


def cases():
    A, B = matrix(2), matrix(3)
    k, mask = kron(A, B), np.array([True, False, True, True, False, True])
    yield case("masked principal", lambda: ox.kron(A, B)[np.ix_(mask, mask)], k[np.ix_(mask, mask)])
    yield case("repeated", lambda: ox.kron(A, B)[[0, 4, 4, 1]], k[[0, 4, 4, 1]])
    yield case("repeated columns", lambda: ox.kron(A, B)[:, [5, 5, 5, 2]], k[:, [5, 5, 5, 2]])
    yield case("backwards", lambda: ox.kron(A, B)[::-1, 4:0:-1], k[::-1, 4:0:-1])
    yield case("slices", lambda: ox.kron(A, B)[1:5, 1:], k[1:5, 1:])
    known = [ox.assume(definite(n), "positive_definite") for n in (2, 3)]
    P, kept = kron(definite(2), definite(3)), np.flatnonzero(mask)
    yield case("known definite", lambda: ox.submatrix(ox.kron(*known), kept, kept), P[np.ix_(kept, kept)])
    yield case("of a sum", lambda: ox.kronsum(A, B)[:5, 1:], kronsum(A, B)[:5, 1:])
    yield case("selection", lambda: ox.selection([4, 0, 3, 4], 6), np.eye(6)[[4, 0, 3, 4]])
    yield case("selection transposed", lambda: ox.selection(mask, 6).T, np.eye(6)[:, mask])
    yield case("complex", lambda: ox.kron(A * 1j, B)[1:, [0, 2, 5]], (1j * k)[1:, [0, 2, 5]])
    single = kron(A, B).astype(np.float32)
    yield case("float32", lambda: ox.kron(A.astype(np.float32), B.astype(np.float32))[1:, 1:], single[1:, 1:])
    i, j = matrix(2, dtype=int), matrix(3, dtype=int)
    yield case("integer", lambda: ox.kron(i, j)[1:, 1:], kron(i, j)[1:, 1:])
    yield case("size 0", lambda: ox.selection([], 6), np.zeros((0, 6)))


def kronsum(A, B):
    """Return A ⊗ I + I ⊗ B."""
    return kron(A, np.eye(len(B))) + kron(np.eye(len(A)), B)
