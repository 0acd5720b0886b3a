"""Other operators as tensor trains."""

import functools
from typing import Any

import numpy as np

from otimes.core.algebra import add, scale, to_dense, with_known
from otimes.core.array import Array, astype, inexact, namespace
from otimes.core.array import eye as dense_eye
from otimes.core.array import zeros as dense_zeros
from otimes.core.lapack import lapack
from otimes.core.operator import LinearOperator
from otimes.core.truncation import kept, magnitude
from otimes.functions.to_tensor_train import to_tensor_train
from otimes.operators.identity import Identity
from otimes.operators.kronecker.kronecker import Kronecker
from otimes.operators.kronecker.kronecker_sum import KroneckerSum
from otimes.operators.scalar_multiple import ScalarMultiple
from otimes.operators.shifted import Shifted
from otimes.operators.sum import Sum
from otimes.operators.tensors.cp import CP
from otimes.operators.tensors.tensor_train import TensorTrain
from otimes.operators.tensors.tucker import Tucker

Slots = tuple[tuple[int, int], ...] | None


@to_tensor_train.dense
def by_svd(a: Array, slots: Slots) -> TensorTrain:
    """Return the train of an array by one singular value decomposition after the other (TT-SVD)."""
    if slots is None or len(slots) == 1 or 0 in a.shape:
        return _single(a, slots)
    xp, d = namespace(a), len(slots)
    a = astype(a, inexact(a.dtype, xp))
    axes = tuple(axis for k in range(d) for axis in (k, d + k))
    rest = xp.permute_dims(xp.reshape(a, (*(m for m, _ in slots), *(n for _, n in slots))), axes)
    size, r, cores = magnitude(a), 1, []
    for m, n in slots[:-1]:
        M = xp.reshape(rest, (r * m * n, -1))
        U, S, Vh = lapack("svd", M, full_matrices=False)
        count, _ = kept(S, size, (max(M.shape) * float(xp.finfo(a.dtype).eps)) ** 2, None)
        cores.append(xp.reshape(U[:, :count], (r, m, n, count)))
        rest, r = S[:count, None] * Vh[:count, :], count
    return TensorTrain(*cores, xp.reshape(rest, (r, *slots[-1], 1)))


def _single(a: Array, slots: Slots) -> TensorTrain:
    """Return the train of one slot, or of an empty matrix."""
    xp = namespace(a)
    if slots is None or len(slots) == 1:
        return TensorTrain(xp.reshape(a, (1, *a.shape, 1)))
    return TensorTrain(*(xp.zeros((1, m, n, 1), dtype=a.dtype) for m, n in slots))


@to_tensor_train.rule(TensorTrain, says="A is one")
def _(T: TensorTrain, slots: Slots) -> TensorTrain:
    return T if slots in (None, T.partition) else to_tensor_train.fallback(T, slots=slots)


@to_tensor_train.rule(Kronecker, says="A ⊗ B is the train of A and B, of rank 1", cite="Oseledets2010")
def _(K: Kronecker, slots: Slots) -> LinearOperator:
    if slots not in (None, tuple(F.shape for F in K.factors)):
        return to_tensor_train.fallback(K, slots=slots)
    return with_known(TensorTrain(*(to_dense(F)[None, :, :, None] for F in K.factors)), K.facts)


@to_tensor_train.rule(KroneckerSum, says="A ⊕ B = [A I] ⋈ [[I], [B]], of rank 2", cite="Oseledets2010")
def _(A: KroneckerSum, slots: Slots) -> LinearOperator:
    if slots not in (None, tuple(F.shape for F in A.factors)):
        return to_tensor_train.fallback(A, slots=slots)
    xp, cores = A.spec.xp or np, []
    for F in A.factors:
        one, zero = dense_eye(F.shape[0], A.spec), dense_zeros(F.shape, A.spec)
        blocks = [xp.stack([one, zero], axis=-1), xp.stack([astype(to_dense(F), A.dtype), one], axis=-1)]
        cores.append(xp.stack(blocks))
    return with_known(TensorTrain(cores[0][1:, ...], *cores[1:-1], cores[-1][..., :1]), A.facts)


@to_tensor_train.rule(ScalarMultiple, says="c A has the cores c G₁, G₂, …")
def _(A: ScalarMultiple, slots: Slots) -> LinearOperator:
    return scale(_train(A.operator, slots), A.scalar)


@to_tensor_train.rule(Sum, says="ranks add")
def _(A: Sum, slots: Slots) -> LinearOperator:
    total = functools.reduce(add, (_train(term, slots) for term in A.terms))
    return total if isinstance(total, TensorTrain) else to_tensor_train.fallback(A, slots=slots)


@to_tensor_train.rule(Identity, says="I = I ⊗ I ⊗ …")
def _(A: Identity, slots: Slots) -> LinearOperator:
    if slots is None or any(m != n for m, n in slots):
        return to_tensor_train.fallback(A, slots=slots)
    return with_known(TensorTrain(*(dense_eye(n, A.spec)[None, :, :, None] for n, _ in slots)), A.facts)


@to_tensor_train.rule(Shifted, says="A + c I is a train plus one of rank 1")
def _(A: Shifted, slots: Slots) -> LinearOperator:
    T = _train(A.operator, slots)
    if any(m != n for m, n in T.partition):
        return to_tensor_train.fallback(A, slots=slots)
    return add(T, scale(_train(Identity(A.shape[0], A.spec), T.partition), A.shift))


def _train(A: LinearOperator, slots: Slots) -> Any:
    return to_tensor_train.dispatch(A, slots=slots)


@to_tensor_train.rule(Tucker, says="the train of the core, each slot times its stack")
def _(A: Tucker, slots: Slots) -> TensorTrain:
    if slots not in (None, A.partition):
        return to_tensor_train.fallback(A, slots=slots)
    xp = namespace(A.core)
    core = by_svd(xp.reshape(A.core, (-1, 1)), tuple((r, 1) for r in A.ranks))
    return TensorTrain(*(_coupled(xp, G[:, :, 0, :], S) for G, S in zip(core.cores, A.stacks, strict=True)))


def _coupled(xp: Any, G: Array, S: Array) -> Array:
    """Return Σ_r G[a, r, b] S[r, m, n] as a core (a, m, n, b)."""
    (a, r, b), (_, m, n) = G.shape, S.shape
    product = xp.reshape(xp.permute_dims(G, (0, 2, 1)), (a * b, r)) @ astype(xp.reshape(S, (r, m * n)), G.dtype)
    return xp.permute_dims(xp.reshape(product, (a, b, m, n)), (0, 2, 3, 1))


@to_tensor_train.rule(CP, says="the train of diagonal cores, of rank R")
def _(A: CP, slots: Slots) -> TensorTrain:
    if slots not in (None, A.partition):
        return to_tensor_train.fallback(A, slots=slots)
    if len(A.stacks) == 1:
        return TensorTrain(to_dense(A)[None, :, :, None])
    first, *middle, last = A.stacks
    mask = dense_eye(A.rank, A.spec)[:, None, None, :]
    turned = namespace(first).permute_dims(first, (1, 2, 0)) * A.weights
    return TensorTrain(turned[None, ...], *(S[..., None] * mask for S in middle), last[..., None])
