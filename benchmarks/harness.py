"""Timing of rivals side by side: interleaved, warmed, best and median of several, in one process."""

import gc
import math
import statistics
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import asdict, dataclass

GLANCE = 0.01  # seconds between two looks at whether anything computes
LONG = 0.25  # seconds of a call that is its own warming up
CLOSE = 4  # a rival within this factor of the fastest is always run as often as asked


@dataclass(frozen=True)
class Timing:
    """Seconds per call of one rival, and in how many rounds they were taken."""

    name: str
    best: float
    median: float
    runs: int


def race(
    rivals: dict[str, Callable[[], object]],
    *,
    repeats: int = 9,
    target: float = 0.02,
    patience: float = math.inf,
    known: dict[str, float] | None = None,
) -> list[Timing]:
    """Time the rivals in turns: round after round each runs once (a loop of calls if it is short).

    A rival that would take longer than `patience` seconds for all its rounds, and is not close to the fastest,
    runs in fewer of them, at least in two. `known` are seconds of calls that were made before.
    """
    first = {name: _warm_seconds(call, (known or {}).get(name)) for name, call in rivals.items()}
    loops = {name: max(1, int(target / seconds)) for name, seconds in first.items()}
    often = max(CLOSE * min(first.values()), patience / repeats)
    runs = {name: repeats if s <= often else max(2, int(patience / s)) for name, s in first.items()}
    seconds: dict[str, list[float]] = {name: [] for name in rivals}
    gc.collect()
    gc.disable()
    try:
        for turn in range(repeats):
            for name, call in rivals.items():
                if turn < runs[name]:
                    wait_for_quiet()
                    seconds[name].append(seconds_of(call, loops[name]))
    finally:
        gc.enable()
    return [Timing(name, min(times), statistics.median(times), len(times)) for name, times in seconds.items()]


def wait_for_quiet() -> None:
    """Sleep until no thread of this process computes: those of OpenBLAS spin for over 80 ms after a product."""
    computed = math.inf
    while computed > GLANCE / 10:
        before = time.process_time()
        time.sleep(GLANCE)
        computed = time.process_time() - before


def _warm_seconds(call: Callable[[], object], known: float | None) -> float:
    """Return the seconds of a call after one that warms up; of the first itself if that takes long."""
    first = seconds_of(call) if known is None else known
    return first if first > LONG else max(seconds_of(call), 1e-7)


def seconds_of(call: Callable[[], object], loops: int = 1) -> float:
    """Return the seconds that a call takes, on the average of so many."""
    start = time.perf_counter()
    for _ in range(loops):
        call()
    return (time.perf_counter() - start) / loops


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
