"""Arrays and memory maps: read in place, never copied."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from otimes.core.threads import in_threads
from otimes.errors import NonFiniteError
from otimes.factorization.rearrangement import Rearrangement
from otimes.factorization.shapes import Shapes
from otimes.factorization.sources.operand import Operand, scale_of, working_dtype

_BLOCK = 2**17  # entries looked at together: a part of the cache


@dataclass(frozen=True, eq=False)
class DenseOperand(Operand[np.ndarray]):
    """The entries in an array."""

    @property
    def matrix(self) -> np.ndarray:
        """The array itself."""
        return self.source

    def product(self, X: np.ndarray) -> np.ndarray:
        """Return M X in ``dtype``, converting a few rows of M at a time."""
        return product_by_rows(self.source, X, self.dtype)

    def rearranged(self, shapes: Shapes) -> Rearrangement:
        """Return the rearrangement that reads the array in place."""
        return Rearrangement.of(self, shapes)


def dense_operand(matrix: np.ndarray) -> DenseOperand:
    """Return a matrix of numbers as an operand, or raise `NonFiniteError`."""
    dtype = working_dtype(matrix.dtype)
    try:
        largest = largest_entry(matrix)
    except NonFiniteError as error:
        raise NonFiniteError(f"{error}; nearest_kronecker(…, weights=1) takes NaN for missing entries") from None
    return DenseOperand(matrix, dtype, scale_of(largest, dtype))


def product_by_rows(matrix: np.ndarray, X: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """Return M X in this dtype, converting a few rows of M at a time."""
    image = np.empty((len(matrix), X.shape[1]), dtype)

    def work(span: range) -> None:
        for start, block in _row_blocks(matrix, span):
            np.matmul(block.astype(dtype, copy=False), X, out=image[start : start + len(block)])

    in_threads(work, len(matrix), matrix.size)
    return image


def _row_blocks(matrix: np.ndarray, span: range) -> Iterator[tuple[int, np.ndarray]]:
    step = max(1, _BLOCK // matrix.shape[1])
    for start in range(span.start, span.stop, step):
        yield start, matrix[start : min(start + step, span.stop)]


def largest_entry(matrix: np.ndarray) -> float:
    """Return the largest magnitude of an entry (of a real or imaginary part), or raise `NonFiniteError`."""
    along_memory = matrix if matrix.strides[0] >= matrix.strides[1] else matrix.T

    def extent(span: range) -> float:
        largest = 0.0
        for _, block in _row_blocks(along_memory, span):
            for part in (block.real, block.imag) if np.iscomplexobj(block) else (block,):
                largest = np.maximum(largest, np.maximum(float(part.max()), -float(part.min())))  # NaN stays NaN
        return float(largest)

    largest = float(np.max(in_threads(extent, len(along_memory), matrix.size)))
    if not math.isfinite(largest):
        raise _non_finite(matrix)
    return largest


def _non_finite(matrix: np.ndarray) -> NonFiniteError:
    count, first = 0, None
    for start, block in _row_blocks(matrix, range(len(matrix))):
        bad = ~np.isfinite(block)
        found = int(bad.sum())
        if found and first is None:
            row, column = np.unravel_index(int(bad.argmax()), bad.shape)
            first = (start + int(row), int(column))
        count += found
    entries = "1 entry that is" if count == 1 else f"{count} entries that are"
    return NonFiniteError(f"the matrix has {entries} NaN or infinite, the first at (row, column) = {first}")
