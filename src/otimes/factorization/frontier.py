"""The frontier of error against numbers stored, its knee, and a table short enough to read."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from otimes.factorization.result import Candidate

_MOST_ROWS = 12
_MOST_SINGLE_TERMS = 4


@dataclass(frozen=True)
class Frontier:
    """Rows that no other row beats both in error and in numbers stored, fewest numbers first.

    Errors below ``floor`` are roundoff, and count as equal.
    """

    rows: tuple[Candidate, ...]
    floor: float

    @classmethod
    def of(cls, rows: Iterable[Candidate], *, floor: float) -> "Frontier":
        """Return the frontier of any rows."""
        best: list[Candidate] = []
        for row in sorted(rows, key=lambda row: (row.numbers_stored, row.error, row.terms)):
            if not best or max(row.error, floor) < max(best[-1].error, floor):
                best.append(row)
        return cls(tuple(best), floor)

    def within(self, tol: float) -> Candidate | None:
        """Return the row of the fewest numbers that meets the tolerance, if there is one."""
        return next((row for row in self.rows if row.error <= tol), None)

    def knee(self, size: int) -> Candidate:
        """Return the row after which more numbers buy little, for a matrix of `size` entries.

        With both axes logarithmic and scaled to [0, 1], x = log(numbers / fewest) / log(size / fewest) and
        y = log(error) / log(least error): the row farthest below the chord from (fewest numbers, error 1) to
        (size, least error), which is that of the largest y − x; the cheapest of these.
        """
        fewest, least = self.rows[0].numbers_stored, max(self.rows[-1].error, self.floor)
        span = math.log(size / fewest)

        def distance(row: Candidate) -> float:
            x = math.log(row.numbers_stored / fewest) / span if span > 0 else 0.0
            return (math.log(max(row.error, self.floor)) / math.log(least) if least < 1 else 1.0) - x

        return max(self.rows, key=distance)

    def table(self, chosen: Candidate, *, error: float) -> tuple[Candidate, ...]:
        """Return at most a dozen rows, the chosen one among them with the error measured for it.

        Kept are the ends, the chosen row and the best rows of one term; then those farthest from all that are kept.
        """
        rows = sorted({*self.rows, chosen}, key=lambda row: row.numbers_stored)
        position = np.log([row.numbers_stored for row in rows])
        single = [k for k, row in enumerate(rows) if row.terms == 1][:_MOST_SINGLE_TERMS]
        kept = {0, len(rows) - 1, rows.index(chosen), *single}
        while len(kept) < min(_MOST_ROWS, len(rows)):
            distances = np.abs(position[:, None] - position[sorted(kept)]).min(axis=1)
            kept.add(int(distances.argmax()))
        return tuple(replace(rows[k], error=error) if rows[k] == chosen else rows[k] for k in sorted(kept))
