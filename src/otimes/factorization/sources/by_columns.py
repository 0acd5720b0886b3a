"""Operators known by their products: blocks of columns are formed, one after another, and never the whole."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from otimes.core.algebra import to_dense
from otimes.core.array import to_numpy, zeros
from otimes.core.checks import shape_text
from otimes.core.indexing import like_array, submatrix
from otimes.core.operator import LinearOperator
from otimes.errors import NonFiniteError, NoRule, TooLarge
from otimes.factorization.shapes import Shapes
from otimes.factorization.sources.dense import dense_operand, largest_entry
from otimes.factorization.sources.operand import Operand, scale_of, working_dtype
from otimes.factorization.sources.rearranged import SIDE, Index, Rearranged
from otimes.factorization.sources.sparse import sparse_operand
from otimes.functions.to_sparse import concrete_numpy, to_sparse

SMALL = 2048  # rows and columns of an operator that is formed
_COLUMNS = 32  # formed at once, so that an operator can multiply them together
_FILLED = 4  # a sparse form is used if it takes less than one part in so many of the bytes of the dense one


def plain_operand(A: LinearOperator) -> Operand:
    """Return an operator as an operand: by its nonzeros, by its entries where it is small, or by its columns."""
    if not A.formed and concrete_numpy(A) != np.float16:  # of which SciPy has no sparse arrays
        try:
            return sparse_operand(to_sparse(A, "coo", max_bytes=A.size * concrete_numpy(A).itemsize // _FILLED))
        except (NoRule, TooLarge):
            pass
    if A.formed or max(A.shape) <= SMALL:
        return dense_operand(to_numpy(to_dense(A, max_bytes=None)))
    dtype = working_dtype(concrete_numpy(A))
    largest = max(_largest_of_columns(A, start) for start in range(0, A.shape[1], _COLUMNS))
    return ColumnsOperand(A, dtype, scale_of(largest, dtype))


def _largest_of_columns(A: LinearOperator, start: int) -> float:
    block = columns_of(A, np.arange(start, min(start + _COLUMNS, A.shape[1])))
    try:
        return largest_entry(block)
    except NonFiniteError:
        row, column = (int(index) for index in np.argwhere(~np.isfinite(block))[0])
        raise NonFiniteError(
            f"the {shape_text(A.shape)} operator has an entry that is NaN or infinite at (row, column) = "
            f"{(row, start + column)}"
        ) from None


def columns_of(A: LinearOperator, index: np.ndarray) -> np.ndarray:
    """Return columns of an operator as an array."""
    return to_numpy(to_dense(submatrix(A, slice(None), index), max_bytes=None))


def multiplied(A: LinearOperator, X: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """Return A X, for operators of any array library."""
    return to_numpy(A @ like_array(X, zeros((0,), A.spec))).astype(dtype, copy=False)


@dataclass(frozen=True, eq=False)
class ColumnsOperand(Operand[LinearOperator]):
    """An operator of which columns can be formed."""

    @property
    def matrix(self) -> np.ndarray:
        """The entries as an array, below 2 GiB."""
        return to_numpy(to_dense(self.source))

    def product(self, X: np.ndarray) -> np.ndarray:
        """Return M X."""
        return multiplied(self.source, X, self.dtype)

    def rearranged(self, shapes: Shapes) -> "ColumnsRearrangement":
        """Return the rearrangement that forms columns."""
        return ColumnsRearrangement(self, shapes, self.dtype)


@dataclass(frozen=True, eq=False)
class ColumnsRearrangement(Rearranged):
    """R(M / scale) by blocks of columns of M.

    Cost of a product with k vectors: that of M with as many vectors as it has columns, and 2 k flops an entry.
    """

    operand: ColumnsOperand
    shapes: Shapes
    dtype: np.dtype

    @property
    def shape(self) -> tuple[int, int]:
        """m₁n₁ × m₂n₂."""
        (m1, n1), (m2, n2) = self.shapes
        return m1 * n1, m2 * n2

    @property
    def T(self) -> "Exchanged":
        """Rᵀ."""
        return Exchanged(self, self.dtype)

    def panels(self, *, height: int = SIDE, width: int = SIDE) -> Iterator[tuple[Index, Index, np.ndarray]]:
        """Yield panels from blocks of columns of M; those of full height or width from columns that lie apart."""
        (m1, n1), (m2, n2) = self.shapes
        count = max(_COLUMNS, height * width // (m1 * m2))
        outer, inner = max(1, count // n2), min(count, n2)
        if height >= self.shape[0]:
            outer, inner = n1, max(1, count // n1)
        elif width >= self.shape[1]:
            inner = n2
        for a in range(0, n1, outer):
            for b in range(0, n2, inner):
                j1, j2 = np.arange(a, min(a + outer, n1)), np.arange(b, min(b + inner, n2))
                yield self._rows(j1), self._columns(j2), self._panel(j1, j2)

    def _rows(self, j1: np.ndarray) -> np.ndarray:
        (m1, n1), _ = self.shapes
        return np.add.outer(np.arange(m1) * n1, j1).ravel()

    def _columns(self, j2: np.ndarray) -> np.ndarray:
        _, (m2, n2) = self.shapes
        return np.add.outer(np.arange(m2) * n2, j2).ravel()

    def _panel(self, j1: np.ndarray, j2: np.ndarray) -> np.ndarray:
        (m1, _), (m2, n2) = self.shapes
        block = columns_of(self.operand.source, np.add.outer(j1 * n2, j2).ravel())
        panel = block.reshape(m1, m2, len(j1), len(j2)).transpose(0, 2, 1, 3).reshape(m1 * len(j1), m2 * len(j2))
        return panel.astype(self.dtype) / self.dtype.type(self.operand.scale)


@dataclass(frozen=True, eq=False)
class Exchanged(Rearranged):
    """Rᵀ by the panels of R."""

    original: Rearranged
    dtype: np.dtype

    @property
    def shape(self) -> tuple[int, int]:
        """That of R, exchanged."""
        return self.original.shape[::-1]

    @property
    def T(self) -> Rearranged:
        """R."""
        return self.original

    def panels(self, *, height: int = SIDE, width: int = SIDE) -> Iterator[tuple[Index, Index, np.ndarray]]:
        """Yield the panels of R, transposed."""
        for rows, columns, panel in self.original.panels(height=width, width=height):
            yield columns, rows, panel.T
