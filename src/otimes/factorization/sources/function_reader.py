"""The rearrangement of a matrix known by a function: entries, rows, columns and samples, counted as they are read."""

from dataclasses import dataclass

import numpy as np

from otimes.factorization.shapes import Shapes
from otimes.factorization.sources.entry_function import EntryFunction

SAMPLE = 10_000  # entries that lead the crosses, and as many fresh ones for each look at the error


@dataclass(eq=False)
class FunctionReader:
    """R(M / scale) by the function for the entries of M; counts what is read."""

    function: EntryFunction
    shapes: Shapes
    scale: float = 1.0
    entries_read: int = 0

    @property
    def shape(self) -> tuple[int, int]:
        """m₁n₁ × m₂n₂."""
        (m1, n1), (m2, n2) = self.shapes
        return m1 * n1, m2 * n2

    def places(self, rows: np.ndarray, columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return where entries of R stand in M."""
        (_, n1), (m2, n2) = self.shapes
        (i1, j1), (i2, j2) = np.divmod(rows, n1), np.divmod(columns, n2)
        return i1 * m2 + i2, j1 * n2 + j2

    def at(self, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """Return entries of R."""
        self.entries_read += len(rows)
        values = self.function.entries(*self.places(rows, columns))
        return values / values.dtype.type(self.scale)

    def row(self, i: int) -> np.ndarray:
        """Return a row of R, a block of M."""
        columns = np.arange(self.shape[1])
        return self.at(np.full_like(columns, i), columns)

    def column(self, j: int) -> np.ndarray:
        """Return a column of R, every m₂-th row and n₂-th column of M."""
        rows = np.arange(self.shape[0])
        return self.at(rows, np.full_like(rows, j))

    def affords(self, entries: int) -> bool:
        """Whether so many more entries may be read."""
        most = self.function.max_entries
        return most is None or self.entries_read + entries <= most


@dataclass(frozen=True, eq=False)
class Sample:
    """Entries of R, at random places."""

    rows: np.ndarray
    columns: np.ndarray
    values: np.ndarray

    @classmethod
    def drawn(cls, R: FunctionReader, rng: np.random.Generator) -> "Sample":
        """Return fresh entries."""
        rows, columns = (rng.integers(size, size=SAMPLE) for size in R.shape)
        return cls(rows, columns, R.at(rows, columns))

    def entries(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Return the entries of left rightᵀ at the same places."""
        return np.einsum("kr,kr->k", left[self.rows], right[self.columns])

    @property
    def T(self) -> "Sample":
        """The same entries of Rᵀ."""
        return Sample(self.columns, self.rows, self.values)
