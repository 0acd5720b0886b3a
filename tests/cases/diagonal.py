"""Diagonal: signs, zeros and dtypes."""

import numpy as np
from market import case

import otimes as ox


def cases():
    entries = {
        "positive": np.array([3.0, 1, 4, 1.5, 5, 9]),
        "mixed signs": np.array([3.0, -1, 4, -1.5, 5, -9]),
        "negative": -np.array([3.0, 1, 4, 1.5, 5, 9]),
        "with zero": np.array([3.0, 0, 4, 1.5, 0, 9]),
        "all zero": np.zeros(6),
        "1x1": np.array([-2.0]),
        "size 0": np.zeros(0),
        "complex": np.array([1 + 1j, -2, 3j, 1 - 2j, 1, 4]),
        "complex with zero": np.array([1 + 1j, 0, 3j, 1 - 2j, 1, 4]),
        "complex64": np.array([1 + 1j, -2, 3j, 1 - 2j, 1, 4], np.complex64),
        "float32": np.array([3, -1, 4, 1.5, 5, 9], np.float32),
        "integer": np.array([3, -1, 4, 2, 5, 9]),
        "integer positive": np.array([3, 1, 4, 2, 5, 9]),
        "strided": np.arange(1.0, 13.0)[::2],
    }
    for name, d in entries.items():
        yield case(name, lambda d=d: ox.diag(d), np.diag(d))
    products = ox.diagonal(ox.kron(np.diag([1.0, 2.0]), np.diag([3.0, 4.0, 5.0])))
    yield case("of a formed lazy vector", lambda: ox.diag(np.asarray(products)), np.diag([3.0, 4, 5, 6, 8, 10]))
