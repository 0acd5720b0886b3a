"""`nearest_kronecker` with `structure=`: from the request to the result."""

import math

import numpy as np

from otimes.core.checks import product_text
from otimes.errors import ShapeError
from otimes.factorization.certificate import Certificate, gap, probe_residual
from otimes.factorization.constrained.alternating import Sets
from otimes.factorization.constrained.request import Structure, read_structures
from otimes.factorization.constrained.starts import Scaled
from otimes.factorization.constrained.structured import Structured, nearest_in_sets
from otimes.factorization.multiway.alternating import Alternating
from otimes.factorization.operand import Operand
from otimes.factorization.result import Candidate, KroneckerApproximation, sum_of, sum_text
from otimes.factorization.shapes import Shapes, require_terms


def nearest_structured(
    operand: Operand,
    shapes: Shapes,
    terms: int | None,
    tol: float | None,
    structure: Structure,
    settings: Alternating,
    *,
    seed: int,
) -> KroneckerApproximation:
    """Return the best sum of products of structured factors that is found, of the fewest terms under a tolerance."""
    if len(shapes) > 2:
        raise ShapeError(
            f"structure= is for two factors, and {product_text(list(shapes))} are {len(shapes)}; "
            "ask for it of two groups of them"
        )
    require_terms(terms, shapes)
    left, right = read_structures(structure, shapes, operand.dtype)
    asked = left, right
    scales = carried_scales(asked, operand.scale)
    sets = scaled_sets(asked, scales)
    R = operand.rearranged(shapes)
    most = min(one.span.over_reals().shape[1] for one in sets)
    if tol is None:
        count = min(terms or 1, most)
        found = nearest_in_sets(R, sets, count, settings, seed=seed)
        return _result(operand, sets, scales, found, found.reason, seed=seed)
    for count in range(1, min(terms or most, most) + 1):
        found = nearest_in_sets(R, sets, count, settings, seed=seed)
        if found.fit.error <= tol:
            break
    return _result(operand, sets, scales, found, f"{_tolerance(found, sets, tol)}; {found.reason}", seed=seed)


def carried_scales(sets: Sets, scale: float) -> tuple[float, float]:
    """Return how the scale of M is shared: a factor whose size its set determines takes none of it, if one can."""
    if all(one.is_cone for one in sets):
        return math.sqrt(scale), math.sqrt(scale)
    return (1.0, scale) if not sets[0].is_cone else (scale, 1.0)


def scaled_sets(sets: Sets, scales: tuple[float, float]) -> Sets:
    """Return what the sets are to the factors of M / scale."""
    left, right = (
        one if one.is_cone or scale == 1 else Scaled(one, scale) for one, scale in zip(sets, scales, strict=True)
    )
    return left, right


def _tolerance(found: Structured, sets: Sets, tol: float) -> str:
    chosen = Candidate((sets[0].shape, sets[1].shape), found.fit.left.shape[1], found.fit.error)
    if chosen.error <= tol:
        return f"tolerance: {sum_text(chosen)}, the fewest found for an error of {tol:g}"
    return f"tolerance {tol:g} not met: {sum_text(chosen)} have error {chosen.error:.4g}"


def _result(
    operand: Operand, sets: Sets, scales: tuple[float, float], found: Structured, reason: str, *, seed: int
) -> KroneckerApproximation:
    sides = zip((found.fit.left, found.fit.right), scales, sets, strict=True)
    left, right = ([np.ascontiguousarray(a).reshape(one.shape) for a in (side * scale).T] for side, scale, one in sides)
    factors = tuple(zip(left, right, strict=True))
    error = found.fit.error
    certificate = Certificate(
        "exact",
        seed=seed,
        probe_residual=probe_residual(operand, sum_of(factors), seed=seed),
        gap=gap(found.relaxed.values[len(factors) - 1], found.relaxed.following),
    )
    shapes = sets[0].shape, sets[1].shape
    values = operand.unscaled(found.relaxed.values)
    history = found.fit.history if found.fit.sweeps else ()
    return KroneckerApproximation(
        factors, values, error, (Candidate(shapes, len(factors), error),), reason, certificate, history
    )
