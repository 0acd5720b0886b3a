"""Several structures at once: the intersection of convex sets."""

import math
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
    step that it took the last time has been taken back. That is a descent of the dual problem, the steps in turn, and
    so a round begins beyond the last one, as in accelerated gradient methods: A. Chambolle, T. Pock, A remark on
    accelerated block coordinate descent, SMAI J. Comput. Math. 1 (2015) 29-54; restarted where that leads uphill
    (B. O'Donoghue, E. J. Candès, Found. Comput. Math. 15 (2015) 715-732).
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
        steps = before = [np.zeros_like(A) for _ in self.sets]
        norm, moved, pace = float(np.linalg.norm(A)), 0.0, 1.0  # of A: the nearest point may be zero
        for _ in range(self.rounds):
            following = (1 + math.sqrt(1 + 4 * pace**2)) / 2
            beyond = [step + (pace - 1) / following * (step - old) for step, old in zip(steps, before, strict=True)]
            point, taken, moved = self._round(A, beyond)
            if moved <= self.rtol * norm:
                return point
            parts = zip(beyond, taken, steps, strict=True)
            is_uphill = sum(np.vdot(start - end, end - old).real for start, end, old in parts) > 0
            before, steps, pace = steps, taken, 1.0 if is_uphill else following
        raise StructureError(
            f"{self.name}: after {self.rounds} projections onto each of the sets they are still {moved:.2g} apart, "
            f"for a {shape_text(self.shape)} matrix of norm {norm:.2g}; they may have no matrix in common"
        )

    def _round(self, A: np.ndarray, steps: list[np.ndarray]) -> tuple[np.ndarray, list[np.ndarray], float]:
        """Return A less the steps, each in turn taken to a set, with these steps and the longest way between two."""
        point, taken, moved = A - sum(steps), list(steps), 0.0
        for k, one in enumerate(self.sets):
            nearest = one.nearest(point + steps[k])
            moved = max(moved, float(np.linalg.norm(nearest - point)))
            taken[k] = steps[k] + point - nearest
            point = nearest
        return point, taken, moved
