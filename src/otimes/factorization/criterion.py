"""Criteria for a matrix that is structure and noise: which candidate says most of the structure."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal, get_args

from otimes.errors import StructureError
from otimes.factorization.operand import Operand
from otimes.factorization.result import Candidate, sum_text

Criterion = Literal["aic", "bic", "ebic", "cv"]


def require_criterion(name: str | None, tol: float | None, factors: tuple[int, ...]) -> None:
    """Raise `StructureError` unless the name is that of a criterion for so many factors, and nothing else chooses."""
    if name is None:
        return
    if name not in get_args(Criterion):
        raise StructureError(f"criterion={name!r}: it must be {' or '.join(map(repr, get_args(Criterion)))}")
    if name == "cv" and factors != (2,):
        raise StructureError(
            'criterion="cv" predicts rows and columns of the rearrangement, for two factors; use "bic"'
        )
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
    rivals: Mapping[tuple[int, int], int]
    floor: float

    @classmethod
    def of(cls, name: Criterion, operand: Operand, rows: Iterable[Candidate], *, floor: float) -> "Information":
        """Return the criterion for a matrix and all its candidates."""
        parts = 2 if operand.dtype.kind == "c" else 1
        rivals = Counter((len(row.shapes), row.terms) for row in rows)
        return cls(name, parts * math.prod(operand.shape), parts, rivals, floor)

    def scored(self, row: Candidate) -> Candidate:
        """Return the candidate with its value."""
        rivals = math.log(self.rivals[len(row.shapes), row.terms])
        return replace(row, score=self.value(row.error, row.numbers_stored, log_rivals=rivals))

    def value(self, error: float, numbers: int, *, log_rivals: float) -> float:
        """Return the value for an error and numbers stored, of a choice among this many."""
        price = 2.0 if self.name == "aic" else math.log(self.entries)
        chance = 2 * log_rivals if self.name == "ebic" else 0.0
        return 2 * self.entries * math.log(max(error, self.floor)) + price * self.parts * numbers + chance


def least(rows: Iterable[Candidate]) -> Candidate:
    """Return the row of the least score, of equal ones that of the fewest numbers."""
    rows = list(rows)
    lowest = min(map(score_of, rows))
    return min((row for row in rows if row.score == lowest), key=lambda row: row.numbers_stored)


def score_of(row: Candidate) -> float:
    """Return the score of a row, which is best if it is least; infinite if there is none."""
    return math.inf if row.score is None else row.score


def reason_for(chosen: Candidate, name: Criterion) -> str:
    """Return a sentence that says why, and whether it is better than nothing."""
    measure, nothing = ("predicted error", 1.0) if name == "cv" else (name, 0.0)
    score = score_of(chosen)
    return f"{measure}: least for {sum_text(chosen)}, {score:.6g}{remark_on(score, nothing)}"


def remark_on(score: float, nothing: float = 0.0) -> str:
    """Return what is to be said of a score that is no better than that of storing nothing."""
    if score < nothing:
        return ""
    return f"; a matrix of zeros has {nothing:g}, so that no structure stands out from noise"
