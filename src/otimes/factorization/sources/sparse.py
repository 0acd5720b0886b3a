"""Sparse matrices: the rearrangement has the same nonzeros, and all costs go by their number."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import scipy.sparse

from otimes.core.algebra import to_dense
from otimes.core.checks import shape_text
from otimes.core.convert import aslinearoperator
from otimes.errors import DTypeError, NonFiniteError
from otimes.factorization.shapes import Shapes
from otimes.factorization.sources.operand import Operand, scale_of, working_dtype
from otimes.factorization.sources.rearranged import SIDE, Index, Rearranged, norm_of_product, sum_of_squares

_DIGITS = 1e-8  # a difference of squares below this part of them has lost the digits that an error is told with


@dataclass(frozen=True, eq=False)
class SparseOperand(Operand[scipy.sparse.coo_array]):
    """The nonzeros of a matrix, in coordinates."""

    @property
    def matrix(self) -> np.ndarray:
        """The entries as an array, below 2 GiB."""
        return to_dense(aslinearoperator(self.source))

    def product(self, X: np.ndarray) -> np.ndarray:
        """Return M X."""
        return (self.source @ X).astype(self.dtype, copy=False)

    def rearranged(self, shapes: Shapes) -> "SparseRearrangement":
        """Return the rearrangement with the same nonzeros."""
        (m1, n1), (m2, n2) = shapes
        (i1, i2), (j1, j2) = (
            np.divmod(index.astype(np.int64), size) for index, size in zip(self.source.coords, (m2, n2), strict=True)
        )
        values = self.source.data.astype(self.dtype) / self.dtype.type(self.scale)
        return SparseRearrangement.of(values, i1 * n1 + j1, i2 * n2 + j2, (m1 * n1, m2 * n2))


def sparse_operand(matrix: Any) -> SparseOperand:
    """Return a SciPy sparse matrix as an operand, or raise `DTypeError` or `NonFiniteError`."""
    if matrix.dtype.kind not in "biufc":
        raise DTypeError(f"the matrix to factor has dtype {matrix.dtype}, which does not hold plain numbers")
    nonzeros = scipy.sparse.coo_array(scipy.sparse.csr_array(matrix))  # entries given twice are added up
    dtype = working_dtype(matrix.dtype)
    bad = ~np.isfinite(nonzeros.data)
    if bad.any():
        row, column = (int(index[bad.argmax()]) for index in nonzeros.coords)
        entries = "1 entry that is" if bad.sum() == 1 else f"{int(bad.sum())} entries that are"
        raise NonFiniteError(
            f"the {shape_text(matrix.shape)} sparse matrix has {entries} NaN or infinite, "
            f"the first at (row, column) = {(row, column)}"
        )
    return SparseOperand(nonzeros, dtype, scale_of(float(np.abs(nonzeros.data).max(initial=0)), dtype))


@dataclass(frozen=True, eq=False)
class SparseRearrangement(Rearranged):
    """R(M / scale) = P C Qᵀ for a sparse C without zero rows or columns, which P and Q put in their places.

    Cost of a product with k vectors: 2 k flops for each nonzero.
    """

    compressed: Any
    rows: np.ndarray
    columns: np.ndarray
    sizes: tuple[int, int]
    dtype: np.dtype

    @classmethod
    def of(
        cls, values: np.ndarray, rows: np.ndarray, columns: np.ndarray, shape: tuple[int, int]
    ) -> "SparseRearrangement":
        """Return the rearrangement with these entries; one without any keeps a row and a column."""
        (rows, i), (columns, j) = (np.unique(index, return_inverse=True) for index in (rows, columns))
        if not len(values):
            rows = columns = np.zeros(1, np.int64)
        compressed = scipy.sparse.csr_array((values, (i, j)), shape=(len(rows), len(columns)))
        return cls(compressed, rows, columns, shape, values.dtype)

    @property
    def shape(self) -> tuple[int, int]:
        """m₁n₁ × m₂n₂."""
        return self.sizes

    @property
    def T(self) -> "SparseRearrangement":
        """Rᵀ."""
        return replace(self, compressed=self.compressed.T, rows=self.columns, columns=self.rows, sizes=self.shape[::-1])

    @property
    def work(self) -> int:
        """The number of nonzeros."""
        return self.compressed.nnz

    @cached_property
    def core(self) -> "SparseRearrangement":
        """C: its sizes are at most the number of nonzeros, whatever those of R."""
        rows, columns = (np.arange(size) for size in self.compressed.shape)
        return replace(self, rows=rows, columns=columns, sizes=self.compressed.shape)

    def lifted(self, left: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return singular vectors of the core as those of R: zero where R is."""
        return _placed(left, self.rows, self.shape[0]), _placed(right, self.columns, self.shape[1])

    def product(self, V: np.ndarray) -> np.ndarray:
        """Return R V."""
        return _placed(self.compressed @ V[self.columns], self.rows, self.shape[0])

    def norm(self) -> float:
        """Return ‖R‖."""
        return math.sqrt(sum_of_squares(self.compressed.data[None]))

    def residual_norms(self, left: np.ndarray, right: np.ndarray) -> tuple[float, float]:
        """Return ‖R − left rightᵀ‖ and ‖R‖.

        With X = left rightᵀ, ‖R − X‖² is a sum over the nonzeros, and ‖X‖² less its part there. Where that cancels,
        the rows and columns of C are gone through in panels, which are few where a sum of few terms comes so close.
        """
        X, Y = left.astype(_double(left)), right.astype(_double(right))
        nonzeros = self.compressed.tocoo()
        i, j = nonzeros.coords
        at_nonzeros = entries_of_product(X, Y, self.rows[i], self.columns[j])
        total = float(np.sum((X.conj().T @ X) * (Y.conj().T @ Y)).real)
        elsewhere = total - sum_of_squares(at_nonzeros[None])
        squares = sum_of_squares((nonzeros.data - at_nonzeros)[None]) + elsewhere
        norm = self.norm()
        if squares > _DIGITS * max(total, norm**2):
            return math.sqrt(squares), norm
        inside, outside = self._split(X, Y)
        dense = Rearranged.residual_norms(self.core, *(part.astype(self.dtype) for part in inside))[0]
        return math.hypot(dense, outside), norm

    def panels(self, *, height: int = SIDE, width: int = SIDE) -> Iterator[tuple[Index, Index, np.ndarray]]:
        """Yield panels with all rows of C, each of at least ``height · width`` numbers."""
        by_columns = self.compressed.tocsc()
        step = max(1, height * width // len(self.rows))
        for start in range(0, len(self.columns), step):
            part = slice(start, min(start + step, len(self.columns)))
            yield self.rows, self.columns[part], by_columns[:, part].toarray(order="F")

    def _split(self, X: np.ndarray, Y: np.ndarray) -> tuple[tuple[np.ndarray, np.ndarray], float]:
        """Return X and Y at the rows and columns of C, and ‖X Yᵀ‖ elsewhere."""
        inner = X[self.rows], Y[self.columns]
        rest = np.delete(X, self.rows, axis=0), np.delete(Y, self.columns, axis=0)
        return inner, math.hypot(norm_of_product(rest[0], Y), norm_of_product(inner[0], rest[1]))


def _placed(values: np.ndarray, index: np.ndarray, size: int) -> np.ndarray:
    """Return rows in their places among zeros."""
    if len(index) == size:
        return values
    whole = np.zeros((size, values.shape[1]), values.dtype)
    whole[index] = values
    return whole


def _double(x: np.ndarray) -> np.dtype:
    return np.result_type(x.dtype, np.float64)


def entries_of_product(X: np.ndarray, Y: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Return the entries of X Yᵀ at the places (rows, columns), term after term."""
    found = np.zeros(len(rows), X.dtype)
    for x, y in zip(X.T, Y.T, strict=True):
        found += x[rows] * y[columns]
    return found
