"""Differences of order 4 on equally spaced points.

At the ends of an interval the second difference is the one that sums by parts: with its weights it is a symmetric
matrix and the flux through the ends, as for finite elements, whatever the boundary condition.

References
----------
Mattsson & Nordström (2004), Summation by parts operators for finite difference approximations of second derivatives.
"""

import numpy as np
import scipy.sparse

from otimes.errors import StructureError
from otimes.pde.conditions import Pair
from otimes.pde.discretization import Discretization, Form, Matrix, lumped, selection
from otimes.pde.vertices import fluxes, inner, with_slopes

SMALLEST = 8  # points, of which four are near each end
_WEIGHTS = np.array([17, 59, 43, 49]) / 48
_SECOND = (
    np.array([2, -5, 4, -1, 0, 0]),
    np.array([1, -2, 1, 0, 0, 0]),
    np.array([-4, 59, -110, 59, -4, 0]) / 43,
    np.array([-1, 0, 59, -118, 64, -4]) / 49,
)
_SLOPE_AT_END = np.array([-11, 18, -9, 2]) / 6
_FIRST = (np.array([-25, 48, -36, 16, -3]) / 12, np.array([-3, -10, 18, -6, 1]) / 12)


def fourth_order_scheme(points: np.ndarray, h: float, conditions: Pair | None) -> Discretization:
    """Return the discretization on points at distances h."""
    n, periodic = len(points), conditions is None
    weights, K = np.full(n, h), -h * _stencil(n, {-2: -1, -1: 16, 0: -30, 1: 16, 2: -1}, periodic) / (12 * h**2)
    slopes = _stencil(n, {-2: 1, -1: -8, 1: 8, 2: -1}, periodic) / 12
    if not periodic:
        weights[:4] *= _WEIGHTS
        weights[-4:] = weights[3::-1]
        K = _with_ends(K, [-w * row / h for w, row in zip(_WEIGHTS, _SECOND, strict=True)], 1)
        K = K + _with_ends(scipy.sparse.csr_array((n, n)), [-_SLOPE_AT_END / h], 1)
        K = (K + K.T) / 2  # symmetric but for rounding
        slopes = _with_ends(slopes, list(_FIRST), -1)
    unknowns = inner(n, conditions)
    F = np.zeros((n, 2))
    for side, condition in enumerate(conditions or ()):
        F[-side, side] = 1 / condition.alpha if condition.essential else 0.0

    def mass(c: np.ndarray | None) -> Form:
        diagonal = weights if c is None else weights * c
        return lumped(diagonal, unknowns)

    def stiffness(c: np.ndarray | None) -> Form:
        if c is not None and np.ptp(c):
            raise StructureError('scheme="fd4" takes constant coefficients; "fd2" and "chebyshev" take variable ones')
        value = 1.0 if c is None else c[0]
        through, data = fluxes(n, conditions, (value, value))
        return Form((value * K + scipy.sparse.diags_array(through)).tocsr()[unknowns], data[unknowns])

    def derivative() -> Form:
        return with_slopes(scipy.sparse.diags_array(weights / h) @ slopes, conditions, weights, unknowns)

    E = selection(n, unknowns)
    return Discretization(points, unknowns, E, F, points, slice(None), weights, mass, stiffness, derivative)


def _stencil(n: int, entries: dict[int, float], periodic: bool) -> Matrix:
    """Return the matrix of a difference at all points, closed to a circle or cut off at the ends."""
    offsets = list(entries)
    if not periodic:
        return scipy.sparse.diags_array([float(entries[k]) for k in offsets], offsets=offsets, shape=(n, n)).tocsr()
    i = np.arange(n)
    values, columns = np.repeat(list(entries.values()), n), np.concatenate([(i + k) % n for k in offsets])
    return scipy.sparse.csr_array((values.astype(float), (np.tile(i, len(offsets)), columns)), shape=(n, n))


def _with_ends(matrix: Matrix, rows: list[np.ndarray], parity: int) -> Matrix:
    """Return the matrix with other first rows, and last ones that mirror them, of the same sign or the opposite."""
    matrix = matrix.tolil()
    for i, row in enumerate(rows):
        matrix[i], matrix[-1 - i] = 0, 0
        matrix[i, : len(row)] = row
        matrix[-1 - i, -len(row) :] = parity * row[::-1]
    return matrix.tocsr()
