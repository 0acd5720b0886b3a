"""The spectrum of circulants, and what follows: solutions, inverses, determinants, decompositions, norms.

λ is the discrete Fourier transform of the first column c, and C = Fᴴ diag(λ) F for the unitary Fourier transform F
of the grid.
"""

import math
from typing import Any

import numpy as np

from otimes.core.algebra import matmul
from otimes.core.array import (
    Array,
    ArraySpec,
    astype,
    common_spec,
    inexact,
    is_complex,
    namespace,
    reshape,
    result_type,
)
from otimes.core.checks import require_finite
from otimes.core.operator import LinearOperator
from otimes.core.rules import guard
from otimes.core.values import reciprocals, root_of_squares
from otimes.functions.eig import EigResult, eig
from otimes.functions.eigh import eigh
from otimes.functions.eigvals import eigvals
from otimes.functions.eigvalsh import eigvalsh
from otimes.functions.inv import inv
from otimes.functions.norm import norm
from otimes.functions.pinv import pinv
from otimes.functions.slogdet import SlogdetResult, slogdet
from otimes.functions.solve import solve
from otimes.functions.svd import SVDResult, svd
from otimes.functions.svdvals import svdvals
from otimes.kernels.convolution import from_spectrum, spectrum, transformable
from otimes.operators.diagonal import Diagonal
from otimes.operators.kronecker.kronecker import kron
from otimes.operators.toeplitz.circulant import Circulant
from otimes.operators.transforms.fourier import Fourier, Hartley


def values_of(C: Circulant) -> Array:
    """Return λ in the order of the grid; real where C is known to be Hermitian."""
    xp, c = namespace(C.column), C.column
    if isinstance(c, np.ndarray):
        require_finite(c, f"the circulant of size {C.shape[0]}")
    if not C.shape[0]:
        λ = astype(reshape(c, (-1,)), result_type(xp, inexact(c.dtype, xp), xp.complex64))
    else:
        λ = reshape(spectrum(c, c.shape, real=False), (-1,))
    return xp.real(λ) if C.facts.hermitian else λ


def of_values(λ: Array, C: Circulant, real: bool) -> Circulant:
    """Return the circulant with eigenvalues λ on the grid of C; real if it is known to be."""
    xp, sizes = namespace(λ), C.column.shape
    if not C.shape[0]:
        return Circulant(astype(C.column, inexact(C.dtype, xp)))
    c = from_spectrum(transformable(reshape(λ, sizes), real=False), sizes, False, (0,) * len(sizes), sizes)
    return Circulant(xp.real(c) if real else c)


def _vectors(C: Circulant, hermitian: Any) -> LinearOperator:
    """Return the eigenvectors of all circulants on the grid of C, or of all that are Hermitian and real if C is."""
    spec = ArraySpec(C.spec.xp, inexact(C.dtype, C.spec.xp), C.spec.device)
    if C.real and hermitian:
        return Hartley(C.column.shape, spec)
    λ = common_spec(spec, ArraySpec(None, complex))
    return kron(*(Fourier(n, λ, inverse=True) for n in C.column.shape))


def _reciprocals(C: Circulant) -> Array:
    n = C.shape[0]
    return reciprocals(values_of(C), f"the circulant of size {n}", "pinv and lstsq take it", rounding=math.log2(n + 2))


@guard("C is known to be Hermitian")
def hermitian(C: Circulant) -> bool:
    return bool(C.facts.hermitian)


@inv.rule(Circulant, says="C⁻¹ = Fᴴ diag(1/λ) F", cite="Davis1994")
def _(C: Circulant) -> Circulant:
    return of_values(_reciprocals(C), C, real=C.real)


@solve.rule(Circulant, says="C⁻¹ B = Fᴴ diag(1/λ) F B", cite="Davis1994")
def _(C: Circulant, B: Array) -> Array:
    return inv(C)._matmat(B)


@pinv.rule(Circulant, says="C⁺ = Fᴴ diag(λ)⁺ F", cite="Davis1994")
def _(C: Circulant, rtol: float) -> Circulant:
    return of_values(pinv(Diagonal(values_of(C)), rtol=rtol).entries, C, real=C.real)


@slogdet.rule(Circulant, says="det C = Π λᵢ", cite="Davis1994")
def _(C: Circulant) -> SlogdetResult:
    λ = values_of(C)
    sign, logarithm = slogdet(Diagonal(λ if C.real else astype(λ, inexact(C.dtype, C.spec.xp))))
    if not C.real or not is_complex(getattr(sign, "dtype", float)):
        return SlogdetResult(sign, logarithm)
    xp = namespace(C.column)
    return SlogdetResult(xp.sign(xp.real(sign)), logarithm)  # conjugate pairs of λ multiply to |λ|²


@eigvals.rule(Circulant, says="λ = F c", cite="Davis1994")
def _(C: Circulant) -> Array:
    λ = values_of(C)
    return λ if C.real else astype(λ, inexact(C.dtype, C.spec.xp))


@eig.rule(Circulant, says="C Fᴴ = Fᴴ diag(λ)", cite="Davis1994")
def _(C: Circulant) -> EigResult:
    return EigResult(eigvals(C), _vectors(C, C.facts.hermitian))


@eigvalsh.rule(Circulant, when=hermitian, says="λ = F c", cite="Davis1994")
def _(C: Circulant) -> Array:
    return values_of(C)


@eigh.rule(Circulant, when=hermitian, says="C = Fᴴ diag(λ) F; for real C also H diag(λ) H", cite="BiniFavati1993")
def _(C: Circulant) -> EigResult:
    return EigResult(values_of(C), _vectors(C, C.facts.hermitian))


@svdvals.rule(Circulant, says="σ = |λ|")
def _(C: Circulant) -> Array:
    return abs(values_of(C))


@svd.rule(Circulant, says="C = W |C|: W = Fᴴ diag(λ/|λ|) F is unitary, |C| = Q diag|λ| Qᴴ is Hermitian")
def _(C: Circulant) -> SVDResult:
    phases, sizes, _ = svd(Diagonal(values_of(C)))
    Q = _vectors(C, hermitian=True)
    return SVDResult(matmul(of_values(phases.entries, C, real=C.real), Q), sizes, Q.H)


@norm.rule(Circulant, says="‖C‖₁ = ‖C‖_∞ = ‖c‖₁, ‖C‖_F = √n ‖c‖₂, and the others from σ = |λ|")
def _(C: Circulant, ord: Any) -> Any:
    xp = namespace(C.column)
    c = reshape(astype(C.column, inexact(C.dtype, C.spec.xp)), (-1,))
    if not C.shape[0] or ord in ("nuc", 2, -2):
        return norm(Diagonal(values_of(C)), ord)
    if ord == "fro":
        return C.shape[0] ** 0.5 * root_of_squares(xp.abs(c))
    return xp.sum(xp.abs(c))
