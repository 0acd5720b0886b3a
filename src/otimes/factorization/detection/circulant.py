"""Circulant matrices, block circulant matrices, and those of several levels."""

from dataclasses import dataclass

import numpy as np

from otimes.core.operator import LinearOperator
from otimes.factorization.detection.shift_invariant import ShiftInvariant
from otimes.factorization.detection.ties import Level, Tied
from otimes.factorization.shapes import Shape
from otimes.operators.toeplitz.block_circulant import BlockCirculant
from otimes.operators.toeplitz.circulant import circulant, multilevel_circulant


@dataclass(frozen=True)
class CyclicLag:
    """Pairs (i, j) are tied where i − j is the same modulo n."""

    shape: Shape

    @property
    def classes(self) -> int:
        """One for each entry of the first column."""
        return self.shape[0]

    def label(self, i: np.ndarray, j: np.ndarray) -> np.ndarray:
        """Return (i − j) mod n."""
        return (i - j) % self.shape[0]

    def counts(self, labels: np.ndarray) -> np.ndarray:
        """Return n for each."""
        return np.full_like(labels, self.shape[0])

    def partner(self, i: np.ndarray, j: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the next pair, after the last the first."""
        return (i + 1) % self.shape[0], (j + 1) % self.shape[1]


class CirculantMatrix(ShiftInvariant):
    """Blocks that depend on i − j modulo their number."""

    name = "circulant matrix"

    def level(self, shape: Shape) -> Level:
        """Return the ties along diagonals that go round."""
        return CyclicLag(shape)

    def grids(self, rows: list[int], columns: list[int], _shape: Shape) -> list[Shape]:
        """Return the grids of as many blocks on both axes."""
        return [(n, n) for n in rows if n > 1 and n in columns]

    def whole(self, found: Tied) -> LinearOperator:
        """Return the operator of the first column."""
        column = found.formed()
        return circulant(column) if column.ndim == 1 else multilevel_circulant(column)

    def of_blocks(self, blocks: list[LinearOperator], _level: CyclicLag) -> LinearOperator:
        """Return the block circulant operator."""
        return BlockCirculant(*blocks)
