"""An operator of 10⁹ rows: nine factors of 10 × 10; what each function takes in time and memory."""

import numpy as np

import otimes as ox
from benchmarks.harness import peak_bytes, race

TITLE = "An operator of 10⁹ rows (nine factors of 10 × 10)"
CLAIM = "under 10 ms and 1 MiB each"


def run() -> list[dict]:
    rng = np.random.default_rng(0)
    factors = [F @ F.T + np.eye(10) for F in rng.standard_normal((9, 10, 10))]
    K = ox.kron(*factors)
    tasks = {
        "construct": lambda: ox.kron(*factors),
        "transpose": lambda: K.T,
        "inv": lambda: ox.inv(K),
        "slogdet": lambda: ox.slogdet(K),
        "trace": lambda: ox.trace(K),
        "eigvalsh, 5 largest": lambda: ox.eigvalsh(K, k=5),
    }
    timings = {timing.name: timing for timing in race(tasks, repeats=9)}
    return [
        {"case": name, "milliseconds": timings[name].best * 1e3, "mebibytes": peak_bytes(call) / 2**20}
        for name, call in tasks.items()
    ]
