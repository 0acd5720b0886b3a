"""The two ceilings of the machine, measured in the same run as the products, and the limit of a product under them.

No product is faster than max(bytes / bandwidth, flops / peak): X is read once, the result written once, and the
arithmetic done at the speed of the best GEMM. Every product returns new memory, which the system has to map page by
page when it is large; so there are two bandwidths, of copies into memory that is already there and into a new array.
"""

import functools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch
from threadpoolctl import threadpool_limits

from benchmarks.grid import Point
from benchmarks.harness import race
from benchmarks.machine import cores

GEMM_SIZES = {"f": 2048, "c": 1024}  # as many flops, to within a factor of two
LARGEST_COPY = 2**29  # larger copies are no different, and take their time
REPEATS = 7


@functools.cache
def peak(dtype: str, threads: int) -> float:
    """Return the flops per second of the best GEMM: NumPy's or PyTorch's."""
    n = GEMM_SIZES[np.dtype(dtype).kind]
    A = np.ones((n, n), dtype)
    T = torch.from_numpy(A)
    flops = 2 * n**3 * (4 if A.dtype.kind == "c" else 1)
    with threadpool_limits(threads):
        return flops / _fastest({"NumPy": lambda: A @ A, "torch": lambda: T @ T})


@functools.cache
def bandwidth(entries: int, threads: int, new: bool) -> float:
    """Return the bytes per second, read and written, of the fastest copy of that many float64."""
    X, there = np.ones(entries), np.ones(entries)
    T, half = torch.from_numpy(X), entries // 2
    target: Callable[[], np.ndarray] = (lambda: np.empty(entries)) if new else (lambda: there)

    def in_halves(pool: ThreadPoolExecutor) -> None:
        Y = target()
        other = pool.submit(np.copyto, Y[:half], X[:half])
        np.copyto(Y[half:], X[half:])
        other.result()

    ways = {"NumPy": lambda: np.copyto(target(), X), "torch": lambda: torch.from_numpy(target()).copy_(T)}
    with threadpool_limits(threads), ThreadPoolExecutor(1) as pool:
        if threads > 1:
            ways["NumPy, halves"] = lambda: in_halves(pool)
        return 2 * X.nbytes / _fastest(ways)


def _fastest(ways: dict[str, Callable[[], object]]) -> float:
    return min(timing.best for timing in race(ways, repeats=REPEATS, target=0.005))


def limit(point: Point) -> dict:
    """Return the limit of a product in seconds, with its parts: under copies there and under copies into new memory."""
    threads = range(1, cores() + 1)
    entries = copied_entries(point)
    there, new = (max(bandwidth(entries, n, flag) for n in threads) for flag in (False, True))
    at_peak = point.flops / max(peak(point.dtype, n) for n in threads)
    return {
        "bytes": point.moved,
        "flops": point.flops,
        "seconds_at_peak": at_peak,
        "seconds_there": max(point.moved / there, at_peak),
        "seconds_new": max(point.moved / new, at_peak),
    }


def copied_entries(point: Point) -> int:
    """Return the size of the copy whose speed bounds the product: the nearest power of two, half of what it moves."""
    return min(2 ** round(np.log2(point.moved / 16)), LARGEST_COPY // 8)


def ceilings() -> list[dict]:
    """Return what has been measured so far: peaks by type, and bandwidths of copies that fit the cache and do not."""
    sizes = {"2 MiB": 2**18, "512 MiB": LARGEST_COPY // 8}
    rows = []
    for threads in range(1, cores() + 1):
        row: dict = {"threads": threads}
        for dtype in ("float32", "float64", "complex64", "complex128"):
            row[f"{dtype} Gflop/s"] = peak(dtype, threads) / 1e9
        for size, entries in sizes.items():
            row[f"copy of {size}, GB/s"] = bandwidth(entries, threads, False) / 1e9
            row[f"copy of {size} into new memory, GB/s"] = bandwidth(entries, threads, True) / 1e9
        rows.append(row)
    return rows
