"""Multisets of the digits of Kronecker products: entries whose digits are the same up to their order are equal."""

import functools
import math
from collections.abc import Sequence

import numpy as np

from otimes.errors import TooLarge

MAX_COUNTS = 2**24  # numbers in one table of multisets, 128 MiB


def multisets(kinds: int, size: int, name: str) -> np.ndarray:
    """Return all multisets of so many kinds, (C(size + kinds − 1, kinds − 1), kinds), in lexicographic order."""
    total = math.comb(size + kinds - 1, size)
    if total * kinds > MAX_COUNTS:
        raise TooLarge(
            f"{name}: {size} levels of {kinds} entries have {total} multisets, more than are listed at once; take "
            "fewer levels or a smaller initiator, or draw with rmat, which takes no multisets"
        )
    counts, left = np.empty((1, 0), np.int64), np.array([size])
    for _ in range(kinds - 1):
        ends = np.cumsum(left + 1)
        which = np.repeat(np.arange(len(left)), left + 1)
        taken = np.arange(ends[-1]) - (ends - left - 1)[which]
        counts, left = np.column_stack([counts[which], taken]), left[which] - taken
    return np.column_stack([counts, left])


def arrangements(counts: np.ndarray, dtype: type) -> np.ndarray:
    """Return in how many orders each multiset can be written, m! / Π cᵢ!; exact in int64 if it fits."""
    sums = np.cumsum(counts, axis=1)
    size = int(sums[0, -1])
    return _pascal(size, size, dtype)[sums, counts].prod(axis=1)


def places(counts: np.ndarray) -> np.ndarray:
    """Return the place of each multiset in the order of `multisets`."""
    kinds, size = counts.shape[1], int(counts[0].sum())
    after = np.arange(kinds - 1, 0, -1)  # kinds that are still to come
    before = size - np.cumsum(counts, axis=1)[:, :-1] + counts[:, :-1]
    left = before - counts[:, :-1]
    choose = _pascal(size + kinds, size, np.int64)
    return (choose[before + after, before] - choose[left + after, left]).sum(axis=1)


def powers(values: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Return Π valuesᵢ^cᵢ for each multiset."""
    return np.power(values, counts).prod(axis=1)


def crossed(parts: Sequence[np.ndarray]) -> np.ndarray:
    """Return the products of an entry of each part, the last fastest."""
    return functools.reduce(lambda x, y: np.multiply.outer(x, y).reshape(-1), parts)


def equal_levels(thetas: Sequence[np.ndarray]) -> list[tuple[np.ndarray, list[int]]]:
    """Return each different initiator with the levels where it is."""
    groups: dict[tuple[int, bytes], list[int]] = {}
    for level, theta in enumerate(thetas):
        groups.setdefault((len(theta), theta.tobytes()), []).append(level)
    return [(thetas[levels[0]], levels) for levels in groups.values()]


def require_few(classes: int, name: str) -> None:
    """Raise `TooLarge` for too many classes of several groups of equal levels."""
    if classes > MAX_COUNTS:
        raise TooLarge(
            f"{name}: initiators that differ from level to level leave {classes} classes of equal probabilities, more "
            "than are listed at once; rmat takes any initiators"
        )


@functools.lru_cache(maxsize=128)  # made of Python's integers, it would take longer than all that is looked up
def _pascal(rows: int, columns: int, dtype: type) -> np.ndarray:
    """Return C(i, j) for i ≤ rows and j ≤ columns."""
    table = np.array([[math.comb(i, j) for j in range(columns + 1)] for i in range(rows + 1)], dtype=object)
    table = table.astype(dtype)
    table.setflags(write=False)
    return table
