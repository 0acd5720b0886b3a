"""A rearrangement of low rank, in place of one that is expensive to multiply with."""

from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class ThinProduct:
    """The matrix left · rightᵀ, with the methods of a `Rearrangement` that alternating least squares calls."""

    left: np.ndarray
    right: np.ndarray

    @property
    def T(self) -> "ThinProduct":
        """The transpose."""
        return ThinProduct(self.right, self.left)

    def product(self, V: np.ndarray) -> np.ndarray:
        """Return R V."""
        return self.left @ (self.right.T @ V)

    def residual_norms(self, left: np.ndarray, right: np.ndarray) -> tuple[float, float]:
        """Return ‖R − left rightᵀ‖ and ‖R‖ (Frobenius), from triangles: differences of squares would cancel."""
        rank = self.left.shape[1]
        rows: Any = np.linalg.qr(np.hstack([self.left, left]), mode="r")
        columns: Any = np.linalg.qr(np.hstack([self.right, right]), mode="r")
        whole = rows[:, :rank] @ columns[:, :rank].T
        return float(np.linalg.norm(whole - rows[:, rank:] @ columns[:, rank:].T)), float(np.linalg.norm(whole))
