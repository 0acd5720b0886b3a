"""Zero: square, rectangular, of unstated and of stated dtype."""

import numpy as np
from market import case

import otimes as ox


def cases():
    yield case("weak", lambda: ox.zeros(6), np.zeros((6, 6)))
    yield case("tall", lambda: ox.zeros(6, 4), np.zeros((6, 4)))
    yield case("wide", lambda: ox.zeros(3, 6), np.zeros((3, 6)))
    yield case("1x1", lambda: ox.zeros(1), np.zeros((1, 1)))
    yield case("size 0", lambda: ox.zeros(0), np.zeros((0, 0)))
    yield case("no rows", lambda: ox.zeros(0, 4), np.zeros((0, 4)))
    for dtype in (np.float32, complex, np.int64):
        name = np.dtype(dtype).name
        yield case(name, lambda dtype=dtype: ox.zeros(6, 6, dtype), np.zeros((6, 6), dtype))
    yield case("by a zero factor", lambda: ox.kron(ox.zeros(2, 3), np.ones((3, 2))), np.zeros((6, 6)))
