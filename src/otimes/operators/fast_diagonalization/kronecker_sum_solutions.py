"""`solve` of Kronecker sums by fast diagonalization: what `FastDiagonalization` keeps, used once."""

import math

import numpy as np

from otimes.core.array import Array
from otimes.core.operator import LinearOperator
from otimes.core.rules import guard, note
from otimes.errors import SingularError
from otimes.functions.solve import solve
from otimes.operators.fast_diagonalization.fast_diagonalization import FastDiagonalization
from otimes.operators.fast_diagonalization.solutions import solved
from otimes.operators.kronecker.generalized_kronecker_sum import GeneralizedKroneckerSum
from otimes.operators.kronecker.kronecker_sum import KroneckerSum, hermitian_summands
from otimes.operators.terms.kronecker_terms_schur import solved_by_schur_forms, two_kinds_of_factors


@guard("the summands are of NumPy arrays, not all known to be Hermitian")
def general_summands(A: KroneckerSum) -> bool:
    return A.spec.xp in (np, None) and not hermitian_summands(A)


@solve.rule(
    KroneckerSum,
    when=hermitian_summands,
    says="(A ⊕ B)⁻¹ = (Q_A ⊗ Q_B)(Λ_A ⊕ Λ_B)⁻¹(Q_A ⊗ Q_B)ᴴ",
    cite="LynchRiceThomas1964",
)
@solve.rule(
    KroneckerSum,
    when=general_summands,
    says="A X + X Bᵀ = C by eigenvectors of small condition, else by Schur forms",
    cite="BartelsStewart1972",
)
def _(A: LinearOperator, B: Array) -> Array:
    return _regular(FastDiagonalization(A), B)


@guard("all factors are known to be Hermitian and the masses positive definite")
def definite_pairs(A: GeneralizedKroneckerSum) -> bool:
    return all(K.facts.hermitian for K in A.factors) and all(M.facts.positive_definite for M in A.masses)


@solve.rule(
    GeneralizedKroneckerSum,
    when=definite_pairs,
    says="K ⊗ M' + M ⊗ K' = (V ⊗ V')⁻ᴴ(Λ ⊕ Λ')(V ⊗ V')⁻¹ with Vᴴ K V = Λ, Vᴴ M V = I",
    cite="LynchRiceThomas1964",
)
def _(A: GeneralizedKroneckerSum, B: Array) -> Array:
    return _regular(FastDiagonalization(A), B)


@solve.rule(
    GeneralizedKroneckerSum,
    when=two_kinds_of_factors & ~definite_pairs,
    says="K ⊗ M' + M ⊗ K' by its pencils where the masses are regular, else by generalised Schur forms",
    cite="GardinerLaubAmatoMoler1992",
)
def _(A: GeneralizedKroneckerSum, B: Array) -> Array:
    try:
        F = FastDiagonalization(A)
    except SingularError:
        return solved_by_schur_forms(A, B)
    nearly_singular = math.prod(F.basis_conditions) * F.eps**0.5 > 1
    return solved_by_schur_forms(A, B) if nearly_singular else _regular(F, B)


def _regular(F: FastDiagonalization, B: Array) -> Array:
    """Return the solution; `SingularError` for every right-hand side of what is singular."""
    note(lambda: f"axes by {', '.join(F.methods)}")
    if F.nullity:
        raise SingularError(
            f"A ⊕ B is singular: {F.nullity} of {F.spectrum.size} eigenvalues are zero, to {F.rtol:.2g} of the "
            "largest; shift it, or use lstsq or FastDiagonalization(A, null='project')"
        )
    return solved(F, B[None])[0]
