"""Sums of Kronecker products by the triangles of their slots: the Frobenius norm, and the fewest terms.

The factors of a slot, read row by row as columns of X = Q R, enter both through R alone, which is at most terms ×
terms; nothing of the size of the operator is formed. With QR in place of the Gram matrices Xᴴ X no digits are lost.
"""

from typing import Any, NamedTuple

from otimes.core.algebra import to_dense
from otimes.core.array import Array, adjoint, astype, inexact, is_complex, itemsize, namespace
from otimes.core.checks import MAX_BYTES, require_bytes
from otimes.core.facts import Facts
from otimes.core.lapack import lapack
from otimes.core.operator import LinearOperator, inexact_operator
from otimes.core.rules import Guard, guard
from otimes.core.truncation import kept, magnitude
from otimes.functions.norm import norm
from otimes.functions.recompress import RecompressResult, recompress
from otimes.functions.svdvals import svdvals
from otimes.operators.dense import Dense
from otimes.operators.every.generic import has_rule
from otimes.operators.kronecker.kronecker import Kronecker
from otimes.operators.scalar_multiple import ScalarMultiple
from otimes.operators.terms.kronecker_terms import KroneckerTerms, term, terms_of
from otimes.operators.terms.kronecker_terms_spectra import real_scalars, slots_of


class Columns(NamedTuple):
    """Q and R, the factors of a slot being the columns of Q R, one for each term; Q holds the given shapes."""

    basis: Array
    triangle: Array


def hermitian_terms(K: KroneckerTerms) -> bool:
    """Whether all factors are known to be Hermitian and all scalars are real: real combinations are Hermitian too."""
    return real_scalars(K) and all(F.facts.hermitian for product in K.products for F in product.factors)


def columns_of(K: KroneckerTerms) -> list[Columns]:
    """Return the QR decomposition of every slot, in real coordinates where all factors are Hermitian."""
    hermitian = hermitian_terms(K)
    return [_columns(kinds, places, hermitian) for kinds, places in slots_of(K)]


def _columns(kinds: tuple, places: tuple[int, ...], hermitian: bool) -> Columns:
    m, n = kinds[0].shape
    width = itemsize(kinds[0].dtype)
    require_bytes((m, n, len(kinds)), width, MAX_BYTES, f"{len(kinds)} factors {m}×{n}, stacked,", "use other factors")
    arrays = [to_dense(F) for F in kinds]
    xp, dtype = namespace(arrays[0]), inexact(arrays[0].dtype, kinds[0].spec.xp)
    X = xp.stack([xp.reshape(astype(a, dtype), (m * n,)) for a in arrays], axis=1)
    if hermitian and is_complex(dtype):
        X = xp.concat([xp.real(X), xp.imag(X)], axis=0)
    Q, R = lapack("qr", X)
    return Columns(Q, xp.stack([R[:, i] for i in places], axis=1))


def scaled_triangle(K: KroneckerTerms, columns: Columns) -> Array:
    """Return the triangle with the scalar of each term multiplied into its column."""
    R = columns.triangle
    return namespace(R).stack([c * R[:, r] for r, c in enumerate(K.scalars)], axis=1)


def frobenius_norm(K: KroneckerTerms) -> Any:
    """Return ‖Σ_r c_r f₁⁽ʳ⁾ ⊗ … ⊗ f_N⁽ʳ⁾‖, slot after slot: the columns so far are multiplied by those of the next."""
    first, *rest = columns_of(K)
    W = scaled_triangle(K, first)
    xp = namespace(W)
    for columns in rest:
        R = columns.triangle
        product = xp.reshape(W[:, None, :] * R[None, :, :], (W.shape[0] * R.shape[0], W.shape[1]))
        W = lapack("qr", product)[1] if product.shape[0] > product.shape[1] else product
    return norm(xp.sum(W, axis=1)[:, None], "fro")


@norm.rule(
    KroneckerTerms,
    when=~has_rule(svdvals),
    says="‖Σ A ⊗ B‖_F = ‖Σ a ⊗ b‖ for the columns a, b of R_A, R_B with [vec A …] = Q R_A",
    cite="VanLoan2000",
)
def _(K: KroneckerTerms, ord: Any) -> Any:
    if ord != "fro":
        return norm.fallback(K, ord=ord)
    return frobenius_norm(K) if 0 not in K.shape else 0.0


@guard("every term has two factors (otimes.regroup merges more to two)")
def two_slots(K: KroneckerTerms) -> bool:
    return len(K.partition) == 2


@recompress.rule(
    KroneckerTerms,
    when=two_slots,
    says="Σ A ⊗ B = Σ σ (Q_A u) ⊗ (Q_B conj(v)) for R_A R_Bᵀ = U Σ Vᴴ, cut short",
    cite="VanLoan2000",
)
def _(K: KroneckerTerms, rtol: float, rank: int | None) -> RecompressResult:
    """Cut the singular values of the rearrangement, which are those of R_A R_Bᵀ; the error is the tail of them."""
    if 0 in K.shape:
        return RecompressResult(K, 0.0)
    left, right = columns_of(K)
    xp, weighted = namespace(left.basis), scaled_triangle(K, left)
    U, S, Vh = lapack("svd", weighted @ right.triangle.mT, full_matrices=False)
    lengths = _lengths(weighted) * _lengths(right.triangle)
    rounding = float(xp.finfo(S.dtype).eps) * xp.sum(lengths)  # what terms leave behind that cancel
    S = xp.where(rounding < S, S, xp.zeros_like(S))
    count, cost = kept(S, magnitude(S), rtol**2, rank)
    root = xp.sqrt(S[:count])
    first, second = left.basis @ (U[:, :count] * root), right.basis @ (Vh[:count, :].mT * root)
    slots = [factors_of(K, columns, shape) for columns, shape in zip((first, second), K.partition, strict=True)]
    return RecompressResult(KroneckerTerms(*map(term, zip(*slots, strict=True))), cost**0.5)


def _lengths(R: Array) -> Array:
    """Return the norms of the columns, of entries whose squares may overflow or vanish too."""
    size = magnitude(R) or 1.0
    return size * namespace(R).linalg.vector_norm(R / size, axis=0)


one_term = Guard("it is c A ⊗ B", lambda A: bool(terms_of(A)))


@recompress.rule(Kronecker, says="A ⊗ B is one term")
@recompress.rule(ScalarMultiple, when=one_term, says="c A ⊗ B is one term")
def _(A: LinearOperator, rtol: float, rank: int | None) -> RecompressResult:
    return RecompressResult(inexact_operator(A), 0.0)


def factors_of(K: KroneckerTerms, columns: Array, shape: tuple[int, int]) -> list[Dense]:
    """Return columns as factors, exactly Hermitian where all factors of K are."""
    xp, hermitian = namespace(columns), hermitian_terms(K)
    if hermitian and is_complex(K.dtype):
        half = columns.shape[0] // 2
        columns = columns[:half, :] + 1j * columns[half:, :]
    matrices = [xp.reshape(columns[:, r], shape) for r in range(columns.shape[1])]
    return [Dense((F + adjoint(F)) / 2, Facts(hermitian=True)) if hermitian else Dense(F) for F in matrices]
