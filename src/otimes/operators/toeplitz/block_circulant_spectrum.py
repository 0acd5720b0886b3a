"""The spectrum of block circulants, block diagonal in the Fourier basis, and what follows from it.

C = (F ⊗ I)ᴴ diag(Λ₀, …, Λ_(n−1)) (F ⊗ I) with Λ_f = Σ_l exp(−2πi f l / n) A_l: what is known of the blocks Λ_f
is known of C.
"""

import functools
import math
from typing import Any

import numpy as np

from otimes.core.algebra import add, matmul, scale, with_known
from otimes.core.array import (
    Array,
    ArraySpec,
    common_spec,
    inexact,
    is_complex,
    namespace,
    reshape,
)
from otimes.core.checks import shape_text
from otimes.core.facts import Facts
from otimes.core.operator import LinearOperator
from otimes.core.rules import guard
from otimes.core.tracing import certainly
from otimes.errors import SingularError
from otimes.functions.eig import EigResult, eig
from otimes.functions.eigh import eigh
from otimes.functions.eigvals import eigvals
from otimes.functions.eigvalsh import eigvalsh
from otimes.functions.inv import inv
from otimes.functions.lstsq import lstsq
from otimes.functions.pinv import pinv
from otimes.functions.slogdet import SlogdetResult, slogdet
from otimes.functions.solve import solve
from otimes.functions.svd import SVDResult, svd
from otimes.functions.svdvals import svdvals
from otimes.kernels.convolution import from_spectrum, spectrum
from otimes.operators.blocks.block_diagonal import BlockDiagonal
from otimes.operators.dense import Dense
from otimes.operators.identity import Identity
from otimes.operators.kronecker.kronecker import kron
from otimes.operators.toeplitz.block_circulant import BlockCirculant, formed_blocks, square_blocks
from otimes.operators.toeplitz.block_toeplitz import stacked
from otimes.operators.transforms.fourier import Fourier


def frequencies(C: BlockCirculant) -> BlockDiagonal:
    """Return diag(Λ₀, …, Λ_(n−1)); each Λ_f is Hermitian if C is."""
    n = len(C.blocks)
    if formed_blocks(C) and C.size:
        λ = spectrum(stacked(C.blocks), (n,), real=False)
        parts: list[LinearOperator] = [Dense(λ[f, ...]) for f in range(n)]
    else:
        ω = np.exp(-2j * np.pi * (np.outer(np.arange(n), np.arange(n)) % n) / n)
        parts = [functools.reduce(add, map(scale, C.blocks, map(complex, row))) for row in ω]
    return BlockDiagonal(*(with_known(part, Facts(hermitian=C.facts.hermitian or None)) for part in parts))


def _of_frequencies(D: BlockDiagonal, C: BlockCirculant) -> BlockCirculant:
    """Return the block circulant that D, of formed blocks, diagonalises, real if C is."""
    n, (p, q) = len(D.blocks), D.blocks[0].shape
    blocks = from_spectrum(stacked(D.blocks), (n,), False, (0,), (n,)) if p * q else stacked(D.blocks)
    blocks = namespace(blocks).real(blocks) if C.real else blocks
    return BlockCirculant(*(Dense(blocks[i, ...]) for i in range(n)))


def _transform(C: BlockCirculant, size: int) -> LinearOperator:
    """Return Fᴴ ⊗ I for blocks of this size."""
    spec = common_spec(ArraySpec(C.spec.xp, inexact(C.spec.dtype, C.spec.xp), C.spec.device), ArraySpec(None, complex))
    return kron(Fourier(len(C.blocks), spec, inverse=True), Identity(size, spec))


def _regular(X: Array, B: Array, C: BlockCirculant) -> Array:
    """Return the solutions X of Λ_f X_f = B_f, unless they show that C is singular to working precision.

    ‖X_f‖ / ‖B_f‖ lies between the least and the largest singular value of C⁻¹.
    """
    if 0 in X.shape:
        return X
    xp, n = namespace(X), len(C.blocks)
    x, b = (xp.sqrt(xp.sum(xp.abs(reshape(Y, (n, -1))) ** 2, axis=1)) for Y in (X, B))
    growth = x / xp.where(b > 0, b, xp.ones_like(b))
    low = xp.min(xp.where(b > 0, growth, xp.full_like(growth, math.inf)))
    high = xp.max(xp.where(b > 0, growth, xp.zeros_like(growth)))
    if certainly(low < high * math.log2(n + 2) * float(xp.finfo(growth.dtype).eps)):
        raise SingularError(
            f"the block circulant of {n} blocks {shape_text(C.blocks[0].shape)} is singular to working precision; "
            "pinv and lstsq take it"
        )
    return X


