"""Transposed: Aᵀ for an operator that multiplies from both sides."""

from typing import Any

import numpy as np

from otimes.core.algebra import conj, to_dense, transpose
from otimes.core.array import Array
from otimes.core.indexing import entries
from otimes.core.operator import LinearOperator
from otimes.functions.diagonal import diagonal
from otimes.functions.norm import norm
from otimes.functions.pinv import pinv
from otimes.functions.svd import SVDResult, svd
from otimes.functions.svdvals import svdvals


class Transposed(LinearOperator):
    """Aᵀ of an operator A that says how it multiplies from the right, by `_rmatmat`; `A.T` makes it."""

    operator: Any  # a LinearOperator with `_rmatmat`

    def __init__(self, operator: LinearOperator):
        super().__init__(operator.shape[::-1], operator.spec, operator.facts.transposed(), operator=operator)

    @property
    def children(self) -> tuple[LinearOperator, ...]:
        """The operator that is transposed."""
        return (self.operator,)

    def _rebuilt(self, children: tuple[LinearOperator, ...]) -> "Transposed":
        return Transposed(*children)

    def _matmat(self, X: Array) -> Array:
        return self.operator._rmatmat(X)


@transpose.rule(Transposed, says="(Aᵀ)ᵀ = A")
def _(A: Transposed) -> LinearOperator:
    return A.operator


@conj.rule(Transposed, says="conj(Aᵀ) = conj(A)ᵀ")
def _(A: Transposed) -> LinearOperator:
    return transpose(conj(A.operator))


@to_dense.rule(Transposed, says="(Aᵀ)ᵢⱼ = Aⱼᵢ")
def _(A: Transposed) -> Array:
    return to_dense(A.operator, max_bytes=None).T


@entries.rule(Transposed, says="(Aᵀ)ᵢⱼ = Aⱼᵢ")
def _(A: Transposed, rows: np.ndarray, columns: np.ndarray) -> Array:
    return entries(A.operator, columns, rows)


@diagonal.rule(Transposed, says="diag(Aᵀ) = diag(A)")
def _(A: Transposed) -> Any:
    return diagonal(A.operator)


@pinv.rule(Transposed, says="(Aᵀ)⁺ = (A⁺)ᵀ")
def _(A: Transposed, rtol: float) -> LinearOperator:
    return transpose(pinv(A.operator, rtol=rtol))


@svd.rule(Transposed, says="Aᵀ = conj(V) Σ Uᵀ")
def _(A: Transposed) -> SVDResult:
    U, S, Vh = svd(A.operator)
    return SVDResult(transpose(Vh), S, transpose(U))


@svdvals.rule(Transposed, says="σ(Aᵀ) = σ(A)")
def _(A: Transposed) -> Any:
    return svdvals(A.operator)


@norm.rule(Transposed, says="‖Aᵀ‖ = ‖A‖, with row and column sums exchanged")
def _(A: Transposed, ord: Any) -> Any:
    exchanged = {1: float("inf"), -1: -float("inf"), float("inf"): 1, -float("inf"): -1}
    return norm(A.operator, exchanged.get(ord, ord))
