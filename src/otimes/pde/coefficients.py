"""Coefficients of an equation as users give them: one number, one for each axis, or a field."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from otimes.errors import DTypeError, ShapeError, StructureError
from otimes.pde.axis import Axis
from otimes.pde.grid import checked_values, evaluated


def is_field(value: Any) -> bool:
    """Whether it depends on all coordinates: a function of them, or an array."""
    return callable(value) or (not isinstance(value, (tuple, list)) and np.ndim(value) > 0)


def per_axis(axes: Sequence[Axis], values: Any, points: Sequence[np.ndarray], what: str) -> list[np.ndarray]:
    """Return values at points of each axis: of one number, or of a number, a function or an array for each axis."""
    given = list(values) if isinstance(values, (tuple, list)) else [values] * len(axes)
    if len(given) != len(axes):
        raise ShapeError(f"{what}: {len(given)} components on a grid of {len(axes)} axes; give one for each")
    return [evaluated(v, [x], f"{what}, component {i},") for i, (v, x) in enumerate(zip(given, points, strict=True))]


def sites(axes: Sequence[Axis]) -> list[np.ndarray]:
    """Return where each axis takes the coefficient of diffusion."""
    return [axis.discretization.sites for axis in axes]


def positive(a: np.ndarray, what: str) -> np.ndarray:
    """Return the values, or raise unless they are real and positive."""
    if a.dtype.kind == "c":
        raise DTypeError(f"{what} must be real and positive, and is complex")
    if a.min() <= 0:
        place = tuple(int(i) for i in np.unravel_index(a.argmin(), a.shape))
        raise StructureError(f"{what} must be positive, and is {a.min():g} at {place}")
    return a


def diffusivity_parts(axes: Sequence[Axis], coefficient: Any, what: str) -> list[np.ndarray]:
    """Return aᵢ at the sites of each axis."""
    return [positive(a, what) for a in per_axis(axes, coefficient, sites(axes), what)]


def diffusivity_field(axes: Sequence[Axis], coefficient: Any, what: str) -> np.ndarray:
    """Return a on the cells, of a function of all coordinates or an array of values there."""
    return positive(evaluated(coefficient, sites(axes), what), what)


def number(c: Any) -> complex:
    """Return a finite number, real if it is."""
    value = checked_values(c, "the potential")
    return complex(value) if value.dtype.kind == "c" else float(value)


def potential_matrices(axes: Sequence[Axis], potentials: Sequence[Any], what: str) -> list[np.ndarray]:
    """Return ∫ φᵢ V φⱼ dx of a potential along each axis; with lumped masses V acts point by point."""
    points = [axis.x if axis.lumped else axis.discretization.sites for axis in axes]
    values = per_axis(axes, potentials, points, what)
    return [
        np.diag(axis.weights * V) if axis.lumped else axis.matrix(axis.discretization.mass(V))
        for axis, V in zip(axes, values, strict=True)
    ]
