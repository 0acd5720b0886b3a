"""A matrix with weights: read once, checked where the weights are positive, and rearranged together with them."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import scipy.sparse

from otimes.core.array import is_array, require_numeric, to_numpy
from otimes.core.checks import as_array, shape_text
from otimes.errors import DTypeError, NonFiniteError, ShapeError
from otimes.factorization.constrained.observed_entries import ObservedEntries
from otimes.factorization.operand import read_operand
from otimes.factorization.rearrangement import Rearrangement
from otimes.factorization.shapes import Shapes
from otimes.factorization.sources.operand import scale_of, working_dtype
from otimes.factorization.sources.rearranged import SIDE, Index, Rearranged

_BLOCK = 2**17  # entries looked at together: a part of the cache


@dataclass(frozen=True, eq=False)
class Observed:
    """A matrix known where its weight is positive and it is not NaN; elsewhere it may hold anything."""

    matrix: np.ndarray
    weights: np.ndarray
    dtype: np.dtype
    scale: float

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.matrix.shape[0], self.matrix.shape[1]

    def split(self, share: float, *, seed: list[int]) -> tuple["Observed", "Observed"]:
        """Return the matrix known in all but a share of the entries, drawn at random, and in these."""
        kept = np.random.default_rng(seed).random(self.shape) >= share
        part, rest = (replace(self, weights=self.weights * mask) for mask in (kept, ~kept))
        return part, rest

    def problem(self, shapes: Shapes) -> "WeightedLeastSquares":
        """Return the problem for checked shapes."""
        return WeightedLeastSquares.of(self, shapes)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is known."""
        return not any(entries.size for entries in _observed_entries(self.matrix, self.weights))


def read_observed(M: Any, weights: Any) -> Observed | ObservedEntries:
    """Return the matrix with its weights: of sparse ones of its shape, the entries at their nonzeros and no others.

    Raises
    ------
    ShapeError
        M has not two axes, or no entries; the weights are not broadcast to its shape.
    DTypeError
        The entries or the weights are no numbers, or the weights are complex.
    NonFiniteError
        A weight is negative, NaN or infinite; an entry of positive weight is infinite; or nothing is observed.
    """
    if scipy.sparse.issparse(weights) and weights.shape == getattr(M, "shape", None):
        coordinates = scipy.sparse.coo_array(scipy.sparse.csr_array(weights))  # weights given twice are added up
        _require_weights(coordinates.data)
        observed: Observed | ObservedEntries = ObservedEntries.of(M, coordinates)
    else:
        observed = _whole(_matrix(M), weights)
    if not math.isfinite(observed.scale):
        raise NonFiniteError("the matrix has infinite entries of positive weight; NaN or weight 0 mark what is missing")
    if observed.is_empty:
        raise NonFiniteError("nothing is observed: every entry of the matrix has weight 0 or is NaN")
    return observed


def _whole(matrix: np.ndarray, weights: Any) -> Observed:
    weights = _weights(weights, matrix.shape)
    dtype, largest = working_dtype(matrix.dtype), _largest(matrix, weights)
    return Observed(matrix, weights, dtype, scale_of(largest, dtype) if math.isfinite(largest) else math.inf)


def _matrix(M: Any) -> np.ndarray:
    if isinstance(M, (list, tuple)):
        M = as_array(M, "the matrix to factor")
    matrix = to_numpy(require_numeric(M, "the matrix to factor")) if is_array(M) else read_operand(M).matrix
    if matrix.ndim != 2 or 0 in matrix.shape:
        raise ShapeError(f"the matrix to factor has shape {shape_text(matrix.shape)}; it must have rows and columns")
    return matrix


def _require_weights(weights: np.ndarray) -> None:
    if weights.dtype.kind not in "biuf":
        raise DTypeError(f"weights= have dtype {weights.dtype}; they must be real numbers or booleans")
    if not (np.isfinite(weights) & (weights >= 0)).all():
        raise NonFiniteError("weights= must be finite numbers ≥ 0, and some are not")


def _weights(given: Any, shape: tuple[int, ...]) -> np.ndarray:
    weights = given.toarray() if scipy.sparse.issparse(given) else np.asarray(given)
    _require_weights(weights)
    try:
        return np.broadcast_to(weights, shape)
    except ValueError as error:
        raise ShapeError(
            f"weights= are {shape_text(weights.shape)}, for a matrix that is {shape_text(shape)}: "
            "give one for each entry, row or column (as a column or row), or one number for all"
        ) from error


