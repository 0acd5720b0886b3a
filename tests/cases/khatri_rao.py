"""KhatriRao and FaceSplitting: sizes on both sides of the number of columns, kinds of entries, operators as parts."""

import functools

import numpy as np
import scipy.linalg
import scipy.sparse
from market import COARSE, case, kron, matrix

import otimes as ox


def columnwise(*arrays):
    return functools.reduce(scipy.linalg.khatri_rao, arrays)


def cases():
    arrays = {
        "tall": (matrix(3, 2), matrix(4, 2)),
        "three": (matrix(2, 3), matrix(5, 3), matrix(3, 3)),
        "square": (matrix(2, 6), matrix(3, 6)),
        "wide": (matrix(2, 7), matrix(3, 7)),
        "one wide, one tall": (matrix(2, 3), matrix(4, 3)),
        "complex": (matrix(3, 2, complex), matrix(4, 2)),
        "float32": (matrix(3, 2, np.float32), matrix(4, 2, np.float32)),
        "integer": (matrix(3, 2, int), matrix(4, 2, int)),
        "rank deficient": (np.ones((3, 2)), np.ones((4, 2))),
        "one column": (matrix(3, 1), matrix(2, 1)),
        "1x1": (matrix(1), -matrix(1)),
        "no columns": (np.zeros((3, 0)), np.zeros((2, 0))),
        "no rows": (np.zeros((0, 2)), matrix(3, 2)),
    }
    for name, factors in arrays.items():
        yield case(name, lambda factors=factors: ox.khatri_rao(*factors), columnwise(*factors))
        rows = [a.T for a in factors]
        yield case(f"rows, {name}", lambda rows=rows: ox.face_splitting(*rows), columnwise(*factors).T)
    A, B = matrix(3, 2, np.float32), matrix(4, 2)
    yield case("float32 and float64", lambda: ox.khatri_rao(A, B), columnwise(A, B), COARSE)
    S, d = np.triu(matrix(3)), np.array([1.0, -2.0, 3.0])
    yield case(
        "of operators",
        lambda: ox.khatri_rao(ox.kron(matrix(2, 3), [[1.0], [2.0]]), scipy.sparse.csr_array(S), ox.diag(d)),
        columnwise(kron(matrix(2, 3), [[1.0], [2.0]]), S, np.diag(d)),
    )
    yield case(
        "rows of operators",
        lambda: ox.face_splitting(ox.eye(3), scipy.sparse.csr_array(S), ox.diag(d)),
        columnwise(np.eye(3), S.T, np.diag(d)).T,
    )
