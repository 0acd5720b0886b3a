"""One thread against all of them, for results that do not fit the nearer caches."""

import numpy as np
from threadpoolctl import ThreadpoolController

import otimes as ox
from benchmarks.grid import Point, Problem, square
from benchmarks.harness import race, record
from benchmarks.limits import bandwidth, copied_entries, peak
from benchmarks.machine import cores

TITLE = "Threads: results over 8 MiB"
CLAIM = "two threads at least 1.7 times faster than one"
ROWS = [(1, 8, 7), (1, 128, 3), (16, 8, 6), (16, 64, 3), (256, 8, 5), (256, 64, 2), (1024, 2, 12), (1024, 4, 7)]
ONE, ALL = "one thread", f"{cores()} threads"


def run() -> list[dict]:
    points = [*square("threads", ROWS), *square("threads", [(16, 8, 6)], "float32")]
    return [one(point) for point in points]


def one(point: Point, repeats: int = 9) -> dict:
    problem = Problem(point)
    K, X = ox.kron(*problem.structured), problem.X
    limits = ThreadpoolController()  # found once: looking for the libraries takes longer than a product

    def limited(threads: int) -> np.ndarray:
        with limits.limit(limits=threads):
            return K @ X

    timings = race({ONE: lambda: limited(1), ALL: lambda: limited(cores())}, repeats=repeats, target=0.05)
    entries = copied_entries(point)
    copies = {n: max(bandwidth(entries, n, flag) for flag in (False, True)) for n in (1, cores())}
    return record(
        point.name,
        timings,
        ALL,
        copy_speed_up=copies[cores()] / copies[1],
        gemm_speed_up=peak(point.dtype, cores()) / peak(point.dtype, 1),
    )
