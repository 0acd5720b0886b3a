"""The sums of one number from each of several lists that are nearest to a given number, found without forming all.

The lists are taken in two halves, of which the sums are formed: for each entry of the first, those of the second, which
are sorted, are met from the nearest outwards, and a heap holds the nearest not yet taken of each.
"""

import functools
import heapq
from collections.abc import Sequence
from typing import Any

import numpy as np

from otimes.core.checks import MAX_BYTES, require_bytes


class Halves:
    """The sums l + r of two halves of real lists: l in the order of the places, r ascending."""

    def __init__(self, parts: Sequence[np.ndarray]):
        sizes = [len(part) for part in parts]
        split = min(range(len(parts)), key=lambda i: int(np.prod(sizes[:i])) + int(np.prod(sizes[i:])))
        self.left, right = _sums(parts[:split]), _sums(parts[split:])
        self.order = np.argsort(right, stable=True)
        self.right = right[self.order]

    def count_within(self, center: float, radius: float) -> int:
        """Return how many sums are at most the radius from the center."""
        low, high = self._within(center, radius)
        return int((high - low).sum())

    def within(self, center: float, radius: float) -> np.ndarray:
        """Return the places, ascending, of the sums that are at most the radius from the center."""
        low, high = self._within(center, radius)
        counts = high - low
        rows = np.repeat(np.arange(len(self.left)), counts)
        inner = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        return np.sort(rows * len(self.right) + self.order[np.repeat(low, counts) + inner])

    def nearest(self, center: float, k: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the places of the k sums nearest to the center, the nearest first, and these sums.

        Infinite centers are for the largest and the smallest.
        """
        above = np.searchsorted(self.right, center - self.left)
        gaps = np.minimum(*(self._distance(center, slice(None), np.maximum(above - side, 0)) for side in (0, 1)))
        reach = np.partition(gaps, k - 1)[k - 1] if 0 < k < len(gaps) else np.inf
        heap: list[tuple[float, int, int, int]] = []
        for row in np.flatnonzero(gaps <= reach).tolist():
            for place, step in ((int(above[row]), 1), (int(above[row]) - 1, -1)):
                if 0 <= place < len(self.right):
                    heap.append((float(self._distance(center, row, place)), row, place, step))
        heapq.heapify(heap)
        taken = np.empty((k, 2), dtype=np.int64)
        for i in range(k):
            _, row, place, step = heap[0]
            taken[i] = row, place
            if 0 <= (place := place + step) < len(self.right):
                heapq.heapreplace(heap, (float(self._distance(center, row, place)), row, place, step))
            else:
                heapq.heappop(heap)
        rows, places = taken.T
        return rows * len(self.right) + self.order[places], self.left[rows] + self.right[places]

    def _distance(self, center: float, row: Any, place: Any) -> Any:
        """Return what orders the sum at a place of each row: its distance, or itself from an infinite center."""
        sums = self.left[row] + self.right[np.minimum(place, len(self.right) - 1)]
        return abs(sums - center) if np.isfinite(center) else -np.sign(center) * sums

    def _within(self, center: float, radius: float) -> tuple[np.ndarray, np.ndarray]:
        low = np.searchsorted(self.right, center - radius - self.left, side="left")
        return low, np.maximum(low, np.searchsorted(self.right, center + radius - self.left, side="right"))


def _sums(parts: Sequence[np.ndarray]) -> np.ndarray:
    """Return all sums, the last part's places going fastest; 0 of no parts."""
    require_bytes(tuple(map(len, parts)), 8, MAX_BYTES, "half of the sums", "use fewer or smaller parts")
    return functools.reduce(lambda u, v: np.add.outer(u, v).reshape(-1), parts, np.zeros(1))
