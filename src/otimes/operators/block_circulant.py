"""BlockCirculant: blocks that depend on i − j modulo n alone; block diagonal in the Fourier basis.

C = (F ⊗ I)ᴴ diag(Λ₀, …, Λ_(n−1)) (F ⊗ I) with Λ_f = Σ_l exp(−2πi f l / n) A_l: what is known of the blocks Λ_f
is known of C.
"""

import functools
from typing import Any

import numpy as np

from otimes.core.algebra import add, conj, matmul, scale, to_dense, transpose, with_known
from otimes.core.array import (
    Array,
    ArraySpec,
    astype,
    common_spec,
    inexact,
    is_complex,
    is_integral,
    namespace,
    reshape,
    result_type,
    rows_of,
)
from otimes.core.facts import Facts, of_sum
from otimes.core.operator import LinearOperator, gathered
from otimes.core.rules import guard
from otimes.functions.diagonal import diagonal
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
from otimes.functions.trace import trace
from otimes.kernels.convolution import both_real, from_spectrum, spectrum
from otimes.operators.block_diagonal import BlockDiagonal
from otimes.operators.block_toeplitz import alike, by_blocks, converted_blocks, stacked
from otimes.operators.dense import Dense
from otimes.operators.fourier import Fourier
from otimes.operators.identity import Identity
from otimes.operators.kronecker import kron
from otimes.operators.scalar_multiple import ScalarMultiple
from otimes.operators.zero import Zero


class BlockCirculant(LinearOperator):
    """The operator of n × n blocks with A_((i − j) mod n) in block row i and block column j."""

    blocks: tuple[LinearOperator, ...]

    def __init__(self, *blocks: LinearOperator):
        blocks, spec = gathered(blocks, "block")
        (p, q), n = blocks[0].shape, len(blocks)
        super().__init__((n * p, n * q), spec, blocks=blocks)

    @property
    def main(self) -> LinearOperator:
        """The block A₀ of the diagonal."""
        return self.blocks[0]

    def with_main(self, block: LinearOperator) -> "BlockCirculant":
        """Return the operator with another block A₀."""
        return BlockCirculant(block, *self.blocks[1:])

    @property
    def children(self) -> tuple[LinearOperator, ...]:
        """The blocks of the first column."""
        return self.blocks

    def _rebuilt(self, children: tuple[LinearOperator, ...]) -> "BlockCirculant":
        return BlockCirculant(*children)

    def _matmat(self, X: Array) -> Array:
        n, k, xp = len(self.blocks), X.shape[1], namespace(X)
        grid = reshape(X, (n, self.blocks[0].shape[1], k))
        if is_integral(X.dtype) or not _formed(self) or 0 in X.shape:
            terms = [xp.roll(by_blocks(A, grid), i, axis=0) for i, A in enumerate(self.blocks) if type(A) is not Zero]
            return reshape(functools.reduce(lambda Y, Z: Y + Z, terms), (self.shape[0], k))
        A = stacked(self.blocks)
        real = both_real(A, grid)
        Y = from_spectrum(spectrum(A, (n,), real) @ spectrum(grid, (n,), real), (n,), real, (0,), (n,))
        return astype(reshape(Y, (self.shape[0], k)), result_type(xp, A.dtype, X.dtype))


def block_circulant(blocks: Any) -> LinearOperator:
    """Return the block circulant operator with a first block column.

    Block (i, j) is blocks[(i − j) mod n].

    Parameters
    ----------
    blocks : sequence of operators, array_like (p, q) or None, or array (n, p, q)
        None stands for a zero block.

    Returns
    -------
    BlockCirculant, (n p, n q)
        Solutions, determinants and spectra are those of n matrices p × q: O(n p³) operations and the transforms,
        against O(n³ p³) formed.

    Raises
    ------
    ShapeError
        No blocks, or blocks of different shapes.
    ArrayMixError
        Blocks of different array libraries or devices.

    References
    ----------
    Davis (1994), Circulant Matrices, section 5.6.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> A, B = np.array([[4.0, 1.0], [0.0, 3.0]]), np.array([[0.0, 1.0], [1.0, 0.0]])
    >>> C = ox.block_circulant([A, B, None, B])
    >>> bool(np.allclose(ox.solve(C, C @ np.arange(8.0)), np.arange(8.0)))
    True
    """
    return BlockCirculant(*alike(converted_blocks(blocks, "block_circulant", "column"), "block"))


