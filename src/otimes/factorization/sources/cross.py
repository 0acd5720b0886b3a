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
        self.left: list[np.ndarray] = []
        self.right: list[np.ndarray] = []
        self.squares = 0.0  # ‖X‖²
        self.last = math.inf  # the norm of the last cross
        self.used: set[int] = set()
        self.next_row: int | None = None
        self.rows, self.columns = rows, columns
        self.residual = values
        self.rounding = 16 * float(np.finfo(values.dtype).eps) * float(np.abs(values).max())  # smaller pivots are noise

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
        """Return the columns u and v; one of zeros where there are none."""
        if not self.left:
            return tuple(np.zeros((size, 1), self.residual.dtype) for size in self.R.shape)  # type: ignore[return-value]
        return np.stack(self.left, axis=1), np.stack(self.right, axis=1)

    def watch(self, rows: np.ndarray, columns: np.ndarray, values: np.ndarray) -> None:
        """Add entries of R to the sample."""
        residual = values - _entries(self.left, self.right, rows, columns)
        self.rows, self.columns = np.append(self.rows, rows), np.append(self.columns, columns)
        self.residual = np.append(self.residual, residual)

    def add(self) -> bool:
        """Take away one more cross; False if no pivot is left to be seen."""
        for i in self._candidates():
            row = self.R.row(i) - sum(u[i] * v for u, v in zip(self.left, self.right, strict=True))
            self.used.add(i)
            j = int(np.abs(row).argmax())
            if abs(row[j]) > self.rounding:
                self._take(j, row)
                return True
        return False

    def _candidates(self) -> list[int]:
        """Return the row of the largest entry left in the last column, and that of the largest one of the sample."""
        magnitudes = np.where(np.isin(self.rows, list(self.used)), 0, np.abs(self.residual))
        worst = int(magnitudes.argmax())
        seen = [int(self.rows[worst])] if magnitudes[worst] > 0 else []
        return seen if self.next_row is None else [self.next_row, *seen]

    def _take(self, j: int, row: np.ndarray) -> None:
        u = self.R.column(j) - sum(v[j] * u for u, v in zip(self.left, self.right, strict=True))
        v = row / row[j]
        inner = sum(float((np.vdot(x, u) * np.vdot(y, v)).real) for x, y in zip(self.left, self.right, strict=True))
        self.last = float(np.linalg.norm(u) * np.linalg.norm(v))
        self.squares += 2 * inner + self.last**2
        self.left.append(u)
        self.right.append(v)
        self.residual = self.residual - u[self.rows] * v[self.columns]
        left_over = np.abs(u)
        left_over[list(self.used)] = 0
        self.next_row = int(left_over.argmax()) if left_over.any() else None


def _entries(left: list[np.ndarray], right: list[np.ndarray], rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Return Σ u[rows] v[columns]."""
    found = np.zeros(len(rows))
    for u, v in zip(left, right, strict=True):
        found = found + u[rows] * v[columns]
    return found
