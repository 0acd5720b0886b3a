"""Sparse: dtypes, shapes, formats, and what makes a sparse LU fail."""

import numpy as np
import scipy.sparse
from market import case, definite, hermitian, matrix, singular

import otimes as ox


def thinned(a):
    """Return the matrix with its far off-diagonals removed."""
    return np.triu(np.tril(a, 1), -1)


def cases():
    arrays = {
        "square": thinned(matrix(6)),
        "tall": thinned(matrix(6, 4)),
        "wide": thinned(matrix(3, 6)),
        "1x1": matrix(1),
        "size 0": np.zeros((0, 0)),
        "no rows": np.zeros((0, 3)),
        "no columns": np.zeros((3, 0)),
        "nothing stored": np.zeros((6, 6)),
        "complex": thinned(matrix(6, dtype=complex)),
        "complex hermitian": thinned(hermitian(6, complex)),
        "complex64": thinned(matrix(6, dtype=np.complex64)),
        "float32": thinned(matrix(6, dtype=np.float32)),
        "integer": thinned(matrix(6, dtype=int)),
        "singular": singular(6),
        "zero row": np.diag([1.0, 2, 0, 3, 4, 5]),
        "positive definite": definite(6),
        "negative determinant": thinned(matrix(6))[[1, 0, 2, 3, 4, 5]],
        "permuted": thinned(matrix(6))[[3, 1, 0, 5, 4, 2]],
    }
    for name, array in arrays.items():
        yield case(name, lambda array=array: ox.aslinearoperator(scipy.sparse.csr_array(array)), array)
    for form in ("csc", "coo", "lil"):
        a = thinned(matrix(6))
        yield case(form, lambda a=a, form=form: ox.aslinearoperator(scipy.sparse.coo_array(a).asformat(form)), a)
    old = thinned(matrix(6))
    yield case("spmatrix", lambda: ox.aslinearoperator(scipy.sparse.csc_matrix(old)), old)
