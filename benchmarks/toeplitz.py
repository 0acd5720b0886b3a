"""Products with Toeplitz operators: on a grid (BTTB) against loops of SciPy's, on a line, and of blocks."""

import numpy as np
import scipy.linalg
from scipy.linalg import matmul_toeplitz

import otimes as ox
from benchmarks.harness import peak_bytes, race, record

TITLE = "Products with Toeplitz operators, float64"
CLAIM = "on a 512 × 512 grid at least 20 times faster than a loop of matmul_toeplitz over block rows and columns"


def run() -> list[dict]:
    return [on_a_grid(64), on_a_grid(128), on_a_grid(512), on_a_line(1000), on_a_line(100_000), of_blocks()]


def on_a_grid(n: int) -> dict:
    """Multiply with a covariance without symmetry between the points of an n × n grid."""
    lags = np.arange(1 - n, n)
    t = np.exp(-np.hypot(lags[:, None] + 0.1 * lags, lags) / n)
    X = np.random.default_rng(0).standard_normal((n, n))
    T = ox.multilevel_toeplitz(t)
    rivals = {
        "loop over blocks": lambda: loop_over_blocks(t, X),
        "loop over block lags": lambda: loop_over_lags(t, X),
        "otimes": lambda: (T @ X.reshape(-1)).reshape(n, n),
    }
    if n > 256:  # the full loop takes minutes: one block row is run, of n equally long ones
        row = race({"one block row": lambda: block_row(t, X, 0)}, repeats=2, target=0.0)[0]
        del rivals["loop over blocks"]
        wanted, got = block_row(t, X, n // 2), rivals["otimes"]()[n // 2]
    else:
        wanted, got = rivals["loop over blocks"](), rivals["otimes"]()
    np.testing.assert_allclose(got, wanted, rtol=1e-10, atol=1e-10 * np.abs(wanted).max())
    timings = race(rivals, repeats=3, target=0.05)
    ours = next(t.best for t in timings if t.name == "otimes")
    loop = n * row.best if n > 256 else timings[0].best
    held = peak_bytes(rivals["otimes"]) / X.nbytes
    return record(f"grid {n} × {n}", timings, "otimes", loop_over_blocks_as_multiple=loop / ours, held_in_results=held)


def loop_over_blocks(t: np.ndarray, X: np.ndarray) -> np.ndarray:
    """Return y_i = Σ_j T_(i − j) x_j by n² calls of matmul_toeplitz, one for each block."""
    return np.stack([block_row(t, X, i) for i in range(len(X))])


def block_row(t: np.ndarray, X: np.ndarray, i: int) -> np.ndarray:
    n = len(X)
    return sum(matmul_toeplitz(pair(t[i - j + n - 1]), X[j]) for j in range(n))


def loop_over_lags(t: np.ndarray, X: np.ndarray) -> np.ndarray:
    """Return the same by the cheapest such loop: 2 n − 1 calls, T_l on all the rows of X that it meets at once."""
    n = len(X)
    Y = np.zeros_like(X)
    for lag in range(1 - n, n):
        first, last = max(0, -lag), min(n, n - lag)
        Y[first + lag : last + lag] += matmul_toeplitz(pair(t[lag + n - 1]), X[first:last].T).T
    return Y


def pair(t: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the first column and the first row for coefficients by lags."""
    n = (len(t) + 1) // 2
    return t[n - 1 :], t[n - 1 :: -1]


def on_a_line(n: int) -> dict:
    rng = np.random.default_rng(0)
    c, r, X = rng.standard_normal(n), rng.standard_normal(n), rng.standard_normal((n, 8))
    T = ox.toeplitz(c, r)
    rivals = {"matmul_toeplitz": lambda: matmul_toeplitz((c, r), X), "otimes": lambda: T @ X}
    if n <= 1000:
        dense = scipy.linalg.toeplitz(c, r)
        rivals["formed"] = lambda: dense @ X
    np.testing.assert_allclose(rivals["otimes"](), rivals["matmul_toeplitz"](), rtol=1e-8, atol=1e-8)
    return record(f"line of {n}, 8 columns", race(rivals, repeats=5, target=0.05), "otimes")


def of_blocks(n: int = 128, p: int = 16) -> dict:
    rng = np.random.default_rng(0)
    blocks, x = rng.standard_normal((n, p, p)), rng.standard_normal(n * p)
    T = ox.block_toeplitz(blocks)
    dense = np.asarray(T)
    rivals = {"formed": lambda: dense @ x, "otimes": lambda: T @ x}
    np.testing.assert_allclose(rivals["otimes"](), rivals["formed"](), rtol=1e-9, atol=1e-9)
    return record(f"{n} × {n} blocks of {p} × {p}", race(rivals, repeats=5, target=0.05), "otimes")
