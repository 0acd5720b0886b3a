"""Sums of Kronecker products of at most two kinds of factors per slot, solved by generalised Schur forms.

The pair F, G of a slot is brought to triangles, F = Q S Zᴴ and G = Q T Zᴴ, which makes the whole sum triangular:
it is solved backwards, row by row of the first slot, each row being a sum of the same kind with one slot less.
"""

import functools
import math
import warnings
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import scipy.linalg

from otimes.core.algebra import to_dense
from otimes.core.array import inexact
from otimes.core.checks import MAX_BYTES, require_bytes, require_finite, shape_text
from otimes.core.facts import UNKNOWN
from otimes.core.operator import LinearOperator
from otimes.core.rules import Guard, guard
from otimes.core.threads import PAYING_COLUMNS, one_thread
from otimes.core.values import sign_and_log
from otimes.errors import SingularError
from otimes.functions.slogdet import SlogdetResult, phase_power, slogdet
from otimes.functions.solve import solve
from otimes.kernels.numpy_kernel import apply_along
from otimes.operators.dense import Dense
from otimes.operators.identity import Identity
from otimes.operators.kronecker.kronecker_sum import KroneckerSum
from otimes.operators.shifted import Shifted, hermitian_by_rule
from otimes.operators.terms.kronecker_terms import KroneckerTerms, term, terms_of
from otimes.operators.terms.kronecker_terms_spectra import (
    Slot,
    diagonalisable_slots,
    diagonalised,
    lost_in_pencils,
    others,
    slogdet_by_bases,
    slots_of,
    solved_by_bases,
)


@guard("every slot has at most two kinds of factors, square, of NumPy arrays")
def two_kinds_of_factors(K: KroneckerTerms) -> bool:
    return K.spec.xp in (np, None) and all(len(s.kinds) <= 2 and s.kinds[0].square for s in slots_of(K))


class Triangles(NamedTuple):
    """Q and Z, unitary, with F = Q S Zᴴ for each factor F of a slot, and the upper triangular S of each term."""

    left: np.ndarray
    right: np.ndarray
    of_terms: list[np.ndarray]


def _triangles(slot: Slot) -> Triangles:
    """Return the generalised Schur form of a slot: that of one matrix where the other is the identity."""
    arrays = [require_finite(to_dense(F), f"a factor {shape_text(F.shape)} of Σ A ⊗ B") for F in slot.kinds]
    if len(rest := others(slot)) == 1:
        S, Q = scipy.linalg.schur(to_dense(rest[0]).astype(complex), output="complex")
        Z, found = Q, [np.eye(len(S)) if isinstance(F, Identity) else S for F in slot.kinds]
    elif not rest:
        Q = Z = np.eye(len(arrays[0]))
        found = arrays
    else:
        *found, Q, Z = scipy.linalg.qz(*(a.astype(complex) for a in arrays), output="complex")
    return Triangles(Q, Z, [found[i] for i in slot.places])


(trtrs,) = scipy.linalg.get_lapack_funcs(("trtrs",), dtype=complex)


