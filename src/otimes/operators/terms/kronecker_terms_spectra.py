"""Sums of Kronecker products that one basis per slot makes diagonal: their spectra, solutions and determinants.

Each slot is diagonalised once: V_Bᴴ F V_B = diag(λ) for every factor F that stands in it. The sum is then
diag(Σ_r c_r λ₁⁽ʳ⁾ ⊗ … ⊗ λ_N⁽ʳ⁾) in the basis V = V₁ ⊗ … ⊗ V_N, for any number of terms.
"""

import functools
from collections.abc import Hashable
from typing import Any, NamedTuple

from otimes.core.algebra import matmul, to_dense
from otimes.core.array import Array, adjoint, astype, inexact, is_complex, namespace
from otimes.core.facts import Facts
from otimes.core.lapack import lapack
from otimes.core.operator import LinearOperator
from otimes.core.rules import Guard, guard
from otimes.core.tracing import certainly
from otimes.core.values import formed, largest, reciprocals, smallest
from otimes.core.vector import KroneckerVector
from otimes.functions.diagonal import diagonal
from otimes.functions.eig import EigResult, eig
from otimes.functions.eigh import eigh
from otimes.functions.eigvals import eigvals
from otimes.functions.eigvalsh import eigvalsh
from otimes.functions.inv import inv
from otimes.functions.slogdet import SlogdetResult, slogdet
from otimes.operators.dense import Dense
from otimes.operators.diagonal import Diagonal
from otimes.operators.identity import Identity
from otimes.operators.kronecker.kronecker import kron
from otimes.operators.kronecker.same import identity_of
from otimes.operators.terms.kronecker_terms import KroneckerTerms


class Slot(NamedTuple):
    """The different factors that stand in a slot, and for each term which of them it has."""

    kinds: tuple[LinearOperator, ...]
    places: tuple[int, ...]


class Diagonalised(NamedTuple):
    """A basis V of a slot with Vᴴ F V = diag(values) for each of its kinds F, and Vᴴ M V = I for the metric M.

    M is the definite factor G of the slot; G + w A where the other factor, A, is semidefinite. Then the solution is as
    accurate as that of the formed system, however nearly singular the one or the other is.
    """

    basis: LinearOperator
    values: tuple[Array, ...]
    metric: LinearOperator | None


def slots_of(K: KroneckerTerms) -> list[Slot]:
    """Return the slots; factors are the same if they are one object or wrap one array."""
    return [_slot(factors) for factors in zip(*(product.factors for product in K.products), strict=True)]


def _slot(factors: tuple[LinearOperator, ...]) -> Slot:
    kinds: dict[Hashable, LinearOperator] = {}
    for F in factors:
        kinds.setdefault(identity_of(F), F)
    order = {kind: place for place, kind in enumerate(kinds)}
    return Slot(tuple(kinds.values()), tuple(order[identity_of(F)] for F in factors))


def diagonal_kinds(slot: Slot) -> bool:
    """Whether all factors in the slot are diagonal."""
    return all(isinstance(F, (Identity, Diagonal)) for F in slot.kinds)


def others(slot: Slot) -> list[LinearOperator]:
    """Return the kinds that are not the identity."""
    return [F for F in slot.kinds if not isinstance(F, Identity)]


def _one_kind(slot: Slot) -> bool:
    return slot.kinds[0].square and (diagonal_kinds(slot) or len(others(slot)) == 1)


def _hermitian(slot: Slot) -> bool:
    return all(F.facts.hermitian for F in slot.kinds)


def _definite_pair(slot: Slot) -> bool:
    return len(slot.kinds) == 2 and _hermitian(slot) and any(F.facts.positive_definite for F in slot.kinds)


@guard("in every slot there are, beside identities, only diagonal factors or one and the same square factor")
def commuting_slots(K: KroneckerTerms) -> bool:
    return all(map(_one_kind, slots_of(K)))


