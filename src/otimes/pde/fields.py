"""Coefficients that vary from cell to cell: finite volumes as a sparse matrix, and the nearest separable coefficient.

Flux flows between neighbouring unknowns, and through a face as s (α u − g) with s = 1 / (α R + β / c), where R is the
resistance between the last unknown and the face: of nothing for a vertex on it, of half a cell for a centre, and of a
cell for a vertex next to one where u is given. c is the coefficient on the face.
"""

import functools
import math
from collections.abc import Sequence

import numpy as np
import scipy.sparse

import otimes as ox
from otimes.errors import StructureError
from otimes.pde.axis import Axis
from otimes.pde.boundary import Faces
from otimes.pde.cells import conductance
from otimes.pde.discretization import CELLS
from otimes.pde.grid import shape_of

SCHEMES = ("fd2", "cell")


def require_volumes(axes: Sequence[Axis], what: str) -> None:
    """Raise unless every axis has finite volumes."""
    for i, axis in enumerate(axes):
        if axis.scheme not in SCHEMES:
            raise StructureError(
                f'{what} varies from cell to cell, and axis {i} has scheme="{axis.scheme}"; "fd2" and "cell" take '
                "that. One function for each axis goes with every scheme but fd4"
            )


class Fluxes:
    """The finite volumes of −Σᵢ ∂ᵢ(aᵢ ∂ᵢu) for fields aᵢ on the cells: conductances along every axis."""

    def __init__(self, axes: Sequence[Axis], a: Sequence[np.ndarray]):
        self.axes = axes
        self.along = [_conductances(axes, field, i) for i, field in enumerate(a)]

    def matrix(self) -> scipy.sparse.csr_array:
        """Return the weak form, a symmetric sparse matrix of the unknowns."""
        index = np.arange(math.prod(shape_of(self.axes))).reshape(shape_of(self.axes))
        main, rows, columns, values = np.zeros(index.shape), [], [], []
        for i, (axis, (links, through)) in enumerate(zip(self.axes, self.along, strict=True)):
            one, other, t = along(index, i)[: links.shape[i]], np.roll(along(index, i), -1, 0), along(links, i)
            rows.append(one.reshape(-1))
            columns.append(other[: links.shape[i]].reshape(-1))
            values.append(-t.reshape(-1))
            for side, condition in enumerate(axis.conditions or ()):
                along(main, i)[-side] += condition.alpha * along(through, i)[side]
        entries = (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns)))
        half = scipy.sparse.csr_array(entries, shape=(index.size,) * 2)
        between = half + half.T
        return between + scipy.sparse.diags_array(main.reshape(-1) - between.sum(axis=1), format="csr")

    def inflow(self, faces: Faces) -> np.ndarray:
        """Return what the data bring to the right-hand side."""
        total = np.zeros(shape_of(self.axes))
        for i, (field, (_, through)) in enumerate(zip(faces, self.along, strict=True)):
            if field is not None:
                flux = through * field[tuple(slice(2) if i == j else axis.unknowns for j, axis in enumerate(self.axes))]
                total = total.astype(np.result_type(total, flux))
                for side in range(2):
                    along(total, i)[-side] += along(flux, i)[side]
        return total


def along(field: np.ndarray, i: int) -> np.ndarray:
    """Return a view with axis i in front."""
    return np.moveaxis(field, i, 0)


def _conductances(axes: Sequence[Axis], a: np.ndarray, i: int) -> tuple[np.ndarray, np.ndarray]:
    """Return along axis i the conductances of the links between unknowns, and those through both faces."""
    others = [j for j in range(len(axes)) if j != i]
    a = a[tuple(slice(None) if j == i else CELLS for j in range(len(axes)))]
    axis, at_sites = axes[i], along(ox.multi_mode_product(a, [shares(axes[j]) for j in others], others), i)
    c = at_sites[CELLS]
    h = axis.discretization.widths.reshape(-1, *(1,) * (c.ndim - 1))
    resistance = h / (2 * c)
    if axis.scheme == "cell":
        links = 1 / (resistance + np.roll(resistance, -1, axis=0))
        links = links if axis.conditions is None else links[:-1]
    else:
        links = (c / h)[_between_unknowns(axis)]
    through = [
        conductance(
            condition, (1 if axis.scheme == "cell" else 2 * condition.essential) * resistance[-side], at_sites[-side]
        )
        for side, condition in enumerate(axis.conditions or ())
    ]
    return np.moveaxis(links, 0, i), np.moveaxis(np.array(through), 0, i) if through else np.zeros(0)


def _between_unknowns(axis: Axis) -> slice:
    """Return the cells between two vertices at which u is not given."""
    low, high = (c.essential for c in axis.conditions) if axis.conditions else (False, False)
    return slice(int(low), len(axis.discretization.widths) - int(high))


def shares(axis: Axis) -> scipy.sparse.csr_array:
    """Return the lengths of the cells' parts that belong to each unknown, (n, m)."""
    h = axis.discretization.widths
    if axis.scheme == "cell":
        return scipy.sparse.diags_array(h).tocsr()
    cells, n = np.arange(len(h)), len(axis.points)
    rows, columns = np.concatenate([cells, (cells + 1) % n]), np.tile(cells, 2)
    return scipy.sparse.csr_array((np.tile(h / 2, 2), (rows, columns)), shape=(n, len(h)))[axis.unknowns]


def geometric_fit(axes: Sequence[Axis], a: np.ndarray) -> list[np.ndarray]:
    """Return a₁, …, a_d with a ≈ a₁ ⊗ … ⊗ a_d: least squares of the logarithms, weighted by the sizes of the cells."""
    weights = [axis.discretization.widths / axis.discretization.widths.sum() for axis in axes]
    logarithms, d = np.log(a[(CELLS,) * a.ndim]), len(axes)
    mean = functools.reduce(lambda field, w: np.tensordot(w, field, 1), weights, logarithms)
    parts = []
    for i in range(d):
        others = [w for j, w in enumerate(weights) if j != i]
        line = functools.reduce(lambda field, w: np.tensordot(field, w, (1, 0)), others, along(logarithms, i))
        parts.append(np.pad(np.exp(line - mean * (d - 1) / d), 1, "edge"))
    return parts
