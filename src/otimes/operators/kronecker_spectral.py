"""The spectral identities of A ⊗ B: eigenvalues, singular values, norms, rank, condition."""

import functools
import math
from typing import Any

from otimes.core.rules import guard
from otimes.core.vector import KroneckerVector, LazyVector, PaddedVector, formed, largest, smallest
from otimes.functions.cond import cond
from otimes.functions.eig import EigResult, eig
from otimes.functions.eigh import eigh
from otimes.functions.eigvals import eigvals
from otimes.functions.eigvalsh import eigvalsh
from otimes.functions.norm import norm
from otimes.functions.pinv import pinv
from otimes.functions.svd import SVDResult, svd
from otimes.functions.svdvals import svdvals
from otimes.operators.generic import pinv_by_svd
from otimes.operators.kronecker import Kronecker, kron, square_factors


@guard("every factor is square and none is known not to be Hermitian (each is checked when it is decomposed)")
def hermitian_factors(K: Kronecker) -> bool:
    return square_factors(K) and all(F.facts.hermitian is not False for F in K.factors)


def _product(parts: Any) -> KroneckerVector:
    """Return the lazy products of one vector per factor."""
    return KroneckerVector(*map(formed, parts))


@eig.rule(Kronecker, when=square_factors, says="(A ⊗ B)(u ⊗ v) = λμ (u ⊗ v)", cite="HornJohnson1991")
def _(K: Kronecker) -> EigResult:
    values, vectors = zip(*map(eig, K.factors), strict=True)
    return EigResult(_product(values), kron(*vectors))


@eigvals.rule(Kronecker, when=square_factors, says="λ(A ⊗ B) = {λᵢ μⱼ}", cite="HornJohnson1991")
def _(K: Kronecker) -> LazyVector:
    return _product(map(eigvals, K.factors))


@eigh.rule(Kronecker, when=hermitian_factors, says="A ⊗ B = (Q_A ⊗ Q_B)(Λ_A ⊗ Λ_B)(Q_A ⊗ Q_B)ᴴ", cite="VanLoan2000")
def _(K: Kronecker) -> EigResult:
    values, vectors = zip(*map(eigh, K.factors), strict=True)
    return EigResult(_product(values), kron(*vectors))


@eigvalsh.rule(Kronecker, when=hermitian_factors, says="λ(A ⊗ B) = {λᵢ μⱼ}", cite="HornJohnson1991")
def _(K: Kronecker) -> LazyVector:
    return _product(map(eigvalsh, K.factors))


@svd.rule(Kronecker, says="A ⊗ B = (U_A ⊗ U_B)(Σ_A ⊗ Σ_B)(V_A ⊗ V_B)ᴴ", cite="VanLoan2000")
def _(K: Kronecker) -> SVDResult:
    U, S, Vh = zip(*map(svd, K.factors), strict=True)
    return SVDResult(kron(*U), _product(S), kron(*Vh))


@svdvals.rule(Kronecker, says="σ(A ⊗ B) = {σᵢ τⱼ}, and zeros up to min(m, n)", cite="HornJohnson1991")
def _(K: Kronecker) -> LazyVector:
    values = _product(map(svdvals, K.factors))
    return values if values.size == min(K.shape) else PaddedVector(values, min(K.shape))


@norm.rule(Kronecker, says="‖A ⊗ B‖ = ‖A‖ ‖B‖", cite="LancasterFarahat1972")
def _(K: Kronecker, ord: Any) -> Any:
    if ord == -2:
        return smallest(svdvals(K))
    return _scaled_product([norm(F, ord) for F in K.factors])


def _scaled_product(values: list) -> Any:
    """Return the product without overflow on the way: mantissas and exponents apart for plain numbers."""
    if any(hasattr(value, "detach") for value in values):
        return functools.reduce(lambda s, t: s * t, values)
    mantissas, exponents = zip(*(math.frexp(value) for value in values), strict=True)
    return math.ldexp(math.prod(mantissas), sum(exponents))


@cond.rule(Kronecker, when=square_factors, says="κ(A ⊗ B) = κ(A) κ(B)", cite="LancasterFarahat1972")
def _(K: Kronecker, p: Any) -> Any:
    return math.prod(float(cond(F, p)) for F in K.factors)


@pinv.rule(Kronecker, says="(A ⊗ B)⁺ = A⁺ ⊗ B⁺, products σᵢ τⱼ cut", cite="LangvilleStewart2004")
def _(K: Kronecker, rtol: float) -> Any:
    values = [formed(svdvals(F)) for F in K.factors]
    top = math.prod(map(largest, values))
    kept = [v[v > rtol * largest(v)] for v in values]
    if math.prod(map(smallest, kept)) > rtol * top:
        return kron(*(pinv(F, rtol=rtol) for F in K.factors))
    return pinv_by_svd(K, rtol)
