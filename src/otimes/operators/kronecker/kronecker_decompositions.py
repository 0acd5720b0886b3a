"""The decompositions of A ⊗ B: triangular and orthogonal factors, spectra, and what follows from them."""

import functools
import math
from typing import Any

from otimes.core.array import as_float, distinct, eye, is_array, is_complex, itemsize, namespace
from otimes.core.checks import MAX_BYTES, require_bytes
from otimes.core.operator import LinearOperator
from otimes.core.padded import PaddedVector
from otimes.core.rules import Function, guard
from otimes.core.tracing import certainly, traced
from otimes.core.values import formed, largest, smallest
from otimes.core.vector import KroneckerVector, LazyVector
from otimes.errors import NotPositiveDefinite, StructureError
from otimes.functions.cholesky import cholesky
from otimes.functions.cond import cond
from otimes.functions.eig import EigResult, eig
from otimes.functions.eigh import eigh
from otimes.functions.eigvals import eigvals
from otimes.functions.eigvalsh import eigvalsh
from otimes.functions.lu import LUResult, lu
from otimes.functions.norm import norm
from otimes.functions.pinv import pinv
from otimes.functions.qr import QRResult, qr
from otimes.functions.svd import SVDResult, svd
from otimes.functions.svdvals import svdvals
from otimes.operators.every.generic import pinv_by_svd
from otimes.operators.kronecker.kronecker import Kronecker, each, kron, square_factors


@guard("every factor is square and none is known not to be Hermitian (each is checked when it is decomposed)")
def hermitian_factors(K: Kronecker) -> bool:
    return square_factors(K) and all(F.facts.hermitian is not False for F in K.factors)


def _product(parts: Any) -> KroneckerVector:
    """Return the lazy products of one vector per factor."""
    return KroneckerVector(*map(formed, parts))


@cholesky.rule(Kronecker, when=square_factors, says="A ⊗ B = (L_A ⊗ L_B)(L_A ⊗ L_B)ᴴ", cite="VanLoan2000")
def _(K: Kronecker) -> LinearOperator:
    signs = [_leading_sign(F) for F in K.factors]
    if math.prod(signs) < 0:
        raise NotPositiveDefinite(f"cholesky: an odd number of the {len(signs)} factors has a negative leading entry")
    return kron(*each(cholesky, tuple(F if sign > 0 else -F for F, sign in zip(K.factors, signs, strict=True))))


def _leading_sign(F: LinearOperator) -> int:
    """Return the sign of F[0, 0]: a definite factor has that of its eigenvalues."""
    if F.facts.positive_definite or not F.shape[0]:
        return 1
    first = (F @ eye(F.shape[1], F.spec, 1))[0, 0]
    return -1 if certainly((namespace(first).real(first) if is_complex(first.dtype) else first) < 0) else 1


@qr.rule(Kronecker, says="A ⊗ B = (Q_A ⊗ Q_B)(R_A ⊗ R_B)", cite="VanLoan2000")
def _(K: Kronecker) -> QRResult:
    Q, R = zip(*each(qr, K.factors), strict=True)
    return QRResult(kron(*Q), kron(*R))


@lu.rule(Kronecker, says="A ⊗ B = (P_A ⊗ P_B)(L_A ⊗ L_B)(U_A ⊗ U_B)", cite="VanLoan2000")
def _(K: Kronecker) -> LUResult:
    P, L, U = zip(*each(lu, K.factors), strict=True)
    return LUResult(kron(*P), kron(*L), kron(*U))


@eig.rule(Kronecker, when=square_factors, says="(A ⊗ B)(u ⊗ v) = λμ (u ⊗ v)", cite="HornJohnson1991")
def _(K: Kronecker) -> EigResult:
    values, vectors = zip(*each(eig, K.factors), strict=True)
    return EigResult(_product(values), kron(*vectors))


@eigvals.rule(Kronecker, when=square_factors, says="λ(A ⊗ B) = {λᵢ μⱼ}", cite="HornJohnson1991")
def _(K: Kronecker) -> LazyVector:
    return _product(each(eigvals, K.factors))


