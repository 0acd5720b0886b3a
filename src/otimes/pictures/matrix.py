"""A factor of a picture, its entries read one at a time."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from otimes.pictures.terms import Number, Term

__all__ = ["Matrix"]

# By the text, so that 0.1 in single precision is 0.1 and no 0.10000000149.
_PYTHON: dict[str, Callable[[Any], Number]] = {
    "b": int,
    "i": int,
    "u": int,
    "f": lambda value: float(str(value)),
    "c": lambda value: complex(str(value)),
}


@dataclass(frozen=True, eq=False)
class Matrix:
    """A named m × n factor over a two-dimensional array of numbers, or of terms.

    The array is not copied, so that a factor of any size costs nothing until an entry is asked for.
    """

    name: str
    array: np.ndarray

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        rows, columns = self.array.shape
        return rows, columns

    def entry(self, i: int, j: int) -> Term:
        """Return the entry of row i and column j (from 0)."""
        value = self.array[i, j]
        if isinstance(value, Term):
            return value
        return Term(_PYTHON[self.array.dtype.kind](value))
