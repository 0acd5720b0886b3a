"""The decompositions of U C Vᴴ, and what follows from them.

With U = Q R and V = P S it is Q M Pᴴ for the small M = R C Sᴴ, whose norms and singular values it shares.
"""

import math
from typing import Any

from otimes.core.algebra import adjoint, matmul
from otimes.core.array import Array, ones, scaled_vector
from otimes.core.checks import shape_text
from otimes.core.concatenation import ConcatenatedVector
from otimes.core.operator import LinearOperator
from otimes.core.rules import guard
from otimes.core.values import smallest
from otimes.errors import SingularError
from otimes.functions.eigvals import eigvals
from otimes.functions.eigvalsh import eigvalsh
from otimes.functions.inv import inv
from otimes.functions.norm import norm
from otimes.functions.qr import qr
from otimes.functions.slogdet import SlogdetResult, slogdet
from otimes.functions.solve import solve
from otimes.functions.svd import SVDResult, svd
from otimes.functions.svdvals import svdvals
from otimes.operators.low_rank.low_rank import LowRank


@guard("A is U C Uᴴ of a C known to be Hermitian")
def hermitian_form(L: LowRank) -> bool:
    return L.left is L.right and bool(L.core.facts.hermitian)


@guard("A is square, and U has no more columns than rows")
def thin(L: LowRank) -> bool:
    return L.square and L.left.shape[1] <= L.shape[0]


@guard("A is square, and its factors have fewer columns than rows")
def deficient(L: LowRank) -> bool:
    return L.square and L.rank < L.shape[0]


def _orthogonal(L: LowRank) -> tuple[LinearOperator, LinearOperator, LinearOperator]:
    """Return Q, M, P of U C Vᴴ = Q M Pᴴ, Q and P with orthonormal columns."""
    Q, R = qr(L.left)
    P, S = (Q, R) if L.left is L.right else qr(L.right)
    return Q, matmul(matmul(R, L.core), adjoint(S)), P


@svd.rule(LowRank, says="Q M Pᴴ = (Q W) Σ (P Z)ᴴ for M = W Σ Zᴴ", cite="GolubVanLoan2013")
def _(L: LowRank) -> SVDResult:
    Q, M, P = _orthogonal(L)
    W, values, Zh = svd(M)
    return SVDResult(matmul(Q, W), values, matmul(Zh, adjoint(P)))


def _padded(values: Any, L: LowRank) -> Any:
    """Return the values, and lazy zeros up to min(m, n)."""
    missing = min(L.shape) - values.shape[0]
    return ConcatenatedVector(values, scaled_vector(ones(missing, L.spec), 0)) if missing else values


@svdvals.rule(LowRank, says="σ(Q M Pᴴ) = σ(M), and zeros up to min(m, n)", cite="GolubVanLoan2013")
def _(L: LowRank) -> Any:
    return _padded(svdvals(_orthogonal(L)[1]), L)


@eigvalsh.rule(LowRank, when=hermitian_form, says="λ(Q M Qᴴ) = λ(M), and zeros", cite="GolubVanLoan2013")
def _(L: LowRank) -> Any:
    return _padded(eigvalsh(_orthogonal(L)[1]), L)


@eigvals.rule(LowRank, when=thin, says="λ(U C Vᴴ) = λ(C Vᴴ U), and zeros", cite="HornJohnson1991")
def _(L: LowRank) -> Any:
    return _padded(eigvals(matmul(L.core, matmul(adjoint(L.right), L.left))), L)


@norm.rule(LowRank, says="‖Q M Pᴴ‖ = ‖M‖ (Frobenius, nuclear, 2)", cite="GolubVanLoan2013")
def _(L: LowRank, ord: Any) -> Any:
    if 0 in L.shape:
        return 0.0
    if ord == -2:
        return smallest(svdvals(L))
    return norm(_orthogonal(L)[1], ord) if ord in ("fro", "nuc", 2) else norm.fallback(L, ord=ord)


@slogdet.rule(LowRank, when=deficient, says="det(U C Vᴴ) = 0, since its rank is less than n")
def _(L: LowRank) -> SlogdetResult:
    return SlogdetResult(0.0, -math.inf)


@inv.rule(LowRank, when=deficient, says="rank(U C Vᴴ) < n: no inverse")
def _(L: LowRank) -> LinearOperator:
    raise _singular(L)


@solve.rule(LowRank, when=deficient, says="rank(U C Vᴴ) < n: no solution")
def _(L: LowRank, B: Array) -> Array:
    raise _singular(L)


def _singular(L: LowRank) -> SingularError:
    return SingularError(
        f"the {shape_text(L.shape)} operator of rank at most {L.rank} is singular; pinv and lstsq take it, and "
        "A + U C Vᴴ is solved as an update of A"
    )