@eigh.rule(Kronecker, when=hermitian_factors, says="A ⊗ B = (Q_A ⊗ Q_B)(Λ_A ⊗ Λ_B)(Q_A ⊗ Q_B)ᴴ", cite="VanLoan2000")
def _(K: Kronecker) -> EigResult:
    try:
        values, vectors = zip(*each(eigh, K.factors), strict=True)
    except StructureError as error:
        return _formed(eigh, K, error)
    return EigResult(_product(values), kron(*vectors))


@eigvalsh.rule(Kronecker, when=hermitian_factors, says="λ(A ⊗ B) = {λᵢ μⱼ}", cite="HornJohnson1991")
def _(K: Kronecker) -> LazyVector:
    try:
        return _product(each(eigvalsh, K.factors))
    except StructureError as error:
        return _formed(eigvalsh, K, error)


def _formed(function: Function, K: Kronecker, error: StructureError) -> Any:
    """Return the function of the formed product, which may be Hermitian where factors are not: skew ⊗ skew."""
    try:
        return function.fallback(K)
    except StructureError:
        raise error from None


@svd.rule(Kronecker, says="A ⊗ B = (U_A ⊗ U_B)(Σ_A ⊗ Σ_B)(V_A ⊗ V_B)ᴴ", cite="VanLoan2000")
def _(K: Kronecker) -> SVDResult:
    U, S, Vh = zip(*each(svd, K.factors), strict=True)
    return SVDResult(kron(*U), _product(S), kron(*Vh))


@svdvals.rule(Kronecker, says="σ(A ⊗ B) = {σᵢ τⱼ}, and zeros up to min(m, n)", cite="HornJohnson1991")
def _(K: Kronecker) -> LazyVector:
    values = _product(each(svdvals, K.factors))
    return values if values.size == min(K.shape) else PaddedVector(values, min(K.shape))


@norm.rule(Kronecker, says="‖A ⊗ B‖ = ‖A‖ ‖B‖", cite="LancasterFarahat1972")
def _(K: Kronecker, ord: Any) -> Any:
    if 0 in K.shape:
        return 0.0
    if ord == -2:
        return smallest(svdvals(K))
    return _scaled_product(each(norm, K.factors, ord))


def _scaled_product(values: list) -> Any:
    """Return the product without overflow on the way: mantissas and exponents apart for plain numbers."""
    if any(map(is_array, values)):
        return functools.reduce(lambda s, t: s * t, values)
    mantissas, exponents = zip(*(math.frexp(value) for value in values), strict=True)
    try:
        return math.ldexp(math.prod(mantissas), sum(exponents))
    except OverflowError:
        return math.inf


@cond.rule(Kronecker, when=square_factors, says="κ(A ⊗ B) = κ(A) κ(B)", cite="LancasterFarahat1972")
def _(K: Kronecker, p: Any) -> Any:
    return math.prod(as_float(cond(F, p)) for F in K.factors)


@pinv.rule(Kronecker, says="(A ⊗ B)⁺ = A⁺ ⊗ B⁺, products σᵢ τⱼ cut", cite="LangvilleStewart2004")
def _(K: Kronecker, rtol: float) -> Any:
    values = [distinct(formed(v)) for v in each(svdvals, K.factors)]
    if traced(*values):
        return pinv_by_svd(K, rtol)
    top = math.prod(map(largest, values))
    kept = [v[v > rtol * largest(v)] for v in values]
    if math.prod(map(smallest, kept)) > rtol * top:
        return kron(*each(functools.partial(pinv, rtol=rtol), K.factors))
    what = f"the pseudoinverse, whose cut rtol={rtol:.3g} falls between products of singular values,"
    require_bytes((min(K.shape),), itemsize(K.dtype), MAX_BYTES, what, "pass rtol=0 for A⁺ ⊗ B⁺ with nothing cut")
    return pinv_by_svd(K, rtol)
