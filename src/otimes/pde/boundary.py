"""Boundary data: values on the faces of a grid, and what they bring to the right-hand side."""

import functools
import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

import otimes as ox
from otimes.errors import ShapeError, StructureError
from otimes.pde.axis import Axis
from otimes.pde.discretization import Form, dense
from otimes.pde.grid import evaluated

SIDES = ("low", "high")
Data = Mapping[tuple[int, str], Any]
Faces = Sequence[np.ndarray | None]  # for each axis its two faces with all their points, (N₁, …, 2, …, N_d)
AGREEMENT = 1e-8  # of what two faces say of an edge, relative to the largest of their data


def faces_of(axes: Sequence[Axis], data: Data | None, corners: str = "raise") -> Faces:
    """Return the data evaluated on the faces; None for an axis without any."""
    if corners not in ("raise", "first"):
        raise StructureError(f'corners={corners!r} is neither "raise" nor "first"')
    faces = _evaluated(axes, data) if data else [None] * len(axes)
    if corners == "raise":
        _require_agreement(axes, faces)
    return faces


def _evaluated(axes: Sequence[Axis], data: Data) -> Faces:
    """Return the data on all points of the faces."""
    if not isinstance(data, Mapping):
        raise StructureError(f'data={data!r:.60} must be a dict of faces: {{(0, "low"): value, …}}')
    given: list[dict[int, np.ndarray]] = [{} for _ in axes]
    for key, value in data.items():
        i, side = _face(axes, key)
        f = functools.partial(_on_face, value, i, axes[i].bounds[side]) if callable(value) else value
        others = [axis.points for j, axis in enumerate(axes) if j != i]
        given[i][side] = np.expand_dims(evaluated(f, others, f"the datum on face {key}"), i)
    return [_both(sides, i) for i, sides in enumerate(given)]


def _both(sides: dict[int, np.ndarray], i: int) -> np.ndarray | None:
    """Return the low and the high face of axis i, one after the other; zeros for one that is not given."""
    if not sides:
        return None
    zero = np.zeros_like(next(iter(sides.values())))
    return np.concatenate([sides.get(0, zero), sides.get(1, zero)], axis=i)


def _on_face(f: Any, i: int, x: float, *others: np.ndarray) -> Any:
    """Return f where the coordinate i is x."""
    return f(*others[:i], x, *others[i:])


def _face(axes: Sequence[Axis], key: Any) -> tuple[int, int]:
    """Return the axis and the side, 0 or 1, of a key of the data."""
    form = 'give (axis, "low") or (axis, "high")'
    if not isinstance(key, tuple) or len(key) != 2 or key[1] not in SIDES or not hasattr(key[0], "__index__"):
        raise StructureError(f"data: {key!r} names no face; {form}")
    if not 0 <= key[0] < len(axes):
        raise ShapeError(f"data: face {key!r} is of axis {key[0]}, and the grid has {len(axes)}")
    if axes[key[0]].conditions is None:
        raise StructureError(f"data: axis {key[0]} is periodic and has no face {key!r}")
    return int(key[0]), SIDES.index(key[1])


def _require_agreement(axes: Sequence[Axis], faces: Sequence[np.ndarray | None]) -> None:
    """Raise unless values given on two faces are the same where the faces meet."""
    for (i, first), (j, second) in itertools.combinations(enumerate(faces), 2):
        if first is not None or second is not None:
            for side, end in itertools.product(range(2), repeat=2):
                _require_edge(axes, faces, (i, side), (j, end))


def _require_edge(
    axes: Sequence[Axis], faces: Sequence[np.ndarray | None], one: tuple[int, int], other: tuple[int, int]
) -> None:
    """Raise unless the two faces, each an axis and a side, agree on their edge, if both prescribe values there."""
    if "cell" in (axes[one[0]].scheme, axes[other[0]].scheme):
        return  # no point lies on the edge
    first, second = _on_edge(axes, faces, one, other), _on_edge(axes, faces, other, one)
    if first is None or second is None:
        return
    gaps, given = np.abs(first - second), (faces[i] for i in (one[0], other[0]))
    if gaps.max() > AGREEMENT * max(np.abs(field).max() for field in given if field is not None):
        a, b = (np.broadcast_to(values, gaps.shape).reshape(-1)[gaps.argmax()] for values in (first, second))
        raise StructureError(
            f"data: the faces {(one[0], SIDES[one[1]])} and {(other[0], SIDES[other[1]])} meet, and give u = {a:g} "
            f'and u = {b:g} there; make them agree, or let the first axis have its way with corners="first"'
        )


def _on_edge(
    axes: Sequence[Axis], faces: Sequence[np.ndarray | None], face: tuple[int, int], across: tuple[int, int]
) -> np.ndarray | None:
    """Return the values that a face prescribes where it meets another one; None if it prescribes none."""
    (i, side), (j, end), conditions = face, across, axes[face[0]].conditions
    if conditions is None or not conditions[side].essential:
        return None
    field = faces[i]
    if field is None:
        return np.zeros((1,) * len(axes))
    return field.take([-side], axis=i).take([-end], axis=j) / conditions[side].alpha


def lifted_sum(axes: Sequence[Axis], forms: Sequence[Form], faces: Faces) -> np.ndarray:
    """Return what the data bring to Σᵢ M₁ ⊗ … ⊗ Aᵢ ⊗ … ⊗ M_d for the form of Aᵢ of each axis, on the unknowns."""
    masses, total = [axis.discretization.mass(None) for axis in axes], np.zeros(tuple(map(len, axes)))
    for i, form in enumerate(forms):
        total = total + _lifted(axes, [*masses[:i], form, *masses[i + 1 :]], faces)
    return total


def _lifted(axes: Sequence[Axis], forms: Sequence[Form], faces: Faces) -> np.ndarray | float:
    """Return what the data bring to the weak form of one term.

    Σⱼ A₁ ⊗ … ⊗ Rⱼ Fⱼ ⊗ Rⱼ₊₁ ⊗ … gⱼ by the values on the faces, with gⱼ at the unknowns of the axes before, and
    Σⱼ R₁ ⊗ … ⊗ dⱼ ⊗ Rⱼ₊₁ ⊗ … gⱼ by the fluxes.
    """
    total: np.ndarray | float = 0.0
    for j, (field, axis) in enumerate(zip(faces, axes, strict=True)):
        if field is None:
            continue
        after = [form.rows for form in forms[j + 1 :]]
        values, fluxes = dense(forms[j].rows @ axis.discretization.data_extension), forms[j].data
        if values.any():
            before = [one.matrix(form) for one, form in zip(axes[:j], forms[:j], strict=True)]
            total = total + ox.multi_mode_product(_at_unknowns(axes, j, field), [*before, values, *after])
        if fluxes.any():
            total = total + ox.multi_mode_product(field, [*(form.rows for form in forms[:j]), fluxes, *after])
    return total


def _at_unknowns(axes: Sequence[Axis], j: int, field: np.ndarray) -> np.ndarray:
    """Return the faces of axis j on the unknowns of the axes before it."""
    return field[tuple(axis.unknowns for axis in axes[:j])]


def extended(axes: Sequence[Axis], u: np.ndarray, faces: Faces) -> np.ndarray:
    """Return a field on all points from its unknowns and the data: u ↦ Eⱼ u + Fⱼ gⱼ, the last axis first."""
    for j in reversed(range(len(axes))):
        d, field = axes[j].discretization, faces[j]
        u = ox.mode_product(u, d.extension, j)
        if field is not None:
            u = u + ox.mode_product(_at_unknowns(axes, j, field), d.data_extension, j)
    return u
