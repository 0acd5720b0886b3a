"""Sums of Kronecker products of two factors: the truncated SVD of the rearrangement."""

import math
from dataclasses import replace

import numpy as np

from otimes.core.threads import PAYING_COLUMNS, one_thread
from otimes.factorization import triplets
from otimes.factorization.certificate import gap
from otimes.factorization.gauge import phase, symmetrized
from otimes.factorization.operand import Operand
from otimes.factorization.result import Candidate, KroneckerApproximation, sum_of, sum_text
from otimes.factorization.shapes import Shapes, most_terms, require_terms
from otimes.factorization.sources.rearranged import Rearranged, norm_of_product
from otimes.factorization.spectrum import spectrum_within
from otimes.factorization.triplets import Tolerance, columns_of, full_accuracy, singular_triplets

Pair = tuple[np.ndarray, np.ndarray]  # columns vec A_r and vec B_r


def nearest_pairs(
    operand: Operand, shapes: Shapes, terms: int | None, tol: float | None, *, seed: int
) -> KroneckerApproximation:
    """Return the nearest sum of as many products as are asked for, or as the tolerance takes."""
    require_terms(terms, shapes)
    operand = operand.prepared(shapes, terms=terms, tol=tol, seed=seed)
    if tol is None:
        return approximate(operand, shapes, terms or 1, reason="given: shapes and number of terms", seed=seed)
    found = spectrum_within(operand, shapes, tol, terms or most_terms(shapes), seed=seed)
    count = found.terms_within(tol)
    F = approximate(operand, shapes, count, reason="", seed=seed)
    if F.error > max(tol, 50 * float(np.finfo(operand.dtype).eps)) and count < found.terms:
        F = approximate(operand, shapes, count + 1, reason="", seed=seed)  # the spectrum is right to some digits only
    return replace(F, reason=_joined(_reason(F.candidates[0], tol), F.reason))


def approximate(
    operand: Operand, shapes: Shapes, terms: int, *, reason: str, seed: int, tolerance: Tolerance = full_accuracy
) -> KroneckerApproximation:
    """Return the nearest sum of `terms` products, with its error measured on the residual."""
    operand = operand.prepared(shapes, terms=terms, seed=seed)
    R = operand.rearranged(shapes)
    with one_thread(columns_of(R, terms) < PAYING_COLUMNS):
        found = singular_triplets(R, terms, tolerance=tolerance, seed=seed)
        left, right = _balanced(found.left, found.values[:terms], found.right.conj(), shapes)
        pair, residual, norm = _measured(R, (left, right), shapes, is_stationary=found.settled)
    error = residual / norm if norm else 0.0
    root = math.sqrt(operand.scale)
    factors = tuple(
        (np.ascontiguousarray(a).reshape(shapes[0]), np.ascontiguousarray(b).reshape(shapes[1]))
        for a, b in zip(*((side * root).T for side in pair), strict=True)
    )
    values = operand.unscaled(found.values)
    ratio = gap(found.values[terms - 1], found.following)
    certificate = operand.certificate(sum_of(factors), error=error, gap=ratio, seed=seed)
    if not found.settled:
        reason = _joined(reason, f"the terms had not settled after {triplets.STEPS} steps: others may be about as good")
    return KroneckerApproximation(factors, values, error, (Candidate(shapes, terms, error),), reason, certificate)


def _measured(R: Rearranged, pair: Pair, shapes: Shapes, *, is_stationary: bool) -> tuple[Pair, float, float]:
    """Return left and right, their residual ‖R − left rightᵀ‖, and ‖R‖.

    Factors that miss Hermitian symmetry by rounding are made exactly so, if that raises the residual by rounding only.
    A change D of the nearest sum, whose triplets are right up to residuals of eps^¾ σ₁, changes the square of it by at
    most 2 eps^¾ σ₁ ‖D‖ + 3 ‖D‖²: where that is nothing, the residual need not be measured twice.
    """
    mirrored = symmetrized(pair[0], shapes[0]), symmetrized(pair[1], shapes[1])
    if mirrored[0] is pair[0] and mirrored[1] is pair[1]:
        return pair, *R.residual_norms(*pair)
    remaining, norm = R.residual_norms(*mirrored)
    eps = float(np.finfo(R.dtype).eps)
    rounding = 4 * eps * norm
    change = norm_of_product(np.hstack([pair[0], -mirrored[0]]), np.hstack([pair[1], mirrored[1]]))
    if is_stationary and 2 * eps**0.75 * norm * change + 3 * change**2 <= rounding * remaining:
        return mirrored, remaining, norm
    residual, _ = R.residual_norms(*pair)
    return (mirrored, remaining, norm) if remaining <= residual + rounding else (pair, residual, norm)


def _balanced(U: np.ndarray, values: np.ndarray, W: np.ndarray, shapes: Shapes) -> tuple[np.ndarray, np.ndarray]:
    """Return √σ U and √σ W with the free phase of each pair of columns fixed by the first factor."""
    phases = np.array([phase(u.reshape(shapes[0])) for u in U.T], U.dtype)
    roots = np.sqrt(values)
    return U * (roots * phases.conj()), W * (roots * phases)


def _joined(*remarks: str) -> str:
    return "; ".join(filter(None, remarks))


def _reason(chosen: Candidate, tol: float) -> str:
    if chosen.error <= tol:
        return f"tolerance: {sum_text(chosen)}, the fewest for an error of {tol:g}"
    return f"tolerance {tol:g} not met: {sum_text(chosen)} have error {chosen.error:.4g}"
