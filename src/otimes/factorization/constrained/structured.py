"""Structure asked for: inherited, linear and so solved at once, or iterated for, and the sentence that says which."""

from dataclasses import dataclass

import numpy as np

from otimes.factorization.constrained.alternating import Fit, Problem, Sets, Terms, alternate
from otimes.factorization.constrained.compression import Coordinates
from otimes.factorization.constrained.least_squares import LeastSquares, least_squares
from otimes.factorization.constrained.relaxed import Relaxed, coordinates, leading_part, relaxed
from otimes.factorization.constrained.starts import best_fit, brought_into
from otimes.factorization.constrained.subspace import Subspace
from otimes.factorization.multiway.alternating import Alternating
from otimes.factorization.multiway.cut import Cut
from otimes.factorization.sources.kronecker_products import ThinRearrangement
from otimes.factorization.sources.rearranged import Rearranged
from otimes.factorization.spectrum import four_digits


@dataclass(frozen=True)
class Structured:
    """The terms found, what is known without the structure, and how they were found."""

    fit: Fit
    relaxed: Relaxed
    reason: str


def nearest_in_sets(R: Rearranged, cut: Cut, sets: Sets, terms: int, settings: Alternating, *, seed: int) -> Structured:
    """Return the best terms with factors in the sets that are found, and how."""
    free = relaxed(R, cut, sets, terms, settings, seed=seed)
    linear = [one for one in sets if isinstance(one, Subspace)]
    if len(linear) == len(sets) and Coordinates.of(linear, R.dtype):
        return Structured(free.fit, free, _linear(sets, free, settings))
    problem, rounding = Problem(LeastSquares(R), cut), 8 * float(np.finfo(R.dtype).eps)
    start = brought_into(problem, sets, free.factors)
    error = problem.error(start)
    if error <= free.error + rounding:
        return Structured(Fit(start, (error,), converged=True), free, _inherited(sets, terms))
    problem = Problem(least_squares(R, cut, coordinates(sets, R.dtype)), cut)
    best = min(start, _fit_of_leading_part(R, cut, sets, start, settings, seed=seed), key=problem.error)
    fit = alternate(problem, sets, best, settings, bound=free.bound + rounding)
    return Structured(fit, free, _iterated(sets, fit, free.bound, settings))


def _fit_of_leading_part(
    R: Rearranged, cut: Cut, sets: Sets, start: Terms, settings: Alternating, *, seed: int
) -> Terms:
    """Return the best fit to the leading terms of R, a thin product of which sweeps cost next to nothing."""
    kept, tolerance = 2 * start[0].shape[1] + 8, four_digits(R.norm())
    found = leading_part(R, cut, coordinates(sets, R.dtype), kept, tolerance=tolerance, seed=seed)
    thin = ThinRearrangement(found.left, found.right, R.dtype)
    return best_fit(Problem(LeastSquares(thin), cut), sets, start, settings, seed=seed).factors


def sweeps_text(count: int) -> str:
    """Return '3 alternating sweeps'."""
    return f"{count} alternating sweep{'' if count == 1 else 's'}"


def names(sets: Sets) -> str:
    """Return 'symmetric ⊗ Toeplitz'."""
    return " ⊗ ".join(one.name for one in sets)


def _linear(sets: Sets, free: Relaxed, settings: Alternating) -> str:
    counts = "·".join(str(one.span.basis.shape[1]) for one in sets)
    if len(sets) == 2:
        way = f"the singular values of {counts} coefficients give the least error"
    else:
        end = "" if free.fit.converged else f"the error was still falling after {settings.sweeps} sweeps, "
        way = (
            f"{counts} coefficients are fitted without any: the best of {settings.starts} starts, {end}"
            f"and no such terms have an error below {free.bound:.3g}"
        )
    return f"structure {names(sets)}: linear, so that {way}"


def _inherited(sets: Sets, terms: int) -> str:
    found = " found" if len(sets) > 2 else ""
    if terms > 1:
        return f"structure {names(sets)}: inherited, the best terms{found} of {_spans(sets)} factors have it"
    causes = {one.inherited for one in sets}
    theorem = f", {causes.pop()} (Van Loan and Pitsianis 1993, §5)" if len(causes) == 1 and "" not in causes else ""
    return f"structure {names(sets)}: inherited, the best product{found} of {_spans(sets)} factors has it{theorem}"


def _iterated(sets: Sets, fit: Fit, bound: float, settings: Alternating) -> str:
    end = "" if fit.converged else ", the most allowed, before they converged"
    return (
        f"structure {names(sets)}: {sweeps_text(fit.sweeps)}{end}, from the best of {settings.starts} starts; "
        f"error {fit.error:.4g}, and no terms of {_spans(sets)} factors have less than {bound:.4g}"
    )


def _spans(sets: Sets) -> str:
    found = [one.span.name for one in sets]
    return found[0] if len(set(found)) == 1 else " ⊗ ".join(found)
