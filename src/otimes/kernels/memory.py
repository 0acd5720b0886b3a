"""Where the results of the compiled kernel lie."""

import math

import numpy as np

from otimes.kernels import native

ALIGNED_BYTES = 2**22  # results that gain more from lines written whole than it takes to find where one begins
KEPT_BYTES = 2**24  # results from which pages are kept for the next: the C library gives such memory back
LINE_BYTES = 64


def empty(shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
    """Return a new array of any content; a large one begins where a line of the cache does, so that lines are whole.

    The pages of the largest are new to the process only if none are left from results that went: the system clears
    new ones, which takes as long as writing a product to them. What is kept, of two results at most, is marked as
    free: the system takes it back when it is short of memory.
    """
    size = math.prod(shape) * dtype.itemsize
    if size < ALIGNED_BYTES:
        return np.empty(shape, dtype)
    room = native.module.room(size) if size >= KEPT_BYTES else np.empty(size + LINE_BYTES, np.uint8)
    if room is None:
        return np.empty(shape, dtype)  # or NumPy's error, that it cannot
    start = -room.__array_interface__["data"][0] % LINE_BYTES
    return room[start : start + size].view(dtype).reshape(shape)
