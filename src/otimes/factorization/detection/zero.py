"""The matrix of zeros."""

import numpy as np

from otimes.factorization.detection.detector import Detector, Probe
from otimes.factorization.detection.entries import Entries
from otimes.factorization.detection.finding import Finding
from otimes.operators.zero import zeros


class ZeroMatrix(Detector[tuple[int, int]]):
    """0: no numbers, and as a miss at distance 1 what is left where nothing is nearer."""

    def sizes(self, entries: Entries) -> list[tuple[int, int]]:
        """Return the one there is."""
        return [entries.shape]

    def probe(self, entries: Entries, _sizes: list[tuple[int, int]]) -> Probe:
        """Return its distance."""
        distance = np.array([1.0 if entries.norm else 0.0])
        return Probe(distance, distance)

    def numbers(self, _: Entries, _size: tuple[int, int]) -> int:
        """Return none."""
        return 0

    def fit(self, entries: Entries, size: tuple[int, int], _rtol: float) -> Finding:
        """Return the operator that holds no numbers."""
        m, n = size
        operator = zeros(m, n, dtype=entries.dtype)
        return Finding("zero matrix", f"{m}×{n}", operator, 1.0 if entries.norm else 0.0, 0)
