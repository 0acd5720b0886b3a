"""The largest and the smallest entry, where the extremes of the parts tell them."""

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from otimes.core.array import Array, concrete
from otimes.core.operator import LinearOperator
from otimes.functions.max import max as max_of
from otimes.functions.min import min as min_of
from otimes.operators.diagonal import Diagonal
from otimes.operators.identity import Identity
from otimes.operators.index_maps.permutation import Commutation, Permutation
from otimes.operators.kronecker.kronecker import Kronecker
from otimes.operators.scalar_multiple import ScalarMultiple
from otimes.operators.slots.slot_permutation import SlotPermutation
from otimes.operators.sparse import Sparse
from otimes.operators.toeplitz.circulant import Circulant
from otimes.operators.toeplitz.toeplitz import Toeplitz
from otimes.operators.zero import Zero

BOTH = ((max_of, "max"), (min_of, "min"))


def _extreme_of(kind: type, says: str) -> Callable:
    """Register one rule, which gives an array with the extreme entries, for the largest and for the smallest."""

    def add(candidates: Callable[[Any], Array]) -> Callable:
        for function, name in BOTH:

            def rule(A: LinearOperator, name: str = name) -> Any:
                return getattr(A.spec.xp or np, name)(candidates(A))

            function.rule(kind, says=says)(rule)
        return candidates

    return add


def _stacked(values: list, A: LinearOperator) -> Array:
    """Return scalars of any kind as a vector in the library and dtype of A."""
    xp = A.spec.xp or np
    return xp.stack([xp.asarray(value, dtype=concrete(A.spec), device=A.spec.device) for value in values])


@_extreme_of(Kronecker, "one of the products of the extremes of A and of B, for A ⊗ B")
def _(K: Kronecker) -> Array:
    ends = [(min_of(F), max_of(F)) for F in K.factors]
    xp = K.spec.xp or np

    def joined(one: Array, other: tuple) -> Array:
        products = xp.reshape(one[:, None] * _stacked(list(other), K), (-1,))
        return xp.stack([xp.min(products), xp.max(products)])

    return functools.reduce(joined, ends[1:], _stacked(list(ends[0]), K))


@_extreme_of(ScalarMultiple, "c times an extreme of A, for c A")
def _(A: ScalarMultiple) -> Array:
    return _stacked([A.scalar * min_of(A.operator), A.scalar * max_of(A.operator)], A)


@_extreme_of(Diagonal, "the extremes of d, and the zeros beside it, for diag(d)")
def _(D: Diagonal) -> Array:
    xp = D.spec.xp or np
    zeros = xp.zeros_like(D.entries[:1])
    return D.entries if D.shape[0] == 1 else xp.concat([D.entries, zeros])


@_extreme_of(Identity, "0 and 1")
@_extreme_of(Permutation, "0 and 1")
@_extreme_of(Commutation, "0 and 1")
@_extreme_of(SlotPermutation, "0 and 1")
def _(P: LinearOperator) -> Array:
    return _stacked([1] if P.shape[0] == 1 else [0, 1], P)


@_extreme_of(Zero, "0")
def _(A: Zero) -> Array:
    return _stacked([0], A)


@_extreme_of(Toeplitz, "an extreme of the coefficients, each of which is an entry")
def _(A: Toeplitz) -> Array:
    return A.coefficients


@_extreme_of(Circulant, "an extreme of the first column")
def _(A: Circulant) -> Array:
    return A.column


@_extreme_of(Sparse, "an extreme of the stored entries, and zeros")
def _(A: Sparse) -> Array:
    return np.array([A.matrix.min(), A.matrix.max()])
