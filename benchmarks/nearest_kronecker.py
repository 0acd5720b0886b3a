"""The nearest Kronecker products of a 4096 × 4096 kernel matrix, against reading it ten times and against svds."""

import numpy as np
from scipy.sparse.linalg import svds

import otimes as ox
from benchmarks.harness import peak_bytes, race, record

TITLE = "Nearest Kronecker products, 4096 × 4096 float64, factors 64 × 64"
CLAIM = (
    "one term in at most 3 times the time of ten sums over the matrix, with at most 1.2 times its memory beside it; "
    "a full SVD of the rearrangement takes about half a minute and is left out"
)
GRID = 64
SHAPES = ((GRID, GRID), (GRID, GRID))
READING = "reading ten times"


def run() -> list[dict]:
    M = exponential_kernel()
    return [one(M, terms) for terms in (1, 8)]


def exponential_kernel() -> np.ndarray:
    """exp(−‖x − y‖) on a grid, in stretched Euclidean distance: close to separable, and not separable."""
    first, second = np.linspace(0, 1 / 0.3, GRID), np.linspace(0, 1 / 0.15, GRID)
    squares = [np.subtract.outer(axis, axis) ** 2 for axis in (first, second)]
    squared_distance = squares[0][:, None, :, None] + squares[1][None, :, None, :]
    return np.exp(-np.sqrt(squared_distance)).reshape(GRID**2, GRID**2)


def one(M: np.ndarray, terms: int) -> dict:
    rivals = {
        READING: lambda: [M.sum() for _ in range(10)],
        "otimes": lambda: ox.nearest_kronecker(M, shapes=SHAPES, terms=terms),
        "svds of the rearranged copy": lambda: svds(ox.rearrange(M, shapes=SHAPES), k=terms, random_state=0),
    }
    F = rivals["otimes"]()
    _, values, _ = rivals["svds of the rearranged copy"]()
    np.testing.assert_allclose(F.singular_values[:terms], values[::-1], rtol=1e-9)
    timings = race(rivals, repeats=7)
    return record(
        "1 term" if terms == 1 else f"{terms} terms",
        timings,
        READING,
        error=F.error,
        otimes_memory_in_matrices=peak_bytes(rivals["otimes"]) / M.nbytes,
        svds_memory_in_matrices=peak_bytes(rivals["svds of the rearranged copy"]) / M.nbytes,
    )
