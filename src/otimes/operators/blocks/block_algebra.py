"""The identities of a matrix of blocks: its algebra, block by block, its diagonal, its norm."""

import functools
import itertools
from typing import Any

import numpy as np

from otimes.core.algebra import add, conj, matmul, scale, to_dense, transpose, with_known
from otimes.core.array import Array, common_spec, namespace, zeros
from otimes.core.facts import of_sum
from otimes.core.indexing import entries, taken
from otimes.core.operator import LinearOperator
from otimes.core.rules import guard
from otimes.core.values import concatenated, formed
from otimes.functions.diagonal import diagonal
from otimes.functions.norm import norm
from otimes.functions.trace import exact_integer, trace
from otimes.operators.blocks.block import Block, block, rows_of
from otimes.operators.blocks.block_diagonal import BlockDiagonal, offsets, same_partition, square_blocks
from otimes.operators.blocks.block_diagonal_decompositions import frobenius
from otimes.operators.scalar_multiple import ScalarMultiple
from otimes.operators.zero import Zero

Blocks = Block | BlockDiagonal


@guard("rows and columns are cut at the same places")
def square_partition(A: Blocks) -> bool:
    return A.row_sizes == A.column_sizes


@to_dense.rule(Block, says="the blocks side by side")
def _(A: Block) -> Array:
    concat = (A.spec.xp or np).concat
    return concat([concat([to_dense(B, max_bytes=None) for B in row], axis=1) for row in A.rows])


@transpose.rule(Block, says="[A, B; C, D]ᵀ = [Aᵀ, Cᵀ; Bᵀ, Dᵀ]", cite="GolubVanLoan2013")
def _(A: Block) -> LinearOperator:
    return Block(*(tuple(map(transpose, column)) for column in zip(*A.rows, strict=True)))


@conj.rule(Block, says="conj([A, B]) = [conj(A), conj(B)]")
def _(A: Block) -> LinearOperator:
    return Block(*(tuple(map(conj, row)) for row in A.rows))


@scale.rule(Block, says="c [A, B] = [c A, c B]")
def _(A: Block, c: Any) -> LinearOperator:
    return with_known(Block(*(tuple(scale(B, c) for B in row) for row in A.rows)), ScalarMultiple(c, A).facts)


@add.rule(Block, Block, when=same_partition, says="[A, B] + [C, D] = [A + C, B + D]", cite="GolubVanLoan2013")
@add.rule(Block, BlockDiagonal, when=same_partition, says="[A, B; C, D] + diag(E, F) = [A + E, B; C, D + F]")
@add.rule(BlockDiagonal, Block, when=same_partition, says="diag(E, F) + [A, B; C, D] = [E + A, B; C, F + D]")
def _(A: Blocks, B: Blocks) -> LinearOperator:
    pairs = zip(rows_of(A), rows_of(B), strict=True)
    return with_known(Block(*(tuple(map(add, *pair)) for pair in pairs)), of_sum([A.facts, B.facts]))


@guard("the sizes of the blocks conform, and the product takes no more products of blocks to apply than its factors")
def fused_is_no_dearer(A: Blocks, B: Blocks) -> bool:
    if A.column_sizes != B.row_sizes:
        return False
    left, right = rows_of(A), rows_of(B)
    pairs = [pair for row in left for column in zip(*right, strict=True) for pair in _nonzero(row, column)]
    cost = sum(2 if _stays_lazy(*pair) else 1 for pair in pairs)
    return cost <= sum(not isinstance(B, Zero) for grid in (left, right) for row in grid for B in row)


def _stays_lazy(A: LinearOperator, B: LinearOperator) -> bool:
    """Whether no identity multiplies A and B, so that both are to be applied."""
    rule = matmul.select(A, B)
    return rule is None or rule.types == (LinearOperator, LinearOperator)


def _nonzero(row: Any, column: Any) -> list[tuple[LinearOperator, LinearOperator]]:
    """Return the pairs of blocks that meet in the product of a row and a column, those with zeros left out."""
    pairs = zip(row, column, strict=True)
    return [(A, B) for A, B in pairs if not isinstance(A, Zero) and not isinstance(B, Zero)]


