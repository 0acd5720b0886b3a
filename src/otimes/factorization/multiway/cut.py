"""The slots of N factors cut into two groups: a product of N factors is then one of two, a column times a row.

The rearrangement for the two groups is all that is asked of a matrix here, so that whatever offers products with it
has approximations by N factors too. Its rows run over i₁ … i_h j₁ … j_h; the algorithms use tensors with one axis
(i_k, j_k) for each slot, and a last one for the terms.
"""

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from otimes.factorization.shapes import Shape, Shapes


@dataclass(frozen=True)
class Cut:
    """Slots before and after the cut: shapes of F₁, …, F_h and of F_{h+1}, …, F_N."""

    left: Shapes
    right: Shapes

    @classmethod
    def balanced(cls, shapes: Shapes) -> "Cut":
        """Return the cut of which the two sides together are shortest."""
        sizes = [m * n for m, n in shapes]
        place = min(range(1, len(sizes)), key=lambda h: math.prod(sizes[:h]) + math.prod(sizes[h:]))
        return cls(shapes[:place], shapes[place:])

    @property
    def pair(self) -> Shapes:
        """The shapes of F₁ ⊗ … ⊗ F_h and of F_{h+1} ⊗ … ⊗ F_N."""
        return merged(self.left), merged(self.right)

    def sides(self, factors: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        """Return the columns vec(F₁ ⊗ … ⊗ F_h) and vec(F_{h+1} ⊗ … ⊗ F_N) of all terms."""
        h = len(self.left)
        return products(factors[:h], self.left), products(factors[h:], self.right)


def merged(shapes: Shapes) -> Shape:
    """Return the shape of a Kronecker product of factors of these shapes."""
    return math.prod(m for m, _ in shapes), math.prod(n for _, n in shapes)


def products(factors: Sequence[np.ndarray], shapes: Shapes) -> np.ndarray:
    """Return the columns vec(F₁ ⊗ … ⊗ F_h) for matrices whose columns are the vec(F_k) of all terms."""
    return columns_of(functools.reduce(lambda tensor, F: tensor[..., None, :] * F, factors), shapes)


def columns_of(tensor: np.ndarray, shapes: Shapes) -> np.ndarray:
    """Return the tensor (m₁n₁, …, m_h n_h, R) as columns that run over i₁ … i_h j₁ … j_h."""
    h = len(shapes)
    split = tensor.reshape(*(size for shape in shapes for size in shape), -1)
    return split.transpose(*range(0, 2 * h, 2), *range(1, 2 * h, 2), 2 * h).reshape(-1, tensor.shape[-1])


def tensor_of(columns: np.ndarray, shapes: Shapes) -> np.ndarray:
    """Return columns that run over i₁ … i_h j₁ … j_h as the tensor (m₁n₁, …, m_h n_h, R)."""
    h = len(shapes)
    split = columns.reshape(*(m for m, _ in shapes), *(n for _, n in shapes), -1)
    axes = (axis for k in range(h) for axis in (k, h + k))
    return split.transpose(*axes, 2 * h).reshape(*(m * n for m, n in shapes), -1)
