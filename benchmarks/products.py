"""(F₁ ⊗ … ⊗ F_N) X at the sizes of the peers' published tables, against the plain NumPy chain."""

import numpy as np

import otimes as ox
from benchmarks.harness import peak_bytes, race, record

TITLE = "Products with square factors, float64"
CLAIM = "never slower than the plain NumPy chain; beside X the result and one work array are held"
ROWS = [
    (1, 2, 20),
    (1, 4, 10),
    (1, 8, 7),
    (1, 16, 5),
    (1, 32, 4),
    (1, 128, 3),
    (16, 8, 6),
    (16, 64, 3),
    (1024, 8, 5),
    (1024, 16, 4),
    (1024, 32, 3),
    (256, 4, 6),
]


def run() -> list[dict]:
    return [one(*row) for row in ROWS]


def one(columns: int, p: int, N: int) -> dict:
    rng = np.random.default_rng(0)
    factors = [rng.standard_normal((p, p)) / p**0.5 for _ in range(N)]
    X = rng.standard_normal((p**N, columns))
    K = ox.kron(*factors)
    rivals = {"NumPy chain": lambda: chain(factors, X), "otimes": lambda: K @ X}
    np.testing.assert_allclose(rivals["otimes"](), rivals["NumPy chain"](), rtol=1e-9, atol=1e-11)
    timings = race(rivals, repeats=7, target=0.1)
    held = peak_bytes(rivals["otimes"]) / X.nbytes
    return record(f"M = {columns}, {p}^{N}", timings, "NumPy chain", held_in_results=held)


def chain(factors: list, X: np.ndarray) -> np.ndarray:
    """One GEMM per factor, without transposes, merging or checks."""
    Y = X
    for F in factors:
        Y = Y.reshape(F.shape[1], -1).T @ F.T
    return Y.reshape(X.shape[1], -1).T
