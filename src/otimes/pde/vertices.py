"""Schemes with unknowns at the vertices of cells: second-order differences and linear finite elements.

Both have the stiffness matrix of linear elements; the finite differences on uneven points are −w⁻¹ K with the lumped
masses w, half of the cells beside a point, so that K stays symmetric and the boundary vertices have half cells.
"""

import numpy as np
import scipy.sparse

from otimes.pde.conditions import Pair
from otimes.pde.discretization import (
    CELLS,
    Discretization,
    Form,
    Matrix,
    centres_and_ends,
    lumped,
    no_data,
    selection,
    tridiagonal,
)


def vertex_scheme(vertices: np.ndarray, h: np.ndarray, conditions: Pair | None, consistent: bool) -> Discretization:
    """Return the discretization on vertices at distances h, the last of which closes a periodic axis."""
    periodic = conditions is None
    points = vertices[:-1] if periodic else vertices
    n, ends = len(points), (0, len(points) - 1)
    unknowns = inner(n, conditions)
    F = np.zeros((n, 2))
    for side, (end, condition) in enumerate(zip(ends, conditions or (), strict=False)):
        if condition.essential:
            F[end, side] = 1 / condition.alpha

    def mass(c: np.ndarray | None) -> Form:
        s = h if c is None else h * c[CELLS]
        if not consistent:
            return lumped(at_vertices(s / 2, n), unknowns)
        return no_data(tridiagonal(at_vertices(s / 3, n), s / 6)[unknowns])

    def stiffness(c: np.ndarray | None) -> Form:
        s = (1 if c is None else c[CELLS]) / h
        through, data = fluxes(n, conditions, (1.0, 1.0) if c is None else (c[0], c[-1]))
        return Form(tridiagonal(at_vertices(s, n) + through, -s)[unknowns], data[unknowns])

    def derivative() -> Form:
        if consistent:
            return no_data(_galerkin_slope(n, periodic)[unknowns])
        return with_slopes(_slope(h, n, periodic), conditions, h / 2, unknowns)

    return Discretization(
        points,
        unknowns,
        selection(n, unknowns),
        F,
        centres_and_ends(vertices),
        CELLS,
        h,
        mass,
        stiffness,
        derivative,
    )


def inner(n: int, conditions: Pair | None) -> slice:
    """Return the points at which nothing is prescribed."""
    low, high = (c.essential for c in conditions) if conditions else (False, False)
    return slice(int(low), n - int(high))


def at_vertices(of_cells: np.ndarray, n: int) -> np.ndarray:
    """Return the sum of what the cells beside each of n vertices bring."""
    k = np.arange(len(of_cells))
    return np.bincount(k, of_cells, n) + np.bincount((k + 1) % n, of_cells, n)


def fluxes(n: int, conditions: Pair | None, c: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
    """Return the fluxes −c ∂u/∂n = c (α u − g) / β through faces that leave the value open: a diagonal, and data."""
    diagonal, data = np.zeros(n), np.zeros((n, 2))
    for side, condition in enumerate(conditions or ()):
        if not condition.essential:
            diagonal[-side] = c[side] * condition.alpha / condition.beta
            data[-side, side] = -c[side] / condition.beta
    return diagonal, data


def with_slopes(rows: Matrix, conditions: Pair | None, w: np.ndarray, unknowns: slice) -> Form:
    """Return the form of u′ with rows of the faces that leave the value open by ∂u/∂n = (g − α u) / β."""
    rows, data = rows.tolil(), np.zeros((rows.shape[0], 2))
    for side, condition in enumerate(conditions or ()):
        if not condition.essential:
            outwards = (2 * side - 1) * w[-side]
            rows[-side] = 0
            rows[-side, -side] = -outwards * condition.alpha / condition.beta
            data[-side, side] = outwards / condition.beta
    return Form(rows.tocsr()[unknowns], data[unknowns])


def _slope(h: np.ndarray, n: int, periodic: bool) -> Matrix:
    """Return w u′ from parabolas through three neighbours; the rows of the ends are left to the conditions."""
    left, right = (np.roll(h, 1), h) if periodic else (h[:-1], h[1:])
    i = np.arange(n) if periodic else np.arange(1, n - 1)
    values = [-right / (2 * left), (right**2 - left**2) / (2 * left * right), left / (2 * right)]
    columns = [(i - 1) % n, i, (i + 1) % n]
    return scipy.sparse.csr_array((np.concatenate(values), (np.tile(i, 3), np.concatenate(columns))), shape=(n, n))


def _galerkin_slope(n: int, periodic: bool) -> Matrix:
    """Return ∫ φᵢ φⱼ′ dx of the hat functions."""
    k = np.arange(n if periodic else n - 1)
    rows, columns = np.concatenate([k, (k + 1) % n, k, (k + 1) % n]), np.concatenate([(k + 1) % n, k, k, (k + 1) % n])
    values = np.repeat([0.5, -0.5, -0.5, 0.5], len(k))
    return scipy.sparse.csr_array((values, (rows, columns)), shape=(n, n))
