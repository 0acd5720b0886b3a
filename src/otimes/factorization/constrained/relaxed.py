"""The problem without what is not linear: solved exactly for two factors, and where everything else starts from."""

from dataclasses import dataclass, replace

import numpy as np

from otimes.core.threads import PAYING_COLUMNS, one_thread
from otimes.factorization.constrained.alternating import Fit, Sets, Terms
from otimes.factorization.constrained.compression import Coordinates
from otimes.factorization.constrained.subspace import everything
from otimes.factorization.gauge import phase
from otimes.factorization.multiway.alternating import Alternating
from otimes.factorization.multiway.cut import Cut
from otimes.factorization.multiway.terms import Fitting
from otimes.factorization.shapes import Shape, Shapes
from otimes.factorization.sources.rearranged import Rearranged
from otimes.factorization.triplets import Tolerance, Triplets, columns_of, full_accuracy, singular_triplets


@dataclass(frozen=True)
class Relaxed:
    """The best terms found with factors in the spans of the sets, and an error that no such terms are below."""

    fit: Fit
    bound: float
    values: np.ndarray
    following: float

    @property
    def factors(self) -> Terms:
        """For each slot its factors in all terms."""
        return self.fit.factors

    @property
    def error(self) -> float:
        """Relative error of these terms."""
        return self.fit.error


def coordinates(sets: Sets, dtype: np.dtype) -> Coordinates:
    """Return those of the spans of the sets, or where these have none in common, of all matrices."""
    of_all = Coordinates(tuple(everything(one.shape, dtype).basis for one in sets), dtype)
    return Coordinates.of([one.span for one in sets], dtype) or of_all


def relaxed(R: Rearranged, cut: Cut, sets: Sets, terms: int, settings: Alternating, *, seed: int) -> Relaxed:
    """Return the best terms with factors in the spans of two sets; of more, the best that are found."""
    within = coordinates(sets, R.dtype)
    if len(sets) > 2:
        return _iterated(R, cut, within, terms, settings, seed=seed)
    found = leading_part(R, cut, within, terms, seed=seed)
    turned = _turned((found.left, found.right), cut.left + cut.right, real=within.dtype.kind == "f")
    error = _error(R, cut, turned)
    return Relaxed(Fit(turned, (error,), converged=True), error, found.values, found.following)


def _iterated(R: Rearranged, cut: Cut, within: Coordinates, terms: int, settings: Alternating, *, seed: int) -> Relaxed:
    """Return the best terms that are found in the coordinates, where they have no structure."""
    C = within.compressed(R, cut)
    found = Fitting(C, within.inner(cut), settings, seed)(terms)
    factors = _turned(within.factors(found.fit.factors), cut.left + cut.right, real=within.dtype.kind == "f")
    history = tuple(residual / (found.norm or 1.0) for residual in found.fit.history)
    following = float(found.values[terms]) if terms < len(found.values) else 0.0
    return Relaxed(Fit(factors, history, found.fit.settled), found.bound, found.values, following)


def _error(R: Rearranged, cut: Cut, factors: Terms) -> float:
    residual, norm = R.residual_norms(*cut.sides(factors))
    return residual / norm if norm else 0.0


def leading_part(
    R: Rearranged, cut: Cut, within: Coordinates, terms: int, *, tolerance: Tolerance = full_accuracy, seed: int
) -> Triplets:
    """Return the nearest R ≈ left rightᵀ with sides in the coordinates, the values in left and right alike."""
    C = within.compressed(R, cut)
    terms = min(terms, *C.shape)
    with one_thread(columns_of(C, terms) < PAYING_COLUMNS):
        found = singular_triplets(C, terms, tolerance=tolerance, seed=seed)
    roots = np.sqrt(found.values[:terms])
    return replace(found, left=C.left @ (found.left * roots), right=C.right @ (found.right.conj() * roots))


def _turned(factors: Terms, shapes: Shapes, *, real: bool) -> Terms:
    """Return the same terms with all factors but the last of positive trace, as far as the coefficients allow."""
    *leading, last = factors
    for k, F in enumerate(leading):
        turns = np.array([_turn(column, shapes[k], real=real) for column in F.T], F.dtype)
        leading[k], last = F * turns, last * turns.conj()
    return (*leading, last)


def _turn(column: np.ndarray, shape: Shape, *, real: bool) -> complex:
    """Return the phase (a sign for real coefficients) that makes the trace positive, or the largest entry."""
    turn = 1 / phase(column.reshape(shape))
    if real:
        return -1.0 if (turn.real or turn.imag) < 0 else 1.0
    return turn
