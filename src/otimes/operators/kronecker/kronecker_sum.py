"""KroneckerSum: A ⊕ B = A ⊗ I + I ⊗ B, and the page of its identities.

`scipy.sparse.kronsum(A, B)` is B ⊕ A in this notation.
"""

import math
from typing import Any

import numpy as np

from otimes.core.algebra import add, conj, matmul, scale, to_dense, transpose, with_known
from otimes.core.array import Array, common_spec, eye, is_complex, namespace, reshape, spec_of, zeros
from otimes.core.facts import of_sum
from otimes.core.indexing import entries, like_array, split_index
from otimes.core.operator import LinearOperator, gathered
from otimes.core.rules import Guard, guard
from otimes.core.values import formed, reciprocals, sign_and_log
from otimes.core.vector import KroneckerSumVector, LazyVector
from otimes.functions.diagonal import diagonal
from otimes.functions.eig import EigResult, eig
from otimes.functions.eigh import eigh
from otimes.functions.eigvals import eigvals
from otimes.functions.eigvalsh import eigvalsh
from otimes.functions.expm import expm
from otimes.functions.inv import inv
from otimes.functions.schur import SchurResult, schur
from otimes.functions.slogdet import SlogdetResult, slogdet
from otimes.functions.trace import exact_integer, trace
from otimes.kernels import eager
from otimes.kernels.numpy_kernel import apply_along
from otimes.operators.diagonal import Diagonal
from otimes.operators.kronecker.kronecker import each, kron
from otimes.operators.scalar_multiple import ScalarMultiple


class KroneckerSum(LinearOperator):
    """A₁ ⊕ … ⊕ A_N = Σᵢ I ⊗ … ⊗ Aᵢ ⊗ … ⊗ I of square operators, kept flat.

    With C-ordered grids, (A ⊕ B) vec_C(X) = vec_C(A X + X Bᵀ).
    """

    factors: tuple[LinearOperator, ...]

    def __init__(self, *factors: LinearOperator):
        n = math.prod(F.shape[0] for F in factors)
        factors, spec = gathered(factors, "factor")
        super().__init__((n, n), spec, of_sum(F.facts for F in factors), factors=factors)

    @property
    def children(self) -> tuple[LinearOperator, ...]:
        """The summands' operators, one per axis."""
        return self.factors

    def _rebuilt(self, children: tuple[LinearOperator, ...]) -> "KroneckerSum":
        return KroneckerSum(*children)

    def _matmat(self, X: Array) -> Array:
        total = zeros(X.shape, common_spec(self.spec, spec_of(X)))
        left, right = 1, X.shape[0] * X.shape[1]
        for A in self.factors:
            right //= max(A.shape[0], 1)
            if total.shape[0] and X.shape[1]:
                total += reshape(apply_along(A, X, left, right), X.shape)
            left *= A.shape[0]
        return total


@guard("every summand is known to be Hermitian")
def hermitian_summands(A: KroneckerSum) -> bool:
    return all(F.facts.hermitian for F in A.factors)


@guard("no summand is known not to be Hermitian (each is checked when it is decomposed)")
def maybe_hermitian_summands(A: KroneckerSum) -> bool:
    return all(F.facts.hermitian is not False for F in A.factors)


def _sums(parts: Any) -> KroneckerSumVector:
    return KroneckerSumVector(*map(formed, parts))


def _reciprocals(values: Any) -> Array:
    return reciprocals(values, "A ⊕ B", "some λᵢ + μⱼ = 0, though A and B may be nonsingular: shift it, or use lstsq")


@to_dense.rule(KroneckerSum, says="A ⊕ B = A ⊗ I + I ⊗ B", cite="HornJohnson1991")
def _(A: KroneckerSum) -> Array:
    total = zeros(A.shape, A.spec)
    sizes = [F.shape[0] for F in A.factors]
    for i, F in enumerate(A.factors):
        left, right = eye(math.prod(sizes[:i]), A.spec), eye(math.prod(sizes[i + 1 :]), A.spec)
        total += eager.kron_dense([left, to_dense(F, max_bytes=None), right])
    return total


@entries.rule(KroneckerSum, says="(A ⊕ B)[i p + k, j p + l] = A[i, j] δₖₗ + δᵢⱼ B[k, l]", cite="HornJohnson1991")
def _(A: KroneckerSum, rows: np.ndarray, columns: np.ndarray) -> Array:
    sizes = [F.shape[0] for F in A.factors]
    places = list(zip(split_index(rows, sizes), split_index(columns, sizes), strict=True))
    total = zeros(rows.shape, A.spec)
    for i, (F, (r, c)) in enumerate(zip(A.factors, places, strict=True)):
        others = [j == k for j, k in places[:i] + places[i + 1 :]]
        there = like_array(np.logical_and.reduce([np.ones(rows.shape, bool), *others]), total)
        total = total + namespace(total).where(there, entries(F, r, c), zeros(rows.shape, A.spec))
    return total


@transpose.rule(KroneckerSum, says="(A ⊕ B)ᵀ = Aᵀ ⊕ Bᵀ", cite="HornJohnson1991")
def _(A: KroneckerSum) -> LinearOperator:
    return KroneckerSum(*each(transpose, A.factors))


@conj.rule(KroneckerSum, says="conj(A ⊕ B) = conj(A) ⊕ conj(B)")
def _(A: KroneckerSum) -> LinearOperator:
    return KroneckerSum(*each(conj, A.factors))


