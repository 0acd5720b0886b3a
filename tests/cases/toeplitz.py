"""Toeplitz: shapes, symmetry, triangles and dtypes; leading minors that vanish; several levels."""

import itertools

import numpy as np
import scipy.linalg
from market import case

import otimes as ox


def multilevel(t, rows):
    """Return the dense matrix of the definition, entry by entry."""
    columns = [size - m + 1 for m, size in zip(rows, t.shape, strict=True)]
    grids = [list(itertools.product(*map(range, sizes))) for sizes in (rows, columns)]
    dense = np.zeros([len(grid) for grid in grids], t.dtype)
    for (p, i), (q, j) in itertools.product(enumerate(grids[0]), enumerate(grids[1])):
        dense[p, q] = t[tuple(a - b + n - 1 for a, b, n in zip(i, j, columns, strict=True))]
    return dense


def cases():
    rng = np.random.default_rng(0)
    decay, c, r = 0.5 ** np.arange(6), rng.uniform(-1, 1, 6), rng.uniform(-1, 1, 6)
    c[0] += 3
    z = c + 1j * rng.uniform(-1, 1, 6)
    real_first = z.copy()
    real_first[0] = 4
    e = np.eye(6)[0]
    lines = {
        "general": (c, r),
        "symmetric": (decay, None),
        "tall": (c, r[:4]),
        "wide": (c[:3], r),
        "complex": (z, r),
        "complex hermitian": (real_first, None),
        "complex, default row": (z, None),
        "float32": (c.astype(np.float32), r.astype(np.float32)),
        "integer": (np.array([3, -1, 2, 0, 1, 5]), np.array([3, 4, 0, -2, 1, 1])),
        "integer and float": (np.array([3, -1, 2]), r[:3]),
        "lower triangular": (c, 3 * e),
        "upper triangular, complex": (3 * e + 1j * e, z),
        "identity": (e, None),
        "singular": (np.ones(6), None),
        "singular triangular": (c - c[0] * e, 0 * e),
        "leading minor zero": (np.array([0.0, 1, 2, 3]), np.array([0.0, -2, 1, 1])),
        "1x1": (c[:1], None),
        "size 0": (np.zeros(0), None),
        "no columns": (c[:3], np.zeros(0)),
    }
    for name, pair in lines.items():
        yield case(name, lambda pair=pair: ox.toeplitz(*pair), scipy.linalg.toeplitz(*pair))
    yield case(
        "known definite",
        lambda: ox.assume(ox.toeplitz(decay), "positive_definite"),
        scipy.linalg.toeplitz(decay),
    )
    long = np.sin(np.arange(80.0)) / (1 + np.arange(80.0))
    long[0] = 3
    yield case("long enough for transforms", lambda: ox.toeplitz(long, -long), scipy.linalg.toeplitz(long, -long))
    wide = long + 1j * long[::-1]
    yield case("long and complex", lambda: ox.toeplitz(wide[:70], wide), scipy.linalg.toeplitz(wide[:70], wide))
    grids = {
        "two levels": (rng.uniform(-1, 1, (5, 3)), (3, 2)),
        "two rectangular levels": (rng.uniform(-1, 1, (4, 3)), (3, 1)),
        "levels tall and wide, square together": (rng.uniform(-1, 1, (4, 4)), (2, 3)),
        "two levels, integer": (rng.integers(-3, 4, (3, 5)), (2, 3)),
        "three levels, complex": (rng.uniform(-1, 1, (3, 1, 5)) + 1j * rng.uniform(-1, 1, (3, 1, 5)), (2, 1, 3)),
        "two levels, long": (rng.uniform(-1, 1, (19, 17)) + 9 * np.eye(19, 17) * np.eye(19)[:, 8:9], (10, 9)),
    }
    for name, (t, rows) in grids.items():
        yield case(name, lambda t=t, rows=rows: ox.multilevel_toeplitz(t, rows), multilevel(t, rows))
    bell = np.exp(-(np.arange(-2.0, 3)[:, None] ** 2) - np.abs(np.arange(-1.0, 2)))
    yield case("two levels, symmetric", lambda: ox.multilevel_toeplitz(bell), multilevel(bell, (3, 2)))