def _formed(C: BlockCirculant) -> bool:
    return all(A.formed for A in C.blocks)


def frequencies(C: BlockCirculant) -> BlockDiagonal:
    """Return diag(Λ₀, …, Λ_(n−1)); each Λ_f is Hermitian if C is."""
    n = len(C.blocks)
    if _formed(C) and C.size:
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


@guard("the blocks are square")
def square_blocks(C: BlockCirculant) -> bool:
    return C.blocks[0].square


@guard("the blocks are formed")
def formed_blocks(C: BlockCirculant) -> bool:
    return _formed(C)


@guard("the blocks are complex")
def complex_blocks(C: BlockCirculant) -> bool:
    return not C.real


@guard("C is known to be Hermitian")
def hermitian(C: BlockCirculant) -> bool:
    return bool(C.facts.hermitian)


@guard("both have the same blocks by number and shape")
def same_blocks(C: BlockCirculant, D: BlockCirculant) -> bool:
    return (len(C.blocks), C.blocks[0].shape) == (len(D.blocks), D.blocks[0].shape)


@to_dense.rule(BlockCirculant, says="block (i, j) is A_((i − j) mod n)")
def _(C: BlockCirculant) -> Array:
    index = np.arange(len(C.blocks))
    formed = rows_of(stacked(C.blocks), (index[:, None] - index) % len(index))
    return reshape(namespace(formed).permute_dims(formed, (0, 2, 1, 3)), C.shape)


@transpose.rule(BlockCirculant, says="(Cᵀ)_(i − j) = A_(j − i)ᵀ")
def _(C: BlockCirculant) -> BlockCirculant:
    return BlockCirculant(*map(transpose, (C.blocks[0], *C.blocks[:0:-1])))


@conj.rule(BlockCirculant, says="conj(C) has the blocks conj(A)")
def _(C: BlockCirculant) -> BlockCirculant:
    return BlockCirculant(*map(conj, C.blocks))


@scale.rule(BlockCirculant, says="c C has the blocks c A")
def _(C: BlockCirculant, c: Any) -> LinearOperator:
    return with_known(BlockCirculant(*(scale(A, c) for A in C.blocks)), ScalarMultiple(c, C).facts)


@add.rule(BlockCirculant, BlockCirculant, when=same_blocks, says="C + D has the blocks A + B")
def _(C: BlockCirculant, D: BlockCirculant) -> LinearOperator:
    return with_known(BlockCirculant(*map(add, C.blocks, D.blocks)), of_sum([C.facts, D.facts]))


@trace.rule(BlockCirculant, when=square_blocks, says="tr C = n tr A₀")
def _(C: BlockCirculant) -> Any:
    return trace(kron(Identity(len(C.blocks), C.spec), C.main))


@diagonal.rule(BlockCirculant, when=square_blocks, says="diag(C) = diag(I ⊗ A₀)")
def _(C: BlockCirculant) -> Any:
    return diagonal(kron(Identity(len(C.blocks), C.spec), C.main))


@solve.rule(BlockCirculant, when=square_blocks, says="C⁻¹ B = (F ⊗ I)ᴴ diag(Λ_f⁻¹) (F ⊗ I) B", cite="Davis1994")
def _(C: BlockCirculant, B: Array) -> Array:
    Q = _transform(C, C.blocks[0].shape[0])
    X = Q @ solve(frequencies(C), Q.H @ B)
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
