"""Boundary conditions: α u + β ∂u/∂n = g on a face, with the normal pointing outwards."""

import math
from dataclasses import dataclass
from typing import Any

from otimes.errors import StructureError

FORMS = '"dirichlet", "neumann", "periodic", ("robin", alpha, beta), or a pair of these, for the low and the high face'


@dataclass(frozen=True, slots=True)
class Condition:
    """α u + β ∂u/∂n = g: Dirichlet's for β = 0, Neumann's for α = 0, else Robin's."""

    alpha: float
    beta: float

    @property
    def essential(self) -> bool:
        """Whether it gives the value itself, so that there is nothing to solve for on the face."""
        return self.beta == 0

    @property
    def admits_constants(self) -> bool:
        """Whether u = 1 satisfies it with g = 0."""
        return self.alpha == 0

    def __str__(self) -> str:
        names = {(1.0, 0.0): "dirichlet", (0.0, 1.0): "neumann"}
        return names.get((self.alpha, self.beta), f"robin({self.alpha:g}, {self.beta:g})")


Pair = tuple[Condition, Condition]
_NAMED = {"dirichlet": Condition(1.0, 0.0), "neumann": Condition(0.0, 1.0)}


def conditions_of(bc: Any) -> Pair | None:
    """Return the conditions on the low and on the high face, or None for a periodic axis."""
    if isinstance(bc, str) and bc == "periodic":
        return None
    if isinstance(bc, str) or _is_robin(bc):
        return (_condition(bc, bc),) * 2
    if not isinstance(bc, (tuple, list)) or len(bc) != 2:
        raise StructureError(f"Axis: bc={bc!r} is no boundary condition; give {FORMS}")
    if "periodic" in bc:
        raise StructureError(f'Axis: bc={bc!r}: an axis is periodic on both faces or on none; give bc="periodic"')
    return _condition(bc[0], bc), _condition(bc[1], bc)


def _is_robin(bc: Any) -> bool:
    return isinstance(bc, (tuple, list)) and len(bc) == 3 and bc[0] == "robin"


def _condition(one: Any, bc: Any) -> Condition:
    """Return the condition of one face."""
    if isinstance(one, str) and one in _NAMED:
        return _NAMED[one]
    if not _is_robin(one):
        raise StructureError(f"Axis: bc={bc!r}: {one!r} is no boundary condition; give {FORMS}")
    try:
        alpha, beta = float(one[1]), float(one[2])
    except (TypeError, ValueError) as error:
        raise StructureError(f"Axis: bc={bc!r}: α and β of {one!r} must be real numbers") from error
    if not (math.isfinite(alpha) and math.isfinite(beta)) or alpha == beta == 0:
        raise StructureError(f"Axis: bc={bc!r}: α and β of {one!r} must be finite, and not both zero")
    return Condition(alpha, beta)
