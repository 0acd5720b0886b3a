"""Coefficients of an equation as users give them: one number, one for each axis, or a field."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from otimes.errors import DTypeError, ShapeError, StructureError
from otimes.pde.axis import Axis
from otimes.pde.discretization import CELLS
from otimes.pde.grid import checked_values, evaluated


def is_field(value: Any) -> bool:
    """Whether it depends on all coordinates: a function of them, or an array."""
    return callable(value) or (not isinstance(value, (tuple, list)) and np.ndim(value) > 0)


def per_axis(axes: Sequence[Axis], values: Any, points: Sequence[np.ndarray], what: str) -> list[np.ndarray]:
    """Return values at points of each axis: of one number, or of a number, a function or an array for each axis."""
    pairs = enumerate(zip(one_each(axes, values, what), points, strict=True))
    return [evaluated(value, [x], f"{what}, component {i},") for i, (value, x) in pairs]


def one_each(axes: Sequence[Axis], values: Any, what: str) -> list[Any]:
    """Return one value for each axis, given so in a list, or the same for all."""
    given = list(values) if isinstance(values, (tuple, list)) else [values] * len(axes)
    if len(given) != len(axes):
        raise ShapeError(f"{what}: {len(given)} components on a grid of {len(axes)} axes; give one for each")
    return given


def at_sites(axes: Sequence[Axis], coefficient: Any, what: str) -> np.ndarray:
    """Return a > 0 at the sites of a grid: of a number, a function of the coordinates, or an array on the cells.

    The array has no values on the faces of the grid: there they are those of the cells beside. On them a may vanish.
    """
    parts = [axis.discretization for axis in axes]
    if callable(coefficient) or np.ndim(coefficient) == 0:
        a = evaluated(coefficient, [part.sites for part in parts], what)
    else:
        inside = evaluated(coefficient, [part.sites[part.cells] for part in parts], what)
        a = np.pad(
            inside, [((len(part.sites) - n) // 2,) * 2 for part, n in zip(parts, inside.shape, strict=True)], "edge"
        )
    if a.dtype.kind == "c":
        raise DTypeError(f"{what} must be real and positive, and is complex")
    lowest = a[(CELLS,) * a.ndim].min(initial=np.inf)
    if a.min() < 0 or lowest == 0:
        raise StructureError(f"{what} must be positive, and is {a.min():g} somewhere")
    return a


def diffusivity_parts(axes: Sequence[Axis], coefficient: Any, what: str) -> list[np.ndarray]:
    """Return aᵢ at the sites of each axis."""
    pairs = enumerate(zip(axes, one_each(axes, coefficient, what), strict=True))
    return [at_sites([axis], value, f"{what}, component {i},") for i, (axis, value) in pairs]


def number(c: Any, what: str) -> complex:
    """Return a finite number, real if it is."""
    value = checked_values(c, what)
    if value.ndim:
        raise ShapeError(f"{what} has shape {value.shape}; give one number")
    return complex(value) if value.dtype.kind == "c" else float(value)


def potential_matrices(axes: Sequence[Axis], potentials: Sequence[Any], what: str) -> list[np.ndarray]:
    """Return ∫ φᵢ V φⱼ dx of a potential along each axis; with lumped masses V acts point by point."""
    points = [axis.x if axis.lumped else axis.discretization.sites for axis in axes]
    values = per_axis(axes, potentials, points, what)
    return [
        np.diag(axis.weights * V) if axis.lumped else axis.matrix(axis.discretization.mass(V))
        for axis, V in zip(axes, values, strict=True)
    ]
