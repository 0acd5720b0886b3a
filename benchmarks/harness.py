"""Timing of rivals side by side: interleaved, warmed, best and median of several, in one process."""

import gc
import os
import platform
import statistics
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import asdict, dataclass

import numpy as np


@dataclass(frozen=True)
class Timing:
    """Seconds per call of one rival."""

    name: str
    best: float
    median: float


def race(rivals: dict[str, Callable[[], object]], *, repeats: int = 9, target: float = 0.02) -> list[Timing]:
    """Time the rivals in turns: round after round each runs once (a loop of calls if it is short)."""
    loops = {name: _loops(call, target) for name, call in rivals.items()}
    seconds: dict[str, list[float]] = {name: [] for name in rivals}
    gc.collect()
    gc.disable()
    try:
        for _ in range(repeats):
            for name, call in rivals.items():
                start = time.perf_counter()
                for _ in range(loops[name]):
                    call()
                seconds[name].append((time.perf_counter() - start) / loops[name])
    finally:
        gc.enable()
    return [Timing(name, min(times), statistics.median(times)) for name, times in seconds.items()]


def _loops(call: Callable[[], object], target: float) -> int:
    """Return how many calls fill the target time, after two calls that warm up."""
    call()
    start = time.perf_counter()
    call()
    return max(1, int(target / max(time.perf_counter() - start, 1e-7)))


def peak_bytes(call: Callable[[], object]) -> int:
    """Return the most memory that one call holds beside what there was, its result included."""
    tracemalloc.start()
    try:
        result = call()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        del result


def record(case: str, timings: list[Timing], reference: str, **more: object) -> dict:
    """Return a record of one race: seconds, and ratios to the reference rival."""
    base = next(t for t in timings if t.name == reference)
    rows = [asdict(t) | {"ratio": t.best / base.best, "median_ratio": t.median / base.median} for t in timings]
    return {"case": case, "reference": reference, "timings": rows, **more}


def machine() -> dict:
    """Describe the machine: processor, cores, versions, and the BLAS in use."""
    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    names = (line.partition(":")[2].strip() for line in _cpuinfo() if line.startswith("model name"))
    return {
        "processor": next(names, platform.machine()),
        "cores": _cores(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "blas": f"{blas['name']} {blas['version']}",
    }


def _cpuinfo() -> list[str]:
    try:
        with open("/proc/cpuinfo") as file:
            return file.readlines()
    except OSError:
        return []


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
