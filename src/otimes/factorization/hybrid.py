"""Sums of Kronecker products of which each term has shapes of its own: hybrid KoPA.

Greedy: one more term has the shapes that a criterion prefers for what the others leave of M. Then the terms of each
shapes in turn become the nearest to what all others leave (backfitting), so that the error never grows.
"""

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from otimes.errors import StructureError
from otimes.factorization.certificate import Certificate, probe_residual
from otimes.factorization.criterion import Information, least, remark_on
from otimes.factorization.goal import FIRST_TERMS, Goal
from otimes.factorization.operand import Operand, read_operand
from otimes.factorization.pairs import approximate
from otimes.factorization.result import Candidate, KroneckerApproximation, Term, sum_of
from otimes.factorization.shapes import Shapes, most_terms, stored_numbers
from otimes.factorization.sources.rearranged import sum_of_squares
from otimes.factorization.steps import Steps
from otimes.factorization.sweep import sweep

_ROUNDS = 20  # of backfitting after each term, at most
_GAIN = 1e-3  # of the error, that one more round must bring

Groups = dict[Shapes, tuple[Term, ...]]


@dataclass(frozen=True)
class Sum:
    """Terms by their shapes, what they leave of M / scale, and its norm relative to that."""

    groups: Groups
    rest: np.ndarray
    error: float

    @property
    def terms(self) -> int:
        """Number of terms."""
        return sum(map(len, self.groups.values()))

    @property
    def numbers(self) -> int:
        """Entries of all factors."""
        return sum(len(group) * stored_numbers(shapes) for shapes, group in self.groups.items())


def hybrid(operand: Operand, goal: Goal, steps: Steps, *, seed: int) -> KroneckerApproximation:
    """Return terms of two factors, each of the shapes best when it is added; M is held three times meanwhile."""
    if goal.shapes is not None or goal.factors != (2,) or goal.criterion == "cv":
        raise StructureError('form="hybrid" finds the shapes of each term by "aic", "bic" or "ebic", of two factors')
    pairs = replace(goal, terms=1, tol=None).candidates()
    floor = 50 * float(np.finfo(operand.dtype).eps)
    rivals = [Candidate(pair, 1, 1.0) for pair in pairs]
    information = Information.of(goal.criterion or "bic", operand, rivals, floor=floor)

    def value(found: Sum) -> float:
        return information.value(found.error, found.numbers, log_rivals=found.terms * math.log(len(pairs)))

    growing = _growing(operand, pairs, information, steps, seed=seed)
    found, reason, history = _stopped(growing, goal, value)
    steps("factors")
    root = math.sqrt(operand.scale)
    terms = sorted((term for group in found.groups.values() for term in group), key=_size, reverse=True)
    factors = tuple((A * root, B * root) for A, B in terms)
    certificate = Certificate("exact", seed=seed, probe_residual=probe_residual(operand, sum_of(factors), seed=seed))
    return KroneckerApproximation(
        factors, np.empty(0), found.error, (), reason, certificate, history=history, stages="terms"
    )


def _size(term: Term) -> float:
    return math.prod(float(np.linalg.norm(factor)) for factor in term)


def _growing(
    operand: Operand, pairs: list[Shapes], information: Information, steps: Steps, *, seed: int
) -> Iterator[Sum]:
    """Yield the sum of one term, of two, and so on."""
    whole = (operand.matrix / operand.scale).astype(operand.dtype)
    norm = math.sqrt(sum_of_squares(whole))
    found = Sum({}, whole, 1.0)
    one = Goal(operand.shape, tol=1.0, max_terms=1)  # a tolerance that is met: no more than one term is looked at
    while True:
        open_pairs = [pair for pair in pairs if len(found.groups.get(pair, ())) < most_terms(pair)]
        spectra = sweep(read_operand(found.rest), one, open_pairs, steps, seed=seed)
        rows = [Candidate(pair, 1, found.error * spectrum.error(1)) for pair, spectrum in spectra.items()]
        found = _with_term(found, least(map(information.scored, rows)).shapes, norm, seed=seed)
        yield found


def _with_term(found: Sum, shapes: Shapes, norm: float, *, seed: int) -> Sum:
    """Return the sum with one more term of these shapes, all terms fitted to each other."""
    counts = {pair: len(group) for pair, group in found.groups.items()}
    counts = {shapes: counts.pop(shapes, 0) + 1, **counts}
    groups, rest, error = dict(found.groups), found.rest.copy(), found.error
    for _ in range(_ROUNDS):
        for pair, count in counts.items():
            _add(rest, groups.get(pair, ()), sign=1)
            groups[pair] = approximate(read_operand(rest), pair, count, reason="", seed=seed).factors
            _add(rest, groups[pair], sign=-1)
        before, error = error, math.sqrt(sum_of_squares(rest)) / (norm or 1.0)
        if len(groups) == 1 or before - error <= _GAIN * error:
            break
    return Sum(groups, rest, error)


def _add(M: np.ndarray, terms: Iterable[Term], *, sign: int) -> None:
    """Add ± Σ A ⊗ B to M, some rows at a time."""
    for A, B in terms:
        blocks = M.reshape(A.shape[0], B.shape[0], A.shape[1], B.shape[1])
        for row, block in zip(sign * A, blocks, strict=True):
            block += row[:, None] * B[:, None, :]


def _stopped(growing: Iterator[Sum], goal: Goal, value: Callable[[Sum], float]) -> tuple[Sum, str, tuple[float, ...]]:
    """Return the sum that answers the goal, a sentence that says why, and the errors of one term, of two, and so on."""
    name, by_value = goal.criterion or "bic", goal.terms is None and goal.tol is None
    found = next(growing)
    history = [found.error]
    while (end := _end(found, goal)) is None:
        larger = next(growing)
        if by_value and value(larger) >= value(found):
            end = (
                f"{name}: least for {_terms(found)}, {value(found):.6g}; one more would raise it to {value(larger):.6g}"
            )
            break
        found = larger
        history.append(found.error)
    return found, end + (remark_on(value(found)) if by_value else ""), tuple(history)


def _end(found: Sum, goal: Goal) -> str | None:
    """Return why no further term is wanted or allowed, if that is so."""
    if goal.tol is not None and found.error <= goal.tol:
        return f"tolerance: {_terms(found)} have an error of at most {goal.tol:g}"
    missed = f"tolerance {goal.tol:g} not met: " if goal.tol is not None else ""
    if found.terms == (goal.terms or goal.max_terms or FIRST_TERMS):
        return f"{missed}{_terms(found)}, {'as many as asked for' if goal.terms else 'the most tried'}"
    if found.numbers >= math.prod(goal.shape):
        return f"{missed}{_terms(found)}, which take as many numbers as the matrix has"
    return None


def _terms(found: Sum) -> str:
    return "1 term" if found.terms == 1 else f"{found.terms} terms, each of its own shapes"