hermitian_slots = commuting_slots & Guard(
    "all factors are known to be Hermitian", lambda K: all(map(_hermitian, slots_of(K)))
)
real_scalars = Guard("the scalars are real", lambda K: not any(map(_is_complex, K.scalars)))


@guard(
    "all factors are known to be Hermitian, and every slot has one kind beside identities, only diagonals, or two "
    "kinds of which one is known to be positive definite"
)
def diagonalisable_slots(K: KroneckerTerms) -> bool:
    return all(_hermitian(slot) and (_one_kind(slot) or _definite_pair(slot)) for slot in slots_of(K))


def _is_complex(c: Any) -> bool:
    return is_complex(getattr(c, "dtype", type(c)))


def _diagonalised(slot: Slot, hermitian: bool) -> Diagonalised:
    """Return the basis and the values of one slot."""
    rest, size = others(slot), slot.kinds[0].shape[0]
    if diagonal_kinds(slot):
        entries = (astype(formed(diagonal(F)), inexact(F.dtype, F.spec.xp)) for F in slot.kinds)
        return Diagonalised(Identity(size, slot.kinds[0].spec), tuple(entries), None)
    if len(rest) == 1:
        λ, V = (eigh if hermitian else eig)(rest[0])
        λ = formed(λ)
        ones = namespace(λ).ones_like(λ)
        return Diagonalised(V, tuple(ones if isinstance(F, Identity) else λ for F in slot.kinds), None)
    place = next(i for i, F in enumerate(slot.kinds) if F.facts.positive_definite)
    other, definite = slot.kinds[1 - place], slot.kinds[place]
    a, g = to_dense(other), to_dense(definite)
    weight: Any = _weight(a, g) if other.facts.positive_semidefinite else 0
    metric = g + weight * a if other.facts.positive_semidefinite else g
    λ, basis = definite_pencil(a, metric)
    rest_of_one = 1 - weight * λ
    values = (rest_of_one, λ) if place == 0 else (λ, rest_of_one)
    return Diagonalised(Dense(basis), values, Dense(metric, Facts(positive_definite=True)))


def _weight(a: Array, g: Array) -> Array:
    """Return ‖G‖/‖A‖: with it G + w A, of semidefinite A, has at most twice the lesser condition of the two."""
    xp = namespace(a)
    size, other = xp.linalg.vector_norm(g), xp.linalg.vector_norm(a)
    return xp.where(other > 0, size / xp.where(other > 0, other, xp.ones_like(other)), xp.zeros_like(other))


def definite_pencil(a: Array, g: Array) -> tuple[Array, Array]:
    """Return λ and V with Vᴴ A V = diag(λ) and Vᴴ G V = I, for A Hermitian and G positive definite.

    With G = L Lᴴ, V = L⁻ᴴ Q for the eigenvectors Q of L⁻¹ A L⁻ᴴ.
    """
    L = lapack("cholesky", g)
    half = adjoint(lapack("solve", L, a))
    whitened = lapack("solve", L, half)
    λ, Q = lapack("eigh", (whitened + adjoint(whitened)) / 2)
    return λ, lapack("solve", adjoint(L), Q)


def diagonalised(K: KroneckerTerms, *, hermitian: bool = True) -> tuple[list[Diagonalised], Array]:
    """Return the slots diagonalised, and the diagonal Σ_r c_r λ₁⁽ʳ⁾ ⊗ … ⊗ λ_N⁽ʳ⁾."""
    slots = slots_of(K)
    bases = [_diagonalised(slot, hermitian) for slot in slots]
    values = [[basis.values[i] for i in slot.places] for slot, basis in zip(slots, bases, strict=True)]
    terms = (c * formed(KroneckerVector(*parts)) for c, *parts in zip(K.scalars, *values, strict=True))
    return bases, functools.reduce(lambda d, e: d + e, terms)


def _basis(slots: list[Diagonalised]) -> LinearOperator:
    return kron(*(slot.basis for slot in slots))


