"""Functions of spectra and diagonals, which may be arrays or lazy vectors."""

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from otimes.core.array import Array, as_float, distinct, namespace, scaled_vector
from otimes.core.concatenation import ConcatenatedVector
from otimes.core.entrywise import AbsoluteVector, EntrywiseVector, ShiftedVector
from otimes.core.padded import PaddedVector
from otimes.core.tracing import certainly, traced
from otimes.core.vector import KroneckerSumVector, KroneckerVector, LazyVector
from otimes.errors import SingularError


def scaled(values: Any, c: Any) -> Any:
    """Return c times values, lazy or not."""
    if not isinstance(values, LazyVector):
        return scaled_vector(values, c)
    if isinstance(values, KroneckerSumVector):
        return KroneckerSumVector(*(scaled_vector(part, c) for part in values.parts))
    if isinstance(values, PaddedVector):
        return PaddedVector(scaled(values.head, c), values.size)
    if isinstance(values, ConcatenatedVector):
        return ConcatenatedVector(*(scaled(part, c) for part in values.parts))
    if isinstance(values, ShiftedVector):
        return ShiftedVector(scaled(values.vector, c), c * values.shift)
    if isinstance(values, AbsoluteVector):
        return AbsoluteVector(scaled(values.vector, c))  # of singular values, by |c|
    return KroneckerVector(scaled_vector(values.parts[0], c), *values.parts[1:])


def plus(values: Any, c: Any) -> Any:
    """Return values + c, lazy or not."""
    return ShiftedVector(values, c) if isinstance(values, LazyVector) else values + c


def absolute(values: Any) -> Any:
    """Return |values| of real values, lazy or not."""
    return AbsoluteVector(values) if isinstance(values, LazyVector) else abs(values)


def largest(values: Any) -> float:
    """Return the largest of nonnegative values, lazy or not; 0 for none."""
    if isinstance(values, ConcatenatedVector):
        return max(map(largest, values.parts))
    if isinstance(values, EntrywiseVector):
        return as_float(values.extremes(1)[0]) if values.size else 0.0
    if isinstance(values, LazyVector):
        return math.prod(map(largest, values.parts)) if values.size else 0.0
    return as_float(namespace(values).max(distinct(values))) if values.shape[0] else 0.0


def smallest(values: Any) -> float:
    """Return the smallest of nonnegative values, lazy or not; infinity for none."""
    if isinstance(values, PaddedVector):
        return 0.0
    if isinstance(values, ConcatenatedVector):
        return min(map(smallest, values.parts))
    if isinstance(values, EntrywiseVector):
        return as_float(values.extremes(1, "smallest")[0]) if values.size else math.inf
    if isinstance(values, LazyVector):
        return math.prod(map(smallest, values.parts)) if values.size else math.inf
    return as_float(namespace(values).min(distinct(values))) if values.shape[0] else math.inf


def root_of_squares(sizes: Array) -> Any:
    """Return √Σ vᵢ² of nonnegative numbers, at least one, scaled so that no square overflows or vanishes."""
    xp = namespace(sizes)
    top = xp.max(sizes)
    top = xp.where(top > 0, top, xp.ones_like(top))
    return top * xp.sqrt(xp.sum((sizes / top) ** 2))


def count_above(values: Any, rtol: float) -> int:
    """Return how many of nonnegative values, lazy or not, exceed rtol times the largest."""
    if isinstance(values, ConcatenatedVector):
        top = largest(values)
        return sum(count_above(part, rtol * top / largest(part)) for part in values.parts if largest(part))
    if not isinstance(values, LazyVector) and traced(values):
        xp = namespace(values)
        return xp.count_nonzero(values > rtol * xp.max(values)) if values.shape[0] else 0
    lazy = values if isinstance(values, (KroneckerVector, PaddedVector)) else KroneckerVector(formed(values))
    return lazy.count_above(rtol)


def reciprocals(values: Any, what: str, instead: str, rounding: float = 1.0) -> Array:
    """Return 1/λ for the formed eigenvalues, known to so many eps; `SingularError` if one is zero to that precision."""
    λ = formed(values)
    xp, size = namespace(λ), abs(λ)
    low, high = (smallest(size), largest(size)) if λ.shape[0] else (1.0, 1.0)
    if certainly(low <= rounding * float(xp.finfo(λ.dtype).eps) * high):
        raise SingularError(f"{what} is singular: an eigenvalue is {low:.3g} beside {high:.3g}; {instead}")
    return 1 / λ


def sign_and_log(values: Array) -> tuple[Any, Any]:
    """Return the phase and the logarithm of the modulus of Π vᵢ: 0 and −∞ if some vᵢ is 0."""
    xp, size = namespace(values), abs(values)
    zero = size == 0
    if certainly(xp.any(zero)):
        return 0.0, -math.inf
    size = xp.where(zero, xp.ones_like(size), size)  # has no effect but under tracing
    phase, log = xp.where(zero, xp.zeros_like(values), values / size), xp.log(size)
    return xp.prod(phase), xp.sum(xp.where(zero, xp.full_like(log, -math.inf), log))


def formed(values: Any) -> Array:
    """Return values as an array, forming a lazy vector."""
    return values.form() if isinstance(values, LazyVector) else values


def concatenated(parts: Iterable[Any]) -> Any:
    """Return vectors, lazy or not, one after the other: an array if none of them is lazy."""
    parts = tuple(parts)
    if any(isinstance(part, LazyVector) for part in parts):
        return ConcatenatedVector(*parts)
    return parts[0] if len(parts) == 1 else namespace(parts[0]).concat(parts)


def extremes(values: Any, k: int, which: str) -> Array:
    """Return the k extreme values, sorted, of a lazy vector or an array."""
    return (values if isinstance(values, LazyVector) else KroneckerVector(values)).extremes(k, which)


def extreme_indices(values: Any, k: int, which: str) -> np.ndarray:
    """Return the indices of the k extreme values of a lazy vector or an array, from the extreme inwards."""
    return (values if isinstance(values, LazyVector) else KroneckerVector(values)).extreme_indices(k, which)


def values_at(values: Any, index: np.ndarray) -> Array:
    """Return the values, of a lazy vector or an array, at indices that may be beyond 64 bits."""
    return (values if isinstance(values, LazyVector) else KroneckerVector(values))._take(index)