@matmul.rule(Block, Block, when=fused_is_no_dearer, says="[A, B][C; D] = A C + B D", cite="GolubVanLoan2013")
@matmul.rule(Block, BlockDiagonal, when=fused_is_no_dearer, says="[A, B] diag(C, D) = [A C, B D]")
@matmul.rule(BlockDiagonal, Block, when=fused_is_no_dearer, says="diag(A, B)[C; D] = [A C; B D]")
def _(A: Blocks, B: Blocks) -> LinearOperator:
    spec = common_spec(A.spec, B.spec)

    def entry(row: Any, column: Any) -> LinearOperator:
        products = [matmul(*pair) for pair in _nonzero(row, column)]
        return functools.reduce(add, products) if products else Zero((row[0].shape[0], column[0].shape[1]), spec)

    return block([[entry(row, column) for column in zip(*rows_of(B), strict=True)] for row in rows_of(A)])


@trace.rule(Block, when=square_partition, says="tr [A, B; C, D] = tr(A) + tr(D)")
def _(A: Block) -> Any:
    return sum(exact_integer(trace(row[i])) for i, row in enumerate(A.rows))


@guard("the whole is square, and not cut at the same places in rows and columns")
def square_of_another_partition(A: Block) -> bool:
    return A.square and not square_partition(A)


@trace.rule(Block, when=square_of_another_partition, says="tr A = Σᵣ Aᵣᵣ")
@trace.rule(BlockDiagonal, when=square_of_another_partition, says="tr A = Σᵣ Aᵣᵣ")
def _(A: Blocks) -> Any:
    values = formed(diagonal(A))
    return namespace(values).sum(values)


@diagonal.rule(Block, says="the pieces of the blocks that the diagonal crosses")
@diagonal.rule(BlockDiagonal, when=~square_blocks, says="the pieces of the blocks that the diagonal crosses")
def _(A: Blocks) -> Any:
    rows, tops, lefts = rows_of(A), offsets(A.row_sizes), offsets(A.column_sizes)
    stops = sorted(place for place in {*tops, *lefts} if place <= min(A.shape))
    pieces = [] if min(A.shape) else [zeros((0,), A.spec)]
    for start, stop in itertools.pairwise(stops):
        i, j = _holder(tops, start), _holder(lefts, start)
        pieces.append(diagonal_of(rows[i][j], start - tops[i], start - lefts[j], stop - start))
    return concatenated(pieces)


def _holder(starts: tuple[int, ...], place: int) -> int:
    """Return the part that holds a place: the last that begins there or before, and does not end there."""
    return max(i for i, start in enumerate(starts[:-1]) if start <= place)


def diagonal_of(B: LinearOperator, row: int, column: int, length: int) -> Any:
    """Return the entries B[row + i, column + i] for i < length."""
    if row == column:
        whole = diagonal(B)
        return whole if length == min(B.shape) else whole[row : row + length]
    places = np.arange(length)
    return entries(B, row + places, column + places)


@entries.rule(Block, says="those of the blocks they are in")
@entries.rule(BlockDiagonal, says="those of the blocks they are in, and zeros")
def _(A: Blocks, rows: np.ndarray, columns: np.ndarray) -> Array:
    grid, tops, lefts = rows_of(A), offsets(A.row_sizes), offsets(A.column_sizes)
    i, j = (np.searchsorted(starts[1:], index, side="right") for starts, index in ((tops, rows), (lefts, columns)))
    places, pieces = [], []
    for block_row, block_column in sorted(set(zip(i.tolist(), j.tolist(), strict=True))):
        (held,) = np.nonzero((i == block_row) & (j == block_column))
        places.append(held)
        B = grid[block_row][block_column]
        pieces.append(entries(B, rows[held] - tops[block_row], columns[held] - lefts[block_column]))
    return taken((A.spec.xp or np).concat(pieces), np.argsort(np.concatenate(places)))


@norm.rule(Block, says="‖[A, B]‖_F = √(‖A‖² + ‖B‖²)", cite="GolubVanLoan2013")
def _(A: Block, ord: Any) -> Any:
    if ord != "fro":
        return norm.fallback(A, ord=ord)
    return frobenius([norm(B) for B in A.children])
