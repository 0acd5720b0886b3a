"""The formed product A ⊗ B ⊗ …, against np.kron, torch.kron and filling that memory with a constant."""

import functools
from collections.abc import Callable

import numpy as np
import torch

import otimes as ox
from benchmarks.harness import race, record

TITLE = "The formed product"
CLAIM = (
    "at least 3 times np.kron for 64×64 ⊗ 64×64 and 8 times for 4096×4096 ⊗ 2×2, "
    "within 1.3 times of filling that memory"
)
FILL = "fill"
CASES = [
    ((3, 3), "float64"),
    ((64, 64), "float64"),
    ((64, 64), "float32"),
    ((4096, 2), "float64"),
    ((2, 4096), "float64"),
    ((8, 8, 8, 8), "float64"),
]


def run() -> list[dict]:
    return [one(sizes, dtype) for sizes, dtype in CASES]


def one(sizes: tuple[int, ...], dtype: str, repeats: int = 7) -> dict:
    """Return the record of one product; the fill is the fastest of NumPy's and PyTorch's, into a new array."""
    rng = np.random.default_rng(0)
    factors = [rng.standard_normal((n, n)).astype(dtype) for n in sizes]
    tensors = [torch.from_numpy(F) for F in factors]
    calls = {
        "otimes": lambda: ox.kron_dense(*factors),
        "np.kron": lambda: functools.reduce(np.kron, factors),
        "torch.kron": lambda: functools.reduce(torch.kron, tensors),
    }
    expected = calls["np.kron"]()
    for name, call in calls.items():
        np.testing.assert_array_equal(np.asarray(call()), expected, err_msg=name)
    fills = fillings(expected.shape, expected.dtype)
    timings = race(calls | fills, repeats=repeats)
    fastest = min((t for t in timings if t.name in fills), key=lambda t: t.best)
    name = " ⊗ ".join(f"{n}×{n}" for n in sizes) + (f", {dtype}" if dtype != "float64" else "")
    return record(name, timings, "otimes", result_bytes=expected.nbytes, fastest_fill=fastest.name)


def fillings(shape: tuple[int, ...], dtype: np.dtype) -> dict[str, Callable[[], object]]:
    return {
        f"{FILL}, NumPy": lambda: np.full(shape, 1, dtype),
        f"{FILL}, torch": lambda: torch.from_numpy(np.empty(shape, dtype)).fill_(1),
    }
