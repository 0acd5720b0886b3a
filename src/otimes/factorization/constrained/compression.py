"""The rearrangement in coordinates of the structure: a smaller matrix with the same singular value problem."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from otimes.factorization.constrained.subspace import Subspace
from otimes.factorization.sources.rearranged import SIDE, Index, Rearranged


@dataclass(frozen=True, eq=False)
class CompressedRearrangement(Rearranged):
    """C = Pᴴ R conj(Q) for orthonormal bases P and Q of the factors' subspaces; its real part for real coefficients.

    For A = P α and B = Q β, ‖R − Σ vec(A) vec(B)ᵀ‖² is ‖C − Σ α βᵀ‖² and a constant: the best structured terms are
    the leading singular triplets of C. Products go through those of R; C is formed only where its panels are read.
    """

    R: Rearranged
    left: Any
    right: Any
    dtype: np.dtype

    @classmethod
    def of(cls, R: Rearranged, left: Subspace, right: Subspace) -> "CompressedRearrangement":
        """Return the rearrangement compressed to two subspaces, over the real numbers if either is real."""
        if not (left.is_real or right.is_real):
            return cls(R, left.basis, right.basis, R.dtype)
        return cls(R, left.over_reals(), right.over_reals(), np.finfo(R.dtype).dtype)

    @property
    def shape(self) -> tuple[int, int]:
        """Dimensions of the two subspaces."""
        return self.left.shape[1], self.right.shape[1]

    @property
    def T(self) -> "CompressedRearrangement":
        """Cᵀ, that of the factors exchanged."""
        return replace(self, R=self.R.T, left=self.right, right=self.left)

    @property
    def work(self) -> int:
        """The numbers read by one product: those of R."""
        return self.R.work

    def product(self, V: np.ndarray) -> np.ndarray:
        """Return C V."""
        return self._part(self.left.conj().T @ self.R.product(self.right.conj() @ V))

    def adjoint_product(self, U: np.ndarray) -> np.ndarray:
        """Return Cᴴ U."""
        return self._part(self.right.T @ self.R.adjoint_product(self.left @ U))

    def panels(self, *, height: int = SIDE, width: int = SIDE) -> Iterator[tuple[Index, Index, np.ndarray]]:
        """Yield (rows, columns, panel) that tile C, which takes at most the memory of M and usually far less."""
        formed = self._formed()
        for top in range(0, self.shape[0], height):
            for start in range(0, self.shape[1], width):
                rows, columns = slice(top, top + height), slice(start, start + width)
                yield rows, columns, formed[rows, columns]

    def _formed(self) -> np.ndarray:
        formed = np.zeros(self.shape, self.dtype)
        for rows, columns, panel in self.R.panels():
            above, P = _touched(self.left[rows])
            beside, Q = _touched(self.right[columns])
            if len(above) and len(beside):
                formed[np.ix_(above, beside)] += self._part(P.conj().T @ (Q.conj().T @ panel.T).T)
        return formed

    def _part(self, values: np.ndarray) -> np.ndarray:
        return values if self.dtype.kind == "c" else values.real


def _touched(rows: Any) -> tuple[np.ndarray, Any]:
    """Return which basis vectors do not vanish on some entries, and these there."""
    vectors = np.unique(rows.indices)
    return vectors, rows[:, vectors]
