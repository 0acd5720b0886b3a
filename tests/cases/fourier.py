"""Fourier and Hartley: every size modulo 4, inverse, scaled, grids, stated dtypes."""

import numpy as np
import scipy.linalg
from market import COARSE, case

import otimes as ox


def hartley(*sizes):
    """Return the dense Hartley matrix from the n-dimensional transform of the identity."""
    n = int(np.prod(sizes))
    transform = np.fft.fftn(np.eye(n).reshape(*sizes, n), axes=range(len(sizes))).reshape(n, n)
    return (transform.real - transform.imag) / n**0.5


def cases():
    for n in (1, 2, 3, 4, 5, 6):
        F = scipy.linalg.dft(n, scale="sqrtn")
        yield case(f"size {n}", lambda n=n: ox.fourier(n, dtype=complex), F)
    yield case("inverse", lambda: ox.fourier(6, dtype=complex).H, F.conj())
    yield case("unscaled", lambda: ox.fourier(6, norm="backward", dtype=complex), scipy.linalg.dft(6))
    yield case("scaled forward", lambda: ox.fourier(6, norm="forward", dtype=complex), scipy.linalg.dft(6, scale="n"))
    yield case("complex64", lambda: ox.fourier(6, dtype=np.complex64), F.astype(np.complex64))
    yield case("unstated dtype", lambda: ox.fourier(6), F, COARSE)
    yield case("size 0", lambda: ox.fourier(0), np.zeros((0, 0), complex))
    for sizes in ((1,), (2,), (5,), (6,), (2, 3), (3, 2, 2)):
        yield case(f"hartley {sizes}", lambda sizes=sizes: ox.hartley(*sizes, dtype=float), hartley(*sizes))
    yield case("hartley float32", lambda: ox.hartley(6, dtype=np.float32), hartley(6).astype(np.float32))
    yield case("hartley complex", lambda: ox.hartley(5, dtype=complex), hartley(5).astype(complex))
    yield case("hartley of unstated dtype", lambda: ox.hartley(6), hartley(6), COARSE)
    yield case("hartley of size 0", lambda: ox.hartley(0), np.zeros((0, 0)))