def _largest(matrix: np.ndarray, weights: np.ndarray) -> float:
    """Return the largest magnitude of an entry that is observed."""
    largest = 0.0
    for entries in _observed_entries(matrix, weights):
        largest = max(largest, float(np.abs(entries).max(initial=0)))
    return largest


def _observed_entries(matrix: np.ndarray, weights: np.ndarray) -> Iterator[np.ndarray]:
    """Yield what is observed, a few rows at a time."""
    step = max(1, _BLOCK // matrix.shape[1])
    for start in range(0, len(matrix), step):
        block = matrix[start : start + step]
        yield block[(weights[start : start + step] > 0) & ~np.isnan(block)]


@dataclass(frozen=True, eq=False)
class WeightedLeastSquares(Rearranged):
    """Σ w |M − Σ A_r ⊗ B_r|², rearranged: as a problem for factors, and W ∘ R as what it starts from.

    Cost of the equations of R terms: one pass over M and the weights, 2 R (R + 1) flops an entry.
    """

    data: Rearrangement
    weights: Rearrangement
    dtype: np.dtype

    @classmethod
    def of(cls, observed: Observed, shapes: Shapes) -> "WeightedLeastSquares":
        """Return the problem for checked shapes; weights are relative to the largest."""
        (m1, n1), (m2, n2) = shapes
        entries, weights = (part.reshape(m1, m2, n1, n2) for part in (observed.matrix, observed.weights))
        largest = float(observed.weights.max())
        real = np.finfo(observed.dtype).dtype
        data = Rearrangement(entries, observed.dtype, observed.scale)
        return cls(data, Rearrangement(weights, real, largest), observed.dtype)

    @property
    def weighted(self) -> "WeightedLeastSquares":
        """W ∘ R, which is what one starts from: as the panels of this."""
        return self

    @property
    def shape(self) -> tuple[int, int]:
        """m₁n₁ × m₂n₂."""
        return self.data.shape

    @property
    def T(self) -> "WeightedLeastSquares":
        """The same with the factors exchanged."""
        return replace(self, data=self.data.T, weights=self.weights.T)

    def panels(self, *, height: int = SIDE, width: int = SIDE) -> Iterator[tuple[Index, Index, np.ndarray]]:
        """Yield panels of W ∘ R."""
        for rows, columns, weight, panel in self._both(height, width):
            yield rows, columns, np.multiply(panel, weight, out=panel)

    def equations(self, fixed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the normal matrix of each entry of the first factors, and the moments."""
        count = fixed.shape[1]
        pairs = (fixed.conj()[:, :, None] * fixed[:, None, :]).reshape(len(fixed), -1)
        normal = np.zeros((self.shape[0], count * count), self.dtype)
        moment = np.zeros((self.shape[0], count), self.dtype)
        for rows, columns, weight, panel in self._both(SIDE, SIDE):
            normal[rows] += weight @ pairs[columns]
            moment[rows] += np.multiply(panel, weight, out=panel) @ fixed.conj()[columns]
        return normal.reshape(-1, count, count), moment

    def error(self, left: np.ndarray, right: np.ndarray) -> float:
        """Return the error relative to the weighted norm of what is observed."""
        residual = total = 0.0
        for rows, columns, weight, panel in self._both(SIDE, SIDE):
            difference = panel - left[rows] @ right[columns].T
            residual += float(np.sum(weight * np.abs(difference) ** 2, dtype=float))
            total += float(np.sum(weight * np.abs(panel) ** 2, dtype=float))
        return math.sqrt(residual / total) if total else 0.0

    def _both(self, height: int, width: int) -> Iterator[tuple[Index, Index, np.ndarray, np.ndarray]]:
        """Yield (rows, columns, weights, entries), both zero where nothing is observed."""
        pairs = zip(*(part.panels(height=height, width=width) for part in (self.data, self.weights)), strict=True)
        for (rows, columns, panel), (_, _, weight) in pairs:
            weight[np.isnan(panel)] = 0
            panel[weight == 0] = 0
            yield rows, columns, weight, panel