@eigh.rule(
    KroneckerTerms,
    when=hermitian_slots & real_scalars,
    says="Σ c A ⊗ B = (Q_A ⊗ Q_B)(Σ c Λ_A ⊗ Λ_B)(Q_A ⊗ Q_B)ᴴ",
    cite="LynchRiceThomas1964",
)
def _(K: KroneckerTerms) -> EigResult:
    slots, values = diagonalised(K)
    return EigResult(values, _basis(slots))


@eigvalsh.rule(
    KroneckerTerms, when=hermitian_slots & real_scalars, says="λ(Σ c A ⊗ B) = {Σ c λᵢ μⱼ}", cite="LynchRiceThomas1964"
)
def _(K: KroneckerTerms) -> Array:
    return diagonalised(K)[1]


@eig.rule(KroneckerTerms, when=commuting_slots, says="(Σ c A ⊗ B)(u ⊗ v) = (Σ c λ μ)(u ⊗ v)", cite="HornJohnson1991")
def _(K: KroneckerTerms) -> EigResult:
    slots, values = diagonalised(K, hermitian=False)
    return EigResult(values, _basis(slots))


@eigvals.rule(KroneckerTerms, when=commuting_slots, says="λ(Σ c A ⊗ B) = {Σ c λᵢ μⱼ}", cite="HornJohnson1991")
def _(K: KroneckerTerms) -> Array:
    return diagonalised(K, hermitian=False)[1]


@inv.rule(
    KroneckerTerms,
    when=diagonalisable_slots,
    says="(Σ c A ⊗ B)⁻¹ = V (Σ c Λ_A ⊗ Λ_B)⁻¹ Vᴴ, V = V_A ⊗ V_B with V_Aᴴ A V_A = Λ_A",
    cite="LynchRiceThomas1964",
)
def _(K: KroneckerTerms) -> LinearOperator:
    slots, values = diagonalised(K)
    V = _basis(slots)
    return matmul(matmul(V, Diagonal(_reciprocals(K, values))), V.H)


def solved_by_bases(K: KroneckerTerms, B: Array, slots: list[Diagonalised], values: Array) -> Array:
    """Return the solution in the bases of the slots, refined once where a pencil is not of semidefinite matrices."""
    V, weights = _basis(slots), _reciprocals(K, values)[:, None]
    X = V @ (weights * (V.H @ B))
    return X + V @ (weights * (V.H @ (B - K._matmat(X)))) if indefinite_pencils(K) else X


def slogdet_by_bases(K: KroneckerTerms, slots: list[Diagonalised], values: Array) -> SlogdetResult:
    """Return the determinant of the diagonal, with those of the metrics."""
    sign, log = slogdet(Diagonal(values))
    for slot in slots:
        if slot.metric is not None:
            log = log + slogdet(slot.metric).logabsdet * (K.shape[0] // slot.metric.shape[0])
    return SlogdetResult(sign, log)


def indefinite_pencils(K: KroneckerTerms) -> bool:
    """Whether some slot has a definite factor, which may be nearly singular, and one not known to be semidefinite."""
    slots = [slot for slot in slots_of(K) if not _one_kind(slot)]
    return not all(F.facts.positive_semidefinite for slot in slots for F in slot.kinds)


def lost_in_pencils(K: KroneckerTerms, values: Array) -> bool:
    """Whether the least eigenvalue of indefinite pencils is known to less than half its digits, if at all."""
    size, eps = abs(values), float(namespace(values).finfo(values.dtype).eps)
    return indefinite_pencils(K) and certainly(smallest(size) <= eps**0.5 * largest(size))


def _reciprocals(K: KroneckerTerms, values: Array) -> Array:
    instead = "some Σ c λᵢ μⱼ = 0: pinv and lstsq take it"
    if indefinite_pencils(K):
        instead += ", or a definite factor is nearly singular: solve and slogdet of NumPy arrays take that"
    return reciprocals(values, "Σ A ⊗ B", instead)
