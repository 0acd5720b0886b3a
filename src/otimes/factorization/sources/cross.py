"""Adaptive cross approximation: a matrix of low numerical rank from some of its rows and columns.

A cross is a column c and a row r of the residual that meet in a pivot; c r / pivot takes both away. Partial pivoting
alone (the next row is that of the largest entry of the column) misses blocks that no column so far has met, so the
residual is followed on a random sample of entries as well, and the next row may come from there.
"""

import math

import numpy as np

from otimes.factorization.sources.function_reader import FunctionReader

STRAY = 4  # the crosses aim at a tolerance divided by this, since terms are truncated afterwards


class Crosses:
    """X = Σ u vᵀ, grown cross by cross, with the residual R − X on a sample of entries."""

    def __init__(self, R: FunctionReader, rows: np.ndarray, columns: np.ndarray, values: np.ndarray):
        self.R = R
        self.count = 0
        self._left, self._right = (np.empty((8, size), values.dtype) for size in R.shape)
        self.squares = 0.0  # ‖X‖²
        self.last = math.inf  # the norm of the last cross
        self.used = np.zeros(R.shape[0], bool)
        self.next_row: int | None = None
        self.rows, self.columns = rows, columns
        self.residual = values
        self.rounding = 16 * float(np.finfo(values.dtype).eps) * float(np.abs(values).max())  # smaller pivots are noise

    @property
    def left(self) -> np.ndarray:
        """The columns u, as rows of an array."""
        return self._left[: self.count]

    @property
    def right(self) -> np.ndarray:
        """The rows v."""
        return self._right[: self.count]

    @property
    def error(self) -> float:
        """The larger of two estimates of ‖R − X‖ / ‖X‖: by the sample, and by the last cross."""
        rms = float(np.sqrt(np.mean(np.abs(self.residual) ** 2)))
        by_sample = rms * math.sqrt(math.prod(self.R.shape))
        norm = math.sqrt(max(self.squares, 0.0))
        if norm == 0:
            return 0.0 if by_sample == 0 else math.inf
        return max(by_sample, self.last) / norm

    def arrays(self) -> tuple[np.ndarray, np.ndarray]:
        """Return X as two matrices, X = left rightᵀ; of one column of zeros where there is no cross."""
        if self.count:
            return self.left.T, self.right.T
        left, right = (np.zeros((size, 1), self.residual.dtype) for size in self.R.shape)
        return left, right

    def watch(self, rows: np.ndarray, columns: np.ndarray, values: np.ndarray) -> None:
        """Add entries of R to the sample."""
        residual = values - np.einsum("kr,kr->r", self.left[:, rows], self.right[:, columns])
        self.rows, self.columns = np.append(self.rows, rows), np.append(self.columns, columns)
        self.residual = np.append(self.residual, residual)

    def add(self) -> bool:
        """Take away one more cross; False if no pivot is left to be seen."""
        for i in self._candidates():
            row = self.R.row(i) - self.left[:, i] @ self.right
            self.used[i] = True
            j = int(np.abs(row).argmax())
            if abs(row[j]) > self.rounding:
                self._take(j, row)
                return True
        return False

    def _candidates(self) -> list[int]:
        """Return the row of the largest entry left in the last column, and that of the largest one of the sample."""
        magnitudes = np.where(self.used[self.rows], 0, np.abs(self.residual))
        worst = int(magnitudes.argmax())
        seen = [int(self.rows[worst])] if magnitudes[worst] > 0 else []
        return seen if self.next_row is None else [self.next_row, *seen]

    def _take(self, j: int, row: np.ndarray) -> None:
        u = self.R.column(j) - self.right[:, j] @ self.left
        v = row / row[j]
        inner = float(np.sum((self.left @ u.conj()) * (self.right @ v.conj())).real)
        self.last = float(np.linalg.norm(u) * np.linalg.norm(v))
        self.squares += 2 * inner + self.last**2
        self.residual = self.residual - u[self.rows] * v[self.columns]
        left_over = np.where(self.used, 0, np.abs(u))
        self.next_row = int(left_over.argmax()) if left_over.any() else None
        if self.count == len(self._left):
            self._left, self._right = (
                np.concatenate([part, np.empty_like(part)]) for part in (self._left, self._right)
            )
        self._left[self.count], self._right[self.count] = u, v
        self.count += 1
