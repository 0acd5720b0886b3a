"""Where each cell of A ⊗ B ⊗ C came from, by index arithmetic alone; no product is formed."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import prod
from operator import index

from otimes.pictures.matrix import Matrix
from otimes.pictures.notation import TEXT
from otimes.pictures.terms import Term, product

__all__ = ["Cell", "Provenance"]


@dataclass(frozen=True)
class Cell:
    """One cell of the product, with the place and the entry in each factor that made it."""

    row: int
    column: int
    places: tuple[tuple[int, int], ...]
    entries: tuple[Term, ...]

    @property
    def value(self) -> Term:
        """The product of the entries."""
        return product(self.entries)


@dataclass(frozen=True, eq=False)
class Provenance:
    """The product K of the factors, as a function from an index to its cell."""

    factors: tuple[Matrix, ...]

    @cached_property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the product."""
        return prod(factor.shape[0] for factor in self.factors), prod(factor.shape[1] for factor in self.factors)

    @cached_property
    def row_strides(self) -> tuple[int, ...]:
        """How many rows of the product one row of each factor spans."""
        return _strides([factor.shape[0] for factor in self.factors])

    @cached_property
    def column_strides(self) -> tuple[int, ...]:
        """How many columns of the product one column of each factor spans."""
        return _strides([factor.shape[1] for factor in self.factors])

    def cell(self, row: int, column: int) -> Cell:
        """Return the cell of one row and column, from 0, or from the end where negative."""
        row = _checked(row, self.shape[0], "rows", self.shape)
        column = _checked(column, self.shape[1], "columns", self.shape)
        places = tuple(
            (row // down % factor.shape[0], column // across % factor.shape[1])
            for factor, down, across in zip(self.factors, self.row_strides, self.column_strides, strict=True)
        )
        entries = tuple(factor.entry(*place) for factor, place in zip(self.factors, places, strict=True))
        return Cell(row, column, places, entries)

    def block(self, i: int, j: int) -> str:
        """Return the block that one entry of the first factor makes, as a slice: ``K[2:4, 0:2]``."""
        down, across = self.row_strides[0], self.column_strides[0]
        return f"K[{i * down}:{(i + 1) * down}, {j * across}:{(j + 1) * across}]"

    def sentence(self, cell: Cell) -> str:
        """Return the cell's origin in words: ``K[2,3] = A[1,1]·B[0,1] = 4·6 = 24 (row 2 = 1·2+0, ...)``."""
        origin = "·".join(f"{factor.name}[{i},{j}]" for factor, (i, j) in zip(self.factors, cell.places, strict=True))
        rows = _positional([i for i, _ in cell.places], self.row_strides)
        columns = _positional([j for _, j in cell.places], self.column_strides)
        where = f"row {cell.row} = {rows}, column {cell.column} = {columns}"
        return f"K[{cell.row},{cell.column}] = {origin} = {TEXT.equation(cell.entries)} ({where})"


def _strides(sizes: Sequence[int]) -> tuple[int, ...]:
    return tuple(prod(sizes[position + 1 :]) for position in range(len(sizes)))


def _positional(digits: Sequence[int], strides: Sequence[int]) -> str:
    leading = [f"{digit}·{stride}" for digit, stride in zip(digits[:-1], strides[:-1], strict=True)]
    return "+".join([*leading, str(digits[-1])])


def _checked(place: int, size: int, what: str, shape: tuple[int, int]) -> int:
    place = index(place)
    if not -size <= place < size:
        raise IndexError(f"K is {shape[0]} × {shape[1]}: its {what} run from 0 to {size - 1}, got {place}")
    return place % size