@guard("the blocks are complex")
def complex_blocks(C: BlockCirculant) -> bool:
    return not C.real


@guard("C is known to be Hermitian")
def hermitian(C: BlockCirculant) -> bool:
    return bool(C.facts.hermitian)


@solve.rule(BlockCirculant, when=square_blocks, says="C⁻¹ B = (F ⊗ I)ᴴ diag(Λ_f⁻¹) (F ⊗ I) B", cite="Davis1994")
def _(C: BlockCirculant, B: Array) -> Array:
    Q = _transform(C, C.blocks[0].shape[0])
    transformed = Q.H @ B
    X = Q @ _regular(solve(frequencies(C), transformed), transformed, C)
    return namespace(X).real(X) if C.real and not is_complex(B.dtype) else X


@inv.rule(BlockCirculant, when=square_blocks & formed_blocks, says="C⁻¹ has the frequencies Λ_f⁻¹", cite="Davis1994")
def _(C: BlockCirculant) -> BlockCirculant:
    return _of_frequencies(inv(frequencies(C)), C)


@pinv.rule(BlockCirculant, when=formed_blocks, says="C⁺ has the frequencies Λ_f⁺", cite="Davis1994")
def _(C: BlockCirculant, rtol: float) -> BlockCirculant:
    return _of_frequencies(pinv(frequencies(C), rtol=rtol), C)


@lstsq.rule(BlockCirculant, when=formed_blocks, says="x = C⁺ b", cite="Davis1994")
def _(C: BlockCirculant, B: Array, rtol: float) -> tuple[Array, Any]:
    return pinv(C, rtol=rtol) @ B, svdvals(C)


@slogdet.rule(BlockCirculant, when=square_blocks, says="det C = Π det Λ_f", cite="Davis1994")
def _(C: BlockCirculant) -> SlogdetResult:
    sign, logarithm = slogdet(frequencies(C))
    if not C.real or not is_complex(getattr(sign, "dtype", type(sign))):
        return SlogdetResult(sign, logarithm)
    xp = C.spec.xp or np
    return SlogdetResult(xp.sign(xp.real(sign)), logarithm)  # Λ_f and Λ_(n−f) are conjugates of each other


@eigvals.rule(BlockCirculant, when=square_blocks, says="λ(C) are the λ(Λ_f)", cite="Davis1994")
def _(C: BlockCirculant) -> Any:
    return eigvals(frequencies(C))


@eigvalsh.rule(BlockCirculant, when=hermitian, says="λ(C) are the λ(Λ_f)", cite="Davis1994")
def _(C: BlockCirculant) -> Any:
    return eigvalsh(frequencies(C))


@svdvals.rule(BlockCirculant, says="σ(C) are the σ(Λ_f)", cite="Davis1994")
def _(C: BlockCirculant) -> Any:
    return svdvals(frequencies(C))


@eig.rule(BlockCirculant, when=square_blocks, says="C (F ⊗ I)ᴴ V = (F ⊗ I)ᴴ V diag(λ)", cite="Davis1994")
def _(C: BlockCirculant) -> EigResult:
    values, V = eig(frequencies(C))
    return EigResult(values, matmul(_transform(C, C.blocks[0].shape[0]), V))


@eigh.rule(BlockCirculant, when=hermitian & complex_blocks, says="C (F ⊗ I)ᴴ V = (F ⊗ I)ᴴ V diag(λ)", cite="Davis1994")
def _(C: BlockCirculant) -> EigResult:
    values, V = eigh(frequencies(C))
    return EigResult(values, matmul(_transform(C, C.blocks[0].shape[0]), V))


@svd.rule(BlockCirculant, when=complex_blocks, says="C = (F ⊗ I)ᴴ U Σ Vᴴ (F ⊗ I)", cite="Davis1994")
def _(C: BlockCirculant) -> SVDResult:
    (p, q), (U, values, Vh) = C.blocks[0].shape, svd(frequencies(C))
    return SVDResult(matmul(_transform(C, p), U), values, matmul(Vh, _transform(C, q).H))
