"""Whether two operators are known to be the same matrix, told without a look at the entries."""

from typing import Any

import numpy as np

from otimes.core.array import Array
from otimes.core.operator import LinearOperator
from otimes.operators.dense import Dense
from otimes.operators.identity import Identity


def same(A: LinearOperator, B: LinearOperator) -> bool:
    """Whether A and B are one object, wrap one array, or are identities of one size and dtype."""
    if A is B or type(A) is not type(B):
        return A is B
    if isinstance(A, Dense) and isinstance(B, Dense):
        return A.array is B.array or (_memory(A.array) is not None and _memory(A.array) == _memory(B.array))
    return isinstance(A, Identity) and (A.shape, A.spec) == (B.shape, B.spec)


def _memory(x: Array) -> Any:
    """Return where and how a NumPy array lies in memory, which two views of one matrix share; else None."""
    return (x.__array_interface__["data"][0], x.shape, x.strides, x.dtype) if type(x) is np.ndarray else None
