"""Weights and missing entries: alternating least squares on what is observed, and an error on what was not fitted."""

from dataclasses import dataclass

import numpy as np

from otimes.factorization.constrained.alternating import Fit, Sets, alternate
from otimes.factorization.constrained.observed import Observed, WeightedLeastSquares
from otimes.factorization.constrained.relaxed import best_in_subspaces
from otimes.factorization.constrained.starts import starts
from otimes.factorization.constrained.structured import names
from otimes.factorization.constrained.subspace import GENERAL
from otimes.factorization.multiway.alternating import Alternating
from otimes.factorization.shapes import Shapes


@dataclass(frozen=True)
class Completed:
    """The terms fitted to all that is observed, the error on the rest of those fitted to a part, and a sentence."""

    fit: Fit
    held_out_error: float | None
    reason: str


def nearest_observed(
    observed: Observed, shapes: Shapes, sets: Sets, terms: int, settings: Alternating, *, held_out: float, seed: int
) -> Completed:
    """Return the best terms that are found; those of a part of the entries are where the others start from."""
    whole = WeightedLeastSquares.of(observed, shapes)
    if held_out == 0:
        fit = _fitted(whole, sets, terms, settings, seed=seed)
        return Completed(fit, None, _reason(fit, sets, settings))
    kept = np.random.default_rng(seed).random(observed.shape) >= held_out
    part = _fitted(WeightedLeastSquares.of(observed.only(kept), shapes), sets, terms, settings, seed=seed)
    fit = alternate(whole, sets, (part.left, part.right), settings, bound=_bound(whole))
    rest = observed.only(~kept)
    if rest.is_empty:
        return Completed(fit, None, _reason(fit, sets, settings))
    unseen = WeightedLeastSquares.of(rest, shapes).error(part.left, part.right)
    tested = f"fitted without {held_out:.0%} of the entries, they have error {unseen:.4g} on these"
    return Completed(fit, unseen, f"{_reason(fit, sets, settings)}; {tested}")


def _reason(fit: Fit, sets: Sets, settings: Alternating) -> str:
    structure = f"structure {names(sets)}, " if any(one.name != GENERAL for one in sets) else ""
    end = "" if fit.converged else ", the most allowed, before they converged"
    return f"{structure}weighted: {fit.sweeps} alternating sweeps{end}, from the best of {settings.starts} starts"


def _fitted(problem: WeightedLeastSquares, sets: Sets, terms: int, settings: Alternating, *, seed: int) -> Fit:
    """Return the best fit of several starts, the first of which takes what is missing for zero."""
    zeros = best_in_subspaces(problem, sets[0].span, sets[1].span, terms, seed=seed)
    several = starts(problem, sets, (zeros.left, zeros.right), settings.starts, seed=seed)
    fits = (alternate(problem, sets, start, settings, bound=_bound(problem)) for start in several)
    return min(fits, key=lambda fit: fit.error)


def _bound(problem: WeightedLeastSquares) -> float:
    return 8 * float(np.finfo(problem.dtype).eps)
