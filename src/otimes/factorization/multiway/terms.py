"""Nearest sums of products of N ≥ 3 factors: alternating least squares from several starts, then Gauss–Newton steps.

There is no decomposition that gives the best of them, and from three factors on it need not exist. The starts are
tried on the matrix compressed to a thin product; the best of them goes on with the matrix itself.
"""

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from otimes.core.threads import PAYING_COLUMNS, one_thread
from otimes.factorization.certificate import gap
from otimes.factorization.multiway.alternating import Alternating, Factors, Fit, alternate
from otimes.factorization.multiway.core import Core
from otimes.factorization.multiway.cut import Cut
from otimes.factorization.multiway.gauss_newton import MOST_UNKNOWNS, descend, unknowns
from otimes.factorization.multiway.starts import starts
from otimes.factorization.multiway.sums import as_sum
from otimes.factorization.operand import Operand
from otimes.factorization.result import Candidate, KroneckerApproximation, terms_text
from otimes.factorization.shapes import Shapes, most_terms, require_terms
from otimes.factorization.sources.kronecker_products import ThinRearrangement
from otimes.factorization.sources.rearranged import Rearranged
from otimes.factorization.spectrum import four_digits, spectrum_within
from otimes.factorization.triplets import columns_of, singular_triplets

_SMALL = 2**18  # numbers that a thin product may always have
_NOTED = 10.0  # times ‖M‖, from where terms that cancel are spoken of


@dataclass(frozen=True)
class Fitted:
    """Factors found for a number of terms; ``bound`` is an error that no so many terms are below."""

    fit: Fit
    values: np.ndarray
    bound: float
    norm: float

    @property
    def error(self) -> float:
        """Relative error, measured on the residual."""
        return self.fit.residual / self.norm if self.norm else 0.0


@dataclass(frozen=True)
class Fitting:
    """The fits of one matrix, each number of terms tried once."""

    R: Rearranged
    cut: Cut
    settings: Alternating
    seed: int
    tried: dict[int, Fitted] = field(default_factory=dict)

    def __call__(self, terms: int) -> Fitted:
        """Return the best fit of this number of terms."""
        if terms not in self.tried:
            with one_thread(columns_of(self.R, terms) < PAYING_COLUMNS):
                self.tried[terms] = self._fitted(terms)
        return self.tried[terms]

    def _fitted(self, terms: int) -> Fitted:
        kept = min(_columns_kept(self.R, terms), *self.R.shape)
        found = singular_triplets(self.R, kept, tolerance=four_digits(self.R.norm()), seed=self.seed)
        values = found.values[:kept]
        thin = ThinRearrangement(found.left * values, found.right.conj(), self.R.dtype)
        rest, norm = self.R.residual_norms(thin.left, thin.right)
        core = Core.of(thin, self.cut)
        best = min(self._trials(core, terms), key=lambda fit: fit.residual)
        best = best.followed_by(self._finished(core.thin, core.cut, best.factors))
        fit = self._finished(self.R, self.cut, core.lifted(best.factors))
        if _comparable(self.cut, lost=rest / norm if norm else 0.0, dtype=thin.dtype):
            errors = tuple(math.hypot(rest, residual) for residual in best.history)
            fit = Fit(best.factors, errors, best.settled).followed_by(fit)
        bound = math.hypot(rest, np.linalg.norm(values[terms:])) / norm if norm else 0.0
        return Fitted(fit, values, bound, norm)

    def _trials(self, core: Core, terms: int) -> Iterator[Fit]:
        """Yield what a tenth of the sweeps makes of each start, up to one that leaves nothing."""
        short = replace(self.settings, sweeps=math.ceil(self.settings.sweeps / 10))
        for start in itertools.islice(starts(core, terms, seed=self.seed), self.settings.starts):
            fit = alternate(core.thin, core.cut, start, short)
            yield fit
            if fit.residual <= 100 * np.finfo(self.R.dtype).eps * core.thin.norm():
                break

    def _finished(self, R: Rearranged, cut: Cut, factors: Factors) -> Fit:
        """Return the minimum that the factors lead to: one term's by sweeps alone, which do not crawl there."""
        terms = factors[0].shape[1]
        if terms == 1 or unknowns(cut, terms) > MOST_UNKNOWNS:
            return alternate(R, cut, factors, self.settings)
        return descend(R, cut, factors, self.settings)

    def within(self, tol: float, fewest: int, most: int) -> int:
        """Return the fewest terms found to meet the tolerance, or the most allowed.

        Steps up are doubled, and the last one halved until nothing is between what fails and what meets it.
        """
        failed, step = fewest - 1, 1
        met = min(failed + step, most)
        while self(met).error > tol and met < most:
            failed, step = met, 2 * step
            met = min(failed + step, most)
        while met - failed > 1:
            middle = (failed + met) // 2
            failed, met = (failed, middle) if self(middle).error <= tol else (middle, met)
        return met

    def candidates(self, chosen: Candidate) -> tuple[Candidate, ...]:
        """Return what was tried, the chosen one with the error measured for it."""
        others = (Candidate(chosen.shapes, count, fitted.error) for count, fitted in self.tried.items())
        return tuple(sorted((chosen, *(row for row in others if row.terms != chosen.terms)), key=lambda row: row.terms))


