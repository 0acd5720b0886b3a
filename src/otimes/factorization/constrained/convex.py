"""Convex cones and polytopes that a factor may be asked to be in: definite, nonnegative and stochastic matrices."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from otimes.factorization.constrained.matrix_set import MatrixSet
from otimes.factorization.constrained.subspace import Subspace, hermitian, real
from otimes.factorization.shapes import Shape


@dataclass(frozen=True)
class _RealSet(MatrixSet):
    """A set of real matrices, of a complex matrix too."""

    shape: Shape
    dtype: np.dtype

    @property
    def span(self) -> Subspace:
        """The real matrices."""
        return real(self.shape, self.dtype)

    def nearest(self, A: np.ndarray) -> np.ndarray:
        """Return the nearest point, which is that of the real part."""
        return self._nearest(A.real).astype(A.dtype)

    @abstractmethod
    def _nearest(self, A: np.ndarray) -> np.ndarray: ...


@dataclass(frozen=True)
class PositiveSemidefinite(MatrixSet):
    """Hermitian matrices without negative eigenvalues."""

    shape: Shape
    dtype: np.dtype
    name: str = "positive semidefinite"
    inherited: ClassVar[str] = "as it always is where M is positive semidefinite"

    @property
    def span(self) -> Subspace:
        """The Hermitian matrices."""
        return hermitian(self.shape, self.dtype)

    def nearest(self, A: np.ndarray) -> np.ndarray:
        """Return A with its eigenvalues moved to the nearest that are allowed."""
        values, vectors = np.linalg.eigh((A + A.conj().T) / 2)
        nearest = (vectors * self._allowed(values)) @ vectors.conj().T
        return (nearest + nearest.conj().T) / 2

    def _allowed(self, values: np.ndarray) -> np.ndarray:
        return np.maximum(values, 0)


@dataclass(frozen=True)
class PositiveDefinite(PositiveSemidefinite):
    """Hermitian matrices with positive eigenvalues, the largest at most ``condition`` times the least."""

    name: str = "positive definite"
    inherited: ClassVar[str] = "as it always is where M is positive definite"
    condition: float = 1e12

    def _allowed(self, values: np.ndarray) -> np.ndarray:
        most = _best_largest(values.astype(float), self.condition)
        return np.clip(values, most / self.condition, most).astype(values.dtype)


class WellConditioned(PositiveDefinite):
    """Positive definite matrices of a condition number that is asked for: M does not hand that down."""

    inherited: ClassVar[str] = ""


def _best_largest(ascending: np.ndarray, condition: float) -> float:
    """Return the u ≥ 0 for which clipping to [u / condition, u] moves the values least (in squares).

    The slope Σ_{λ > u} (u − λ) + Σ_{λ < u / κ} (u / κ − λ) / κ increases with u, linearly between the breaks λ and κ λ.
    """
    sums = np.append(0, np.cumsum(ascending))

    def pieces(u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        below = np.searchsorted(ascending, u / condition, side="left")
        upto = np.searchsorted(ascending, u, side="right")
        total = sums[-1] - sums[upto] + sums[below] / condition
        return len(ascending) - upto + below / condition**2, total

    breaks = np.sort(np.append(ascending, ascending * condition))
    breaks = breaks[breaks > 0]
    if not len(breaks):
        return 0.0
    counts, totals = pieces(breaks)
    position = int(np.searchsorted(counts * breaks - totals, 0))
    low = breaks[position - 1] if position else 0.0
    high = breaks[min(position, len(breaks) - 1)]
    count, total = (float(value[0]) for value in pieces(np.array([(low + high) / 2])))
    return float(np.clip(total / count, low, high)) if count else float(high)


@dataclass(frozen=True)
class Nonnegative(_RealSet):
    """Real matrices without negative entries."""

    name: str = "nonnegative"
    inherited: ClassVar[str] = "as it always is where M is nonnegative"

    def _nearest(self, A: np.ndarray) -> np.ndarray:
        return np.maximum(A, 0)

    def step_weight(self, weight: np.ndarray) -> np.ndarray:
        """Return the weight itself: each entry is on its own."""
        return weight


@dataclass(frozen=True)
class Stochastic(_RealSet):
    """Nonnegative matrices with rows of sum 1."""

    name: str = "stochastic"
    is_cone: ClassVar[bool] = False

    def _nearest(self, A: np.ndarray) -> np.ndarray:
        return _on_simplex(A)

    def sized(self, A: np.ndarray) -> np.ndarray:
        """Return A with rows of mean sum 1 (up to sign), if their sum does not vanish."""
        total = A.sum().real
        return A * (len(A) / total) if total else A


@dataclass(frozen=True)
class ColumnStochastic(Stochastic):
    """Nonnegative matrices with columns of sum 1."""

    name: str = "column stochastic"

    def _nearest(self, A: np.ndarray) -> np.ndarray:
        return super()._nearest(A.T).T

    def sized(self, A: np.ndarray) -> np.ndarray:
        """Return A with columns of mean sum 1 (up to sign), if their sum does not vanish."""
        return super().sized(A.T).T


def _on_simplex(rows: np.ndarray) -> np.ndarray:
    """Return max(rows − θ, 0) with a θ for each row that makes its sum 1 (Held, Wolfe and Crowder, 1974)."""
    descending = -np.sort(-rows, axis=1)
    thresholds = (np.cumsum(descending, axis=1) - 1) / np.arange(1, rows.shape[1] + 1)
    last = (descending > thresholds).sum(axis=1) - 1
    return np.maximum(rows - thresholds[np.arange(len(rows)), last][:, None], 0)
