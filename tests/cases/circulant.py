"""Circulant: symmetry, singularity and dtypes; several levels."""

import numpy as np
import scipy.linalg
from market import case

import otimes as ox


def multilevel(c):
    """Return the dense matrix whose columns are the cyclic shifts of the grid c."""
    shifts = [np.roll(c, shift, tuple(range(c.ndim))).reshape(-1) for shift in np.ndindex(c.shape)]
    return np.stack(shifts, axis=1)


def cases():
    rng = np.random.default_rng(0)
    c = rng.uniform(-1, 1, 6)
    c[0] += 4
    z = c + 1j * rng.uniform(-1, 1, 6)
    hermitian = np.fft.ifft([1.0, -2, 3, 4, -5, 6])
    hermitian = (hermitian + np.roll(hermitian[::-1], 1).conj()) / 2
    columns = {
        "general": c,
        "odd size": c[:5],
        "symmetric": np.array([4.0, 1, 0.5, -1, 0.5, 1]),
        "definite": np.array([4.0, -1, 0, 0, -1]),
        "complex": z,
        "complex symmetric": np.array([4, 1j, 0, 1j]),
        "complex hermitian": hermitian,
        "float32": c.astype(np.float32),
        "symmetric float32": np.array([4, 1, 0.5, 1], np.float32),
        "complex64": z.astype(np.complex64),
        "integer": np.array([3, -1, 2, 0, 1]),
        "negative determinant": np.array([1.0, 3, 0.0, 0.5]),
        "singular": np.ones(6),
        "singular, symmetric": np.array([2.0, -1, 0, 0, -1]),
        "shift": np.eye(5)[1],
        "1x1": c[:1],
        "size 0": np.zeros(0),
    }
    for name, column in columns.items():
        yield case(name, lambda column=column: ox.circulant(column), scipy.linalg.circulant(column))
    long = np.sin(np.arange(70.0)) / (1 + np.arange(70.0))
    long[0] = 5
    yield case("long enough for transforms", lambda: ox.circulant(long), scipy.linalg.circulant(long))
    smooth = 1.0 / (1 + np.minimum(np.arange(8), 8 - np.arange(8)))
    even = np.add.outer(smooth, 3 * smooth[::2]) + 9 * np.outer(np.eye(8)[0], np.eye(4)[0])
    grids = {
        "two levels": rng.uniform(-1, 1, (3, 2)) + 4 * np.eye(3, 2) * np.eye(3)[:, :1],
        "three levels, complex": rng.uniform(-1, 1, (2, 3, 2)) * (1 + 2j),
        "two levels, integer": rng.integers(-3, 4, (2, 3)),
        "two levels, singular": np.ones((2, 3)),
        "two levels, symmetric": even,
        "two levels, long": rng.uniform(-1, 1, (9, 8)) + 9 * np.outer(np.eye(9)[0], np.eye(8)[0]),
    }
    for name, grid in grids.items():
        yield case(name, lambda grid=grid: ox.multilevel_circulant(grid), multilevel(grid))
