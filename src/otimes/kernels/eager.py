"""A ⊗ B ⊗ … written out: by the compiled kernel where it is there and knows the dtype, else in array operations."""

import functools
import math
from collections.abc import Sequence

import numpy as np

from otimes.core.array import Array, copied
from otimes.kernels import native, numpy_kernel
from otimes.kernels.memory import empty

THREADED_BYTES = 2**24  # a smaller result may lie in cache, and another thread gains less than its start takes


def kron_dense(factors: Sequence[Array]) -> Array:
    """Return the dense F₁ ⊗ … ⊗ F_N of at least one matrix, all of one library, as a new array of the common dtype.

    Cost: each entry is written once; the compiled kernel holds nothing beside the result but tiles.
    """
    first = factors[0]
    if len(factors) == 1:
        return copied(first)
    if native.module is None or not _compiled(factors):
        return functools.reduce(numpy_kernel.kron_dense, factors)
    shape = (math.prod([F.shape[0] for F in factors]), math.prod([F.shape[1] for F in factors]))
    result = empty(shape, first.dtype)
    threads = native.threads() if result.nbytes > THREADED_BYTES else 1
    native.module.kron([_addressable(F) for F in factors], result, threads)
    return result


def _compiled(factors: Sequence[Array]) -> bool:
    """Whether these are arrays of NumPy of one dtype that the kernel knows; an operator may form a lesser one."""
    if any(type(F) is not np.ndarray for F in factors):
        return False
    return factors[0].dtype in native.COMPILED and all(F.dtype == factors[0].dtype for F in factors)


def _addressable(F: np.ndarray) -> np.ndarray:
    """Return F, as a copy if its entries do not lie whole entries apart, as the fields of a structure may."""
    flags = F.flags
    if flags.aligned and (flags.c_contiguous or not any(step % F.itemsize for step in F.strides)):
        return F
    return F.copy()
