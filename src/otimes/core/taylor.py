"""exp(t A) B by products with A alone: Taylor series, in as many steps as they need to converge without cancellation.

SciPy's `expm_multiply` estimates ‖A‖₁ of a linear operator by random vectors, and loses digits where that is too low;
here the terms themselves say whether a step is short enough.
"""

from collections.abc import Callable
from typing import Any

from otimes.core.array import Array, namespace
from otimes.core.tracing import traced
from otimes.errors import DTypeError, NotConverged

TERMS = 55  # of one step, after Al-Mohy & Higham
GROWTH = 8  # of the terms beside the sum, which costs three bits
STEPS = 2**40


def exponential_action(product: Callable[[Array], Array], B: Array, t: Any) -> Array:
    """Return exp(t A) B for the function `product` X ↦ A X."""
    step, steps = 0, 1
    while step < steps:
        try:
            result = _series(product, B, t / steps)
        except TypeError as error:
            if not traced(product(B)):
                raise
            raise DTypeError(
                "exp(t A) b by products takes as many as the entries need, which are not known while JAX compiles; "
                "expm(t A) @ b is compiled where expm has a rule or A is small"
            ) from error
        if result is not None:
            B, step = result, step + 1
        elif steps < STEPS:
            step, steps = 2 * step, 2 * steps
        else:
            raise NotConverged(f"exp(t A) b: the Taylor series does not converge in {STEPS} steps; is A finite?")
    return B


def _series(product: Callable[[Array], Array], B: Array, t: Any) -> Array | None:
    """Return Σ (t A)ᵏ B / k!, or None if a column's terms do not fall to rounding, or pass GROWTH times the sum."""
    xp = namespace(B)
    eps = float(xp.finfo(B.dtype).eps)
    total = term = B
    before = largest = _sizes(B)
    for k in range(1, TERMS + 1):
        term = (t / k) * product(term)
        total = total + term
        size, sum_size = _sizes(term), _sizes(total)
        largest = xp.maximum(largest, size)
        if bool(xp.any(size > 2 * GROWTH * _sizes(B))):
            return None
        if bool(xp.all(before + size <= eps * sum_size)):
            return total if bool(xp.all(largest <= GROWTH * sum_size)) else None
        before = size
    return None


def _sizes(X: Array) -> Array:
    """Return the largest entry of every column."""
    return namespace(X).max(abs(X), axis=0)
