"""BlockCirculant: blocks that depend on i − j modulo n alone; the blocks may be any operators of one shape.

Its spectrum, and what follows from that, is in `block_circulant_spectrum`.
"""

import functools
from typing import Any

import numpy as np

from otimes.core.algebra import add, conj, scale, to_dense, transpose, with_known
from otimes.core.array import (
    Array,
    astype,
    is_integral,
    namespace,
    reshape,
    result_type,
    rows_of,
)
from otimes.core.facts import of_sum
from otimes.core.operator import LinearOperator, gathered
from otimes.core.rules import guard
from otimes.functions.diagonal import diagonal
from otimes.functions.trace import trace
from otimes.kernels.convolution import both_real, from_spectrum, spectrum
from otimes.operators.identity import Identity
from otimes.operators.kronecker.kronecker import kron
from otimes.operators.scalar_multiple import ScalarMultiple
from otimes.operators.toeplitz.block_toeplitz import alike, by_blocks, converted_blocks, stacked
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
        if is_integral(X.dtype) or not formed_blocks(self) or 0 in X.shape:
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


@guard("the blocks are formed")
def formed_blocks(C: BlockCirculant) -> bool:
    return all(A.formed for A in C.blocks)


@guard("the blocks are square")
def square_blocks(C: BlockCirculant) -> bool:
    return C.blocks[0].square


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
