"""The scale of M, shared by the factors: sets that are no cones become others for the factors of M / scale."""

from dataclasses import dataclass

import numpy as np

from otimes.errors import StructureError
from otimes.factorization.constrained.alternating import Fit, Sets
from otimes.factorization.constrained.matrix_set import MatrixSet
from otimes.factorization.constrained.subspace import Subspace
from otimes.factorization.shapes import Shape


@dataclass(frozen=True)
class Scaled(MatrixSet):
    """The matrices A with scale · A in a set: what the set is to the factors of M / scale."""

    inner: MatrixSet
    scale: float

    @property
    def name(self) -> str:  # type: ignore[override]  # computed here
        """The name of the set."""
        return self.inner.name

    @property
    def shape(self) -> Shape:  # type: ignore[override]  # computed here
        """Shape of the matrices."""
        return self.inner.shape

    @property
    def is_cone(self) -> bool:  # type: ignore[override]  # computed here
        """Whether the set is a cone."""
        return self.inner.is_cone

    @property
    def span(self) -> Subspace:
        """That of the set."""
        return self.inner.span

    def nearest(self, A: np.ndarray) -> np.ndarray:
        """Return the point for which scale times it is nearest to scale · A."""
        return self.inner.nearest(A * self.scale) / self.scale

    def sized(self, A: np.ndarray) -> np.ndarray:
        """Return a multiple of A of which scale times it has the size of members of the set."""
        return self.inner.sized(A) / self.scale


@dataclass(frozen=True)
class SharedScale:
    """What the sets are to the factors of M / scale, and what these are to be multiplied with."""

    sets: Sets
    scales: tuple[float, ...]

    @classmethod
    def of(cls, asked: Sets, scale: float) -> "SharedScale":
        """Return the shares: the cones take equal ones, and without any the last factor all.

        Raises
        ------
        StructureError
            No factor of the sets can be as small as the matrix takes.
        """
        takers = [one.is_cone for one in asked]
        if not any(takers) and scale < 1:
            raise StructureError(
                f"structure {' ⊗ '.join(one.name for one in asked)}: products of such factors have norms of their own, "
                f"and the entries of the matrix are about {scale:.1g}, so that the error would be beyond all bounds; "
                "multiply the matrix, or leave one factor without structure"
            )
        if not any(takers):
            takers[-1] = True
        share = scale ** (1 / sum(takers))
        scales = [share if taker else 1.0 for taker in takers]
        last = len(takers) - 1 - takers[::-1].index(True)
        scales[last] = scale / share ** (sum(takers) - 1)  # of a third root, no power of two, the product is exact so
        sets = (one if one.is_cone or s == 1 else Scaled(one, s) for one, s in zip(asked, scales, strict=True))
        return cls(tuple(sets), tuple(scales))

    def factors(self, fit: Fit) -> tuple[tuple[np.ndarray, ...], ...]:
        """Return the factors of each term of a fit, as those of M."""
        slots = (
            [np.ascontiguousarray(a).reshape(one.shape) for a in (F * share).T]
            for F, share, one in zip(fit.factors, self.scales, self.sets, strict=True)
        )
        return tuple(zip(*slots, strict=True))
