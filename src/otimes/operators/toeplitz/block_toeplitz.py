"""BlockToeplitz: blocks that depend on i − j alone; the blocks may be any operators of one shape.

There are m × n blocks of shape p × q. With the shift matrices S_l, which are 1 where i − j = l, it is Σ S_l ⊗ A_l.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np

from otimes.core.algebra import add, adjoint, conj, scale, to_dense, transpose, with_known
from otimes.core.array import (
    Array,
    astype,
    common_spec,
    is_integral,
    namespace,
    reshape,
    result_type,
    rows_of,
    spec_of,
    zeros,
)
from otimes.core.checks import shape_text
from otimes.core.facts import Facts, of_sum
from otimes.core.operator import LinearOperator, gathered
from otimes.core.rules import guard
from otimes.errors import ShapeError
from otimes.functions.diagonal import diagonal
from otimes.functions.norm import norm
from otimes.functions.trace import trace
from otimes.kernels.convolution import both_real, fast_lengths, from_spectrum, spectrum
from otimes.operators.blocks.block_diagonal_decompositions import frobenius
from otimes.operators.identity import Identity
from otimes.operators.kronecker.kronecker import converted_factor, kron
from otimes.operators.scalar_multiple import ScalarMultiple
from otimes.operators.zero import Zero

FEW_BLOCKS = 16  # up to which a product per lag is faster than transforms over the blocks


class BlockToeplitz(LinearOperator):
    """The operator of m × n blocks with A_(i − j) in block row i and block column j."""

    blocks: tuple[LinearOperator, ...]  # A_l for the lags l = −(n − 1), …, m − 1
    rows: int  # m

    def __init__(self, blocks: tuple[LinearOperator, ...], rows: int):
        blocks, spec = gathered(blocks, "block")
        p, q = blocks[0].shape
        super().__init__((rows * p, (len(blocks) - rows + 1) * q), spec, blocks=blocks, rows=rows)

    @property
    def columns(self) -> int:
        """The number of blocks in a row."""
        return len(self.blocks) - self.rows + 1

    @property
    def main(self) -> LinearOperator:
        """The block A₀ of the diagonal."""
        return self.blocks[self.columns - 1]

    def with_main(self, block: LinearOperator) -> "BlockToeplitz":
        """Return the operator with another block A₀."""
        before, after = self.blocks[: self.columns - 1], self.blocks[self.columns :]
        return BlockToeplitz((*before, block, *after), self.rows)

    @property
    def children(self) -> tuple[LinearOperator, ...]:
        """The blocks, by lags."""
        return self.blocks

    @property
    def details(self) -> tuple[str, ...]:
        """The grid of blocks, for display."""
        return (f"{self.rows}×{self.columns} blocks",)

    def _rebuilt(self, children: tuple[LinearOperator, ...]) -> "BlockToeplitz":
        return BlockToeplitz(children, self.rows)

    def _matmat(self, X: Array) -> Array:
        grid = reshape(X, (self.columns, self.blocks[0].shape[1], X.shape[1]))
        many = min(self.rows, self.columns) > FEW_BLOCKS and all(A.formed for A in self.blocks)
        Y = self._by_transforms(grid) if many and not is_integral(X.dtype) else self._by_lags(grid)
        return reshape(Y, (self.shape[0], X.shape[1]))

    def _by_lags(self, grid: Array) -> Array:
        """Return the sum over l of A_l times the blocks of X that it meets, l rows further down."""
        m, n, k, p = self.rows, self.columns, grid.shape[2], self.blocks[0].shape[0]
        total = zeros((m, p, k), spec_of(grid))
        for lag, A in zip(range(1 - n, m), self.blocks, strict=True):
            if not isinstance(A, Zero):
                first, last = max(0, -lag), min(n, m - lag)
                total = total + padded(by_blocks(A, grid[first:last, ...]), first + lag, m - last - lag)
        return total

    def _by_transforms(self, grid: Array) -> Array:
        """Return the convolution over the index of the blocks, one product of matrices per frequency."""
        A = stacked(self.blocks)
        real, lengths = both_real(A, grid), fast_lengths((len(self.blocks),))
        Y = spectrum(A, lengths, real) @ spectrum(grid, lengths, real)
        Y = from_spectrum(Y, lengths, real, (self.columns - 1,), (self.rows,))
        return astype(Y, result_type(namespace(Y), A.dtype, grid.dtype))


def by_blocks(A: LinearOperator, X: Array) -> Array:
    """Return A Xᵢ for each of a stack of matrices, as one product."""
    xp, (count, q, k) = namespace(X), X.shape
    Y = A._matmat(reshape(xp.permute_dims(X, (1, 0, 2)), (q, count * k)))
    return xp.permute_dims(reshape(Y, (A.shape[0], count, k)), (1, 0, 2))


def padded(Y: Array, before: int, after: int) -> Array:
    """Return Y with so many zeros before and after it along the first axis."""
    spec = spec_of(Y)
    parts = [zeros((before, *Y.shape[1:]), spec), Y, zeros((after, *Y.shape[1:]), spec)]
    return namespace(Y).concat(parts) if before or after else Y


def stacked(blocks: Iterable[LinearOperator]) -> Array:
    """Return formed blocks as one array, the index of the block first."""
    arrays = [to_dense(A) for A in blocks]
    return namespace(arrays[0]).stack(arrays)


def block_toeplitz(column: Any, row: Any = None) -> LinearOperator:
    """Return the block Toeplitz operator with a first block column and a first block row.

    Block (i, j) is column[i − j] for i ≥ j, and row[j − i] for i < j.

    Parameters
    ----------
    column : sequence of operators, array_like (p, q) or None, or array (m, p, q)
        None stands for a zero block.
    row : the same, n blocks, optional
        Default the adjoints of the column's blocks: Hermitian where column[0] is. row[0] is not used.

    Returns
    -------
    BlockToeplitz, (m p, n q)
        T @ x multiplies each block once, with all blocks of x that it meets; many dense blocks by Fourier
        transforms over the block index, in O((m + n) p q) operations and the transforms of the blocks.

    Raises
    ------
    ShapeError
        No blocks, blocks of different shapes, or ones that are not square where row is not given.
    ArrayMixError
        Blocks of different array libraries or devices.

    References
    ----------
    Golub & Van Loan (2013), Matrix Computations, section 4.8.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> A = ox.kron(np.ones((2, 2)), np.eye(3))  # 5 time steps of 6 values, a banded covariance
    >>> T = ox.block_toeplitz([3.0 * ox.eye(6) + A, 0.5 * A, None, None, None])
    >>> T.shape, T.facts.symmetric
    ((30, 30), True)
    """
    blocks = converted_blocks(column, "block_toeplitz", "column")
    if row is not None:
        above = converted_blocks(row, "block_toeplitz", "row")[1:]
        lags = alike([*blocks, *above], "column", len(blocks))
        return BlockToeplitz((*lags[: len(blocks) - 1 : -1], *lags[: len(blocks)]), len(blocks))
    first, *below = alike(blocks, "column")
    if not first.square:
        raise ShapeError(
            f"block_toeplitz(column): the blocks are {shape_text(first.shape)}, and their adjoints do not stand "
            "beside them; give the row"
        )
    T = BlockToeplitz((*map(adjoint, below[::-1]), first, *below), len(blocks))
    return with_known(T, Facts(hermitian=first.facts.hermitian or None))


def converted_blocks(blocks: Any, name: str, what: str) -> list[LinearOperator | None]:
    """Return the blocks as operators, None for zero ones; errors name the position."""
    if hasattr(blocks, "ndim") and blocks.ndim != 3:
        raise ShapeError(f"{name}: the {what} has shape {shape_text(blocks.shape)}; an array of blocks is (m, p, q)")
    if not hasattr(blocks, "__iter__"):
        raise ShapeError(f"{name}: the {what} is {type(blocks).__name__}; give a sequence of blocks")
    listed = [blocks[i, ...] for i in range(blocks.shape[0])] if hasattr(blocks, "ndim") else list(blocks)
    if not listed:
        raise ShapeError(f"{name}: the {what} has no blocks; give at least one")
    return [None if A is None else converted_factor(A, i, f"{name}: {what}", "block") for i, A in enumerate(listed)]


def alike(blocks: list[LinearOperator | None], what: str, columns: int | None = None) -> list[LinearOperator]:
    """Return the blocks, zeros filled in, if all have one shape; else raise `ShapeError`.

    After so many `columns` they are those of the row, from its second on.
    """
    given = [A for A in blocks if A is not None]
    if not given:
        raise ShapeError(f"{what}: no blocks but None; give at least one, for the shape")
    spec = common_spec(*(A.spec for A in given), what="block")
    for i, A in enumerate(blocks):
        if A is not None and A.shape != given[0].shape:
            place = f"{what} {i}" if columns is None or i < columns else f"row {i - columns + 1}"
            raise ShapeError(
                f"{place} is {shape_text(A.shape)} and another block is {shape_text(given[0].shape)}; "
                "all blocks must have one shape"
            )
    return [Zero(given[0].shape, spec) if A is None else A for A in blocks]


@guard("there are as many blocks in rows as in columns, and they are square")
def square_grid(T: BlockToeplitz) -> bool:
    return T.rows == T.columns and T.blocks[0].square


@guard("both have the same blocks by number and shape")
def same_blocks(T: BlockToeplitz, S: BlockToeplitz) -> bool:
    return (T.rows, T.columns, T.blocks[0].shape) == (S.rows, S.columns, S.blocks[0].shape)


@to_dense.rule(BlockToeplitz, says="block (i, j) is A_(i − j)")
def _(T: BlockToeplitz) -> Array:
    formed, n = stacked(T.blocks), T.columns
    xp = namespace(formed)
    index = np.arange(T.rows)[:, None] - np.arange(n) + n - 1
    return reshape(xp.permute_dims(rows_of(formed, index), (0, 2, 1, 3)), T.shape)


@transpose.rule(BlockToeplitz, says="(Tᵀ)_(i − j) = A_(j − i)ᵀ")
def _(T: BlockToeplitz) -> BlockToeplitz:
    return BlockToeplitz(tuple(map(transpose, T.blocks[::-1])), T.columns)


@conj.rule(BlockToeplitz, says="conj(T) has the blocks conj(A)")
def _(T: BlockToeplitz) -> BlockToeplitz:
    return BlockToeplitz(tuple(map(conj, T.blocks)), T.rows)


@scale.rule(BlockToeplitz, says="c T has the blocks c A")
def _(T: BlockToeplitz, c: Any) -> LinearOperator:
    return with_known(BlockToeplitz(tuple(scale(A, c) for A in T.blocks), T.rows), ScalarMultiple(c, T).facts)


@add.rule(BlockToeplitz, BlockToeplitz, when=same_blocks, says="T + S has the blocks A + B")
def _(T: BlockToeplitz, S: BlockToeplitz) -> LinearOperator:
    return with_known(BlockToeplitz(tuple(map(add, T.blocks, S.blocks)), T.rows), of_sum([T.facts, S.facts]))


@trace.rule(BlockToeplitz, when=square_grid, says="tr T = n tr A₀")
def _(T: BlockToeplitz) -> Any:
    return trace(kron(Identity(T.rows, T.spec), T.main))


@diagonal.rule(BlockToeplitz, when=square_grid, says="diag(T) = diag(I ⊗ A₀)")
def _(T: BlockToeplitz) -> Any:
    return diagonal(kron(Identity(T.rows, T.spec), T.main))


@norm.rule(BlockToeplitz, says="‖T‖²_F = Σ ‖A_l‖²_F, as often as the lag occurs")
def _(T: BlockToeplitz, ord: Any) -> Any:
    if ord != "fro" or not T.size:
        return norm.fallback(T, ord=ord)
    m, n = T.rows, T.columns
    counts = [min(m, n + lag) - max(lag, 0) for lag in range(1 - n, m)]
    return frobenius([count**0.5 * norm(A) for count, A in zip(counts, T.blocks, strict=True)])
