"""TensorTrain: products of cores; its dense twin by NumPy's einsum."""

import numpy as np
from market import COARSE, case
from tensor_formats import cores, twin

import otimes as ox


def hermitian(*sizes):
    """Return cores symmetric in rows and columns."""
    return [G + G.swapaxes(1, 2) for G in cores(*sizes)]


def cases():
    trains = {
        "three square slots": cores((1, 2, 2, 3), (3, 3, 3, 2), (2, 2, 2, 1)),
        "two square slots": cores((1, 2, 2, 2), (2, 3, 3, 1)),
        "two slots, exchanged sizes": cores((1, 3, 3, 2), (2, 2, 2, 1)),
        "rectangular": cores((1, 2, 3, 2), (2, 3, 1, 3), (3, 1, 2, 1)),
        "square of rectangles": cores((1, 2, 3, 2), (2, 3, 2, 1)),
        "one slot": cores((1, 3, 3, 1)),
        "rank 1": cores((1, 2, 2, 1), (1, 3, 3, 1)),
        "ranks higher than they need be": cores((1, 2, 1, 7), (7, 1, 2, 5), (5, 2, 2, 1)),
        "symmetric": hermitian((1, 2, 2, 2), (2, 3, 3, 1)),
        "complex": cores((1, 2, 2, 2), (2, 3, 3, 1), dtype=complex),
        "float32": cores((1, 2, 2, 2), (2, 3, 3, 1), dtype=np.float32),
        "integer": cores((1, 2, 2, 2), (2, 3, 3, 1), dtype=int),
        "1x1": cores((1, 1, 1, 2), (2, 1, 1, 1)),
        "size 0": cores((1, 2, 2, 2), (2, 0, 3, 1)),
        # 300² entries in each product of cores: too many to multiply out
        "high ranks": [G / 4 for G in cores((1, 2, 2, 300), (300, 2, 2, 300), (300, 1, 1, 1))],
    }
    for name, train in trains.items():
        yield case(name, lambda train=train: ox.tensor_train(train), twin(train))
    mixed = [*cores((1, 2, 2, 2), dtype=np.float32), *cores((2, 3, 3, 1))]
    yield case("float32 and float64", lambda: ox.tensor_train(mixed), twin(mixed), COARSE)
