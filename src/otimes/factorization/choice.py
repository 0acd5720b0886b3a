"""Which candidate answers what was asked, and why."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from otimes.factorization.bounds import Fits, settled
from otimes.factorization.criterion import Information, least, reason_for
from otimes.factorization.frontier import Frontier
from otimes.factorization.goal import Goal
from otimes.factorization.operand import Operand
from otimes.factorization.prediction import predicted
from otimes.factorization.result import Candidate, sum_text
from otimes.factorization.shapes import is_outer_product


@dataclass(frozen=True)
class Choice:
    """The row that answers a goal, a sentence that says why, and the frontier it was chosen from."""

    row: Candidate
    reason: str
    frontier: Frontier


def choose(operand: Operand, goal: Goal, rows: Sequence[Candidate], fits: Fits, *, floor: float) -> Choice:
    """Choose among candidates, of which those of more than two factors have bounds until they are fitted.

    Errors below `floor` are roundoff, and count as equal.
    """
    if goal.criterion is None:
        found = settled(rows, lambda every: _needed(every, goal, floor), fits.fitted)
        frontier = Frontier.of(found, floor=floor)
        return Choice(*_answer(found, frontier, goal), frontier)
    if goal.criterion == "cv":
        found = predicted(operand, Frontier.of(rows, floor=floor).rows, seed=fits.seed)
    else:
        information = Information.of(goal.criterion, operand, rows, floor=floor)
        weighed = map(information.scored, rows)
        found = settled(weighed, lambda every: [least(every)], lambda row: information.scored(fits.fitted(row)))
    chosen = least(row for row in found if goal.terms in (None, row.terms))
    return Choice(chosen, reason_for(chosen, goal.criterion), Frontier.of(found, floor=floor))


def _needed(rows: Sequence[Candidate], goal: Goal, floor: float) -> Iterable[Candidate]:
    """Return the rows whose errors decide."""
    frontier = Frontier.of(rows, floor=floor)
    if goal.tol is not None:
        return [frontier.within(goal.tol) or frontier.rows[-1]]
    return [_most_terms(rows)] if goal.is_settled else frontier.rows


def _answer(rows: Sequence[Candidate], frontier: Frontier, goal: Goal) -> tuple[Candidate, str]:
    """Return the row that answers the goal, and a sentence that says why."""
    if goal.tol is not None:
        return _within(frontier, goal)
    if goal.is_settled:
        chosen = _most_terms(rows)
        return chosen, f"given: {sum_text(chosen)}"
    chosen = frontier.knee(math.prod(goal.shape))
    if goal.terms is not None:
        return chosen, f"knee of the shapes for {sum_text(chosen)}: more numbers in as many terms buy little"
    return chosen, f"knee: after {sum_text(chosen)} more numbers buy little"


def _most_terms(rows: Iterable[Candidate]) -> Candidate:
    return max(rows, key=lambda row: row.terms)


def _within(frontier: Frontier, goal: Goal) -> tuple[Candidate, str]:
    """Return the row of the fewest numbers that meets the tolerance, or that of least error."""
    tol = goal.tol or 0.0
    chosen = frontier.within(tol)
    if chosen is None:
        best = frontier.rows[-1]
        fewer = "not met with fewer numbers than the matrix has"
        return best, f"tolerance {tol:g} {fewer}: {sum_text(best)} come closest, with error {best.error:.4g}"
    low_rank = ", a matrix of low rank" if is_outer_product(chosen.shapes, goal.shape) else ""
    return chosen, f"tolerance: {sum_text(chosen)}{low_rank}, take the fewest numbers for an error of {tol:g}"
