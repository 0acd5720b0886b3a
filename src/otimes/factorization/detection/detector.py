"""`Detector`: what is common to the search for one structure, and the registry of those there are."""

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np

from otimes.factorization.detection.entries import Entries
from otimes.factorization.detection.finding import Finding, score

MOST_MISSES = 4  # sizes of which the distance is computed where no structure holds

Size = TypeVar("Size")

DETECTORS: dict[str, "Detector[Any]"] = {}


@dataclass(frozen=True)
class Probe:
    """What a sample of the entries says about each of the sizes tried.

    ``bounds`` are lower bounds of the relative distance: where one is above the tolerance, that size is out.
    ``estimates`` are the relative distance on the sample alone; they only rank.
    """

    bounds: np.ndarray
    estimates: np.ndarray


class Detector(ABC, Generic[Size]):
    """One structure: the sizes it may have, a cheap proof that one is out, and the nearest matrix that has it."""

    @abstractmethod
    def sizes(self, entries: Entries) -> list[Size]:
        """Return the sizes the structure may have in a matrix of this shape, the simplest first."""

    @abstractmethod
    def probe(self, entries: Entries, sizes: list[Size]) -> Probe:
        """Return what the sampled entries say about each of the sizes."""

    @abstractmethod
    def fit(self, entries: Entries, size: Size, rtol: float) -> Finding | None:
        """Return the nearest matrix of this structure; within the tolerance its parts may be structured further.

        None where the structure is empty for this matrix.
        """

    @abstractmethod
    def numbers(self, entries: Entries, size: Size) -> int:
        """Return how many numbers the structure takes if its parts have none of their own."""

    def least(self, _: Size) -> int:
        """Return how many numbers the structure takes at least: above the best there is, it is not looked for."""
        return 0

    def holding(self, entries: Entries, rtol: float, most: int) -> Finding | None:
        """Return the first fit within the tolerance that takes at most so many numbers."""
        sizes = [size for size in self.sizes(entries) if self.least(size) <= most]
        if not sizes:
            return None
        bounds = self.probe(entries, sizes).bounds
        arranged = None
        for size, bound in zip(sizes, bounds, strict=True):
            if bound <= rtol:
                arranged = arranged or entries.arranged()
                found = self.fit(arranged, size, rtol)
                if found is not None and found.distance <= rtol and found.numbers <= most:
                    return found
        return None

    def miss(self, entries: Entries, size: Size) -> Finding | None:
        """Return the nearest matrix of this structure where it is known not to hold."""
        return self.fit(entries, size, 0.0)

    def prospects(self, entries: Entries) -> list[tuple[float, Size]]:
        """Return what the sample promises of each size that saves half the numbers: its score, the best first."""
        most = most_of_a_miss(entries)
        sizes = [size for size in self.sizes(entries) if self.numbers(entries, size) <= most]
        if not sizes:
            return []
        estimates = self.probe(entries, sizes).estimates
        scored = [
            (score(e, self.numbers(entries, size), entries.numbers), size)
            for e, size in zip(estimates, sizes, strict=True)
        ]
        return sorted(scored, key=lambda prospect: prospect[0])

    def nearest(self, entries: Entries) -> Finding | None:
        """Return the best of the few sizes that the sample promises most of."""
        promised = self.prospects(entries)[:MOST_MISSES]
        looked_at = promised[:1] + [prospect for prospect in promised[1:] if prospect[0] < of_zeros(entries)]
        return best_of(entries, (self.miss(entries, size) for _, size in looked_at))


def register(*detectors: Detector[Any]) -> None:
    """Add detectors to those that `detect` asks, in this order."""
    DETECTORS.update({type(detector).__name__: detector for detector in detectors})


def most_of_a_miss(entries: Entries) -> int:
    """Return how many numbers may make up what is not exact: half of those that the matrix takes."""
    return min(math.prod(entries.shape) // 2, entries.numbers)


def of_zeros(entries: Entries) -> float:
    """Return the score of a matrix of zeros; what promises no more is hardly worth a look."""
    return score(1.0, 0, entries.numbers)


def best_of(entries: Entries, found: Iterable[Finding | None]) -> Finding | None:
    """Return the one of the best score, if there is any."""
    return min(filter(None, found), key=lambda f: score(f.distance, f.numbers, entries.numbers), default=None)


def simplest(entries: Entries, rtol: float, most: int) -> Finding | None:
    """Return, of all structures that hold to the tolerance, the one of the fewest numbers, at most so many."""
    best: Finding | None = None
    for detector in DETECTORS.values():
        fewest = most if best is None else best.numbers - 1
        best = detector.holding(entries, rtol, fewest) or best
        if best is not None and best.numbers <= 1:
            break
    return best


def nearest(entries: Entries) -> list[Finding]:
    """Return the nearest of each structure."""
    return [found for detector in DETECTORS.values() if (found := detector.nearest(entries)) is not None]


def in_order(entries: Entries, misses: Iterable[Finding]) -> list[Finding]:
    """Return misses in the order of their scores, that without numbers last; a difference below 1 says nothing."""
    return sorted(misses, key=lambda f: (not f.numbers, round(score(f.distance, f.numbers, entries.numbers))))
