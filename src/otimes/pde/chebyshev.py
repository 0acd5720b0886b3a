"""Collocation at the extrema of a Chebyshev polynomial: spectral accuracy for smooth solutions."""

import numpy as np

from otimes.errors import StructureError
from otimes.pde.conditions import Pair
from otimes.pde.discretization import Discretization, Form, no_data

SMALLEST = 3  # points: two ends and one to solve for


def chebyshev_scheme(n: int, low: float, high: float, conditions: Pair) -> Discretization:
    """Return the discretization on n points; the values at both ends are eliminated by the conditions."""
    points, D = differentiation(n, low, high)
    ends, inside = np.array([0, n - 1]), slice(1, n - 1)
    rows = np.zeros((2, n))
    for side, condition in enumerate(conditions):
        rows[side] = condition.beta * (2 * side - 1) * D[-side]
        rows[side, -side] += condition.alpha
    at_ends = rows[:, ends]
    if np.linalg.cond(at_ends) > 1 / (n**2 * np.finfo(float).eps):
        raise StructureError(
            f"Axis: the boundary values do not follow from the conditions {conditions[0]} and {conditions[1]} on "
            f"{n} Chebyshev points; other α and β, or other points, do"
        )
    E, F = np.zeros((n, n - 2)), np.zeros((n, 2))
    E[inside] = np.eye(n - 2)
    E[ends], F[ends] = -np.linalg.solve(at_ends, rows[:, inside]), np.linalg.inv(at_ends)

    def mass(c: np.ndarray | None) -> Form:
        return no_data(np.diag(np.ones(n) if c is None else c)[inside])

    def stiffness(c: np.ndarray | None) -> Form:
        return no_data(-(D @ (D if c is None else c[:, None] * D))[inside])

    return Discretization(
        points, inside, E, F, points, slice(None), np.gradient(points), mass, stiffness, lambda: no_data(D[inside])
    )


def differentiation(n: int, low: float, high: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the points, increasing, and the matrix that differentiates the polynomial through values there.

    The differences of points are taken as products of sines, and the diagonal makes rows sum to zero.

    References
    ----------
    Trefethen (2000), Spectral Methods in MATLAB, chapter 6; Baltensperger & Trummer (2003) on rounding.
    """
    k = np.arange(n)
    theta = np.pi * k / (n - 1)
    x = np.sin(np.pi * (2 * k - n + 1) / (2 * (n - 1)))
    signs = (-1.0) ** k
    signs[[0, -1]] *= 2
    distance = 2 * np.sin((theta[:, None] + theta) / 2) * np.sin((theta[:, None] - theta) / 2)
    D = np.divide(np.outer(signs, 1 / signs), distance, out=np.zeros((n, n)), where=~np.eye(n, dtype=bool))
    D[np.diag_indices(n)] = -D.sum(axis=1)
    points = low + (x + 1) * (high - low) / 2
    points[[0, -1]] = low, high
    return points, D * (2 / (high - low))
