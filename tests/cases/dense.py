"""Dense: every kind of matrix, and every kind of memory."""

import numpy as np
from market import DEFECTIVE, case, definite, hermitian, jordan, matrix, singular

import otimes as ox


def cases():
    rng = np.random.default_rng(1)
    arrays = {
        "square": matrix(6),
        "tall": matrix(6, 4),
        "wide": matrix(3, 6),
        "column": matrix(6, 1),
        "row": matrix(1, 6),
        "1x1": matrix(1),
        "size 0": np.zeros((0, 0)),
        "no rows": np.zeros((0, 3)),
        "no columns": np.zeros((3, 0)),
        "complex": matrix(6, dtype=complex),
        "complex wide": matrix(3, 5, complex),
        "complex hermitian": hermitian(6, complex),
        "complex symmetric": matrix(6, dtype=complex) + matrix(6, dtype=complex).T,
        "complex64": matrix(6, dtype=np.complex64),
        "float32": matrix(6, dtype=np.float32),
        "integer": matrix(6, dtype=int),
        "int32": matrix(6, dtype=np.int32),
        "boolean": np.eye(6, dtype=bool)[::-1] | np.eye(6, dtype=bool)[[1, 2, 3, 4, 5, 0]],
        "singular": singular(6),
        "zeros": np.zeros((6, 6)),
        "rank one": np.outer(rng.standard_normal(6), rng.standard_normal(4)),
        "indefinite": hermitian(6),
        "positive definite": definite(6),
        "negative definite": -definite(6),
        "positive semidefinite": np.diag([1.0, 0, 2, 0, 0, 3]),
        "negative determinant": matrix(6)[[1, 0, 2, 3, 4, 5]],
        "fortran order": np.asfortranarray(matrix(6)),
        "strided": matrix(12, 18)[::2, ::3],
        "reversed": matrix(6)[::-1, ::-1],
    }
    for name, array in arrays.items():
        yield case(name, lambda array=array: ox.aslinearoperator(array), array)
    frozen = matrix(6)
    frozen.setflags(write=False)
    yield case("read-only", lambda: ox.aslinearoperator(frozen), frozen)
    yield case("nested lists", lambda: ox.aslinearoperator([[1, 2], [3, 4]]), [[1, 2], [3, 4]])
    yield case("vector is a row", lambda: ox.aslinearoperator(np.arange(1.0, 4.0)), [[1.0, 2.0, 3.0]])
    yield case("jordan", lambda: ox.aslinearoperator(jordan(4)), jordan(4), DEFECTIVE)
    triangular = np.tril(matrix(6))
    yield case("assumed lower", lambda: ox.assume(triangular, "lower_triangular"), triangular)
    yield case("assumed not hermitian", lambda: ox.assume(matrix(6), hermitian=False), matrix(6))
    complex_upper = matrix(4, dtype=complex)
    yield case("upper triangle, complex", lambda: ox.triu(complex_upper), np.triu(complex_upper))
    yield case("lower triangle, integer", lambda: ox.tril(matrix(3, dtype=int)), np.tril(matrix(3, dtype=int)))
    yield case("lower triangle, singular", lambda: ox.tril(matrix(3) - 3 * np.eye(3), -1), np.tril(matrix(3), -1))
    yield case("lower triangle, tall", lambda: ox.tril(matrix(4, 2)), np.tril(matrix(4, 2)))
