"""The numbers of the demo: a covariance of real temperatures, its factors, and what they are good for."""

import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import linalg
from scipy.sparse.linalg import eigsh

import otimes as ox
from otimes.cli.systems import solve_system
from otimes.io import FactorFile

__all__ = [
    "GRID",
    "NOISE",
    "Solve",
    "compare_solves",
    "correlation_maps",
    "grid_errors",
    "smallest_eigenvalue",
]

GRID = ((37, 37), (49, 49))  # latitude ⊗ longitude
CELL = (24, 21)
NOISE = 1.0  # σ², in K²: the variance of the noise added to a year's field
SECONDS_OF_RUNS = 0.5
TERMS = (1, 2, 4, 8)


@dataclass(frozen=True)
class Solve:
    """One way to solve (C + σ² I) x = b: its price, and how far x and the field C x it recovers are off.

    ``x_error`` is relative to the dense solution with the full covariance, ``dense_error`` to that of the same system
    formed (None where it was not); ``field_error`` is the root mean square difference, in kelvin, between the
    recovered field and the one before noise was added.
    """

    matrix: str
    method: str
    seconds: float
    peak_bytes: int
    x_error: float
    dense_error: float | None
    field_error: float


def grid_errors(C: np.ndarray) -> dict[int, Any]:
    """Return the nearest sums of 1, 2, 4 and 8 terms of latitude ⊗ longitude."""
    return {terms: ox.nearest_kronecker(C, shapes=GRID, terms=terms) for terms in TERMS}


def correlation_maps(C: np.ndarray, approximations: dict[int, Any]) -> dict[str, np.ndarray]:
    """Return maps of the correlation of one cell, from the sample and from 1 and 4 terms, each by its own variances."""
    maps = {"Sample, 240 years": _correlations(C, np.diag(C))}
    for terms in (1, 4):
        F = approximations[terms]
        name = f"{terms} term{'s' * (terms > 1)}, {F.compression:.0f} times fewer numbers"
        maps[name] = _correlations(F.operator, np.asarray(ox.diagonal(F.operator)))
    return maps


def _correlations(operator: Any, variances: np.ndarray) -> np.ndarray:
    """Return the correlations of the cell with all cells as a map; NaN where a variance is not positive."""
    grid = tuple(rows for rows, _ in GRID)
    index = int(np.ravel_multi_index(CELL, grid))
    covariances = operator @ np.eye(1, len(variances), index)[0]
    deviations = np.sqrt(np.where(variances > 0, variances, np.nan))
    return (covariances / deviations / deviations[index]).reshape(grid)


def compare_solves(C: np.ndarray, field: np.ndarray, approximations: dict[int, Any]) -> list[Solve]:
    """Recover a field from noise with the full covariance, and with one and four terms in its place.

    b is the field plus noise of variance σ², and C (C + σ² I)⁻¹ b the best linear estimate of the field.
    """
    b = field + np.sqrt(NOISE) * np.random.default_rng(0).standard_normal(len(C))
    saved = {terms: FactorFile(approximations[terms].factors) for terms in (1, 4)}
    one, four = saved[1].operator, saved[4].operator
    ways: list[tuple[str, str, Any, Callable[[], np.ndarray]]] = [
        ("full", "dense", C, lambda: _dense_solve(C.copy(), b)),
        ("1 term", "dense", one, lambda: _dense_solve(np.array(one), b)),
        ("1 term", "through the factors", one, lambda: solve_system(saved[1], b, shift=NOISE).x),
        ("4 terms", "preconditioned iteration", four, lambda: solve_system(saved[4], b, shift=NOISE).x),
    ]
    runs = [_measured(solve) for _, _, _, solve in ways]
    references = [runs[0][0], runs[1][0], runs[1][0], None]
    return [
        Solve(
            matrix,
            method,
            seconds,
            peak,
            x_error=_relative(x, runs[0][0]),
            dense_error=None if dense is None else _relative(x, dense),
            field_error=_root_mean_square(operator @ x - field),
        )
        for (matrix, method, operator, _), (x, seconds, peak), dense in zip(ways, runs, references, strict=True)
    ]


def smallest_eigenvalue(operator: Any) -> float:
    """Return the smallest eigenvalue of a symmetric operator, by Lanczos iteration with products only."""
    return float(eigsh(operator, k=1, which="SA", return_eigenvectors=False)[0])


def _dense_solve(A: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Solve (A + σ² I) x = b by Cholesky factorization, in the memory of A."""
    A[np.diag_indices_from(A)] += NOISE
    return linalg.solve(A, b, assume_a="pos", overwrite_a=True)


def _measured(solve: Callable[[], np.ndarray]) -> tuple[np.ndarray, float, int]:
    """Return the solution, the seconds of the fastest of at most five runs, and the peak of memory of one more."""
    seconds: list[float] = []
    while len(seconds) < 5 and sum(seconds) < SECONDS_OF_RUNS:
        start = time.perf_counter()
        solve()
        seconds.append(time.perf_counter() - start)
    tracemalloc.start()
    try:
        return solve(), min(seconds), tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def _relative(x: np.ndarray, reference: np.ndarray) -> float:
    return float(np.linalg.norm(x - reference) / np.linalg.norm(reference))


def _root_mean_square(x: np.ndarray) -> float:
    return float(np.sqrt(np.mean(x**2)))
