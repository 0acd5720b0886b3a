"""Sums of rows, of columns and of all entries, by identities."""

import functools
import math
from typing import Any

import numpy as np

from otimes.core.algebra import transpose
from otimes.core.array import Array, astype, itemsize, namespace, ones, zeros
from otimes.core.checks import MAX_BYTES, require_bytes
from otimes.core.operator import LinearOperator
from otimes.core.values import concatenated, formed, scaled
from otimes.core.vector import KroneckerSumVector, KroneckerVector
from otimes.functions.sum import sum as sum_of
from otimes.functions.trace import exact_integer
from otimes.operators.blocks.block import Block
from otimes.operators.blocks.block_diagonal import BlockDiagonal
from otimes.operators.dense import Dense
from otimes.operators.diagonal import Diagonal
from otimes.operators.identity import Identity
from otimes.operators.index_maps.permutation import Commutation, Permutation
from otimes.operators.kronecker.kronecker import Kronecker
from otimes.operators.kronecker.kronecker_sum import KroneckerSum
from otimes.operators.scalar_multiple import ScalarMultiple
from otimes.operators.shifted import Shifted
from otimes.operators.slots.slot_permutation import SlotPermutation
from otimes.operators.sum import Sum
from otimes.operators.zero import Zero


@sum_of.rule(LinearOperator, says="A 1, 1ᵀ A or 1ᵀ A 1 for the vector 1 of ones")
def _(A: LinearOperator, axis: int | None) -> Any:
    if axis == 0:
        A = transpose(A)
    what = f"the sums of {type(A).__name__} {A.shape[0]}×{A.shape[1]}, by a product with ones,"
    require_bytes((max(A.shape),), itemsize(A.dtype), MAX_BYTES, what, "no identity is known for them")
    rows = A @ (astype(ones(A.shape[1], A.spec), A.dtype) + zeros((A.shape[1],), A.spec))
    return namespace(rows).sum(rows) if axis is None else rows


@sum_of.rule(Dense, says="the sums of the array")
def _(A: Dense, axis: int | None) -> Any:
    return namespace(A.array).sum(A.array, axis=axis)


@sum_of.rule(Kronecker, says="(A ⊗ B)(1 ⊗ 1) = A 1 ⊗ B 1", cite="VanLoan2000")
def _(K: Kronecker, axis: int | None) -> Any:
    parts = [sum_of(F, axis) for F in K.factors]
    if axis is None:
        return functools.reduce(lambda s, t: s * t, map(exact_integer, parts))
    return KroneckerVector(*map(formed, parts))


@sum_of.rule(KroneckerSum, says="(A ⊕ B)(1 ⊗ 1) = A 1 ⊗ 1 + 1 ⊗ B 1")
def _(A: KroneckerSum, axis: int | None) -> Any:
    if axis is not None:
        return KroneckerSumVector(*(formed(sum_of(F, axis)) for F in A.factors))
    sizes = [F.shape[0] for F in A.factors]
    others = [math.prod(sizes[:i] + sizes[i + 1 :]) for i in range(len(sizes))]
    terms = [exact_integer(sum_of(F)) * k for F, k in zip(A.factors, others, strict=True)]
    return functools.reduce(lambda s, t: s + t, terms)


@sum_of.rule(Sum, says="(A + B) 1 = A 1 + B 1")
def _(A: Sum, axis: int | None) -> Any:
    return functools.reduce(lambda s, t: s + t, (formed(sum_of(term, axis)) for term in A.terms))


@sum_of.rule(BlockDiagonal, says="(A ⊞ B) 1 = [A 1, B 1]")
def _(A: BlockDiagonal, axis: int | None) -> Any:
    parts = [sum_of(block, axis) for block in A.blocks]
    if axis is None:
        return functools.reduce(lambda s, t: s + t, parts)
    return concatenated(parts)


@sum_of.rule(Block, says="[A B] 1 = A 1 + B 1, block row by block row")
def _(A: Block, axis: int | None) -> Any:
    lines = A.rows if axis != 0 else tuple(zip(*A.rows, strict=True))
    sums = [functools.reduce(lambda s, t: s + t, (formed(sum_of(block, axis)) for block in line)) for line in lines]
    if axis is None:
        return functools.reduce(lambda s, t: s + t, sums)
    return (A.spec.xp or np).concat([astype(part, A.dtype) for part in sums])


@sum_of.rule(ScalarMultiple, says="(c A) 1 = c (A 1)")
def _(A: ScalarMultiple, axis: int | None) -> Any:
    total = sum_of(A.operator, axis)
    return A.scalar * total if axis is None else scaled(total, A.scalar)


@sum_of.rule(Shifted, says="(A + c I) 1 = A 1 + c 1")
def _(A: Shifted, axis: int | None) -> Any:
    return formed(sum_of(A.operator, axis)) + (A.shape[0] * A.shift if axis is None else A.shift)


@sum_of.rule(Diagonal, says="diag(d) 1 = d")
def _(D: Diagonal, axis: int | None) -> Array:
    return namespace(D.entries).sum(D.entries) if axis is None else D.entries


@sum_of.rule(Zero, says="0 1 = 0")
def _(A: Zero, axis: int | None) -> Any:
    if axis is None:
        return 0.0
    return scaled(astype(ones(A.shape[1 - axis], A.spec), A.dtype), 0)


@sum_of.rule(Identity, says="I 1 = 1")
@sum_of.rule(Permutation, says="P 1 = 1")
@sum_of.rule(Commutation, says="K 1 = 1")
@sum_of.rule(SlotPermutation, says="P 1 = 1")
def _(P: LinearOperator, axis: int | None) -> Any:
    return P.shape[0] if axis is None else astype(ones(P.shape[0], P.spec), P.dtype)
