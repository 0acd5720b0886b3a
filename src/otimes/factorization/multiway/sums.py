"""Sums of products as they are handed out: factors in a fixed gauge, their error measured, what vouches for it."""

import math

import numpy as np

from otimes.factorization.gauge import phase, symmetrized
from otimes.factorization.multiway.alternating import Factors, balanced
from otimes.factorization.multiway.cut import Cut
from otimes.factorization.operand import Operand
from otimes.factorization.result import Candidate, KroneckerApproximation, sum_of
from otimes.factorization.shapes import Shapes
from otimes.factorization.sources.rearranged import Rearranged


def as_sum(
    operand: Operand,
    R: Rearranged,
    cut: Cut,
    factors: Factors,
    values: np.ndarray,
    reason: str,
    *,
    gap: float | None,
    seed: int,
) -> KroneckerApproximation:
    """Return the terms in the columns of the factors as an approximation; `values` are singular values that go by them.

    R is the rearrangement for the two groups of the cut.
    """
    shapes = cut.left + cut.right
    factors, error = _measured(R, cut, gauged(factors, shapes))
    arrays = arrays_of(factors, shapes, operand.scale)
    certificate = operand.certificate(sum_of(arrays), error=error, gap=gap, seed=seed)
    candidates = (Candidate(shapes, len(arrays), error),)
    return KroneckerApproximation(arrays, operand.unscaled(values), error, candidates, reason, certificate)


def gauged(factors: Factors, shapes: Shapes) -> Factors:
    """Return the same terms, largest first, balanced, and of positive trace but for the last factor."""
    *leading, last = balanced(factors)
    order = np.argsort(-np.linalg.norm(last, axis=0), kind="stable")
    *leading, last = (F[:, order] for F in (*leading, last))
    for k, F in enumerate(leading):
        phases = np.array([phase(column.reshape(shapes[k])) for column in F.T], F.dtype)
        leading[k], last = F * phases.conj(), last * phases
    return [*leading, last]


def _measured(R: Rearranged, cut: Cut, factors: Factors) -> tuple[Factors, float]:
    """Return the factors with their relative error.

    Factors that miss Hermitian symmetry by rounding are made exactly so, where the error stays as it is.
    """
    residual, norm = R.residual_norms(*cut.sides(factors))
    mirrored = [symmetrized(F, shape) for F, shape in zip(factors, cut.left + cut.right, strict=True)]
    if any(new is not old for new, old in zip(mirrored, factors, strict=True)):
        remaining, _ = R.residual_norms(*cut.sides(mirrored))
        if remaining <= residual + 4 * float(np.finfo(R.dtype).eps) * norm:
            factors, residual = mirrored, remaining
    return factors, residual / norm if norm else 0.0


def arrays_of(factors: Factors, shapes: Shapes, scale: float) -> tuple[tuple[np.ndarray, ...], ...]:
    """Return the factors of each term as matrices, and the scale spread over them."""
    root = scale ** (1 / len(factors))
    scales = [root] * (len(factors) - 1)
    spread = [F * s for F, s in zip(factors, [*scales, scale / math.prod(scales)], strict=True)]
    return tuple(
        tuple(np.ascontiguousarray(F[:, r]).reshape(shape) for F, shape in zip(spread, shapes, strict=True))
        for r in range(factors[0].shape[1])
    )
