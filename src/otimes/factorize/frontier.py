"""The frontier of error against numbers stored, its knee, and a table short enough to read."""

import math
from collections.abc import Iterable, Sequence

import numpy as np

from otimes.factorize.result import Candidate

_EXACT = 1e-14  # errors below this are roundoff, and count as equal
_MOST_ROWS = 12
_MOST_SINGLE_TERMS = 4


def frontier(rows: Iterable[Candidate]) -> list[Candidate]:
    """Return the rows that no other row beats both in error and in numbers stored, fewest numbers first."""
    best: list[Candidate] = []
    for row in sorted(rows, key=lambda row: (row.numbers_stored, row.error, row.terms)):
        if not best or _floored(row) < _floored(best[-1]):
            best.append(row)
    return best


def knee(rows: Sequence[Candidate], size: int) -> Candidate:
    """Return the row of a frontier after which more numbers buy little.

    With both axes logarithmic and scaled to [0, 1], x = log(numbers / fewest) / log(size / fewest) and
    y = log(error) / log(least error): the row farthest below the chord from (fewest numbers, error 1) to
    (numbers of the matrix, least error), the one of the largest y − x; the cheapest if several are.
    """
    fewest = math.log(rows[0].numbers_stored)
    span = math.log(size) - fewest
    least = math.log(_floored(rows[-1]))

    def distance(row: Candidate) -> float:
        x = (math.log(row.numbers_stored) - fewest) / span if span > 0 else 0.0
        return (math.log(_floored(row)) / least if least < 0 else 1.0) - x

    return max(rows, key=distance)


def thinned(rows: Sequence[Candidate], chosen: Candidate) -> tuple[Candidate, ...]:
    """Return at most a dozen rows of a frontier, fewest numbers first.

    Kept are the ends, the chosen row, and the best rows of one term; then those farthest from all that are kept.
    """
    if len(rows) <= _MOST_ROWS:
        return tuple(rows)
    position = np.log([row.numbers_stored for row in rows])
    single = [k for k, row in enumerate(rows) if row.terms == 1][:_MOST_SINGLE_TERMS]
    kept = {0, len(rows) - 1, rows.index(chosen), *single}
    while len(kept) < _MOST_ROWS:
        distances = np.abs(position[:, None] - position[sorted(kept)]).min(axis=1)
        kept.add(int(distances.argmax()))
    return tuple(rows[k] for k in sorted(kept))


def _floored(row: Candidate) -> float:
    return max(row.error, _EXACT)
