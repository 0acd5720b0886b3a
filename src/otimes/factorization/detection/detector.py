"""`Detector`: what is common to the search for one structure, and the registry of those there are."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np

from otimes.factorization.detection.entries import Entries
from otimes.factorization.detection.finding import Finding

MOST_MISSES = 8  # sizes of which the distance is computed where no structure holds

Size = TypeVar("Size")

DETECTORS: list["Detector[Any]"] = []


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

    def holding(self, entries: Entries, rtol: float) -> Finding | None:
        """Return the first fit within the tolerance that takes no more numbers than the matrix."""
        sizes = self.sizes(entries)
        if not sizes:
            return None
        bounds = self.probe(entries, sizes).bounds
        arranged = None
        for size, bound in zip(sizes, bounds, strict=True):
            if bound <= rtol:
                arranged = arranged or entries.arranged()
                found = self.fit(arranged, size, rtol)
                if found is not None and found.distance <= rtol and found.numbers <= entries.numbers:
                    return found
        return None

    def nearest(self, entries: Entries) -> Finding | None:
        """Return the nearest of the fits of the sizes that the sample prefers."""
        sizes = self.sizes(entries)
        if not sizes:
            return None
        preferred = np.argsort(self.probe(entries, sizes).estimates, kind="stable")[:MOST_MISSES]
        found = [self.fit(entries, sizes[k], 0.0) for k in preferred]
        return min((f for f in found if f is not None), key=lambda f: f.distance, default=None)


def register(*detectors: Detector[Any]) -> None:
    """Add detectors to those that `detect` asks, in this order."""
    DETECTORS.extend(detectors)


def simplest(entries: Entries, rtol: float) -> Finding | None:
    """Return, of all structures that hold to the tolerance, the one of the fewest numbers."""
    best: Finding | None = None
    for detector in DETECTORS:
        found = detector.holding(entries, rtol)
        if found is not None and (best is None or found.numbers < best.numbers):
            best = found
        if best is not None and best.numbers <= 1:
            break
    return best


def nearest(entries: Entries) -> list[Finding]:
    """Return the nearest of each structure, in the order of their distances."""
    found = [found for detector in DETECTORS if (found := detector.nearest(entries)) is not None]
    saving = [miss for miss in found if miss.numbers <= entries.numbers]
    return sorted(saving, key=lambda miss: miss.distance)
