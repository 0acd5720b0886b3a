"""Commutation: K vec(A) = vec(Aᵀ); its dense twin from the definition, column by column."""

import numpy as np
from market import case

import otimes as ox


def twin(m, n, dtype=float):
    """Return the matrix that sends vec(A) to vec(Aᵀ), both by columns."""
    K = np.zeros((m * n, m * n), dtype)
    for i in range(m):
        for j in range(n):
            K[i * n + j, j * m + i] = 1
    return K


def cases():
    for m, n in [(2, 3), (3, 2), (3, 3), (4, 5), (2, 2), (4, 4), (2, 8), (1, 6), (6, 1), (1, 1), (0, 3), (3, 0)]:
        yield case(f"{m}x{n}", lambda m=m, n=n: ox.commutation(m, n), twin(m, n))
    for dtype in (np.float32, complex, np.int64):
        name = np.dtype(dtype).name
        yield case(name, lambda dtype=dtype: ox.commutation(2, 3, dtype), twin(2, 3, dtype))
