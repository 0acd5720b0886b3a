"""Identity: of unstated and of stated dtype."""

import numpy as np
from market import case

import otimes as ox


def cases():
    yield case("weak", lambda: ox.eye(6), np.eye(6))
    yield case("1x1", lambda: ox.eye(1), np.eye(1))
    yield case("size 0", lambda: ox.eye(0), np.eye(0))
    for dtype in (np.float64, np.float32, np.complex64, complex, np.int64):
        name = np.dtype(dtype).name
        yield case(name, lambda dtype=dtype: ox.eye(6, dtype), np.eye(6, dtype=dtype))
