"""Arrays and memory maps: read in place, never copied."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from otimes.errors import NonFiniteError
from otimes.factorization.rearrangement import Rearrangement
from otimes.factorization.shapes import Shapes
from otimes.factorization.sources.operand import Operand, scale_of, working_dtype

_BLOCK = 2**17  # entries looked at together: a part of the cache


@dataclass(frozen=True)
class DenseOperand(Operand):
    """The entries in an array."""

    array: np.ndarray
    dtype: np.dtype
    scale: float

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.array.shape[0], self.array.shape[1]

    @property
    def matrix(self) -> np.ndarray:
        """The array itself."""
        return self.array

    def product(self, X: np.ndarray) -> np.ndarray:
        """Return M X in ``dtype``, converting a few rows of M at a time."""
        return np.concatenate([block.astype(self.dtype, copy=False) @ X for _, block in _row_blocks(self.array)])

    def rearranged(self, shapes: Shapes) -> Rearrangement:
        """Return the rearrangement that reads the array in place."""
        return Rearrangement.of(self, shapes)


def dense_operand(matrix: np.ndarray) -> DenseOperand:
    """Return a matrix of numbers as an operand, or raise `NonFiniteError`."""
    dtype = working_dtype(matrix.dtype)
    return DenseOperand(matrix, dtype, scale_of(largest_entry(matrix), dtype))


def _row_blocks(matrix: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
    step = max(1, _BLOCK // matrix.shape[1])
    for start in range(0, len(matrix), step):
        yield start, matrix[start : start + step]


def largest_entry(matrix: np.ndarray) -> float:
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
    return NonFiniteError(
        f"the matrix has {entries} NaN or infinite, the first at (row, column) = {first}; "
        "nearest_kronecker(…, weights=1) takes NaN for missing entries"
    )
