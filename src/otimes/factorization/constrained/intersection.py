"""Several structures at once: the intersection of convex sets."""

from dataclasses import dataclass

import numpy as np

from otimes.core.checks import shape_text
from otimes.errors import StructureError
from otimes.factorization.constrained.matrix_set import MatrixSet
from otimes.factorization.constrained.subspace import Subspace
from otimes.factorization.shapes import Shape


@dataclass(frozen=True)
class Intersection(MatrixSet):
    """The matrices that are in each of the sets, to a relative distance of `rtol`; in the last one exactly.

    Nearest points come from Dykstra's algorithm: projections onto one set after the other, from each of which the
    step that it took the last time has been taken back.
    """

    sets: tuple[MatrixSet, ...]
    rtol: float
    rounds: int

    @property
    def name(self) -> str:  # type: ignore[override]  # computed here
        """The names of all."""
        return " & ".join(one.name for one in self.sets)

    @property
    def shape(self) -> Shape:  # type: ignore[override]  # computed here
        """Shape of the matrices."""
        return self.sets[0].shape

    @property
    def is_cone(self) -> bool:  # type: ignore[override]  # computed here
        """Whether all of them are cones."""
        return all(one.is_cone for one in self.sets)

    @property
    def span(self) -> Subspace:
        """The intersection of the spans."""
        first, *others = (one.span for one in self.sets)
        for other in others:
            first = first.meet(other)
        return first

    def sized(self, A: np.ndarray) -> np.ndarray:
        """Return a multiple of A of the size of members of a set that is no cone."""
        return next((one.sized(A) for one in self.sets if not one.is_cone), A)

    def nearest(self, A: np.ndarray) -> np.ndarray:
        """Return the nearest point; `StructureError` where the sets do not come together."""
        steps = [np.zeros_like(A) for _ in self.sets]
        norm, moved = float(np.linalg.norm(A)), 0.0  # of A: the nearest point may be zero
        for _ in range(self.rounds):
            moved = 0.0
            for k, one in enumerate(self.sets):
                point = one.nearest(A + steps[k])
                moved = max(moved, float(np.linalg.norm(point - A)))
                steps[k] += A - point
                A = point
            if moved <= self.rtol * norm:
                return A
        raise StructureError(
            f"{self.name}: after {self.rounds} projections onto each of the sets they are still {moved:.2g} apart, "
            f"for a {shape_text(self.shape)} matrix of norm {np.linalg.norm(A):.2g}; they may have no matrix in common"
        )
