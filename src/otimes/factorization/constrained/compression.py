"""The rearrangement in coordinates of the structure: a smaller matrix for which the same problem has no structure."""

import functools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import sparse

from otimes.factorization.constrained.subspace import Subspace
from otimes.factorization.multiway.cut import Cut, columns_of
from otimes.factorization.shapes import Shapes
from otimes.factorization.sources.rearranged import SIDE, Index, Rearranged, sum_of_squares


@dataclass(frozen=True, eq=False)
class Coordinates:
    """Orthonormal bases, one for the factors of each slot, with coefficients of `dtype`."""

    bases: tuple[Any, ...]
    dtype: np.dtype

    @classmethod
    def of(cls, spaces: Sequence[Subspace], dtype: np.dtype) -> "Coordinates | None":
        """Return bases in which any coefficients give factors of the subspaces, and the other way round.

        Beside real coefficients, complex ones are two real ones each. A product of two of these would not be bilinear
        in real numbers: None for real and more than one complex subspace together.
        """
        complex_ones = sum(not space.is_real for space in spaces)
        if complex_ones == len(spaces):
            return cls(tuple(space.basis for space in spaces), dtype)
        if complex_ones > 1:
            return None
        return cls(tuple(space.over_reals() for space in spaces), np.finfo(dtype).dtype)

    def compressed(self, R: Rearranged, cut: Cut) -> "CompressedRearrangement":
        """Return R in these coordinates."""
        h = len(cut.left)
        left, right = _products(self.bases[:h], cut.left), _products(self.bases[h:], cut.right)
        return CompressedRearrangement(R, left, right, self.dtype)

    def inner(self, cut: Cut) -> Cut:
        """Return the cut of the coefficients, as factors of one column."""
        shapes: Shapes = tuple((basis.shape[1], 1) for basis in self.bases)
        h = len(cut.left)
        return Cut(shapes[:h], shapes[h:])

    def factors(self, coefficients: Sequence[np.ndarray]) -> tuple[np.ndarray, ...]:
        """Return the factors in all terms, row by row in columns."""
        return tuple(basis @ c for basis, c in zip(self.bases, coefficients, strict=True))


def _products(bases: Sequence[Any], shapes: Shapes) -> Any:
    """Return the columns vec(F₁ ⊗ … ⊗ F_h) for all choices of a basis vector for each slot."""
    if len(bases) == 1:
        return bases[0]
    every = functools.reduce(lambda P, Q: sparse.kron(P, Q, format="csr"), bases)
    places = np.arange(math.prod(m * n for m, n in shapes))
    return sparse.csr_array(every)[columns_of(places, shapes).ravel()]


@dataclass(frozen=True, eq=False)
class CompressedRearrangement(Rearranged):
    """C = Pᴴ R conj(Q) for orthonormal bases P and Q of the factors' subspaces; its real part for real coefficients.

    For A = P α and B = Q β, ‖R − Σ vec(A) vec(B)ᵀ‖² is ‖C − Σ α βᵀ‖² and a constant: the best structured terms are
    the leading singular triplets of C. Products go through those of R; C is formed only where its panels are read.
    The norm is that of R, and so are residuals: what the subspaces do not reach is counted.
    """

    R: Rearranged
    left: Any
    right: Any
    dtype: np.dtype

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

    def norm(self) -> float:
        """Return ‖R‖."""
        return self.R.norm()

    def residual_norms(self, left: np.ndarray, right: np.ndarray) -> tuple[float, float]:
        """Return ‖R − P left (Q right)ᵀ‖ and ‖R‖."""
        return self.R.residual_norms(self.left @ left, self.right @ right)

    def panels(self, *, height: int = SIDE, width: int = SIDE) -> Iterator[tuple[Index, Index, np.ndarray]]:
        """Yield (rows, columns, panel) that tile C, which takes at most the memory of M and usually far less."""
        formed = self.formed()
        for top in range(0, self.shape[0], height):
            for start in range(0, self.shape[1], width):
                rows, columns = slice(top, top + height), slice(start, start + width)
                yield rows, columns, formed[rows, columns]

    def formed(self) -> np.ndarray:
        """Return C as an array."""
        formed = np.zeros(self.shape, self.dtype)
        for rows, columns, panel in self.R.panels():
            above, P = _touched(self.left[rows])
            beside, Q = _touched(self.right[columns])
            if len(above) and len(beside):
                formed[np.ix_(above, beside)] += self._part(P.conj().T @ (Q.conj().T @ panel.T).T)
        return formed

    def outside(self, formed: np.ndarray) -> float:
        """Return ‖R − P C Qᵀ‖ for the formed C: what the subspaces do not reach, by no difference of squares."""
        square = 0.0
        for rows, columns, panel in self.R.panels():
            square += sum_of_squares(panel - self.left[rows] @ (self.right[columns] @ formed.T).T)
        return math.sqrt(square)

    def _part(self, values: np.ndarray) -> np.ndarray:
        return values if self.dtype.kind == "c" else values.real


def _touched(rows: Any) -> tuple[np.ndarray, Any]:
    """Return which basis vectors do not vanish on some entries, and these there."""
    vectors = np.unique(rows.indices)
    return vectors, rows[:, vectors]
