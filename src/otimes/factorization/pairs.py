"""Sums of Kronecker products of two factors: the truncated SVD of the rearrangement."""

import math
from dataclasses import replace

import numpy as np

from otimes.core.threads import PAYING_COLUMNS, one_thread
from otimes.factorization.certificate import gap
from otimes.factorization.gauge import phase, symmetrized
from otimes.factorization.operand import Operand
from otimes.factorization.result import Candidate, KroneckerApproximation, sum_of, sum_text
from otimes.factorization.shapes import Shapes, most_terms, require_terms
from otimes.factorization.spectrum import spectrum_within
from otimes.factorization.triplets import columns_of, full_accuracy, singular_triplets


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
    return replace(F, reason=_reason(F.candidates[0], tol))


def approximate(operand: Operand, shapes: Shapes, terms: int, *, reason: str, seed: int) -> KroneckerApproximation:
    """Return the nearest sum of `terms` products, with its error measured on the residual."""
    operand = operand.prepared(shapes, terms=terms, seed=seed)
    R = operand.rearranged(shapes)
    with one_thread(columns_of(R, terms) < PAYING_COLUMNS):
        found = singular_triplets(R, terms, tolerance=full_accuracy, seed=seed)
        left, right = _balanced(found.left, found.values[:terms], found.right.conj(), shapes)
        residual, norm = R.residual_norms(left, right)
        symmetric = symmetrized(left, shapes[0]), symmetrized(right, shapes[1])
        if not (symmetric[0] is left and symmetric[1] is right):
            remaining, _ = R.residual_norms(*symmetric)
            if remaining <= residual + 4 * float(np.finfo(operand.dtype).eps) * norm:
                (left, right), residual = symmetric, remaining
    error = residual / norm if norm else 0.0
    root = math.sqrt(operand.scale)
    factors = tuple(
        (np.ascontiguousarray(a).reshape(shapes[0]), np.ascontiguousarray(b).reshape(shapes[1]))
        for a, b in zip((left * root).T, (right * root).T, strict=True)
    )
    values = operand.unscaled(found.values)
    ratio = gap(found.values[terms - 1], found.following)
    certificate = operand.certificate(sum_of(factors), error=error, gap=ratio, seed=seed)
    return KroneckerApproximation(factors, values, error, (Candidate(shapes, terms, error),), reason, certificate)


def _balanced(U: np.ndarray, values: np.ndarray, W: np.ndarray, shapes: Shapes) -> tuple[np.ndarray, np.ndarray]:
    """Return √σ U and √σ W with the free phase of each pair of columns fixed by the first factor."""
    phases = np.array([phase(u.reshape(shapes[0])) for u in U.T], U.dtype)
    roots = np.sqrt(values)
    return U * (roots * phases.conj()), W * (roots * phases)


def _reason(chosen: Candidate, tol: float) -> str:
    if chosen.error <= tol:
        return f"tolerance: {sum_text(chosen)}, the fewest for an error of {tol:g}"
    return f"tolerance {tol:g} not met: {sum_text(chosen)} have error {chosen.error:.4g}"
