"""LowRankUpdate: A + U C Vᴴ of an A that is solved easily, and the page of its identities.

With Y = A⁻¹ U all is in the small matrix M = I + Vᴴ Y C, which needs no inverse of C.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from otimes.core.algebra import add, adjoint, conj, matmul, scale, to_dense, transpose
from otimes.core.array import ANY, Array
from otimes.core.facts import of_sum
from otimes.core.indexing import entries, submatrix
from otimes.core.operator import LinearOperator, gathered
from otimes.core.rules import Function, guard
from otimes.core.values import formed
from otimes.functions.diagonal import diagonal
from otimes.functions.inv import inv
from otimes.functions.slogdet import SlogdetResult, slogdet
from otimes.functions.solve import solve
from otimes.functions.trace import trace
from otimes.operators.blocks.elimination import first_of, refined, remainder, solved
from otimes.operators.identity import Identity
from otimes.operators.low_rank.low_rank import LowRank
from otimes.operators.zero import Zero


class LowRankUpdate(LinearOperator):
    """A + U C Vᴴ: a covariance with a few more features, an operator with a few changed rows or columns."""

    operator: LinearOperator
    update: LowRank

    def __init__(self, operator: LinearOperator, update: LowRank):
        facts = of_sum([operator.facts, update.facts])
        (operator, update), spec = gathered((operator, update), "term")  # type: ignore[assignment]
        super().__init__(operator.shape, spec, facts, operator=operator, update=update)

    @property
    def children(self) -> tuple[LinearOperator, ...]:
        """A and U C Vᴴ."""
        return self.operator, self.update

    def _rebuilt(self, children: tuple[LinearOperator, ...]) -> "LowRankUpdate":
        return LowRankUpdate(*children)  # type: ignore[arg-type]

    def _matmat(self, X: Array) -> Array:
        return self.operator._matmat(X) + self.update._matmat(X)


@guard("the other term is square and not zero")
def left_is_updated(A: LinearOperator, B: LinearOperator) -> bool:
    return A.square and not isinstance(A, Zero)


@guard("the other term is square and not zero")
def right_is_updated(A: LinearOperator, B: LinearOperator) -> bool:
    return left_is_updated(B, A)


@add.rule(LinearOperator, LowRank, when=left_is_updated, says="A + U C Vᴴ")
def _(A: LinearOperator, L: LowRank) -> LinearOperator:
    return LowRankUpdate(A, L)


@add.rule(LowRank, LinearOperator, when=right_is_updated, says="U C Vᴴ + A = A + U C Vᴴ")
def _(L: LowRank, A: LinearOperator) -> LinearOperator:
    return LowRankUpdate(A, L)


@add.rule(LowRankUpdate, LowRank, says="(A + L) + M = A + (L + M)")
def _(A: LowRankUpdate, L: LowRank) -> LinearOperator:
    return LowRankUpdate(A.operator, add(A.update, L))


@add.rule(LowRank, LowRankUpdate, says="L + (A + M) = A + (L + M)")
def _(L: LowRank, A: LowRankUpdate) -> LinearOperator:
    return LowRankUpdate(A.operator, add(L, A.update))


@add.rule(LowRankUpdate, LowRankUpdate, says="(A + L) + (B + M) = (A + B) + (L + M)")
def _(A: LowRankUpdate, B: LowRankUpdate) -> LinearOperator:
    return LowRankUpdate(add(A.operator, B.operator), add(A.update, B.update))


@add.rule(LowRankUpdate, LinearOperator, says="(A + L) + B = (A + B) + L")
def _(A: LowRankUpdate, B: LinearOperator) -> LinearOperator:
    return LowRankUpdate(add(A.operator, B), A.update)


@add.rule(LinearOperator, LowRankUpdate, says="A + (B + L) = (A + B) + L")
def _(A: LinearOperator, B: LowRankUpdate) -> LinearOperator:
    return LowRankUpdate(add(A, B.operator), B.update)


@scale.rule(LowRankUpdate, says="c (A + L) = c A + c L")
def _(A: LowRankUpdate, c: Any) -> LinearOperator:
    return LowRankUpdate(scale(A.operator, c), scale(A.update, c))


@to_dense.rule(LowRankUpdate, says="A + U C Vᴴ, multiplied out")
def _(A: LowRankUpdate) -> Array:
    return to_dense(A.operator, max_bytes=None) + to_dense(A.update, max_bytes=None)


@transpose.rule(LowRankUpdate, says="(A + L)ᵀ = Aᵀ + Lᵀ")
def _(A: LowRankUpdate) -> LinearOperator:
    return LowRankUpdate(transpose(A.operator), transpose(A.update))


@conj.rule(LowRankUpdate, says="conj(A + L) = conj(A) + conj(L)")
def _(A: LowRankUpdate) -> LinearOperator:
    return LowRankUpdate(conj(A.operator), conj(A.update))


@trace.rule(LowRankUpdate, says="tr(A + L) = tr(A) + tr(L)")
def _(A: LowRankUpdate) -> Any:
    return trace(A.operator) + trace(A.update)


@diagonal.rule(LowRankUpdate, says="diag(A + L) = diag(A) + diag(L)")
def _(A: LowRankUpdate) -> Array:
    return formed(diagonal(A.operator)) + diagonal(A.update)


@entries.rule(LowRankUpdate, says="(A + L)ᵢⱼ = Aᵢⱼ + Lᵢⱼ")
def _(A: LowRankUpdate, rows: np.ndarray, columns: np.ndarray) -> Array:
    return entries(A.operator, rows, columns) + entries(A.update, rows, columns)


@submatrix.rule(LowRankUpdate, says="(A + L)[r, c] = A[r, c] + L[r, c]")
def _(A: LowRankUpdate, rows: Any, columns: Any) -> LinearOperator:
    return add(submatrix(A.operator, rows, columns), submatrix(A.update, rows, columns))


@guard("solve has a rule for A, or its entries are held")
def base_is_solved(K: LowRankUpdate) -> bool:
    return K.operator.formed or solve.select(K.operator) is not None


def _updated(function: Function, K: LowRankUpdate, use: Callable[[Any, Any], Any], **options: Any) -> Any:
    """Return `use` of Y and M; K is formed, if small, where A is singular and the sum may be regular."""

    def way() -> Any:
        L = K.update
        Y = solved(K.operator, L.left)
        n = L.core.shape[1]
        M = add(Identity(n, ANY), matmul(matmul(adjoint(L.right), Y), L.core))
        return use(Y, remainder(M, K, lambda: n**0.5))

    return first_of([way], function, K, **options)


@solve.rule(LowRankUpdate, when=base_is_solved, says="x = y − Y C M⁻¹ Vᴴ y for y = A⁻¹ b", cite="Hager1989")
def _(K: LowRankUpdate, B: Array) -> Array:
    C, V = K.update.core, K.update.right

    def use(Y: LinearOperator, M: LinearOperator) -> Array:
        def once(b: Array) -> Array:
            y = solve(K.operator, b)
            return y - Y @ (C @ solve(M, V.H @ y))

        return refined(once, K, B)

    return _updated(solve, K, use, B=B)


@slogdet.rule(LowRankUpdate, when=base_is_solved, says="det(A + U C Vᴴ) = det(A) det(I + Vᴴ A⁻¹ U C)", cite="Hager1989")
def _(K: LowRankUpdate) -> SlogdetResult:
    def use(Y: LinearOperator, M: LinearOperator) -> SlogdetResult:
        (sign, log), (other, more) = slogdet(K.operator), slogdet(M)
        return SlogdetResult(sign * other, log + more)

    return _updated(slogdet, K, use)


@inv.rule(LowRankUpdate, when=base_is_solved, says="(A + U C Vᴴ)⁻¹ = A⁻¹ − Y (C M⁻¹)(A⁻ᴴ V)ᴴ", cite="Hager1989")
def _(K: LowRankUpdate) -> LinearOperator:
    A, L = K.operator, K.update

    def use(Y: LinearOperator, M: LinearOperator) -> LinearOperator:
        symmetric = L.left is L.right and A.facts.hermitian
        Z = Y if symmetric else solved(adjoint(A), L.right)
        return LowRankUpdate(inv(A), LowRank(Y, scale(matmul(L.core, inv(M)), -1), Z))

    return _updated(inv, K, use)
