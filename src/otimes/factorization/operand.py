"""The matrix to be factored: checked once, never copied, with the dtype and scale to compute in."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from otimes.core.algebra import to_dense
from otimes.core.array import is_array, require_numeric, to_numpy
from otimes.core.checks import as_array, shape_text
from otimes.core.convert import aslinearoperator
from otimes.errors import DTypeError, NonFiniteError, ShapeError

_BLOCK = 2**17  # entries looked at together: a part of the cache
_SAFE = {"f": 2.0**50, "d": 2.0**400}  # squares of entries between 1/_SAFE and _SAFE neither overflow nor vanish


@dataclass(frozen=True)
class Operand:
    """A finite matrix of numbers; products are to be formed with ``matrix / scale`` in ``dtype``.

    The scale is 1, or a power of 4 (so that its root is exact too) where squares of the entries would leave the
    range of the dtype.
    """

    matrix: np.ndarray
    dtype: np.dtype
    scale: float

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.matrix.shape[0], self.matrix.shape[1]

    def product(self, X: np.ndarray) -> np.ndarray:
        """Return M X in ``dtype``, converting a few rows of M at a time."""
        return np.concatenate([block.astype(self.dtype, copy=False) @ X for _, block in _row_blocks(self.matrix)])

    def unscaled(self, values: np.ndarray) -> np.ndarray:
        """Return singular values of ``matrix / scale`` as those of the matrix, in double precision.

        The norm of a matrix may be beyond the range of its entries: of single ones it is within that of double
        precision, of double ones it may be infinite.
        """
        with np.errstate(over="ignore"):
            return values.astype(np.float64) * self.scale


def read_operand(M: Any) -> Operand:
    """Return array-like or operator `M` as an operand; sparse ones and operators are formed where they are small.

    Raises
    ------
    ShapeError
        M has not two axes, or no entries.
    DTypeError
        The entries are no numbers, or of extended precision.
    NonFiniteError
        An entry is NaN or infinite.
    TooLarge
        M is sparse or an operator, and its dense form is above the default limit.
    """
    matrix = _as_matrix(M)
    if matrix.ndim != 2:
        raise ShapeError(
            f"the matrix to factor has {matrix.ndim} axes, shape {shape_text(matrix.shape)}; "
            "it must have two (reshape it, or factor its slices one by one)"
        )
    if 0 in matrix.shape:
        raise ShapeError(f"the matrix to factor is {shape_text(matrix.shape)}: it has no entries")
    dtype = _working_dtype(matrix.dtype)
    return Operand(matrix, dtype, _scale(_largest(matrix), dtype))


def _as_matrix(M: Any) -> np.ndarray:
    if is_array(M):
        return to_numpy(require_numeric(M, "the matrix to factor"))
    if isinstance(M, (list, tuple)):
        return as_array(M, "the matrix to factor")
    return to_numpy(to_dense(aslinearoperator(M)))


def _working_dtype(dtype: np.dtype) -> np.dtype:
    """Return the dtype that LAPACK computes in: single for half and single precision, double for integers."""
    working = np.result_type(dtype, np.float32) if dtype.kind in "fc" else np.dtype(np.float64)
    if working.char not in "fdFD":
        raise DTypeError(
            f"the matrix has dtype {dtype}; factors are computed in float32, float64, complex64 or complex128: "
            "convert it first, for example M.astype(float)"
        )
    return working


def _row_blocks(matrix: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
    step = max(1, _BLOCK // matrix.shape[1])
    for start in range(0, len(matrix), step):
        yield start, matrix[start : start + step]


def _largest(matrix: np.ndarray) -> float:
    """Return the largest magnitude of an entry (of a real or imaginary part), or raise `NonFiniteError`."""
    along_memory = matrix if matrix.strides[0] >= matrix.strides[1] else matrix.T
    largest = 0.0
    for _, block in _row_blocks(along_memory):
        for part in (block.real, block.imag) if np.iscomplexobj(block) else (block,):
            extent = max(float(part.max()), -float(part.min()))
            if not math.isfinite(extent):
                raise _non_finite(matrix)
            largest = max(largest, extent)
    return largest


def _non_finite(matrix: np.ndarray) -> NonFiniteError:
    count, first = 0, None
    for start, block in _row_blocks(matrix):
        bad = ~np.isfinite(block)
        found = int(bad.sum())
        if found and first is None:
            row, column = np.unravel_index(int(bad.argmax()), bad.shape)
            first = (start + int(row), int(column))
        count += found
    entries = "1 entry that is" if count == 1 else f"{count} entries that are"
    return NonFiniteError(f"the matrix has {entries} NaN or infinite, the first at (row, column) = {first}")


def _scale(largest: float, dtype: np.dtype) -> float:
    safe = _SAFE[dtype.char.lower()]
    if largest == 0 or 1 / safe < largest < safe:
        return 1.0
    half_exponent = (math.frexp(largest)[1] - 1) // 2
    lowest = np.finfo(dtype).minexp // 2 + 1  # keeps 1 / scale finite for subnormal entries
    return 4.0 ** max(half_exponent, lowest)