def _comparable(cut: Cut, *, lost: float, dtype: np.dtype) -> bool:
    """Whether the errors of sweeps over the compressed matrix give those of the matrix.

    They do where nothing was lost; and where one side is a single factor, which the last update of it puts into the
    space of the singular vectors: what was lost is orthogonal to that, and squares add up.
    """
    return lost <= 100 * np.finfo(dtype).eps or 1 in (len(cut.left), len(cut.right))


def _columns_kept(R: Rearranged, terms: int) -> int:
    """Return how many triplets to compress to: about twice the terms, in a small part of the memory of the matrix."""
    affordable = max(_SMALL, R.work // 32) // sum(R.shape)
    return max(terms, min(2 * terms + 8, affordable))


def nearest_terms(
    operand: Operand, shapes: Shapes, terms: int | None, tol: float | None, settings: Alternating, *, seed: int
) -> KroneckerApproximation:
    """Return the nearest sum found of as many products as are asked for, or as the tolerance takes."""
    require_terms(terms, shapes)
    cut = Cut.balanced(shapes)
    operand = operand.prepared(cut.pair, terms=terms, tol=tol, seed=seed)
    fitting = Fitting(operand.rearranged(cut.pair), cut, settings, seed)
    if tol is None:
        count = terms or 1
        reason = f"given: shapes and number of terms; the best of {settings.starts} starts"
    else:
        most = terms or most_terms(shapes)
        fewest = spectrum_within(operand, cut.pair, tol, most, seed=seed).terms_within(tol)
        count = fitting.within(tol, fewest, most)
        reason = _reason(count, fitting(count).error, tol, fewest)
    return sum_found(operand, fitting, count, reason)


def sum_found(operand: Operand, fitting: Fitting, terms: int, reason: str) -> KroneckerApproximation:
    """Return the best fit of this number of terms, with what is to be said of it."""
    found = fitting(terms)
    if not found.fit.settled:
        reason += f"; the error was still falling after {fitting.settings.sweeps} sweeps"
    if found.bound > 1e3 * np.finfo(operand.dtype).eps:
        reason += f"; no sum of so many can have an error below {found.bound:.3g}"
    if (cancelling := _cancelling(found)) > _NOTED:
        reason += f"; the terms cancel: together they are {cancelling:.3g} times as large as their sum"
    values, factors = found.values, found.fit.factors
    ratio = gap(values[terms - 1], float(values[terms])) if terms < len(values) else math.inf
    F = as_sum(operand, fitting.R, fitting.cut, factors, values, reason, gap=ratio, seed=fitting.seed)
    history = tuple(residual / (found.norm or 1.0) for residual in found.fit.history)
    return replace(F, history=history, candidates=fitting.candidates(F.candidates[0]))


def _cancelling(found: Fitted) -> float:
    """Return (Σ ‖term‖²)^½ relative to ‖M‖: it grows without end where no sum of so many terms is the nearest."""
    norms = math.prod(np.linalg.norm(F, axis=0) for F in found.fit.factors)
    return float(np.linalg.norm(norms)) / (found.norm or 1.0)


def _reason(terms: int, error: float, tol: float, fewest: int) -> str:
    if error <= tol:
        least = f"at least {fewest} {'is' if fewest == 1 else 'are'} needed"
        return f"tolerance: {terms_text(terms)}, the fewest found for an error of {tol:g} ({least})"
    return f"tolerance {tol:g} not met: the error of {terms_text(terms)} is {error:.4g}"
