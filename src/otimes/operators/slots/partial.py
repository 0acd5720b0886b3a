"""Partial traces and transposes of operators that have a structure over the slots."""

import functools
import math

from otimes.core.algebra import add, scale, transpose
from otimes.core.array import namespace
from otimes.core.operator import LinearOperator
from otimes.core.partitions import common_blocks
from otimes.functions.partial_trace import partial_trace
from otimes.functions.partial_transpose import partial_transpose
from otimes.functions.trace import exact_integer, trace
from otimes.operators.diagonal import Diagonal
from otimes.operators.identity import Identity
from otimes.operators.kronecker.kronecker import Kronecker, kron
from otimes.operators.kronecker.kronecker_sum import KroneckerSum
from otimes.operators.scalar_multiple import ScalarMultiple
from otimes.operators.shifted import Shifted
from otimes.operators.sum import Sum
from otimes.operators.zero import Zero

Slots = tuple[int, ...]


def _blocks(K: Kronecker, slots: Slots, sizes: Slots) -> list[tuple]:
    """Return each block that factors and slots have in common: its operator, its slots that are chosen, its sizes.

    Nothing where that is no help: a factor is not square, or all is one block of which some slots are chosen.
    """
    found: list[tuple] = []
    if not all(F.square for F in K.factors) or not K.shape[0]:
        return found
    for ours, theirs in common_blocks([F.shape[0] for F in K.factors], sizes):
        chosen = tuple(slot - theirs.start for slot in sorted(slots) if theirs.start <= slot < theirs.stop)
        found.append((kron(*K.factors[ours]), chosen, sizes[theirs]))
    return found if len(found) > 1 or len(slots) == len(sizes) else []


@partial_trace.rule(Kronecker, says="tr₂(A ⊗ B) = tr(B) A, over the blocks that factors and slots have in common")
def _(K: Kronecker, slots: Slots, sizes: Slots) -> LinearOperator:
    kept, traces, blocks = [], [], _blocks(K, slots, sizes)
    if not blocks:
        return partial_trace.fallback(K, slots=slots, sizes=sizes)
    for A, chosen, inner in blocks:
        if len(chosen) == len(inner):
            traces.append(exact_integer(trace(A)))
        else:
            kept.append(partial_trace(A, chosen, inner))
    return functools.reduce(scale, traces, kron(*kept) if kept else Identity(1, K.spec))


@partial_transpose.rule(Kronecker, says="A ⊗ Bᵀ, over the blocks that factors and slots have in common")
def _(K: Kronecker, slots: Slots, sizes: Slots) -> LinearOperator:
    blocks = _blocks(K, slots, sizes)
    if not blocks:
        return partial_transpose.fallback(K, slots=slots, sizes=sizes)
    parts = []
    for A, chosen, inner in blocks:
        parts.append(transpose(A) if len(chosen) == len(inner) else partial_transpose(A, chosen, inner))
    return kron(*parts)


def _summands(A: KroneckerSum) -> list[LinearOperator]:
    """Return the terms I ⊗ Aᵢ ⊗ I."""
    sizes, terms = [F.shape[0] for F in A.factors], []
    for i, F in enumerate(A.factors):
        ends = (Identity(math.prod(part), A.spec) for part in (sizes[:i], sizes[i + 1 :]))
        terms.append(kron(next(ends), F, next(ends)))
    return terms


@partial_trace.rule(KroneckerSum, says="tr₂(A ⊕ B) = m A + tr(B) I for B m × m")
def _(A: KroneckerSum, slots: Slots, sizes: Slots) -> LinearOperator:
    return functools.reduce(add, (partial_trace(term, slots, sizes) for term in _summands(A)))


@partial_transpose.rule(KroneckerSum, says="A ⊕ Bᵀ")
def _(A: KroneckerSum, slots: Slots, sizes: Slots) -> LinearOperator:
    return functools.reduce(add, (partial_transpose(term, slots, sizes) for term in _summands(A)))


@partial_trace.rule(Sum, says="tr₂(A + B) = tr₂(A) + tr₂(B)")
def _(A: Sum, slots: Slots, sizes: Slots) -> LinearOperator:
    return functools.reduce(add, (partial_trace(term, slots, sizes) for term in A.terms))


@partial_transpose.rule(Sum, says="the sum of the terms' partial transposes")
def _(A: Sum, slots: Slots, sizes: Slots) -> LinearOperator:
    return functools.reduce(add, (partial_transpose(term, slots, sizes) for term in A.terms))


@partial_trace.rule(ScalarMultiple, says="tr₂(c A) = c tr₂(A)")
def _(A: ScalarMultiple, slots: Slots, sizes: Slots) -> LinearOperator:
    return scale(partial_trace(A.operator, slots, sizes), A.scalar)


@partial_transpose.rule(ScalarMultiple, says="c times the partial transpose of A")
def _(A: ScalarMultiple, slots: Slots, sizes: Slots) -> LinearOperator:
    return scale(partial_transpose(A.operator, slots, sizes), A.scalar)


@partial_trace.rule(Shifted, says="tr₂(A + c I) = tr₂(A) + m c I")
def _(A: Shifted, slots: Slots, sizes: Slots) -> LinearOperator:
    inner = partial_trace(A.operator, slots, sizes)
    shift = scale(Identity(inner.shape[0], A.spec), math.prod(sizes[slot] for slot in slots))
    return add(inner, scale(shift, A.shift))


@partial_transpose.rule(Shifted, says="c I plus the partial transpose of A")
def _(A: Shifted, slots: Slots, sizes: Slots) -> LinearOperator:
    return add(partial_transpose(A.operator, slots, sizes), scale(Identity(A.shape[0], A.spec), A.shift))


@partial_trace.rule(Identity, says="tr₂ I = m I")
def _(A: Identity, slots: Slots, sizes: Slots) -> LinearOperator:
    traced = math.prod(sizes[slot] for slot in slots)
    kept = math.prod(size for slot, size in enumerate(sizes) if slot not in slots)
    return scale(Identity(kept, A.spec), traced)


@partial_trace.rule(Zero, says="tr₂ 0 = 0")
def _(A: Zero, slots: Slots, sizes: Slots) -> LinearOperator:
    kept = math.prod(size for slot, size in enumerate(sizes) if slot not in slots)
    return Zero((kept, kept), A.spec)


@partial_trace.rule(Diagonal, says="tr₂ diag(d) is diagonal, with the sums of d over the slot")
def _(A: Diagonal, slots: Slots, sizes: Slots) -> LinearOperator:
    xp = namespace(A.entries)
    return Diagonal(xp.reshape(xp.sum(xp.reshape(A.entries, sizes), axis=slots, dtype=A.dtype), (-1,)))


@partial_transpose.rule(Identity, says="the partial transpose of I is I")
@partial_transpose.rule(Zero, says="the partial transpose of 0 is 0")
@partial_transpose.rule(Diagonal, says="the partial transpose of diag(d) is diag(d)")
def _(A: LinearOperator, slots: Slots, sizes: Slots) -> LinearOperator:
    return A
