"""Finite volumes: the unknowns are at the centres of cells, and the ends of the axis are faces of cells."""

from typing import Any

import numpy as np
import scipy.sparse

from otimes.pde.conditions import Condition, Pair
from otimes.pde.discretization import CELLS, Discretization, Form, centres_and_ends, lumped, selection, tridiagonal


def cell_scheme(faces: np.ndarray, h: np.ndarray, conditions: Pair | None) -> Discretization:
    """Return the discretization on cells of widths h between the faces, the last of which closes a periodic axis."""
    periodic = conditions is None
    n = len(h)
    whole = slice(0, n)

    def mass(c: np.ndarray | None) -> Form:
        return lumped(h if c is None else h * c[CELLS], whole)

    def stiffness(c: np.ndarray | None) -> Form:
        c = np.ones(n + 2) if c is None else c
        resistance = h / (2 * c[CELLS])
        following = np.roll(resistance, -1)
        t = 1 / (resistance + following)
        t = t if periodic else t[:-1]
        diagonal = np.bincount(np.arange(len(t)), t, n) + np.bincount((np.arange(len(t)) + 1) % n, t, n)
        data = np.zeros((n, 2))
        for side, condition in enumerate(conditions or ()):
            through = conductance(condition, resistance[-side], c[-side])
            diagonal[-side] += through * condition.alpha
            data[-side, side] = -through
        return Form(tridiagonal(diagonal, -t), data)

    centres = (faces[:-1] + faces[1:]) / 2
    identity = selection(n, whole)
    return Discretization(
        centres,
        whole,
        identity,
        np.zeros((n, 2)),
        centres_and_ends(faces),
        CELLS,
        h,
        mass,
        stiffness,
        lambda: _derivative(h, conditions),
    )


def conductance(condition: Condition, resistance: Any, c: Any) -> Any:
    """Return s of the flux s (α u − g) through a face: of what lies between it and u, and of the coefficient there."""
    with np.errstate(divide="ignore"):  # nothing flows where the coefficient vanishes
        return 1 / (condition.alpha * resistance + (np.divide(condition.beta, c) if condition.beta else 0.0))


def _derivative(h: np.ndarray, conditions: Pair | None) -> Form:
    """Return the differences of the values at the faces, which lie on lines between the centres."""
    n, periodic = len(h), conditions is None
    low = np.arange(n if periodic else n - 1)
    high = (low + 1) % n
    total = h[low] + h[high]
    below, above = h[high] / total, h[low] / total
    values = np.concatenate([below, above, -below, -above])
    rows, columns = np.concatenate([low, low, high, high]), np.concatenate([low, high, low, high])
    matrix = scipy.sparse.csr_array((values, (rows, columns)), shape=(n, n)).tolil()
    data = np.zeros((n, 2))
    for side, condition in enumerate(conditions or ()):
        outwards, slope = 2 * side - 1, conductance(condition, h[-side] / 2, 1.0) * h[-side] / 2
        matrix[-side, -side] += outwards * (1 - slope * condition.alpha)
        data[-side, side] = outwards * slope
    return Form(matrix.tocsr(), data)
