"""Functions of A ⊗ B: powers, roots and logarithms, which distribute under conditions, and the Schur form."""

import math

import numpy as np

from otimes.core.algebra import to_dense
from otimes.core.array import is_integral
from otimes.core.operator import LinearOperator
from otimes.core.rules import guard
from otimes.functions.fractional_matrix_power import fractional_matrix_power
from otimes.functions.inv import inv
from otimes.functions.logm import logm
from otimes.functions.matrix_power import matrix_power
from otimes.functions.schur import SchurResult, schur
from otimes.functions.sqrtm import sqrtm
from otimes.operators.dense import Dense
from otimes.operators.kronecker.kronecker import Kronecker, each, kron, square_factors
from otimes.operators.kronecker.kronsum import kronsum


@guard("every factor is known to be positive semidefinite")
def semidefinite_factors(K: Kronecker) -> bool:
    return all(F.facts.positive_semidefinite for F in K.factors)


@guard("every factor is known to be positive definite")
def definite_factors(K: Kronecker) -> bool:
    return all(F.facts.positive_definite for F in K.factors)


@matrix_power.rule(Kronecker, when=square_factors, says="(A ⊗ B)ᵖ = Aᵖ ⊗ Bᵖ for integer p", cite="VanLoan2000")
def _(K: Kronecker, p: int) -> LinearOperator:
    if p < 0:
        return matrix_power(inv(K), -p)
    return kron(*each(matrix_power, _balanced(K, p), p))


def _balanced(K: Kronecker, p: int) -> tuple[LinearOperator, ...]:
    """Return the factors, NumPy arrays at one scale if the power of one alone would overflow."""
    if K.spec.xp is not np or is_integral(K.dtype) or not all(F.formed for F in K.factors):
        return K.factors
    arrays = [to_dense(F) for F in K.factors]
    exponents = [math.frexp(abs(a).max(initial=0))[1] for a in arrays]
    if max(map(abs, exponents)) * p < SAFE_EXPONENT:
        return K.factors
    mean, rest = divmod(sum(exponents), len(exponents))
    shifts = [mean - e for e in exponents]
    shifts[0] += rest
    halves = [(2.0 ** (shift // 2), 2.0 ** (shift - shift // 2)) for shift in shifts]  # whose product may overflow
    return tuple(Dense(a * u * v, F.facts) for a, (u, v), F in zip(arrays, halves, K.factors, strict=True))


SAFE_EXPONENT = 100  # of two, within single precision


@fractional_matrix_power.rule(Kronecker, when=semidefinite_factors, says="(A ⊗ B)ᵖ = Aᵖ ⊗ Bᵖ", cite="HornJohnson1991")
def _(K: Kronecker, p: float) -> LinearOperator:
    return kron(*each(fractional_matrix_power, K.factors, p))


@sqrtm.rule(Kronecker, when=semidefinite_factors, says="√(A ⊗ B) = √A ⊗ √B", cite="HornJohnson1991")
def _(K: Kronecker) -> LinearOperator:
    return kron(*each(sqrtm, K.factors))


@logm.rule(Kronecker, when=definite_factors, says="log(A ⊗ B) = log A ⊕ log B", cite="Higham2008")
def _(K: Kronecker) -> LinearOperator:
    return kronsum(*each(logm, K.factors))


@schur.rule(Kronecker, when=square_factors, says="A ⊗ B = (Z_A ⊗ Z_B)(T_A ⊗ T_B)(Z_A ⊗ Z_B)ᴴ", cite="VanLoan2000")
def _(K: Kronecker) -> SchurResult:
    T, Z = zip(*each(schur, K.factors), strict=True)
    return SchurResult(kron(*T), kron(*Z))
