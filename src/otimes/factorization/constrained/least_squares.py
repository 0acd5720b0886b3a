"""The error of terms as a problem for one side at a time: by products with R, or with R in coordinates, formed once."""

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from otimes.factorization.constrained.alternating import PairProblem
from otimes.factorization.constrained.compression import Coordinates
from otimes.factorization.multiway.cut import Cut
from otimes.factorization.sources.rearranged import Rearranged

_SHARE = 2  # a compressed matrix of less than this part of the memory of M is formed: sweeps then read so much less


@dataclass(frozen=True)
class LeastSquares:
    """‖R − Σ vec(A_r) vec(B_r)ᵀ‖ for a rearrangement, every entry counted alike."""

    R: Rearranged

    @property
    def T(self) -> "LeastSquares":
        """The same with the factors exchanged."""
        return replace(self, R=self.R.T)

    def equations(self, fixed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the one normal matrix of all entries and their moments, by one product with R."""
        return (fixed.conj().T @ fixed)[None], self.R.product(fixed.conj())

    def error(self, left: np.ndarray, right: np.ndarray) -> float:
        """Return the relative error."""
        residual, norm = self.R.residual_norms(left, right)
        return residual / norm if norm else 0.0


@dataclass(frozen=True, eq=False)
class CompressedLeastSquares:
    """The same for factors in subspaces with the bases P and Q, by C = Pᴴ R conj(Q): ‖C − …‖ and what is outside."""

    formed: np.ndarray
    bases: tuple[Any, Any]
    outside: float
    norm: float

    @property
    def T(self) -> "CompressedLeastSquares":
        """The same with the factors exchanged."""
        return replace(self, formed=self.formed.T, bases=self.bases[::-1])

    def equations(self, fixed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the normal matrix, and the moments as far as the subspace of the first factors is concerned."""
        moment = self.formed @ self._coefficients(1, fixed).conj()
        return (fixed.conj().T @ fixed)[None], self.bases[0] @ moment

    def error(self, left: np.ndarray, right: np.ndarray) -> float:
        """Return the relative error."""
        difference = self.formed - self._coefficients(0, left) @ self._coefficients(1, right).T
        return math.hypot(self.outside, np.linalg.norm(difference)) / (self.norm or 1.0)

    def _coefficients(self, side: int, factors: np.ndarray) -> np.ndarray:
        found = self.bases[side].conj().T @ factors
        return found if self.formed.dtype.kind == "c" else found.real


def least_squares(R: Rearranged, cut: Cut, within: Coordinates) -> PairProblem:
    """Return the problem for factors in the coordinates: with R formed in them where that takes much less than M."""
    C = within.compressed(R, cut)
    if math.prod(C.shape) * C.dtype.itemsize * _SHARE > math.prod(R.shape) * R.dtype.itemsize or R.work < C.work:
        return LeastSquares(R)
    formed = C.formed()
    return CompressedLeastSquares(formed, (C.left, C.right), C.outside(formed), R.norm())
