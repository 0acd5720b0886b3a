"""The decompositions of A ⊙ B: orthogonal factors of the factors, and what follows from a small triangle."""

import functools
from typing import Any

import numpy as np

from otimes.core.algebra import matmul, to_dense, transpose
from otimes.core.array import Array, astype, inexact, itemsize
from otimes.core.checks import MAX_BYTES, require_bytes
from otimes.core.convert import aslinearoperator
from otimes.core.operator import LinearOperator
from otimes.core.rules import guard
from otimes.functions.norm import norm
from otimes.functions.qr import QRResult, qr
from otimes.functions.svd import SVDResult, svd
from otimes.functions.svdvals import svdvals
from otimes.operators.every.generic import norm_by_values
from otimes.operators.kronecker.khatri_rao import FaceSplitting, KhatriRao, columnwise
from otimes.operators.kronecker.kronecker import kron


@guard("a factor has more rows than columns")
def tall_factor(A: KhatriRao) -> bool:
    return any(F.shape[0] > F.shape[1] for F in A.factors)


@guard("a factor has more columns than rows")
def wide_factor(A: FaceSplitting) -> bool:
    return any(F.shape[0] < F.shape[1] for F in A.factors)


@qr.rule(KhatriRao, when=tall_factor, says="A ⊙ B = (Q_A ⊗ Q_B)(R_A ⊙ R_B), and Q R of that")
def by_factors(A: KhatriRao) -> QRResult:
    """Return Q R of A: factor by factor, so that what is decomposed has at most k² rows for k columns."""
    Q, R = qr(A.factors[0])
    for F in A.factors[1:]:
        Q_next, R_next = qr(F)
        shape = (R.shape[0] * R_next.shape[0], A.shape[1])
        require_bytes(shape, itemsize(A.dtype), MAX_BYTES, "the triangle of A ⊙ B", "there are too many columns for it")
        inner, R = qr(aslinearoperator(columnwise([to_dense(R), to_dense(R_next)])))
        Q = matmul(kron(Q, Q_next), inner)
    return QRResult(Q, R)


@svd.rule(KhatriRao, when=tall_factor, says="A ⊙ B = Q R = (Q U) Σ Vᴴ for R = U Σ Vᴴ")
def _(A: KhatriRao) -> SVDResult:
    Q, R = by_factors(A)
    U, S, Vh = svd(R)
    return SVDResult(matmul(Q, U), S, Vh)


@svd.rule(FaceSplitting, when=wide_factor, says="(A • B)ᵀ = Aᵀ ⊙ Bᵀ = U Σ Vᴴ")
def _(A: FaceSplitting) -> SVDResult:
    U, S, Vh = svd(transpose(A))
    return SVDResult(transpose(Vh), S, transpose(U))


@svdvals.rule(KhatriRao, when=tall_factor, says="σ(A ⊙ B) = σ(R)")
@svdvals.rule(FaceSplitting, when=wide_factor, says="σ(A • B) = σ(Aᵀ ⊙ Bᵀ)")
def _(A: LinearOperator) -> Array:
    return svd(A).S


@norm.rule(KhatriRao, says="‖A ⊙ B‖_F² = Σᵣ ‖aᵣ‖² ‖bᵣ‖², ‖A ⊙ B‖₁ = maxᵣ ‖aᵣ‖₁ ‖bᵣ‖₁", cite="KoldaBader2009")
def _(A: KhatriRao, ord: Any) -> Any:
    if 0 in A.shape or ord not in ("fro", 1, -1):
        return norm_by_values(A, ord)
    xp = A.spec.xp or np
    arrays = (astype(to_dense(F), inexact(A.dtype, A.spec.xp)) for F in A.factors)
    lengths = (xp.linalg.vector_norm(a, axis=0, ord=2 if ord == "fro" else 1) for a in arrays)
    columns = functools.reduce(lambda u, v: u * v, lengths)
    if ord == "fro":
        return xp.linalg.vector_norm(columns)
    return xp.max(columns) if ord == 1 else xp.min(columns)


@norm.rule(FaceSplitting, says="‖A • B‖ = ‖Aᵀ ⊙ Bᵀ‖, with row and column sums exchanged")
def _(A: FaceSplitting, ord: Any) -> Any:
    return norm(transpose(A), {1: np.inf, -1: -np.inf, np.inf: 1, -np.inf: -1}.get(ord, ord))
