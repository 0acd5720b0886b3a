"""Candidates of three and more factors: bounded by what is known of two, and fitted only where they may be chosen.

A product of N factors is one of two for each of its N − 1 cuts, so that R terms have at least the error of R terms of
each cut. Most shapes are worse than others even at that bound, and nothing need be fitted to know it.
"""

import functools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from otimes.factorization.multiway.alternating import Alternating
from otimes.factorization.multiway.cut import Cut
from otimes.factorization.multiway.terms import Fitting, sum_found
from otimes.factorization.operand import Operand
from otimes.factorization.result import Candidate, KroneckerApproximation, sum_text
from otimes.factorization.shapes import MOST_SHAPES, Shapes, is_column_before_row
from otimes.factorization.spectrum import Spectrum
from otimes.factorization.steps import Steps

_QUICK = Alternating(starts=2, rtol=1e-3)  # what goes on to converge is exact; what crawls is noise


@functools.lru_cache(MOST_SHAPES)  # a search asks for them three times
def cuts(shapes: Shapes) -> tuple[Shapes, ...]:
    """Return the shapes of the two products into which each cut divides a product."""
    pairs = (Cut(shapes[:place], shapes[place:]).pair for place in range(1, len(shapes)))
    return tuple(pair[::-1] if is_column_before_row(*pair) else pair for pair in pairs)


def least_error(shapes: Shapes, terms: int, spectra: Mapping[Shapes, Spectrum]) -> float:
    """Return an error that no so many terms of these shapes are below; of two factors, theirs."""
    known = (spectra.get(pair) for pair in cuts(shapes))
    return max((found.error(terms) for found in known if found is not None and found.terms >= terms), default=0.0)


def settled(
    rows: Iterable[Candidate],
    needed: Callable[[list[Candidate]], Iterable[Candidate]],
    fit: Callable[[Candidate], Candidate],
) -> list[Candidate]:
    """Return the rows of two factors, and of the others, fitted, those that a choice among all comes to depend on."""
    known: list[Candidate] = []
    waiting: dict[Candidate, None] = {}
    for row in rows:
        if len(row.shapes) == 2:
            known.append(row)
        else:
            waiting[row] = None
    while asked := [row for row in needed([*known, *waiting]) if row in waiting]:
        for row in asked:
            del waiting[row]
            known.append(fit(row))
    return known


@dataclass(frozen=True)
class Fits:
    """The fits of one matrix by three and more factors."""

    operand: Operand
    steps: Steps
    seed: int

    def fitted(self, row: Candidate) -> Candidate:
        """Return the row with the error found for it in few sweeps."""
        self.steps(sum_text(row), left=1)
        return replace(row, error=self._fitting(row.shapes, _QUICK)(row.terms).error)

    def result(self, row: Candidate, reason: str) -> KroneckerApproximation:
        """Return the best that is found for the row."""
        return sum_found(self.operand, self._fitting(row.shapes, Alternating()), row.terms, reason)

    def _fitting(self, shapes: Shapes, settings: Alternating) -> Fitting:
        cut = Cut.balanced(shapes)
        return Fitting(self.operand.rearranged(cut.pair), cut, settings, self.seed)
