"""Criteria for a matrix that is structure and noise: which candidate says most of the structure."""

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np

from otimes.errors import StructureError
from otimes.factorization.result import Candidate, sum_text

Criterion = Literal["aic", "bic", "ebic", "cv"]


def require_criterion(name: str | None, tol: float | None) -> None:
    """Raise `StructureError` unless the name is that of a criterion, and nothing else is to choose."""
    if name is None:
        return
    if name not in get_args(Criterion):
        raise StructureError(f"criterion={name!r}: it must be {' or '.join(map(repr, get_args(Criterion)))}")
    if tol is not None:
        raise StructureError(f"tol={tol:g} and criterion={name!r}: both would choose; give one of them")


@dataclass(frozen=True)
class Information:
    """N log error² + κ η for N entries and η numbers stored; entries and numbers of a complex matrix count twice.

    κ is 2 for Akaike's criterion and log N for that of Schwarz, of which the extended one (J. Chen, Z. Chen, 2008)
    adds 2 log τ for τ candidates with as many terms and factors: the best of many fits some of the noise.
    Errors below ``floor`` are roundoff, and count as equal. A matrix of zeros, stored as nothing, has the value 0.
    """

    name: Criterion
    entries: int
    parts: int
    floor: float

    @classmethod
    def of(cls, name: Criterion, shape: tuple[int, int], dtype: np.dtype, *, floor: float) -> "Information":
        """Return the criterion for a matrix of this shape and dtype."""
        parts = 2 if dtype.kind == "c" else 1
        return cls(name, parts * math.prod(shape), parts, floor)

    def value(self, row: Candidate, rivals: int) -> float:
        """Return the value of a candidate that is one of this many rivals."""
        price = 2.0 if self.name == "aic" else math.log(self.entries)
        chance = 2 * math.log(rivals) if self.name == "ebic" else 0.0
        fit = 2 * self.entries * math.log(max(row.error, self.floor))
        return fit + price * self.parts * row.numbers_stored + chance

    def scored(self, rows: Iterable[Candidate]) -> list[Candidate]:
        """Return the rows with their values; rivals have as many terms and factors."""
        rows = list(rows)
        rivals = Counter((len(row.shapes), row.terms) for row in rows)
        return [replace(row, score=self.value(row, rivals[len(row.shapes), row.terms])) for row in rows]


def best(rows: Iterable[Candidate]) -> Candidate:
    """Return the row of the least score, of equal ones that of the fewest numbers."""
    return min(rows, key=lambda row: (row.score, row.numbers_stored))


def reason_for(chosen: Candidate, name: Criterion) -> str:
    """Return a sentence that says why, and whether it is better than nothing."""
    measure, nothing = ("predicted error", 1.0) if name == "cv" else (name, 0.0)
    sentence = f"{measure}: least for {sum_text(chosen)}, {chosen.score:.6g}"
    if chosen.score is not None and chosen.score >= nothing:
        sentence += f"; a matrix of zeros has {nothing:g}, so that no structure stands out from noise"
    return sentence
