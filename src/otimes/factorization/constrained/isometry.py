"""Factors that keep lengths: orthogonal and unitary matrices."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from otimes.factorization.constrained.matrix_set import MatrixSet
from otimes.factorization.constrained.subspace import Subspace, everything, real
from otimes.factorization.shapes import Shape


@dataclass(frozen=True)
class Unitary(MatrixSet):
    """Matrices with orthonormal columns, or rows where these are shorter."""

    shape: Shape
    dtype: np.dtype
    name: str = "unitary"
    is_cone: ClassVar[bool] = False
    is_convex: ClassVar[bool] = False

    @property
    def span(self) -> Subspace:
        """All matrices."""
        return everything(self.shape, self.dtype)

    def nearest(self, A: np.ndarray) -> np.ndarray:
        """Return the unitary factor of the polar decomposition."""
        left, _, right = np.linalg.svd(A, full_matrices=False)
        return left @ right


@dataclass(frozen=True)
class Orthogonal(Unitary):
    """The real ones among them, of a complex matrix too."""

    name: str = "orthogonal"

    @property
    def span(self) -> Subspace:
        """The real matrices."""
        return real(self.shape, self.dtype)

    def nearest(self, A: np.ndarray) -> np.ndarray:
        """Return the orthogonal factor of the polar decomposition of the real part."""
        return super().nearest(A.real).astype(A.dtype)
