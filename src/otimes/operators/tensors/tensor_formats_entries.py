"""Entries of operators in tensor formats, gathered slot by slot."""

import functools
import math
from collections.abc import Iterator

import numpy as np

from otimes.core.array import Array, namespace, rows_of
from otimes.core.indexing import entries
from otimes.operators.slots.slots import in_blocks, places, unfolded
from otimes.operators.tensors.cp import CP
from otimes.operators.tensors.tensor_train import TensorTrain, entries_at
from otimes.operators.tensors.tucker import Tucker


def _gathered(A: Tucker | CP, rows: np.ndarray, columns: np.ndarray) -> Iterator[Array]:
    """Yield for each slot the entries of its matrices at the places of the whole, (places, r)."""
    for S, (i, j) in zip(A.stacks, places(A, rows, columns), strict=True):
        yield rows_of(unfolded(S).T, i * S.shape[2] + j)


@entries.rule(TensorTrain, says="A[i, j] = G₁[i₁, j₁] ⋯ G_d[i_d, j_d]", cite="Oseledets2010")
def _(T: TensorTrain, rows: np.ndarray, columns: np.ndarray) -> Array:
    return entries_at(T, rows, columns)


@entries.rule(Tucker, says="A[i, j] = G ×₁ A₁[i₁, j₁] ×₂ A₂[i₂, j₂] ⋯", cite="KoldaBader2009")
def _(A: Tucker, rows: np.ndarray, columns: np.ndarray) -> Array:
    return in_blocks(functools.partial(_of_core, A), rows, columns, math.prod(A.ranks[1:]) + max(A.ranks))


def _of_core(A: Tucker, rows: np.ndarray, columns: np.ndarray) -> Array:
    xp, (first, *others) = namespace(A.core), _gathered(A, rows, columns)
    size = A.core.shape[0]
    Y = first @ xp.reshape(A.core, (size, math.prod(A.ranks[1:])))
    for u in others:
        r = u.shape[1]
        Y = (u[:, None, :] @ xp.reshape(Y, (len(rows), r, Y.shape[1] // max(r, 1))))[:, 0, :]
    return Y[:, 0]


@entries.rule(CP, says="A[i, j] = Σ_r w_r A₁⁽ʳ⁾[i₁, j₁] A₂⁽ʳ⁾[i₂, j₂] ⋯", cite="KoldaBader2009")
def _(A: CP, rows: np.ndarray, columns: np.ndarray) -> Array:
    return in_blocks(functools.partial(_of_terms, A), rows, columns, A.rank)


def _of_terms(A: CP, rows: np.ndarray, columns: np.ndarray) -> Array:
    return functools.reduce(lambda u, v: u * v, _gathered(A, rows, columns)) @ A.weights
