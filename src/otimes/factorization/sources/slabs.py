"""A file cut into slabs that hold whole rows of R, or of Rᵀ: what both passes read, one slab after another."""

import math
from dataclasses import dataclass

import numpy as np

from otimes.core.checks import bytes_text, shape_text
from otimes.errors import NonFiniteError, TooLarge
from otimes.factorization.rearrangement import Rearrangement
from otimes.factorization.shapes import Shapes
from otimes.factorization.sources.dense import largest_entry, product_by_rows
from otimes.factorization.sources.rearranged import Index
from otimes.factorization.sources.stored import Stored


@dataclass(frozen=True, eq=False)
class Slab:
    """Rows of R (of Rᵀ where the slabs are exchanged), all columns of them, and their largest entry.

    They are the `numbers` of the rows of M that ``lines`` holds, of its columns where these are stored one by one.
    """

    rows: Index
    blocks: np.ndarray
    exchanged: bool
    largest: float
    lines: np.ndarray
    numbers: np.ndarray
    by_rows: bool

    def rearranged(self, dtype: np.dtype, scale: float) -> Rearrangement:
        """Return these rows as a matrix."""
        R = Rearrangement(self.blocks, dtype, scale)
        return R.T if self.exchanged else R

    def with_image(self, image: np.ndarray, X: np.ndarray) -> np.ndarray:
        """Return M X with what these lines give: rows of it, written in place, or a part of each, in a new array."""
        if self.by_rows:
            image[self.numbers] = product_by_rows(self.lines, X, image.dtype)
            return image
        return image + product_by_rows(self.lines.T, X[self.numbers], image.dtype)


@dataclass(frozen=True)
class Slabs:
    """The lines of a file (its rows; its columns, if it is stored by columns) in groups of those of one factor.

    The index of a line is outer · size + inner. Slabs are ranges of the outer index, lines that lie together; or, where
    one such range is too large, of the inner index (``exchanged``), which makes them rows of Rᵀ.
    """

    stored: Stored
    shapes: Shapes
    exchanged: bool
    height: int  # indices in a slab

    @classmethod
    def within(cls, stored: Stored, shapes: Shapes, allowed: int) -> "Slabs":
        """Return slabs of at most so many bytes.

        Raises
        ------
        TooLarge
            Even one index takes more.
        """
        outer, inner, length = _lines(stored, shapes)
        one = {exchanged: size * length * stored.dtype.itemsize for exchanged, size in ((False, inner), (True, outer))}
        for exchanged, bytes_ in one.items():
            if bytes_ <= allowed:
                most = inner if exchanged else outer
                return cls(stored, shapes, exchanged, min(most, allowed // bytes_))
        raise TooLarge(
            f"a slab of the {shape_text(stored.shape)} file for these shapes takes {bytes_text(min(one.values()))}, "
            f"and {bytes_text(allowed)} are left for it; raise memory="
        )

    def __len__(self) -> int:
        outer, inner, _ = _lines(self.stored, self.shapes)
        return math.ceil((inner if self.exchanged else outer) / self.height)

    @property
    def shape(self) -> tuple[int, int]:
        """That of R, or of Rᵀ."""
        (m1, n1), (m2, n2) = self.shapes
        return (m2 * n2, m1 * n1) if self.exchanged else (m1 * n1, m2 * n2)

    def read(self, k: int) -> Slab:
        """Return the k-th slab, or raise `NonFiniteError`."""
        outer, inner, length = _lines(self.stored, self.shapes)
        most = inner if self.exchanged else outer
        start, stop = k * self.height, min((k + 1) * self.height, most)
        spans = (
            [(i * inner + start, i * inner + stop) for i in range(outer)]
            if self.exchanged
            else [(start * inner, stop * inner)]
        )
        lines = _read(self.stored, spans, length)
        numbers = np.concatenate([np.arange(*span) for span in spans])
        largest, by_rows = self._largest(lines, numbers), self.stored.order == "C"
        return Slab(self._rows(start, stop), self._blocks(lines), self.exchanged, largest, lines, numbers, by_rows)

    def _blocks(self, lines: np.ndarray) -> np.ndarray:
        """Return the view [i₁, i₂, j₁, j₂] of lines that run over some outer (or inner) and all other indices."""
        (m1, n1), (m2, n2) = self.shapes
        by_rows = self.stored.order == "C"
        outer, other = (m1, (n1, n2)) if by_rows else (n1, (m1, m2))
        groups = (outer, -1) if self.exchanged else (-1, m2 if by_rows else n2)
        view = lines.reshape(*groups, *other)
        return view if by_rows else view.transpose(2, 3, 0, 1)

    def _rows(self, start: int, stop: int) -> Index:
        """Return the rows of R (or Rᵀ) of a range of the outer (or inner) index of lines."""
        rows, columns = self.shapes[1 if self.exchanged else 0]
        if self.stored.order == "C":
            return slice(start * columns, stop * columns)
        return np.add.outer(np.arange(rows) * columns, np.arange(start, stop)).ravel()

    def _largest(self, lines: np.ndarray, numbers: np.ndarray) -> float:
        try:
            return largest_entry(lines)
        except NonFiniteError:
            line, place = (int(index) for index in np.argwhere(~np.isfinite(lines))[0])
            row, column = (int(numbers[line]), place) if self.stored.order == "C" else (place, int(numbers[line]))
            raise NonFiniteError(
                f"the {shape_text(self.stored.shape)} file has an entry that is NaN or infinite at "
                f"(row, column) = {(row, column)}"
            ) from None


def _lines(stored: Stored, shapes: Shapes) -> tuple[int, int, int]:
    """Return the outer and the inner number of lines, and their length."""
    (m1, n1), (m2, n2) = shapes
    return (m1, m2, n1 * n2) if stored.order == "C" else (n1, n2, m1 * m2)


def _read(stored: Stored, spans: list[tuple[int, int]], length: int) -> np.ndarray:
    if len(spans) == 1:
        return stored.lines(*spans[0])
    lines = np.empty((sum(stop - start for start, stop in spans), length), stored.dtype)
    position = 0
    for start, stop in spans:
        lines[position : position + stop - start] = stored.lines(start, stop)
        position += stop - start
    return lines