def back_substituted(scalars: Sequence[Any], slots: list[list[np.ndarray]], C: np.ndarray) -> np.ndarray:
    """Return the Y with (Σ_r c_r S₁⁽ʳ⁾ ⊗ … ⊗ S_N⁽ʳ⁾) Y = C, for upper triangular S and C of shape (n₁ ⋯ n_N, k)."""
    (first, *rest), (rows, columns) = slots, C.shape
    if not rest:
        return trtrs(sum(c * S for c, S in zip(scalars, first, strict=True)), C)[0]
    n = len(first[0])
    C, Y = C.reshape(n, rows // n, columns), np.empty((n, rows // n, columns), C.dtype)
    images = np.zeros((len(scalars), *C.shape), C.dtype)  # of the rows of Y found, under the other slots of each term
    for i in reversed(range(n)):
        row = C[i].reshape(-1)
        for c, S, image in zip(scalars, first, images, strict=True):
            row = row - (c * S[i, i + 1 :]) @ image[i + 1 :].reshape(n - i - 1, row.size)
        pivots = [c * S[i, i] for c, S in zip(scalars, first, strict=True)]
        Y[i] = back_substituted(pivots, rest, row.reshape(C[i].shape))
        for r, image in enumerate(images):
            image[i] = _multiplied([slot[r] for slot in rest], Y[i])
    return Y.reshape(rows, columns)


def _multiplied(factors: list[np.ndarray], X: np.ndarray) -> np.ndarray:
    """Return (F₁ ⊗ … ⊗ F_N) X for square arrays."""
    left, right = 1, X.size
    for F in factors:
        right //= len(F)
        X = apply_along(Dense(F, UNKNOWN), X, left, right)
        left *= len(F)
    return X.reshape(left, -1)


def _pivots(scalars: Sequence[Any], slots: list[Triangles]) -> np.ndarray:
    """Return the diagonal Σ_r c_r diag(S₁⁽ʳ⁾) ⊗ … ⊗ diag(S_N⁽ʳ⁾) of the triangular sum."""
    require_bytes((math.prod(len(slot.left) for slot in slots),), 16, MAX_BYTES, "the pivots", "no lazy form is known")
    parts = zip(*([S.diagonal() for S in slot.of_terms] for slot in slots), strict=True)
    return sum(c * functools.reduce(np.kron, part) for c, part in zip(scalars, parts, strict=True))


def _size(K: KroneckerTerms, slots: list[Triangles]) -> float:
    """Return the bound Σ |c| ‖S₁‖ ⋯ ‖S_N‖ of the norm of the sum."""
    parts = zip(*([np.linalg.norm(S) for S in slot.of_terms] for slot in slots), strict=True)
    return float(sum(abs(c) * math.prod(part) for c, part in zip(K.scalars, parts, strict=True)))


def _probed(C: np.ndarray) -> np.ndarray:
    """Return C with a column beside it that is random, the same in each call, and has length 1."""
    probe = np.random.default_rng(0).standard_normal((len(C), 1))
    return np.hstack([C, probe / np.linalg.norm(probe)])


def _require_regular(K: KroneckerTerms, slots: list[Triangles], growth: float) -> None:
    """Warn, as SciPy's `solve` does, where the growth of a random vector says that the sum is nearly singular."""
    eps, condition = float(np.finfo(inexact(K.dtype)).eps), growth * _size(K, slots)
    if not condition * K.rounding_size * eps < 1:
        message = f"Σ A ⊗ B of {K.shape[0]} rows: condition about {condition:.3g}; the result may not be accurate"
        warnings.warn(message, scipy.linalg.LinAlgWarning, stacklevel=3)


@solve.rule(
    KroneckerTerms,
    when=two_kinds_of_factors & ~diagonalisable_slots,
    says="A X Bᵀ + C X Dᵀ = E by generalised Schur forms A = Q S Zᴴ, C = Q T Zᴴ",
    cite="GardinerLaubAmatoMoler1992",
)
def solved_by_schur_forms(K: KroneckerTerms, B: np.ndarray) -> np.ndarray:
    """Return the solution by triangles, backwards; `SingularError` or a warning where it is singular or nearly so."""
    dtype = np.result_type(inexact(K.dtype), B.dtype)
    if 0 in B.shape:
        return B.astype(dtype)
    require_bytes((len(K.terms) + 3, *B.shape), 16, MAX_BYTES, "the solution by Schur forms", "give fewer columns")
    few = max(m for m, _ in K.partition) < PAYING_COLUMNS
    with one_thread(few):
        slots = [_triangles(slot) for slot in slots_of(K)]
    low = np.abs(_pivots(K.scalars, slots)).min()
    if low <= np.finfo(inexact(K.dtype)).eps * (size := _size(K, slots)):
        raise SingularError(f"Σ A ⊗ B is singular: a pivot is {low:.3g} beside a norm of {size:.3g}; lstsq takes it")
    C = _probed(_multiplied([slot.left.conj().T for slot in slots], B.astype(complex)))
    with one_thread(few):
        Y = back_substituted(K.scalars, [slot.of_terms for slot in slots], C)
    _require_regular(K, slots, float(np.linalg.norm(Y[:, -1])))
    X = _multiplied([slot.right for slot in slots], Y[:, :-1])
    return (X if dtype.kind == "c" else X.real).astype(dtype)


@slogdet.rule(
    KroneckerTerms,
    when=two_kinds_of_factors & ~diagonalisable_slots,
    says="det(A ⊗ B + C ⊗ D) = Π (s s' + t t') · det(Q Zᴴ)^m det(Q' Z'ᴴ)^n",
    cite="GardinerLaubAmatoMoler1992",
)
def _slogdet_by_schur_forms(K: KroneckerTerms) -> SlogdetResult:
    if not K.shape[0]:
        return SlogdetResult(1.0, 0.0)
    slots = [_triangles(slot) for slot in slots_of(K)]
    sign, log = sign_and_log(_pivots(K.scalars, slots))
    for slot in slots:
        n = len(slot.left)
        phase = np.linalg.slogdet(slot.left).sign * np.linalg.slogdet(slot.right).sign.conjugate()
        sign = sign * phase_power(phase / abs(phase), K.shape[0] // n)
    dtype = inexact(K.dtype)
    sign = np.sign(np.real(sign)) if K.real else sign
    return SlogdetResult(np.asarray(sign, dtype)[()], np.asarray(log, np.zeros(0, dtype).real.dtype)[()])


@solve.rule(
    KroneckerTerms,
    when=diagonalisable_slots,
    says="(Σ c A ⊗ B)⁻¹ = V (Σ c Λ_A ⊗ Λ_B)⁻¹ Vᴴ, V = V_A ⊗ V_B with V_Aᴴ A V_A = Λ_A",
    cite="LynchRiceThomas1964",
)
def _(K: KroneckerTerms, B: Any) -> Any:
    slots, values = diagonalised(K)
    if two_kinds_of_factors(K) and lost_in_pencils(K, values):
        return solved_by_schur_forms(K, B)
    return solved_by_bases(K, B, slots, values)


@slogdet.rule(
    KroneckerTerms,
    when=diagonalisable_slots,
    says="det(Σ c A ⊗ B) = Π (Σ c λᵢ μⱼ) · Π det(M)^(n/n_M) for the metrics M with Vᴴ M V = I",
    cite="GolubVanLoan2013",
)
def _(K: KroneckerTerms) -> SlogdetResult:
    if not K.shape[0]:
        return SlogdetResult(1.0, 0.0)
    slots, values = diagonalised(K)
    if two_kinds_of_factors(K) and lost_in_pencils(K, values):
        return _slogdet_by_schur_forms(K)
    return slogdet_by_bases(K, slots, values)


def as_terms(A: LinearOperator) -> KroneckerTerms | None:
    """Return A ⊕ B, a product or sum of terms, or such plus c I, as a sum of Kronecker products; else None."""
    if isinstance(A, Shifted):
        K = as_terms(A.operator)
        if K is None or any(m != n for m, n in K.partition):
            return None
        identity = term((Identity(m, K.spec) for m, _ in K.partition), A.shift)
        return KroneckerTerms(*K.terms, identity)
    if isinstance(A, KroneckerSum):
        sizes = [F.shape[0] for F in A.factors]
        return KroneckerTerms(
            *(term(F if i == j else Identity(n, A.spec) for j, n in enumerate(sizes)) for i, F in enumerate(A.factors))
        )
    return KroneckerTerms(*terms_of(A)) if terms_of(A) else None


def _solved_as_terms(A: LinearOperator) -> bool:
    K = as_terms(A)
    return K is not None and solve.select(K) is not None


shifted_terms = Guard(
    "solve has a rule for A ⊗ B + c I ⊗ I, and A + c I has none by eigenvectors",
    lambda A: not hermitian_by_rule(A) and _solved_as_terms(A),
)


@solve.rule(Shifted, when=shifted_terms, says="Σ A ⊗ B + c I = Σ A ⊗ B + c I ⊗ I")
def _(A: LinearOperator, B: Any) -> Any:
    return solve(as_terms(A), B)


@slogdet.rule(Shifted, when=shifted_terms, says="Σ A ⊗ B + c I = Σ A ⊗ B + c I ⊗ I")
def _(A: Shifted) -> SlogdetResult:
    return slogdet(as_terms(A))
