"""Haar: the first powers of two, transposed, dtypes."""

import numpy as np
from market import COARSE, case

import otimes as ox


def haar(n):
    """Return the dense matrix by its definition."""
    if n == 1:
        return np.ones((1, 1))
    rows = [np.kron(haar(n // 2), [1, 1]), np.kron(np.eye(n // 2), [1, -1])]
    return np.concatenate(rows) / 2**0.5


def cases():
    for n in (1, 2, 4, 16):
        yield case(f"size {n}", lambda n=n: ox.haar(n, dtype=float), haar(n))
    yield case("inverse", lambda: ox.haar(8, dtype=float).T, haar(8).T)
    yield case("float32", lambda: ox.haar(4, dtype=np.float32), haar(4).astype(np.float32))
    yield case("complex", lambda: ox.haar(4, dtype=complex), haar(4).astype(complex))
    yield case("unstated dtype", lambda: ox.haar(4), haar(4), COARSE)
