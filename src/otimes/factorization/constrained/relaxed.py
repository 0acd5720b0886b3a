"""The problem without what is not linear: solved exactly for two factors, and where everything else starts from."""

from dataclasses import dataclass

import numpy as np

from otimes.core.threads import PAYING_COLUMNS, one_thread
from otimes.factorization.constrained.alternating import Sets, Terms
from otimes.factorization.constrained.compression import CompressedRearrangement
from otimes.factorization.constrained.subspace import Subspace, everything
from otimes.factorization.gauge import phase
from otimes.factorization.multiway.alternating import Alternating
from otimes.factorization.multiway.cut import Cut
from otimes.factorization.multiway.terms import Fitting
from otimes.factorization.sources.rearranged import Rearranged
from otimes.factorization.triplets import Tolerance, Triplets, columns_of, full_accuracy, singular_triplets


@dataclass(frozen=True)
class Relaxed:
    """The best terms without the structure, with their error, and an error that no terms with it are below."""

    factors: Terms
    error: float
    bound: float
    values: np.ndarray
    following: float


def relaxed(R: Rearranged, cut: Cut, sets: Sets, terms: int, settings: Alternating, *, seed: int) -> Relaxed:
    """Return the best terms with factors in the spans of two sets; of more, the best found without any structure."""
    if len(sets) > 2:
        free = Fitting(R, cut, settings, seed)(terms)
        following = float(free.values[terms]) if terms < len(free.values) else 0.0
        return Relaxed(tuple(free.fit.factors), free.error, free.bound, free.values, following)
    found = best_in_subspaces(R, *spans(cut, sets, R.dtype), terms, seed=seed)
    residual, norm = R.residual_norms(found.left, found.right)
    error = residual / norm if norm else 0.0
    return Relaxed((found.left, found.right), error, error, found.values, found.following)


def spans(cut: Cut, sets: Sets, dtype: np.dtype) -> tuple[Subspace, Subspace]:
    """Return subspaces that hold the two sides of all terms."""
    if len(sets) > 2:
        return everything(cut.pair[0], dtype), everything(cut.pair[1], dtype)
    return sets[0].span, sets[1].span


def best_in_subspaces(
    R: Rearranged, left: Subspace, right: Subspace, terms: int, *, tolerance: Tolerance = full_accuracy, seed: int
) -> Triplets:
    """Return the best terms with factors in two subspaces: R ≈ left rightᵀ, the values in left and right alike."""
    C = CompressedRearrangement.of(R, left, right)
    terms = min(terms, *C.shape)
    with one_thread(columns_of(C, terms) < PAYING_COLUMNS):
        found = singular_triplets(C, terms, tolerance=tolerance, seed=seed)
    roots = np.sqrt(found.values[:terms])
    A, B = C.left @ (found.left * roots), C.right @ (found.right.conj() * roots)
    turns = np.array([_turn(a.reshape(left.shape), real=C.dtype.kind == "f") for a in A.T], R.dtype)
    return Triplets(A * turns, found.values, B * turns.conj(), found.following)


def _turn(A: np.ndarray, *, real: bool) -> complex:
    """Return the phase (a sign for real coefficients) that makes the trace of A positive, or its largest entry."""
    turn = 1 / phase(A)
    if real:
        return -1.0 if (turn.real or turn.imag) < 0 else 1.0
    return turn