@trace.rule(KroneckerSum, says="tr(A ⊕ B) = m tr(A) + n tr(B) for A n × n, B m × m", cite="HornJohnson1991")
def _(A: KroneckerSum) -> Any:
    if not A.shape[0]:
        return 0.0
    return sum(exact_integer(trace(F)) * (A.shape[0] // F.shape[0]) for F in A.factors)


@diagonal.rule(KroneckerSum, says="diag(A ⊕ B)ᵢⱼ = Aᵢᵢ + Bⱼⱼ")
def _(A: KroneckerSum) -> LazyVector:
    return _sums(each(diagonal, A.factors))


@eig.rule(KroneckerSum, says="(A ⊕ B)(u ⊗ v) = (λ + μ)(u ⊗ v)", cite="HornJohnson1991")
def _(A: KroneckerSum) -> EigResult:
    values, vectors = zip(*each(eig, A.factors), strict=True)
    return EigResult(_sums(values), kron(*vectors))


@eigvals.rule(KroneckerSum, says="λ(A ⊕ B) = {λᵢ + μⱼ}", cite="HornJohnson1991")
def _(A: KroneckerSum) -> LazyVector:
    return _sums(each(eigvals, A.factors))


@eigh.rule(
    KroneckerSum,
    when=maybe_hermitian_summands,
    says="A ⊕ B = (Q_A ⊗ Q_B)(Λ_A ⊕ Λ_B)(Q_A ⊗ Q_B)ᴴ",
    cite="LynchRiceThomas1964",
)
def _(A: KroneckerSum) -> EigResult:
    values, vectors = zip(*each(eigh, A.factors), strict=True)
    return EigResult(_sums(values), kron(*vectors))


@eigvalsh.rule(KroneckerSum, when=maybe_hermitian_summands, says="λ(A ⊕ B) = {λᵢ + μⱼ}", cite="HornJohnson1991")
def _(A: KroneckerSum) -> LazyVector:
    return _sums(each(eigvalsh, A.factors))


@slogdet.rule(KroneckerSum, says="det(A ⊕ B) = Π (λᵢ + μⱼ)", cite="HornJohnson1991")
def _(A: KroneckerSum) -> SlogdetResult:
    values = formed(eigvalsh(A) if hermitian_summands(A) else eigvals(A))
    sign, log = sign_and_log(values)
    if A.real and is_complex(getattr(sign, "dtype", None)):  # conjugate pairs of eigenvalues
        xp = namespace(sign)
        sign = xp.sign(xp.real(sign))
    return SlogdetResult(sign, log)


@inv.rule(
    KroneckerSum,
    when=hermitian_summands,
    says="(A ⊕ B)⁻¹ = (Q_A ⊗ Q_B)(Λ_A ⊕ Λ_B)⁻¹(Q_A ⊗ Q_B)ᴴ",
    cite="LynchRiceThomas1964",
)
def _(A: KroneckerSum) -> LinearOperator:
    values, Q = eigh(A)
    return matmul(matmul(Q, Diagonal(_reciprocals(values))), Q.H)


@expm.rule(KroneckerSum, says="exp(A ⊕ B) = exp(A) ⊗ exp(B)", cite="Higham2008")
def _(A: KroneckerSum) -> LinearOperator:
    return kron(*each(expm, A.factors))


multiple_of_sum = Guard("it is c (A ⊕ B)", lambda A: isinstance(A.operator, KroneckerSum))


@expm.rule(ScalarMultiple, when=multiple_of_sum, says="exp(c (A ⊕ B)) = exp(c A) ⊗ exp(c B)", cite="Higham2008")
def _(A: ScalarMultiple) -> LinearOperator:
    return kron(*(expm(scale(F, A.scalar)) for F in A.operator.children))


def _summands(A: LinearOperator) -> tuple[LinearOperator, ...] | None:
    """Return the factors of A ⊕ B, or c times those of c (A ⊕ B)."""
    if isinstance(A, ScalarMultiple) and isinstance(A.operator, KroneckerSum):
        return tuple(scale(F, A.scalar) for F in A.operator.factors)
    return A.factors if isinstance(A, KroneckerSum) else None


@guard("both are multiples of Kronecker sums of the same sizes")
def same_sizes(A: LinearOperator, B: LinearOperator) -> bool:
    left, right = _summands(A), _summands(B)
    return left is not None and right is not None and [F.shape for F in left] == [F.shape for F in right]


@add.rule(KroneckerSum, KroneckerSum, when=same_sizes, says="A ⊕ B + C ⊕ D = (A + C) ⊕ (B + D)")
@add.rule(KroneckerSum, ScalarMultiple, when=same_sizes, says="A ⊕ B + c (C ⊕ D) = (A + c C) ⊕ (B + c D)")
@add.rule(ScalarMultiple, KroneckerSum, when=same_sizes, says="c (A ⊕ B) + C ⊕ D = (c A + C) ⊕ (c B + D)")
@add.rule(ScalarMultiple, ScalarMultiple, when=same_sizes, says="c (A ⊕ B) + d (C ⊕ D) = (c A + d C) ⊕ (c B + d D)")
def _(A: LinearOperator, B: LinearOperator) -> LinearOperator:
    left, right = _summands(A) or (), _summands(B) or ()
    return with_known(KroneckerSum(*map(add, left, right)), of_sum([A.facts, B.facts]))


@schur.rule(KroneckerSum, says="A ⊕ B = (Z_A ⊗ Z_B)(T_A ⊕ T_B)(Z_A ⊗ Z_B)ᴴ", cite="BartelsStewart1972")
def _(A: KroneckerSum) -> SchurResult:
    T, Z = zip(*each(schur, A.factors), strict=True)
    return SchurResult(KroneckerSum(*T), kron(*Z))
