"""Solving by parts: ways that may fail although the whole is regular, tried in turn."""

import warnings
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from scipy.linalg import LinAlgWarning

from otimes.core.algebra import to_dense
from otimes.core.array import Array, as_float, namespace
from otimes.core.convert import aslinearoperator
from otimes.core.operator import LinearOperator
from otimes.core.rules import Function, may_form
from otimes.core.tracing import traced
from otimes.errors import NoRule, SingularError, TooLarge
from otimes.functions.norm import norm
from otimes.functions.solve import solve
from otimes.operators.dense import Dense

REFINEMENTS = 8  # at most
GROWTH = 1e3  # of what is left beside what was there, from where a matrix that is small enough is formed instead


def first_of(ways: Iterable[Callable[[], Any]], function: Function, K: LinearOperator, **options: Any) -> Any:
    """Return what the first way gives that meets no singular part and no lack of rules; else K is formed, if small."""
    failure: Exception | None = None
    for way in ways:
        try:
            with warnings.catch_warnings(action="error", category=LinAlgWarning):
                return way()
        except (SingularError, NoRule, TooLarge, LinAlgWarning) as error:
            failure = error
    if may_form(K):
        return function.fallback(K, **options)
    raise NoRule(f"it fails for a part of the matrix, and the whole is too large to form: {failure}") from failure


def remainder(S: LinearOperator, K: LinearOperator, scale: Callable[[], Any]) -> LinearOperator:
    """Return S, formed if it is small; `SingularError` if K could be formed and S is large beside the scale.

    The parts of K that S was computed with are then nearly singular, and digits are lost that K itself does not lose.
    """
    S = aslinearoperator(to_dense(S)) if may_form(S) else S
    if may_form(K) and S.spec.xp is np and norm(S) > GROWTH * scale():
        raise SingularError("a part is nearly singular beside the whole")
    return S


def refined(once: Callable[[Array], Array], K: LinearOperator, B: Array) -> Array:
    """Return K⁻¹ B by `once`, and by steps of refinement for as long as they halve the residual.

    A part may be worse conditioned than the whole; the digits that it loses come back. If none were left, the result
    is no better than 0, and `SingularError` is raised. What is traced has one step, unchecked.
    """
    X = once(B)
    R = B - K @ X
    if 0 in B.shape or traced(R):
        return X + once(R)
    for _ in range(REFINEMENTS):
        better = X + once(R)
        rest = B - K @ better
        if not 2 * _largest(rest) < _largest(R):
            break
        X, R = better, rest
    if _largest(R) >= _largest(B) > 0:
        raise SingularError("a part is singular to working precision")
    return X


def _largest(R: Array) -> float:
    return as_float(namespace(R).max(abs(R)))


def solved(A: LinearOperator, B: LinearOperator) -> LinearOperator:
    """Return A⁻¹ B, formed if B is."""
    return aslinearoperator(solve(A, B.array)) if isinstance(B, Dense) else solve(A, B)
