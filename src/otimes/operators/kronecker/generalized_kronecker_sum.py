"""GeneralizedKroneckerSum: Σᵢ M₁ ⊗ … ⊗ Kᵢ ⊗ … ⊗ M_N, one pair (Kᵢ, Mᵢ) per axis.

It is a sum of Kronecker products, and all that holds for those holds for it. What its pairs give beyond that, solutions
and spectra by small decompositions, is in `fast_diagonalization`.
"""

from typing import Any

from otimes.core.algebra import add, conj, scale, transpose, with_known
from otimes.core.array import Array, common_spec, reshape, spec_of, zeros
from otimes.core.facts import of_sum
from otimes.core.operator import LinearOperator, gathered
from otimes.core.rules import guard
from otimes.kernels.numpy_kernel import apply_along
from otimes.operators.kronecker.kronecker import Kronecker, each, kron
from otimes.operators.kronecker.same import same, unified
from otimes.operators.scalar_multiple import ScalarMultiple, scaled_facts
from otimes.operators.terms.kronecker_terms import KroneckerTerms, aligned, bare, scalar_of, term


class GeneralizedKroneckerSum(KroneckerTerms):
    """Σᵢ M₁ ⊗ … ⊗ Kᵢ ⊗ … ⊗ M_N of square operators, Kᵢ in slot i of term i and the masses everywhere else.

    With masses that are identities it is K₁ ⊕ … ⊕ K_N; `kronsum(…, masses=…)` makes it.
    """

    factors: tuple[LinearOperator, ...]
    masses: tuple[LinearOperator, ...]

    def __init__(self, factors: tuple[LinearOperator, ...], masses: tuple[LinearOperator, ...]):
        count = len(factors)
        given, _ = gathered((*factors, *masses), "factor")
        one = unified(given)
        factors, masses = tuple(one[:count]), tuple(one[count:])
        rows = (tuple(factors[j] if j == i else M for j, M in enumerate(masses)) for i in range(count))
        super().__init__(*map(term, rows))
        self.__dict__.update(factors=factors, masses=masses)

    @property
    def children(self) -> tuple[LinearOperator, ...]:
        """The operators K of the axes, and after them their masses."""
        return (*self.factors, *self.masses)

    @property
    def mass(self) -> LinearOperator:
        """M₁ ⊗ … ⊗ M_N."""
        return kron(*self.masses)

    @property
    def rounding_size(self) -> int:
        """The sum of the factors': only they are decomposed."""
        return sum(F.rounding_size for F in self.factors)

    def _rebuilt(self, children: tuple[LinearOperator, ...]) -> "GeneralizedKroneckerSum":
        count = len(children) // 2
        return GeneralizedKroneckerSum(children[:count], children[count:])

    def _matmat(self, X: Array) -> Array:
        """Return A X by 3 N − 2 products along axes: S of the first axes' sum and P of their masses go on together."""
        if 0 in X.shape:
            return zeros(X.shape, common_spec(self.spec, spec_of(X)))
        left, right = 1, X.shape[0] * X.shape[1]
        masses, total = X, None
        for K, M in zip(self.factors, self.masses, strict=True):
            right //= M.shape[0]
            here = reshape(apply_along(K, masses, left, right), X.shape)
            total = here if total is None else reshape(apply_along(M, total, left, right), X.shape) + here
            left *= M.shape[0]
            if right > X.shape[1]:
                masses = reshape(apply_along(M, masses, left // M.shape[0], right), X.shape)
        return total


@guard("both have the same masses")
def same_masses(A: GeneralizedKroneckerSum, B: GeneralizedKroneckerSum) -> bool:
    return len(A.masses) == len(B.masses) and all(map(same, A.masses, B.masses))


def _is_mass(A: GeneralizedKroneckerSum, B: LinearOperator) -> bool:
    """Whether B is a multiple of M₁ ⊗ … ⊗ M_N."""
    if not isinstance(bare(B), Kronecker) or (fitting := aligned(A.terms[0], B)) is None:
        return False
    factors = bare(fitting[1]).factors
    return len(factors) == len(A.masses) and all(map(same, factors, A.masses))


@guard("the second is a multiple of M₁ ⊗ M₂")
def right_is_mass(A: GeneralizedKroneckerSum, B: LinearOperator) -> bool:
    return _is_mass(A, B)


@guard("the first is a multiple of M₁ ⊗ M₂")
def left_is_mass(A: LinearOperator, B: GeneralizedKroneckerSum) -> bool:
    return _is_mass(B, A)


def shifted_by_mass(A: GeneralizedKroneckerSum, c: Any) -> GeneralizedKroneckerSum:
    """Return A + c M₁ ⊗ … ⊗ M_N: the same sum with K₁ + c M₁."""
    first = add(A.factors[0], scale(A.masses[0], c))
    return GeneralizedKroneckerSum((first, *A.factors[1:]), A.masses)


@transpose.rule(GeneralizedKroneckerSum, says="(Σ M ⊗ K)ᵀ = Σ Mᵀ ⊗ Kᵀ", cite="VanLoan2000")
def _(A: GeneralizedKroneckerSum) -> LinearOperator:
    return GeneralizedKroneckerSum(tuple(each(transpose, A.factors)), tuple(each(transpose, A.masses)))


@conj.rule(GeneralizedKroneckerSum, says="conj(Σ M ⊗ K) = Σ conj(M) ⊗ conj(K)")
def _(A: GeneralizedKroneckerSum) -> LinearOperator:
    return GeneralizedKroneckerSum(tuple(each(conj, A.factors)), tuple(each(conj, A.masses)))


@scale.rule(GeneralizedKroneckerSum, says="c Σ M ⊗ K = Σ M ⊗ (c K)")
def _(A: GeneralizedKroneckerSum, c: Any) -> LinearOperator:
    factors = tuple(scale(F, c) for F in A.factors)
    return with_known(GeneralizedKroneckerSum(factors, A.masses), scaled_facts(c, A))


@add.rule(GeneralizedKroneckerSum, GeneralizedKroneckerSum, when=same_masses, says="Σ M ⊗ K + Σ M ⊗ L = Σ M ⊗ (K + L)")
def _(A: GeneralizedKroneckerSum, B: GeneralizedKroneckerSum) -> LinearOperator:
    total = GeneralizedKroneckerSum(tuple(map(add, A.factors, B.factors)), A.masses)
    return with_known(total, of_sum([A.facts, B.facts]))


@add.rule(GeneralizedKroneckerSum, Kronecker, when=right_is_mass, says="K₁ ⊗ M₂ + … + c M₁ ⊗ M₂ = (K₁ + c M₁) ⊗ M₂ + …")
@add.rule(
    GeneralizedKroneckerSum, ScalarMultiple, when=right_is_mass, says="K₁ ⊗ M₂ + … + c M₁ ⊗ M₂ = (K₁ + c M₁) ⊗ M₂ + …"
)
def _(A: GeneralizedKroneckerSum, B: LinearOperator) -> LinearOperator:
    return with_known(shifted_by_mass(A, scalar_of(B)), of_sum([A.facts, B.facts]))


@add.rule(Kronecker, GeneralizedKroneckerSum, when=left_is_mass, says="c M₁ ⊗ M₂ + K₁ ⊗ M₂ + … = (K₁ + c M₁) ⊗ M₂ + …")
@add.rule(
    ScalarMultiple, GeneralizedKroneckerSum, when=left_is_mass, says="c M₁ ⊗ M₂ + K₁ ⊗ M₂ + … = (K₁ + c M₁) ⊗ M₂ + …"
)
def _(A: LinearOperator, B: GeneralizedKroneckerSum) -> LinearOperator:
    return with_known(shifted_by_mass(B, scalar_of(A)), of_sum([A.facts, B.facts]))
