"""Partial traces and transposes of operators in tensor formats, on the slots they are made of."""

import functools
import math
from typing import Any

from otimes.core.array import Array, namespace
from otimes.core.operator import LinearOperator
from otimes.functions.partial_trace import partial_trace
from otimes.functions.partial_transpose import partial_transpose
from otimes.operators.slots.mode_products import multi_mode_product
from otimes.operators.tensors.cp import CP
from otimes.operators.tensors.tensor_train import TensorTrain
from otimes.operators.tensors.tucker import Tucker

Slots = tuple[int, ...]


def _on_its_slots(A: Any, sizes: Slots) -> bool:
    """Whether these are the slots that A is made of."""
    return A.partition == tuple((n, n) for n in sizes)


def _traced(A: Array) -> Array:
    """Return the traces of the last two axes in their own dtype."""
    return namespace(A).linalg.trace(A, dtype=A.dtype)


def _wholly(A: LinearOperator, sizes: Slots) -> LinearOperator:
    """Return the trace over all slots, the first of them last, as an operator 1 × 1."""
    first = partial_trace(A, tuple(range(1, len(sizes))), sizes)
    return partial_trace.fallback(first, slots=(0,), sizes=sizes[:1])


@partial_trace.rule(TensorTrain, says="Σᵢ Gₖ[i, i] is multiplied into the core beside it", cite="Oseledets2010")
def _(T: TensorTrain, slots: Slots, sizes: Slots) -> LinearOperator:
    if not _on_its_slots(T, sizes):
        return partial_trace.fallback(T, slots=slots, sizes=sizes)
    if len(slots) == len(sizes):
        return _wholly(T, sizes)
    xp, cores, carried = namespace(T.cores[0]), [], []
    for k, G in enumerate(T.cores):
        if k in slots:
            carried.append(_traced(xp.permute_dims(G, (0, 3, 1, 2))))
            continue
        if carried:
            M, (r, *rest) = functools.reduce(xp.matmul, carried), G.shape
            G, carried = xp.reshape(M @ xp.reshape(G, (r, math.prod(rest))), (M.shape[0], *rest)), []
        cores.append(G)
    return TensorTrain(*cores[:-1], functools.reduce(xp.matmul, carried, cores[-1]))


@partial_trace.rule(Tucker, says="tr₂ A has the core G ×₂ tr(A₂)")
def _(A: Tucker, slots: Slots, sizes: Slots) -> LinearOperator:
    if not _on_its_slots(A, sizes):
        return partial_trace.fallback(A, slots=slots, sizes=sizes)
    if len(slots) == len(sizes):
        return _wholly(A, sizes)
    kept = [k for k in range(len(sizes)) if k not in slots]
    core = multi_mode_product(A.core, [_traced(A.stacks[k])[None, :] for k in slots], slots)
    return Tucker(namespace(core).reshape(core, tuple(A.ranks[k] for k in kept)), *(A.stacks[k] for k in kept))


@partial_trace.rule(CP, says="tr₂ Σ w A ⊗ B = Σ w tr(B) A")
def _(A: CP, slots: Slots, sizes: Slots) -> LinearOperator:
    if not _on_its_slots(A, sizes):
        return partial_trace.fallback(A, slots=slots, sizes=sizes)
    if len(slots) == len(sizes):
        return _wholly(A, sizes)
    weights = functools.reduce(lambda w, k: w * _traced(A.stacks[k]), slots, A.weights)
    return CP(weights, *(S for k, S in enumerate(A.stacks) if k not in slots))


@partial_transpose.rule(TensorTrain, says="rows and columns exchanged in some cores", cite="Oseledets2010")
def _(T: TensorTrain, slots: Slots, sizes: Slots) -> LinearOperator:
    if not _on_its_slots(T, sizes):
        return partial_transpose.fallback(T, slots=slots, sizes=sizes)
    turned = (namespace(G).permute_dims(G, (0, 2, 1, 3)) if k in slots else G for k, G in enumerate(T.cores))
    return TensorTrain(*turned)


@partial_transpose.rule(Tucker, says="transposed matrices in some stacks")
@partial_transpose.rule(CP, says="Σ w A ⊗ Bᵀ")
def _(A: Tucker | CP, slots: Slots, sizes: Slots) -> LinearOperator:
    if not _on_its_slots(A, sizes):
        return partial_transpose.fallback(A, slots=slots, sizes=sizes)
    stacks = (S.mT if k in slots else S for k, S in enumerate(A.stacks))
    return CP(A.weights, *stacks) if isinstance(A, CP) else Tucker(A.core, *stacks)
