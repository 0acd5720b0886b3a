"""What the records of the products say: seconds by rival and by library, ratios, fractions of the limit."""

from typing import NamedTuple

OURS = ("otimes", "otimes, rows")  # X as K × M and as M × K, both contiguous
MERGED = "NumPy chain, merged"


class Loss(NamedTuple):
    """A point at which a peer is as fast as one of our layouts, within 5 %, or faster; the ratio is peer / ours."""

    case: str
    ours: str
    peer: str
    ratio: float


def library(name: str) -> str:
    """Return the library of a rival: what follows a comma is a layout or a form."""
    return name.partition(",")[0]


def seconds(record: dict) -> dict[str, float]:
    """Return the best seconds of every rival."""
    return {timing["name"]: timing["best"] for timing in record["timings"]}


def ours(record: dict, layout: str = OURS[0]) -> float:
    """Return our seconds for a layout; with one column there is one."""
    found = seconds(record)
    return found.get(layout, found[OURS[0]])


def peers(record: dict, *, without: tuple[str, ...] = ()) -> dict[str, float]:
    """Return the seconds of every library but ours, in its best layout or form."""
    best: dict[str, float] = {}
    for name, value in seconds(record).items():
        if name not in OURS and name not in without:
            best[library(name)] = min(value, best.get(library(name), value))
    return best


def ratios(records: list[dict], peer: str, layout: str) -> list[float]:
    """Return peer / ours at every point that the peer ran."""
    return [found[peer] / ours(record, layout) for record in records if peer in (found := peers(record))]


def least_ratio(records: list[dict], *, without: tuple[str, ...] = ()) -> tuple[float, str]:
    """Return the least of peer / ours over all points, peers and layouts, and where it is."""
    found = [
        (value / ours(record, layout), f"{peer} at {record['case']}")
        for record in records
        for layout in OURS
        for peer, value in peers(record, without=without).items()
    ]
    return min(found)


def losses(records: list[dict], equal: float) -> list[Loss]:
    """Return every point, layout and peer, in its best form there, whose ratio to ours is at most that."""
    found = [
        Loss(record["case"], layout, name, value / ours(record, layout))
        for record in records
        for layout in OURS
        if layout in seconds(record)
        for name, value in seconds(record).items()
        if value == peers(record).get(library(name)) and value / ours(record, layout) <= equal
    ]
    return sorted(found, key=lambda loss: loss.ratio)


def fraction(record: dict, bound: str, layout: str = OURS[0]) -> float:
    """Return the fraction of the limit that we reach; `bound` is 'there' or 'new', the memory that is written."""
    return record["limit"][f"seconds_{bound}"] / ours(record, layout)


def sizes(record: dict) -> set[int]:
    """Return the sizes of the factors."""
    return {size for rows, columns, _ in record["factors"] for size in (rows, columns)}


def dense(record: dict) -> bool:
    """Return whether all the factors are dense."""
    return all(kind == "dense" for _, _, kind in record["factors"])


def grown(record: dict) -> bool:
    """Return whether the point belongs to the curves, which begin where the call is all there is."""
    return record["part"] == "growing"
