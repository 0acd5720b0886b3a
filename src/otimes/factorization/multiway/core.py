"""A thin product in coordinates of what its slots span: small where the matrix has few terms, and nothing is lost."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from otimes.factorization.multiway.alternating import Factors
from otimes.factorization.multiway.cut import Cut, columns_of, tensor_of
from otimes.factorization.shapes import Shapes
from otimes.factorization.sources.kronecker_products import ThinRearrangement


@dataclass(frozen=True)
class Core:
    """The thin product for factors vec(F_k) = basis_k · f_k; the slots of its cut are the columns f_k.

    The bases are the left singular vectors of the unfoldings, largest first, those of rounding left out (HOSVD).
    """

    thin: ThinRearrangement
    cut: Cut
    bases: Factors

    @classmethod
    def of(cls, thin: ThinRearrangement, cut: Cut) -> "Core":
        """Return the core of a truncated singular value decomposition, left = U Σ and right = conj(V)."""
        values = np.linalg.norm(thin.left, axis=0)
        before, after = tensor_of(thin.left, cut.left), tensor_of(thin.right, cut.right)
        bases = [*_bases(before), *_bases(after * values)]
        h = len(cut.left)
        shapes: Shapes = tuple((basis.shape[1], 1) for basis in bases)
        left, right = _coordinates(before, bases[:h]), _coordinates(after, bases[h:])
        inner = Cut(shapes[:h], shapes[h:])
        sides = columns_of(left, inner.left), columns_of(right, inner.right)
        return cls(ThinRearrangement(*sides, thin.dtype), inner, bases)

    def lifted(self, factors: Factors) -> Factors:
        """Return the vec(F_k) of coordinates f_k."""
        return [basis @ f for basis, f in zip(self.bases, factors, strict=True)]


def _bases(tensor: np.ndarray) -> Factors:
    """Return for each slot an orthonormal basis of the space of its unfolding, without squares of singular values."""
    found = []
    for k, size in enumerate(tensor.shape[:-1]):
        unfolding = np.moveaxis(tensor, k, 0).reshape(size, -1)
        triangle: Any = np.linalg.qr(unfolding.T, mode="r")
        U, values, _ = np.linalg.svd(triangle.T, full_matrices=False)
        relevant = values > max(unfolding.shape) * np.finfo(values.dtype).eps * values[0]
        relevant[0] = True
        found.append(U[:, relevant])
    return found


def _coordinates(tensor: np.ndarray, bases: Factors) -> np.ndarray:
    """Return the tensor in the coordinates of one basis for each slot."""
    for k, basis in enumerate(bases):
        tensor = np.moveaxis(np.tensordot(basis.conj(), tensor, (0, k)), 0, k)
    return tensor
