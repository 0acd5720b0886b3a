"""Triangles of operators, and what follows where an operator is known to be triangular."""

import functools

from otimes.core.algebra import add, scale
from otimes.core.array import Array, astype, inexact
from otimes.core.operator import LinearOperator
from otimes.core.rules import guard
from otimes.core.values import formed, sign_and_log
from otimes.functions.diagonal import diagonal
from otimes.functions.eigvals import eigvals
from otimes.functions.slogdet import SlogdetResult, slogdet
from otimes.functions.tril import tril
from otimes.functions.triu import triu
from otimes.operators.blocks.block_diagonal import BlockDiagonal, square_blocks
from otimes.operators.construct import diag
from otimes.operators.kronecker.kronecker import Kronecker, kron, square_factors
from otimes.operators.kronecker.kronecker_sum import KroneckerSum
from otimes.operators.scalar_multiple import ScalarMultiple
from otimes.operators.sum import Sum


@guard("A is square, known to be triangular, and diagonal has a rule for it or its entries are held")
def triangular_by_rule(A: LinearOperator) -> bool:
    known = A.facts.lower_triangular or A.facts.upper_triangular
    return bool(A.square and known and (A.formed or diagonal.select(A) is not None))


def _inexact_diagonal(A: LinearOperator) -> Array:
    return astype(formed(diagonal(A)), inexact(A.dtype, A.spec.xp))


@slogdet.rule(LinearOperator, when=triangular_by_rule, says="det L = Π Lᵢᵢ", cite="GolubVanLoan2013")
def _(A: LinearOperator) -> SlogdetResult:
    return SlogdetResult(*sign_and_log(_inexact_diagonal(A)))


@eigvals.rule(LinearOperator, when=triangular_by_rule, says="λ(L) = {Lᵢᵢ}", cite="GolubVanLoan2013")
def _(A: LinearOperator) -> Array:
    return _inexact_diagonal(A)


@tril.rule(Kronecker, when=square_factors, says="tril(A ⊗ B) = tril(A, −1) ⊗ B + diag(A) ⊗ tril(B)")
def _(K: Kronecker, k: int) -> LinearOperator:
    first, *rest = K.factors
    if not rest:
        return tril(first, k)
    if k not in (0, -1):
        return tril.fallback(K, k=k)
    return add(kron(tril(first, -1), *rest), kron(diag(diagonal(first)), tril(kron(*rest), k)))


@triu.rule(Kronecker, when=square_factors, says="triu(A ⊗ B) = triu(A, 1) ⊗ B + diag(A) ⊗ triu(B)")
def _(K: Kronecker, k: int) -> LinearOperator:
    first, *rest = K.factors
    if not rest:
        return triu(first, k)
    if k not in (0, 1):
        return triu.fallback(K, k=k)
    return add(kron(triu(first, 1), *rest), kron(diag(diagonal(first)), triu(kron(*rest), k)))


@tril.rule(KroneckerSum, says="tril(A ⊕ B) = tril(A) ⊕ tril(B)")
def _(A: KroneckerSum, k: int) -> LinearOperator:
    return KroneckerSum(*(tril(F, k) for F in A.factors)) if k in (0, -1) else tril.fallback(A, k=k)


@triu.rule(KroneckerSum, says="triu(A ⊕ B) = triu(A) ⊕ triu(B)")
def _(A: KroneckerSum, k: int) -> LinearOperator:
    return KroneckerSum(*(triu(F, k) for F in A.factors)) if k in (0, 1) else triu.fallback(A, k=k)


@tril.rule(BlockDiagonal, when=square_blocks, says="tril(diag(A, B)) = diag(tril(A), tril(B))")
def _(A: BlockDiagonal, k: int) -> LinearOperator:
    return BlockDiagonal(*(tril(B, k) for B in A.blocks))


@triu.rule(BlockDiagonal, when=square_blocks, says="triu(diag(A, B)) = diag(triu(A), triu(B))")
def _(A: BlockDiagonal, k: int) -> LinearOperator:
    return BlockDiagonal(*(triu(B, k) for B in A.blocks))


@tril.rule(ScalarMultiple, says="tril(c A) = c tril(A)")
def _(A: ScalarMultiple, k: int) -> LinearOperator:
    return scale(tril(A.operator, k), A.scalar)


@triu.rule(ScalarMultiple, says="triu(c A) = c triu(A)")
def _(A: ScalarMultiple, k: int) -> LinearOperator:
    return scale(triu(A.operator, k), A.scalar)


@tril.rule(Sum, says="tril(A + B) = tril(A) + tril(B)")
def _(A: Sum, k: int) -> LinearOperator:
    return functools.reduce(add, (tril(term, k) for term in A.terms))


@triu.rule(Sum, says="triu(A + B) = triu(A) + triu(B)")
def _(A: Sum, k: int) -> LinearOperator:
    return functools.reduce(add, (triu(term, k) for term in A.terms))
