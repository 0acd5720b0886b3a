"""Factors that keep lengths: orthogonal and unitary matrices."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from otimes.factorization.constrained.matrix_set import MatrixSet
from otimes.factorization.constrained.subspace import Subspace, everything
from otimes.factorization.shapes import Shape


@dataclass(frozen=True)
class Unitary(MatrixSet):
    """Matrices with orthonormal columns, or rows where these are shorter; orthogonal ones if M is real."""

    shape: Shape
    dtype: np.dtype
    is_cone: ClassVar[bool] = False
    is_convex: ClassVar[bool] = False

    @property
    def name(self) -> str:  # type: ignore[override]  # computed here
        """Orthogonal or unitary, by the dtype."""
        return "unitary" if self.dtype.kind == "c" else "orthogonal"

    @property
    def span(self) -> Subspace:
        """All matrices."""
        return everything(self.shape, self.dtype)

    def nearest(self, A: np.ndarray) -> np.ndarray:
        """Return the unitary factor of the polar decomposition."""
        left, _, right = np.linalg.svd(A, full_matrices=False)
        return left @ right
