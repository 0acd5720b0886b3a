"""Duplication and Elimination; their dense twins from the definition, entry by entry."""

import numpy as np
from market import case

import otimes as ox


def places(n):
    """Return {(i, j): place in vech}, by columns of the lower triangle."""
    return {(i, j): k for k, (i, j) in enumerate((i, j) for j in range(n) for i in range(j, n))}


def duplication(n, dtype=float):
    """Return D entry by entry: vec(A)[i + n j] is vech(A)[k] of the place of (i, j) or of (j, i)."""
    D = np.zeros((n * n, n * (n + 1) // 2), dtype)
    for (i, j), k in places(n).items():
        D[i + n * j, k] = D[j + n * i, k] = 1
    return D


def elimination(n, dtype=float):
    """Return L entry by entry."""
    L = np.zeros((n * (n + 1) // 2, n * n), dtype)
    for (i, j), k in places(n).items():
        L[k, i + n * j] = 1
    return L


def cases():
    for n in (0, 1, 2, 3):
        yield case(f"duplication {n}", lambda n=n: ox.duplication(n), duplication(n))
        yield case(f"elimination {n}", lambda n=n: ox.elimination(n), elimination(n))
    yield case("duplication transposed", lambda: ox.duplication(3).T, duplication(3).T)
    yield case("elimination transposed", lambda: ox.elimination(3).T, elimination(3).T)
    yield case("duplication transposed complex", lambda: ox.duplication(2, complex).T, duplication(2, complex).T)
    for dtype in (np.float32, complex, np.int64):
        name = np.dtype(dtype).name
        yield case(f"duplication {name}", lambda dtype=dtype: ox.duplication(2, dtype), duplication(2, dtype))
        yield case(f"elimination {name}", lambda dtype=dtype: ox.elimination(2, dtype), elimination(2, dtype))
    # 6² = 8 · 9 / 2: the vech of one size is as long as the vec of another
    yield case("duplication 6", lambda: ox.duplication(6), duplication(6))
    yield case("elimination 8 transposed", lambda: ox.elimination(8).T, elimination(8).T)
    yield case("elimination 6", lambda: ox.elimination(6), elimination(6))
    yield case("duplication 8 transposed", lambda: ox.duplication(8).T, duplication(8).T)
    # the commutation matrix K(2, 2) leaves it as it is, K(2, 8) does not
    yield case("duplication 4", lambda: ox.duplication(4), duplication(4))
