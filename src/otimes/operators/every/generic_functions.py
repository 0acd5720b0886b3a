"""Functions of any operator: by its eigenvectors, where those have a rule, or by products alone."""

from collections.abc import Callable
from typing import Any

from otimes.core.algebra import matmul, scale, with_known
from otimes.core.array import Array, is_array, namespace
from otimes.core.branches import logarithm, power, root, rounded
from otimes.core.checks import shape_text
from otimes.core.facts import Facts
from otimes.core.operator import LinearOperator
from otimes.core.rules import Guard
from otimes.core.taylor import exponential_action
from otimes.core.values import formed
from otimes.functions.eig import eig
from otimes.functions.eigh import eigh
from otimes.functions.expm import expm
from otimes.functions.expm_multiply import expm_multiply
from otimes.functions.fractional_matrix_power import fractional_matrix_power
from otimes.functions.funm import funm, mapped
from otimes.functions.inv import inv
from otimes.functions.logm import logm
from otimes.functions.matrix_power import matrix_power
from otimes.functions.schur import SchurResult, schur
from otimes.functions.sqrtm import sqrtm
from otimes.operators.diagonal import Diagonal
from otimes.operators.every.generic import has_rule
from otimes.operators.identity import Identity
from otimes.operators.kronecker.kronecker import Kronecker, square_factors
from otimes.operators.kronecker.kronecker_sum import KroneckerSum
from otimes.operators.scalar_multiple import ScalarMultiple, real_scalar

hermitian = Guard(
    "A is known to be Hermitian, and eigh has a rule for it or its entries are held",
    lambda A: bool(A.facts.hermitian) and (A.formed or eigh.select(A) is not None),
)


def by_eigenvectors(A: LinearOperator, f: Callable[[Array], Array]) -> LinearOperator:
    """Return Q f(Λ) Qᴴ for Hermitian A, Hermitian where f(Λ) is real."""
    values, Q = eigh(A)
    middle = Diagonal(f(formed(values)))
    result = matmul(matmul(Q, middle), Q.H)
    return with_known(result, Facts(hermitian=True)) if middle.real else result


def _name(A: LinearOperator) -> str:
    return f"{type(A).__name__} {shape_text(A.shape)}"


@expm.rule(LinearOperator, when=hermitian, says="exp(Q Λ Qᴴ) = Q exp(Λ) Qᴴ", cite="Higham2008")
def _(A: LinearOperator) -> LinearOperator:
    return by_eigenvectors(A, exponential)


def exponential(values: Array) -> Array:
    """Return eᵛ entry by entry."""
    return namespace(values).exp(values)


multiple_of_hermitian = Guard(
    "it is c A, with c no real number, A known to be Hermitian and no Kronecker sum, and eigh has a rule for A",
    lambda A: (
        not real_scalar(A)
        and bool(A.operator.facts.hermitian)
        and not isinstance(A.operator, KroneckerSum)
        and (A.operator.formed or eigh.select(A.operator) is not None)
    ),
)


@expm.rule(ScalarMultiple, when=multiple_of_hermitian, says="exp(c Q Λ Qᴴ) = Q exp(c Λ) Qᴴ", cite="Higham2008")
def _(A: ScalarMultiple) -> LinearOperator:
    values, Q = eigh(A.operator)
    result = matmul(matmul(Q, Diagonal(exponential(A.scalar * formed(values)))), Q.H)
    rotation = not is_array(A.scalar) and A.scalar.real == 0
    return with_known(result, Facts(unitary=True)) if rotation else result


@sqrtm.rule(LinearOperator, when=hermitian, says="√(Q Λ Qᴴ) = Q √Λ Qᴴ", cite="Higham2008")
def _(A: LinearOperator) -> LinearOperator:
    return by_eigenvectors(A, lambda values: root(rounded(values, A)))


@logm.rule(LinearOperator, when=hermitian, says="log(Q Λ Qᴴ) = Q log(Λ) Qᴴ", cite="Higham2008")
def _(A: LinearOperator) -> LinearOperator:
    return by_eigenvectors(A, lambda values: logarithm(rounded(values, A), _name(A)))


@fractional_matrix_power.rule(LinearOperator, when=hermitian, says="(Q Λ Qᴴ)ᵖ = Q Λᵖ Qᴴ", cite="Higham2008")
def _(A: LinearOperator, p: float) -> LinearOperator:
    return by_eigenvectors(A, lambda values: power(rounded(values, A), p, _name(A)))


@funm.rule(LinearOperator, when=hermitian, says="f(Q Λ Qᴴ) = Q f(Λ) Qᴴ", cite="Higham2008")
def _(A: LinearOperator, f: Callable[[Any], Any]) -> LinearOperator:
    return by_eigenvectors(A, lambda values: mapped(f, values))


@funm.rule(LinearOperator, when=has_rule(eig) & ~hermitian, says="f(V Λ V⁻¹) = V f(Λ) V⁻¹", cite="Higham2008")
def _(A: LinearOperator, f: Callable[[Any], Any]) -> LinearOperator:
    values, V = eig(A)
    return matmul(matmul(V, Diagonal(mapped(f, formed(values)))), inv(V))


@schur.rule(LinearOperator, when=hermitian, says="Q Λ Qᴴ is a Schur decomposition", cite="GolubVanLoan2013")
def _(A: LinearOperator) -> SchurResult:
    values, Q = eigh(A)
    return SchurResult(Diagonal(formed(values)), Q)


no_product = Guard(
    "it is no Kronecker product of square operators",
    lambda A: not (isinstance(A, Kronecker) and square_factors(A)),
)


@matrix_power.rule(LinearOperator, when=no_product, says="Aᵖ = A A ⋯ A by squaring, A⁻ᵖ = (A⁻¹)ᵖ")
def _(A: LinearOperator, p: int) -> LinearOperator:
    if p < 0:
        return matrix_power(inv(A), -p)
    result = Identity(A.shape[0], A.spec)
    for bit in f"{p:b}":
        squared = matmul(result, result)
        result = matmul(squared, A) if bit == "1" else squared
    return result


@expm_multiply.rule(LinearOperator, when=has_rule(expm), says="exp(t A) B by exp(t A)", cite="Higham2008")
def _(A: LinearOperator, B: Array, t: Any) -> Array:
    return expm(scale(A, t)) @ B


only_products = Guard(
    "A is not held as an array, and expm has no rule for it",
    lambda A: not A.formed and expm.select(A) is None,
)


@expm_multiply.rule(LinearOperator, when=only_products, says="exp(t A) B = Σ (t A)ᵏ B / k!", cite="AlMohyHigham2011")
def _(A: LinearOperator, B: Array, t: Any) -> Array:
    return exponential_action(A._matmat, B, t) if 0 not in B.shape else t * A._matmat(B)
