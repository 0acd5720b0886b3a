"""Weights and missing entries: alternating least squares on what is observed, and an error on what was not fitted."""

from dataclasses import dataclass

import numpy as np

from otimes.factorization.constrained.alternating import Fit, Problem, Sets, alternate
from otimes.factorization.constrained.observed import Observed, WeightedLeastSquares
from otimes.factorization.constrained.observed_entries import EntriesLeastSquares, ObservedEntries
from otimes.factorization.constrained.relaxed import relaxed
from otimes.factorization.constrained.starts import best_fit, brought_into
from otimes.factorization.constrained.structured import names, sweeps_text
from otimes.factorization.constrained.subspace import GENERAL
from otimes.factorization.multiway.alternating import Alternating
from otimes.factorization.multiway.cut import Cut

_LeastSquares = WeightedLeastSquares | EntriesLeastSquares
_HELD_OUT = 0x0DD  # set beside the user's seed, which may have drawn what is missing


@dataclass(frozen=True)
class Completed:
    """The terms fitted to all that is observed, the error on the rest of those fitted to a part, and a sentence."""

    fit: Fit
    held_out_error: float | None
    reason: str


def nearest_observed(
    observed: Observed | ObservedEntries,
    cut: Cut,
    sets: Sets,
    terms: int,
    settings: Alternating,
    *,
    held_out: float,
    seed: int,
) -> Completed:
    """Return the best terms that are found; those of a part of the entries are where the others start from."""
    whole = observed.problem(cut.pair)
    if held_out == 0:
        fit = _fitted(whole, cut, sets, terms, settings, seed=seed)
        return Completed(fit, None, _reason(fit, sets, settings))
    kept, rest = observed.split(held_out, seed=[seed, _HELD_OUT])
    part = _fitted(kept.problem(cut.pair), cut, sets, terms, settings, seed=seed)
    fit = alternate(Problem(whole, cut), sets, part.factors, settings, bound=_rounding(whole))
    if rest.is_empty:
        return Completed(fit, None, _reason(fit, sets, settings))
    unseen = Problem(rest.problem(cut.pair), cut).error(part.factors)
    tested = f"fitted without {held_out:.0%} of the entries, they have error {unseen:.4g} on these"
    return Completed(fit, unseen, f"{_reason(fit, sets, settings)}; {tested}")


def _reason(fit: Fit, sets: Sets, settings: Alternating) -> str:
    structure = f"structure {names(sets)}, " if any(one.name != GENERAL for one in sets) else ""
    end = "" if fit.converged else ", the most allowed, before they converged"
    return f"{structure}weighted: {sweeps_text(fit.sweeps)}{end}, from the best of {settings.starts} starts"


def _fitted(pair: _LeastSquares, cut: Cut, sets: Sets, terms: int, settings: Alternating, *, seed: int) -> Fit:
    """Return the best fit of several starts, the first of which takes what is missing for zero."""
    problem = Problem(pair, cut)
    zeros = brought_into(problem, sets, relaxed(pair.weighted, cut, sets, terms, settings, seed=seed).factors)
    return best_fit(problem, sets, zeros, settings, seed=seed)


def _rounding(pair: _LeastSquares) -> float:
    return 100 * float(np.finfo(pair.dtype).eps)
