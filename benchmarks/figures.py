"""The figures promised for the kernel, each beside what was measured: computed from the results, losses included."""

import math
from statistics import geometric_mean, median
from typing import NamedTuple

from benchmarks.readings import MERGED, OURS, dense, fraction, grown, least_ratio, losses, ratios, seconds, sizes

EQUAL = 1.05  # a peer within 5 % counts as equal
SEEN = 2**22  # bytes of a result beside which the other objects of a call are nothing
SPARE = 0.05
LARGE = 2**20  # rows from which on a single column is held to the limit


class Figure(NamedTuple):
    """What was promised, what was measured, and whether that is enough."""

    promised: str
    measured: str
    reached: bool


def figures(results: dict[str, dict]) -> list[Figure]:
    """Return the figures of those benchmarks that have been run."""
    parts = {"products": of_products, "threads": of_threads, "overhead": of_overhead, "eager": of_eager}
    return [figure for name, part in parts.items() if name in results for figure in part(results[name]["records"])]


def of_products(records: list[dict]) -> list[Figure]:
    large = [record for record in records if not grown(record)]
    inner = [r for r in large if dense(r) and r["columns"] >= 16 and min(sizes(r)) >= 4 and max(sizes(r)) <= 64]
    single = [r for r in large if dense(r) and r["columns"] == 1 and rows(r) >= LARGE]
    return [
        never_slower(records),
        mean_over(large, "pyfastkron", 2.5),
        mean_over(large, "linear_operator", 8),
        every_peer(large, 4, 3),
        every_peer(large, 2, 10),
        *of_the_limit(inner, "factors of 4 to 64, 16 columns and more", 0.6),
        *of_the_limit(single, "one column, 2²⁰ rows and more", 0.4),
        memory([r for r in large if dense(r) and r["result_bytes"] >= SEEN]),
    ]


def rows(record: dict) -> int:
    return math.prod(factor[0] for factor in record["factors"])


def never_slower(records: list[dict]) -> Figure:
    slower = {loss.case for loss in losses(records, 1 / EQUAL)}
    text = f"slower at {len(slower)} of {len(records)} points"
    return Figure("never slower than the best peer (5 % counts as equal)", text, not slower)


def mean_over(records: list[dict], peer: str, wanted: float) -> Figure:
    """Return the geometric means for both layouts of X; the peer has its better one at each point."""
    promised = f"geometric mean at least {wanted} × {peer}"
    found = {layout: ratios(records, peer, layout) for layout in OURS}
    if not any(found.values()):
        return Figure(promised, "it did not run", False)
    means = {layout: geometric_mean(values) for layout, values in found.items()}
    text = f"{means[OURS[0]]:.2f} for K X and {means[OURS[1]]:.2f} for X K, over {len(found[OURS[0]])} points"
    return Figure(promised, text, min(means.values()) >= wanted)


def every_peer(records: list[dict], size: int, wanted: float) -> Figure:
    promised = f"at least {wanted} × every peer for factors of size {size}"
    chosen = [record for record in records if dense(record) and sizes(record) == {size}]
    if not chosen:
        return Figure(promised, "not run", False)
    least, where = least_ratio(chosen, without=(MERGED,))
    by_hand, there = least_ratio(chosen)
    text = f"{least:.2f} ({where})"
    if by_hand < least:
        text += f"; {by_hand:.2f} with the chain whose neighbours were merged by hand ({there})"
    return Figure(promised, text, least >= wanted)


def of_the_limit(records: list[dict], kind: str, wanted: float) -> list[Figure]:
    """Return two figures: under copies into memory that is there, and under copies into new memory as results need."""
    found = []
    for bound, meaning in (("there", "memory already there"), ("new", "a new result")):
        promised = f"at least {wanted:.0%} of the limit with {meaning}: {kind}"
        values = {r["case"]: min(fraction(r, bound, layout) for layout in OURS) for r in records}
        if not values:
            found.append(Figure(promised, "not run", False))
            continue
        worst = min(values, key=values.__getitem__)
        below = sum(value < wanted for value in values.values())
        text = f"{values[worst]:.0%} ({worst}) to {max(values.values()):.0%}, median {median(values.values()):.0%}"
        found.append(Figure(promised, f"{text}; {below} of {len(values)} points below", not below))
    return found


def memory(records: list[dict]) -> Figure:
    """Return the most that NumPy allocated in a call; the tiles of the threads are the kernel's own, and small."""
    promised = "nothing of the size of X is held beside the result"
    if not records:
        return Figure(promised, "not run", False)
    worst = max(records, key=lambda r: r["held_in_results"])
    held = worst["held_in_results"]
    return Figure(promised, f"at most {held:.2f} results held, result included ({worst['case']})", held < 1 + SPARE)


def of_threads(records: list[dict]) -> list[Figure]:
    values = {r["case"]: max(timing["ratio"] for timing in r["timings"]) for r in records}
    worst = min(values, key=values.__getitem__)
    mean = geometric_mean(values.values())
    text = f"{values[worst]:.2f} ({worst}) to {max(values.values()):.2f}, geometric mean {mean:.2f}"
    return [Figure("two threads at least 1.7 × one, results over 8 MiB", text, values[worst] >= 1.7)]


def of_overhead(records: list[dict]) -> list[Figure]:
    taken = {name: value * 1e6 for name, value in seconds(records[0]).items()}
    over = taken["otimes"] - taken["empty call"]
    chain = taken["NumPy chain"]
    return [
        Figure("a call of 3×3 ⊗ 3×3 at most 4 µs over an empty one", f"{over:.2f} µs", over <= 4),
        Figure(
            "and below the NumPy chain", f"{taken['otimes']:.2f} µs against {chain:.2f} µs", taken["otimes"] < chain
        ),
    ]


def of_eager(records: list[dict]) -> list[Figure]:
    found = []
    for case, wanted in (("64×64 ⊗ 64×64", 3), ("4096×4096 ⊗ 2×2", 8)):
        record = next(r for r in records if r["case"] == case)
        taken = seconds(record)
        ratio, fill = taken["np.kron"] / taken["otimes"], taken["otimes"] / taken[record["fastest_fill"]]
        found.append(Figure(f"formed {case} at least {wanted} × np.kron", f"{ratio:.2f}", ratio >= wanted))
        found.append(Figure(f"formed {case} within 1.3 of filling that memory", f"{fill:.2f}", fill <= 1.3))
    return found
