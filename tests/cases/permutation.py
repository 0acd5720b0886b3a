"""Permutation: even, odd, with and without fixed points, of unstated and of stated dtype."""

import numpy as np
from market import case

import otimes as ox


def cases():
    orders = {
        "even": [1, 2, 0, 4, 5, 3],
        "odd": [1, 0, 2, 3, 4, 5],
        "cycle": [1, 2, 3, 4, 5, 0],
        "identity": [0, 1, 2, 3, 4, 5],
        "reversal": [5, 4, 3, 2, 1, 0],
        "1x1": [0],
        "size 0": [],
    }
    for name, index in orders.items():
        dense = np.eye(len(index))[np.array(index, dtype=int)]
        yield case(name, lambda index=index: ox.permutation(index), dense)
    for dtype in (np.float32, complex, np.int64):
        dense = np.eye(6, dtype=dtype)[[1, 2, 0, 3, 4, 5]]
        yield case(np.dtype(dtype).name, lambda dtype=dtype: ox.permutation([1, 2, 0, 3, 4, 5], dtype), dense)
