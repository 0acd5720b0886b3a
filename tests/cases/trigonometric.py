"""TrigonometricTransform: both families, every type, even and odd sizes, dtypes."""

import numpy as np
import scipy.fft
from market import COARSE, case

import otimes as ox


def cases():
    for name, make, of in (("dct", ox.dct, scipy.fft.dct), ("dst", ox.dst, scipy.fft.dst)):
        for type, n in ((1, 5), (2, 5), (2, 6), (3, 6), (4, 7), (4, 2), (2, 1)):
            dense = of(np.eye(n), type, axis=0, norm="ortho")
            yield case(f"{name} {type}, size {n}", lambda n=n, type=type, make=make: make(n, type, dtype=float), dense)
    dense = scipy.fft.dct(np.eye(5), axis=0, norm="ortho")
    yield case("float32", lambda: ox.dct(5, dtype=np.float32), dense.astype(np.float32))
    yield case("complex", lambda: ox.dct(5, dtype=complex), dense.astype(complex))
    yield case("unstated dtype", lambda: ox.dct(5), dense, COARSE)
    yield case("size 0", lambda: ox.dst(0), np.zeros((0, 0)))
