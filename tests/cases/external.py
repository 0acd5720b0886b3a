"""External: SciPy linear operators, known by their products."""

import numpy as np
import scipy.sparse
import scipy.sparse.linalg
from market import case, definite, hermitian, matrix, singular

import otimes as ox


def cases():
    arrays = {
        "square": matrix(6),
        "tall": matrix(6, 4),
        "wide": matrix(3, 6),
        "complex": matrix(6, dtype=complex),
        "complex wide": matrix(3, 5, complex),
        "complex hermitian": hermitian(6, complex),
        "float32": matrix(6, dtype=np.float32),
        "integer": matrix(6, dtype=int),
        "singular": singular(6),
        "positive definite": definite(6),
    }
    for name, array in arrays.items():
        yield case(name, lambda array=array: ox.aslinearoperator(scipy.sparse.linalg.aslinearoperator(array)), array)
    a = matrix(6)
    sparse = scipy.sparse.linalg.aslinearoperator(scipy.sparse.csr_array(a))
    yield case("of a sparse matrix", lambda: ox.aslinearoperator(sparse), a)
    product = scipy.sparse.linalg.aslinearoperator(a) @ scipy.sparse.linalg.aslinearoperator(a)
    yield case("of a lazy product", lambda: ox.aslinearoperator(product), a @ a)
