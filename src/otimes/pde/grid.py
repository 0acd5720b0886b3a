"""Fields on a tensor grid: the points of several axes, and functions evaluated there."""

from collections.abc import Sequence
from typing import Any

import numpy as np

import otimes as ox
from otimes.errors import DTypeError, NonFiniteError, ShapeError
from otimes.pde.axis import Axis

Axes = Axis | Sequence[Axis]


def axes_of(axes: Any, name: str) -> tuple[Axis, ...]:
    """Return the axes as a tuple, of one axis too."""
    found = (axes,) if isinstance(axes, Axis) else tuple(axes) if isinstance(axes, (tuple, list)) else ()
    if not found or not all(isinstance(axis, Axis) for axis in found):
        raise ShapeError(f"{name}: axes={axes!r:.60} must be a list of Axis, one for each direction of the grid")
    return found


def shape_of(axes: Sequence[Axis]) -> tuple[int, ...]:
    """Return (n₁, …, n_d), of the unknowns."""
    return tuple(map(len, axes))


def points_shape(axes: Sequence[Axis]) -> tuple[int, ...]:
    """Return (N₁, …, N_d), of all points."""
    return tuple(len(axis.points) for axis in axes)


def mesh(axes: Axes, *, boundary: bool = False) -> tuple[np.ndarray, ...]:
    """Return the coordinates of a grid, one array for each axis, which broadcast against each other.

    Parameters
    ----------
    axes : Axis or sequence of Axis
    boundary : bool
        Whether points with a given value are among them: all points instead of the unknowns.

    Returns
    -------
    tuple of arrays
        (n₁, 1, …), (1, n₂, …), …, in the unit of the axes.

    Examples
    --------
    >>> from otimes import pde
    >>> x, y = pde.mesh([pde.Axis(5), pde.Axis(4, bc="neumann")])
    >>> (x + 10 * y).round(2)
    array([[ 0.25,  3.58,  6.92, 10.25],
           [ 0.5 ,  3.83,  7.17, 10.5 ],
           [ 0.75,  4.08,  7.42, 10.75]])
    """
    axes = axes_of(axes, "mesh")
    return open_mesh([axis.points if boundary else axis.x for axis in axes])


def open_mesh(coordinates: Sequence[np.ndarray]) -> tuple[np.ndarray, ...]:
    """Return 1-D arrays as arrays that broadcast against each other."""
    d = len(coordinates)
    return tuple(x.reshape(tuple(-1 if i == j else 1 for j in range(d))) for i, x in enumerate(coordinates))


def weighted(axes: Sequence[Axis], f: Any, what: str = "f") -> np.ndarray:
    """Return the weak form ∫ φᵢ f of a source: a number, a function of the coordinates, or an array of values.

    The array has values at the unknowns or at all points; at all points if mass matrices reach those with a given u.
    """
    lumped = all(axis.lumped for axis in axes)
    if not callable(f) and np.shape(f) == points_shape(axes) != shape_of(axes) and lumped:
        f = np.asarray(f)[tuple(axis.unknowns for axis in axes)]
    values = evaluated(f, [axis.x if lumped else axis.points for axis in axes], what)
    if not lumped:
        return ox.multi_mode_product(values, [axis.discretization.mass(None).rows for axis in axes])
    first, *others = open_mesh([axis.weights for axis in axes])
    result = values * first
    for weights in others:
        result *= weights
    return result


def checked_values(values: Any, what: str) -> np.ndarray:
    """Return finite numbers as an inexact array."""
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise ShapeError(f"{what} is ragged: its rows differ in length") from error
    if array.dtype.kind not in "biufc":
        raise DTypeError(f"{what} must hold numbers, and is of dtype {array.dtype}")
    array = array if array.dtype.kind in "fc" else array.astype(float)
    if not np.isfinite(array).all():
        first = np.unravel_index(np.isfinite(array).argmin(), array.shape)
        raise NonFiniteError(f"{what} has entries that are NaN or infinite, the first at {tuple(map(int, first))}")
    return array


def evaluated(f: Any, coordinates: Sequence[np.ndarray], what: str) -> np.ndarray:
    """Return a number, a function of the coordinates, or an array, as an array on the points of an open mesh."""
    shape = tuple(map(len, coordinates))
    values = checked_values(f(*open_mesh(coordinates)) if callable(f) else f, what)
    if values.ndim and not callable(f) and values.shape != shape:
        raise ShapeError(shape_message(values.shape, shape, what))
    try:
        return np.broadcast_to(values, shape)
    except ValueError as error:
        raise ShapeError(f"{what} has values of shape {values.shape} on a grid of shape {shape}") from error


def shape_message(given: tuple[int, ...], due: tuple[int, ...], what: str) -> str:
    """Return what is wrong with the shape of a field, naming the first axis that is."""
    text = f"{what} has shape {given}; due is {due}"
    if len(given) != len(due):
        return f"{text}: one axis for each of {len(due)}"
    axis = next(i for i, (n, m) in enumerate(zip(given, due, strict=True)) if n != m)
    return f"{text}: axis {axis} has {due[axis]} points, not {given[axis]}"
