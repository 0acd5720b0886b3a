"""The decompositions of a block diagonal operator are those of its blocks; norms and ranks follow."""

import math
from typing import Any

import numpy as np

from otimes.core.algebra import with_known
from otimes.core.array import Array, as_float, namespace, ones, scaled_vector, spec_of, zeros
from otimes.core.facts import Facts
from otimes.core.operator import LinearOperator
from otimes.core.values import concatenated, smallest
from otimes.functions.cholesky import cholesky
from otimes.functions.eig import EigResult, eig
from otimes.functions.eigh import eigh
from otimes.functions.eigvals import eigvals
from otimes.functions.eigvalsh import eigvalsh
from otimes.functions.lstsq import lstsq
from otimes.functions.lu import LUResult, lu
from otimes.functions.norm import norm
from otimes.functions.pinv import pinv
from otimes.functions.qr import QRResult, qr
from otimes.functions.svd import SVDResult, svd
from otimes.functions.svdvals import svdvals
from otimes.operators.blocks.block_diagonal import BlockDiagonal, cut, square_blocks
from otimes.operators.kronecker.kronecker import each
from otimes.operators.zero import Zero


def _of_blocks(function: Any, A: BlockDiagonal) -> list:
    """Return the function of every block; errors name the block's position."""
    return each(function, A.blocks, what="block")


@cholesky.rule(BlockDiagonal, when=square_blocks, says="diag(A, B) = diag(L_A, L_B) diag(L_A, L_B)ᴴ")
def _(A: BlockDiagonal) -> LinearOperator:
    return BlockDiagonal(*_of_blocks(cholesky, A))


@qr.rule(BlockDiagonal, says="diag(A, B) = diag(Q_A, Q_B) diag(R_A, R_B)")
def _(A: BlockDiagonal) -> QRResult:
    Q, R = zip(*_of_blocks(qr, A), strict=True)
    return QRResult(BlockDiagonal(*Q), with_known(BlockDiagonal(*R), Facts(upper_triangular=True)))


@lu.rule(BlockDiagonal, says="diag(A, B) = diag(P_A, P_B) diag(L_A, L_B) diag(U_A, U_B)")
def _(A: BlockDiagonal) -> LUResult:
    P, L, U = zip(*_of_blocks(lu, A), strict=True)
    return LUResult(
        BlockDiagonal(*P),
        with_known(BlockDiagonal(*L), Facts(lower_triangular=True)),
        with_known(BlockDiagonal(*U), Facts(upper_triangular=True)),
    )


@eig.rule(BlockDiagonal, when=square_blocks, says="diag(A, B) diag(V_A, V_B) = diag(V_A, V_B) diag(λ_A, λ_B)")
def _(A: BlockDiagonal) -> EigResult:
    values, vectors = zip(*_of_blocks(eig, A), strict=True)
    return EigResult(concatenated(values), BlockDiagonal(*vectors))


@eigh.rule(BlockDiagonal, when=square_blocks, says="diag(A, B) = diag(Q_A, Q_B) diag(λ_A, λ_B) diag(Q_A, Q_B)ᴴ")
def _(A: BlockDiagonal) -> EigResult:
    values, vectors = zip(*_of_blocks(eigh, A), strict=True)
    return EigResult(concatenated(values), BlockDiagonal(*vectors))


@eigvals.rule(BlockDiagonal, when=square_blocks, says="λ(diag(A, B)) = λ(A) ∪ λ(B)")
def _(A: BlockDiagonal) -> Any:
    return concatenated(_of_blocks(eigvals, A))


@eigvalsh.rule(BlockDiagonal, when=square_blocks, says="λ(diag(A, B)) = λ(A) ∪ λ(B)")
def _(A: BlockDiagonal) -> Any:
    return concatenated(_of_blocks(eigvalsh, A))


@svd.rule(BlockDiagonal, says="diag(A, B) = diag(U_A, U_B) diag(Σ_A, Σ_B) diag(V_A, V_B)ᴴ")
def _(A: BlockDiagonal) -> SVDResult:
    U, S, Vh = zip(*_of_blocks(svd, A), strict=True)
    return SVDResult(BlockDiagonal(*U), concatenated(S), BlockDiagonal(*Vh))


@svdvals.rule(BlockDiagonal, says="σ(diag(A, B)) = σ(A) ∪ σ(B), and zeros up to min(m, n)")
def _(A: BlockDiagonal) -> Any:
    values = _of_blocks(svdvals, A)
    missing = min(A.shape) - sum(part.shape[0] for part in values)
    return concatenated([*values, scaled_vector(ones(missing, A.spec), 0)] if missing else values)


@norm.rule(BlockDiagonal, says="‖diag(A, B)‖ = max(‖A‖, ‖B‖), √(‖A‖² + ‖B‖²) (Frobenius), ‖A‖ + ‖B‖ (nuclear)")
def _(A: BlockDiagonal, ord: Any) -> Any:
    if 0 in A.shape:
        return 0.0
    if ord == -2:
        return smallest(svdvals(A))
    axis = {-1: 1, -math.inf: 0}.get(ord)  # the smallest sum is over columns or rows, of which a block may have none
    values = [norm(B, ord) for B in A.blocks if axis is None or B.shape[axis]]
    if ord == "nuc":
        return sum(values)
    if ord == "fro":
        return frobenius(values)
    return max(values) if ord > 0 else min(values)


def frobenius(norms: list) -> Any:
    """Return √(Σ normᵢ²), without overflow on the way for plain numbers."""
    if any(hasattr(value, "ndim") and not isinstance(value, np.generic) for value in norms):
        return sum(value**2 for value in norms) ** 0.5
    return type(norms[0])(math.hypot(*norms))


def _cuts(A: BlockDiagonal, rtol: float) -> list[float]:
    """Return, for each block, the cut that is rtol of the whole: relative to its own largest singular value."""
    tops = [as_float(norm(B, 2)) for B in A.blocks]
    return [rtol * max(tops) / top if top else 1.0 for top in tops]


@pinv.rule(BlockDiagonal, says="diag(A, B)⁺ = diag(A⁺, B⁺), cut relative to the largest singular value of all")
def _(A: BlockDiagonal, rtol: float) -> LinearOperator:
    pairs = zip(A.blocks, _cuts(A, rtol), strict=True)
    return BlockDiagonal(*(pinv(B, rtol=c) if c < 1 else pinv(Zero(B.shape, A.spec)) for B, c in pairs))


@lstsq.rule(BlockDiagonal, says="(A⁺ X, B⁺ Y), cut relative to the largest singular value of all")
def _(A: BlockDiagonal, B: Array, rtol: float) -> tuple[Array, Any]:
    blocks = zip(A.blocks, cut(B, A.row_sizes), _cuts(A, rtol), strict=True)
    X, values = zip(*(_least_squares(*block) for block in blocks), strict=True)
    return namespace(B).concat(X), concatenated(values)


def _least_squares(A: LinearOperator, B: Array, rtol: float) -> tuple[Array, Any]:
    """Return the solution of least norm and the singular values, where a cut of 1 or more leaves nothing."""
    if rtol < 1:
        return lstsq.dispatch(A, B=B, rtol=rtol)
    return zeros((A.shape[1], B.shape[1]), spec_of(B)), svdvals(A)
