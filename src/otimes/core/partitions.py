"""Partitions of a size into slots: the axes of a C-ordered grid, and how two partitions of one size agree."""

import math
from collections.abc import Sequence
from numbers import Integral
from typing import Any

from otimes.core.checks import require_size
from otimes.errors import ShapeError


def common_blocks(one: Sequence[int], other: Sequence[int]) -> list[tuple[slice, slice]]:
    """Return the finest runs of neighbours of two partitions whose products agree, as pairs of slices.

    [2, 3, 4] and [6, 4] agree in the blocks (2·3, 6) and (4, 4); partitions that share no cut are one block.
    """
    if 0 in one or 0 in other:
        return [(slice(0, len(one)), slice(0, len(other)))]
    blocks, i, j = [], 0, 0
    while i < len(one) and j < len(other):
        start, begin, p, q = i, j, one[i], other[j]
        i, j = i + 1, j + 1
        while p != q:
            if p < q:
                p, i = p * one[i], i + 1
            else:
                q, j = q * other[j], j + 1
        blocks.append((slice(start, i), slice(begin, j)))
    if blocks:  # sizes 1 that are left over
        blocks[-1] = (slice(blocks[-1][0].start, len(one)), slice(blocks[-1][1].start, len(other)))
    return blocks


def require_sizes(sizes: Any, n: int | None, name: str) -> tuple[int, ...]:
    """Return the sizes of slots, which multiply to n, or raise `ShapeError`."""
    if not isinstance(sizes, (list, tuple)):
        raise ShapeError(f"{name}: sizes is {sizes!r}; give the size of every slot, such as (2, 3, 4)")
    sizes = tuple(require_size(size, f"{name}: each of sizes={sizes!r}") for size in sizes)
    if n is not None and math.prod(sizes) != n:
        raise ShapeError(f"{name}: sizes {sizes} multiply to {math.prod(sizes)}, and the operator has {n} rows")
    return sizes


def require_slots(slots: Any, count: int, name: str) -> tuple[int, ...]:
    """Return slots as distinct places 0, …, count − 1, negative ones counted from the end, or raise `ShapeError`."""
    given = [slots] if isinstance(slots, Integral) else slots
    if not isinstance(given, (list, tuple, range)) or not all(isinstance(s, Integral) for s in given):
        raise ShapeError(f"{name}: slots is {slots!r}; give an integer or a list of integers")
    places = [int(slot) for slot in given]
    for slot in places:
        if not -count <= slot < count:
            raise ShapeError(f"{name}: slot {slot} is out of range: there are {count} slots, 0 to {count - 1}")
    places = [slot % count for slot in places]
    repeated = sorted({slot for slot in places if places.count(slot) > 1})
    if repeated:
        raise ShapeError(f"{name}: slot {repeated[0]} is given more than once in {tuple(given)}")
    return tuple(places)
