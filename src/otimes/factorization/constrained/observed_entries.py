"""Entries with weights, one by one: of sparse weights, so that all costs go by the number of what is observed."""

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import scipy.sparse

from otimes.core.array import is_array, require_numeric, to_numpy
from otimes.core.convert import aslinearoperator
from otimes.core.indexing import entries
from otimes.factorization.operand import read_operand
from otimes.factorization.shapes import Shapes
from otimes.factorization.sources.entry_function import EntryFunction
from otimes.factorization.sources.matrix_file import MatrixFile
from otimes.factorization.sources.operand import scale_of, working_dtype
from otimes.factorization.sources.sparse import SparseRearrangement, entries_of_product


@dataclass(frozen=True, eq=False)
class ObservedEntries:
    """The entries of a matrix that are known, with positive weights; all others may be anything."""

    rows: np.ndarray
    columns: np.ndarray
    values: np.ndarray
    weights: np.ndarray
    shape: tuple[int, int]
    dtype: np.dtype
    scale: float

    @classmethod
    def of(cls, M: Any, weights: scipy.sparse.coo_array) -> "ObservedEntries":
        """Return what is known of a matrix with sparse weights, already checked, of its shape."""
        positive = weights.data > 0
        rows, columns = (index[positive].astype(np.int64) for index in weights.coords)
        values, weight = _entries_at(M, rows, columns), weights.data[positive].astype(float)
        known = ~np.isnan(values)
        rows, columns, values, weight = (part[known] for part in (rows, columns, values, weight))
        dtype = working_dtype(values.dtype)
        largest = float(np.abs(values).max(initial=0))
        scale = scale_of(largest, dtype) if math.isfinite(largest) else math.inf
        return cls(rows, columns, values, weight, weights.shape, dtype, scale)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is known."""
        return not len(self.values)

    def split(self, share: float, *, seed: list[int]) -> tuple["ObservedEntries", "ObservedEntries"]:
        """Return the matrix known in all but a share of the entries, drawn at random, and in these."""
        kept = np.random.default_rng(seed).random(len(self.values)) >= share
        return self._only(kept), self._only(~kept)

    def _only(self, kept: np.ndarray) -> "ObservedEntries":
        parts = (part[kept] for part in (self.rows, self.columns, self.values, self.weights))
        rows, columns, values, weights = parts
        return replace(self, rows=rows, columns=columns, values=values, weights=weights)

    def problem(self, shapes: Shapes) -> "EntriesLeastSquares":
        """Return the problem for checked shapes; weights are relative to the largest."""
        (m1, n1), (m2, n2) = shapes
        (i1, i2), (j1, j2) = np.divmod(self.rows, m2), np.divmod(self.columns, n2)
        places, sizes = (i1 * n1 + j1, i2 * n2 + j2), (m1 * n1, m2 * n2)
        real = np.finfo(self.dtype).dtype
        weights = (self.weights / self.weights.max(initial=0)).astype(real)
        values = self.values.astype(self.dtype) / self.dtype.type(self.scale)
        return EntriesLeastSquares(
            SparseRearrangement.of(weights, *places, sizes),
            SparseRearrangement.of(weights * values, *places, sizes),
            places,
            weights,
            values,
        )


def _entries_at(M: Any, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Return M[rows, columns]; nothing else of it is looked at, unless it is a file."""
    if isinstance(M, EntryFunction):
        return M.entries(rows, columns)
    if isinstance(M, MatrixFile):
        return read_operand(M).matrix[rows, columns]
    if is_array(M):
        return to_numpy(require_numeric(M, "the matrix to factor"))[rows, columns]
    return to_numpy(require_numeric(entries(aslinearoperator(M), rows, columns), "the matrix to factor"))


@dataclass(frozen=True, eq=False)
class EntriesLeastSquares:
    """Σ w |M − Σ A_r ⊗ B_r|² over the entries that are known, rearranged.

    Cost of the equations of R terms: 2 R (R + 1) flops for each of them.
    """

    weight_matrix: SparseRearrangement
    weighted: SparseRearrangement  # W ∘ R, which is what one starts from
    places: tuple[np.ndarray, np.ndarray]
    weights: np.ndarray
    values: np.ndarray

    @property
    def dtype(self) -> np.dtype:
        """The dtype of the factors."""
        return self.values.dtype

    @property
    def T(self) -> "EntriesLeastSquares":
        """The same with the factors exchanged."""
        return replace(self, weight_matrix=self.weight_matrix.T, weighted=self.weighted.T, places=self.places[::-1])

    def equations(self, fixed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the normal matrix of each entry of the first factors, and the moments."""
        count = fixed.shape[1]
        pairs = (fixed.conj()[:, :, None] * fixed[:, None, :]).reshape(len(fixed), -1)
        return self.weight_matrix.product(pairs).reshape(-1, count, count), self.weighted.product(fixed.conj())

    def error(self, left: np.ndarray, right: np.ndarray) -> float:
        """Return the error relative to the weighted norm of what is known."""
        difference = self.values - entries_of_product(left, right, *self.places)
        residual, total = (float(np.sum(self.weights * np.abs(x) ** 2, dtype=float)) for x in (difference, self.values))
        return math.sqrt(residual / total) if total else 0.0
