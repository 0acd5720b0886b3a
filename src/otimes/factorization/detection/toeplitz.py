"""Toeplitz matrices, block Toeplitz matrices, and those of several levels."""

from dataclasses import dataclass

import numpy as np

from otimes.core.operator import LinearOperator
from otimes.factorization.detection.shift_invariant import ShiftInvariant
from otimes.factorization.detection.ties import Level, Tied
from otimes.factorization.shapes import Shape
from otimes.operators.toeplitz.block_toeplitz import BlockToeplitz
from otimes.operators.toeplitz.toeplitz import multilevel_toeplitz


@dataclass(frozen=True)
class Lag:
    """Pairs (i, j) are tied where i − j is the same; the first class is i − j = −(n − 1)."""

    shape: Shape

    @property
    def classes(self) -> int:
        """One for each diagonal."""
        return sum(self.shape) - 1

    def label(self, i: np.ndarray, j: np.ndarray) -> np.ndarray:
        """Return i − j + n − 1."""
        return i - j + (self.shape[1] - 1)

    def counts(self, labels: np.ndarray) -> np.ndarray:
        """Return the lengths of the diagonals."""
        return np.minimum(np.minimum(labels + 1, self.classes - labels), min(self.shape))

    def partner(self, i: np.ndarray, j: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the next pair on the diagonal, at its end the one before."""
        m, n = self.shape
        step = np.where((i < m - 1) & (j < n - 1), 1, np.where((i > 0) & (j > 0), -1, 0))
        return i + step, j + step


class ToeplitzMatrix(ShiftInvariant):
    """Blocks that depend on i − j."""

    name = "Toeplitz matrix"

    def level(self, shape: Shape) -> Level:
        """Return the ties along diagonals."""
        return Lag(shape)

    def grids(self, rows: list[int], columns: list[int], shape: Shape) -> list[Shape]:
        """Return all grids of two blocks at least on each axis; of square matrices those of square blocks."""
        square = shape[0] == shape[1]
        return [(m, n) for m in rows for n in columns if m > 1 and n > 1 and (m == n or not square)]

    def whole(self, found: Tied) -> LinearOperator:
        """Return the operator of the coefficients."""
        return multilevel_toeplitz(found.formed(), tuple(level.shape[0] for level in found.levels))

    def of_blocks(self, blocks: list[LinearOperator], level: Lag) -> LinearOperator:
        """Return the block Toeplitz operator."""
        return BlockToeplitz(tuple(blocks), level.shape[0])
