"""The norms of A ⊕ B: Frobenius by traces, row and column sums by those of the summands."""

import functools
import math
from typing import Any

from otimes.core.algebra import add, scale, to_dense, transpose
from otimes.core.array import Array, astype, inexact, namespace
from otimes.core.values import formed
from otimes.core.vector import KroneckerSumVector
from otimes.functions.diagonal import diagonal
from otimes.functions.norm import norm
from otimes.functions.trace import trace
from otimes.operators.every.generic import norm_by_values
from otimes.operators.identity import Identity
from otimes.operators.kronecker.kronecker import each
from otimes.operators.kronecker.kronecker_sum import KroneckerSum


@norm.rule(KroneckerSum, says="‖A ⊕ B‖₁ = max (|aⱼⱼ + bₗₗ| + Σ |aᵢⱼ| + Σ |bₖₗ|), ‖A ⊕ B‖_F by traces")
def _(A: KroneckerSum, ord: Any) -> Any:
    if not A.shape[0] or ord not in ("fro", 1, -1, math.inf, -math.inf):
        return norm_by_values(A, ord)
    if ord == "fro":
        return _frobenius(A)
    return _column_sums(A if abs(ord) == 1 else transpose(A), largest=ord > 0)


def _frobenius(A: KroneckerSum) -> Any:
    """Return √(n |Σ τᵢ|² + Σ (n/nᵢ) ‖Aᵢ − τᵢ I‖_F²) for the mean eigenvalues τᵢ: nothing cancels."""
    n = A.shape[0]
    means = [trace(F) / F.shape[0] for F in A.factors]
    total = n * abs(sum(means)) ** 2
    for F, mean in zip(A.factors, means, strict=True):
        rest = add(F, scale(Identity(F.shape[0], F.spec), -mean))
        total = total + (n // F.shape[0]) * norm(rest) ** 2
    return total**0.5


def _column_sums(A: KroneckerSum, largest: bool) -> Any:
    """Return the largest or smallest column sum of |A ⊕ B|.

    |a + b| is the larger of ±(a + b), and the largest of sums the sum of the largest: for real entries the vector of
    column sums need not be formed.
    """
    diagonals = [formed(d) for d in each(diagonal, A.factors)]
    sums = [_off_diagonal(F) for F in A.factors]
    if largest and A.real:
        signed = ([s + sign * d for s, d in zip(sums, diagonals, strict=True)] for sign in (1, -1))
        one, other = (functools.reduce(lambda u, v: u + v, (namespace(p).max(p) for p in parts)) for parts in signed)
        return namespace(sums[0]).maximum(one, other)
    columns = abs(KroneckerSumVector(*diagonals).form()) + KroneckerSumVector(*sums).form()
    return namespace(columns).max(columns) if largest else namespace(columns).min(columns)


def _off_diagonal(F: Any) -> Array:
    """Return Σᵢ |fᵢⱼ| over i ≠ j for every j."""
    a = astype(to_dense(F), inexact(F.dtype, F.spec.xp))
    xp = namespace(a)
    return xp.sum(abs(a), axis=0) - abs(xp.linalg.diagonal(a))
