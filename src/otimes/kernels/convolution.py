"""Convolution over the first axes of arrays by the fast Fourier transform of the user's own library."""

import math
from typing import Any

import numpy as np
import scipy.fft

from otimes.core.array import Array, astype, inexact, is_complex, namespace, reshape, result_type

Sizes = tuple[int, ...]
WORK_ENTRIES = 2**21  # of padded grids that are transformed at a time


def fft_of(x: Array) -> Any:
    """Return the module of transforms for the library of x: SciPy's for NumPy, which keeps single precision."""
    xp = namespace(x)
    return scipy.fft if xp is np else xp.fft


def transformable(x: Array, real: bool) -> Array:
    """Return x in a dtype that its library transforms: complex ones alone are sure to be, where not real to complex."""
    xp = namespace(x)
    dtype = inexact(x.dtype, xp)
    return astype(x, dtype if real or xp is np else result_type(xp, dtype, xp.complex64))


def fast_lengths(shortest: Sizes) -> Sizes:
    """Return lengths, not below these, of which transforms are fast."""
    *outer, last = shortest
    return (*(scipy.fft.next_fast_len(n) for n in outer), scipy.fft.next_fast_len(last, real=True))


def spectrum(x: Array, lengths: Sizes, real: bool) -> Array:
    """Return the discrete Fourier transform of x over its first axes, padded with zeros to the lengths.

    One axis at a time, so that lines of zeros are not transformed; of real arrays the half that tells the other.
    """
    x, fft = transformable(x, real), fft_of(x)
    *outer, last = range(len(lengths))
    x = (fft.rfft if real else fft.fft)(x, n=lengths[last], axis=last)
    for axis in reversed(outer):
        x = fft.fft(x, n=lengths[axis], axis=axis)
    return x


def from_spectrum(y: Array, lengths: Sizes, real: bool, starts: Sizes, sizes: Sizes) -> Array:
    """Return the block of these starts and sizes of the array with spectrum y; lines outside are not transformed."""
    fft = fft_of(y)
    *outer, last = range(len(lengths))
    for axis in outer:
        y = _block(fft.ifft(y, axis=axis), axis, starts[axis], sizes[axis])
    y = (fft.irfft if real else fft.ifft)(y, n=lengths[last], axis=last)
    return _block(y, last, starts[last], sizes[last])


def convolved(t: Array, X: Array, grid: Sizes, lengths: Sizes, starts: Sizes, sizes: Sizes) -> Array:
    """Return the cyclic convolution of t with each column of X, both padded to the lengths, cut to a block.

    The columns are grids, and so are those of the result. Some at a time, so that what is held beside is bounded.
    """
    real = both_real(t, X)
    response = spectrum(t, lengths, real)
    step, blocks = max(1, WORK_ENTRIES // math.prod(lengths)), []
    for j in range(0, max(X.shape[1], 1), step):
        x = X[:, j : j + step]
        Y = spectrum(reshape(x, (*grid, x.shape[1])), lengths, real) * response[..., None]
        blocks.append(reshape(from_spectrum(Y, lengths, real, starts, sizes), (math.prod(sizes), x.shape[1])))
    Y = blocks[0] if len(blocks) == 1 else namespace(X).concat(blocks, axis=1)
    return astype(Y, result_type(namespace(X), t.dtype, X.dtype))


def both_real(a: Array, b: Array) -> bool:
    """Whether neither array is complex."""
    return not (is_complex(a.dtype) or is_complex(b.dtype))


def _block(x: Array, axis: int, start: int, size: int) -> Array:
    whole = start == 0 and size == x.shape[axis]
    return x if whole else x[(*(slice(None),) * axis, slice(start, start + size), ...)]
