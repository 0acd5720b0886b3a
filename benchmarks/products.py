"""(F₁ ⊗ … ⊗ F_N) X over the grid: otimes and the peers side by side, and how far everyone is from the limit."""

import time
from collections.abc import Callable

import numpy as np

from benchmarks.grid import GRID, Point, Problem
from benchmarks.harness import peak_bytes, race, record
from benchmarks.limits import ceilings, limit
from benchmarks.peers import OURS, PEERS, LeftOut

TITLE = "Products"
CLAIM = "never slower than the best peer; 60 % of the limit for factors of 4 to 64 with 16 columns and more"
REPEATS = 7
TARGET = 0.02  # seconds of one round of a short product
PATIENCE = 2.0  # seconds for all the rounds of a rival that is far from the fastest
COMPARED = 2**22  # entries of the results that are compared
TOLERANCE = 2**12  # in units of the last place of the largest entry


def run() -> dict:
    records = []
    start = time.perf_counter()
    for point in GRID:
        records.append(measure(point))
        print(f"  {time.perf_counter() - start:4.0f} s  {point.name}", flush=True)
    return {"records": records, "ceilings": ceilings()}


def measure(point: Point, repeats: int = REPEATS) -> dict:
    """Return the record of one point: the race, the peers left out and why, and the limit."""
    problem = Problem(point)
    calls, known, left_out = prepare(problem)
    timings = race(calls, repeats=repeats, target=TARGET, patience=PATIENCE, known=known)
    held = peak_bytes(calls["otimes"]) / point.result_bytes
    bound = limit(point)
    more = {
        "part": point.part,
        "columns": point.columns,
        "factors": [list(f) for f in point.factors],
        "dtype": point.dtype,
        "result_bytes": point.result_bytes,
        "held_in_results": held,
        "limit": bound,
        "left_out": left_out,
    }
    return record(point.name, timings, "otimes", **more)


def prepare(problem: Problem) -> tuple[dict[str, Callable], dict[str, float], dict[str, str]]:
    """Return the calls whose results agree with ours, the seconds of their first one, and why the others are out."""
    calls: dict[str, Callable] = {}
    known: dict[str, float] = {}
    left_out: dict[str, str] = {}
    expected = None
    for name, peer in (OURS | PEERS).items():
        try:
            rival = peer(problem)
            start = time.perf_counter()
            result = rival.call()
            known[name] = time.perf_counter() - start
            answer = sampled(rival.read(result, problem))
            del result  # it may be two gibibytes
        except LeftOut as reason:
            left_out[name] = str(reason)
            continue
        except Exception as error:
            if name in OURS:
                raise
            left_out[name] = f"{type(error).__name__}: {error}".splitlines()[0]
            continue
        expected = answer if expected is None else expected
        if (gap := distance(answer, expected)) > TOLERANCE:
            left_out[name] = f"wrong: {gap:.0f} units in the last place away from the others"
        else:
            calls[name] = rival.call
    return calls, known, left_out


def distance(a: np.ndarray, b: np.ndarray) -> float:
    """Return the largest difference in units of the last place of the largest entry."""
    return float(np.abs(a - b).max() / np.abs(b).max() / np.finfo(b.dtype).eps)


def sampled(Y: np.ndarray) -> np.ndarray:
    """Return a copy of rows of the result, evenly spread (by an odd step, so as to meet every index of a factor)."""
    return Y[:: Y.size // COMPARED | 1].copy()
