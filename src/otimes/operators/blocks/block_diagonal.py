"""BlockDiagonal: diag(A, B, …) of operators, and the page of its identities.

Its decompositions are in `block_diagonal_decompositions`.
The blocks may be rectangular: block i is mᵢ × nᵢ and meets the diagonal of the whole only if the sizes before it agree.
"""

import functools
import itertools
import math
import operator
from typing import Any

import numpy as np

from otimes.core.algebra import add, conj, matmul, scale, to_dense, transpose, with_known
from otimes.core.array import Array, namespace, zeros
from otimes.core.batch import batched
from otimes.core.checks import shape_text
from otimes.core.facts import UNKNOWN, every, of_sum
from otimes.core.operator import LinearOperator, gathered
from otimes.core.rules import guard
from otimes.core.values import concatenated
from otimes.errors import OtimesError, ShapeError, SingularError
from otimes.functions.diagonal import diagonal
from otimes.functions.inv import inv
from otimes.functions.slogdet import SlogdetResult, slogdet
from otimes.functions.solve import solve
from otimes.functions.trace import exact_integer, trace
from otimes.operators.identity import eye
from otimes.operators.kronecker.kronecker import converted_factor, each, kron
from otimes.operators.scalar_multiple import ScalarMultiple


class BlockDiagonal(LinearOperator):
    """diag(B₁, …, B_N): blocks of any shapes along the diagonal, zeros elsewhere."""

    blocks: tuple[LinearOperator, ...]

    def __init__(self, *blocks: LinearOperator):
        blocks, spec = gathered(blocks, "block")
        super().__init__(
            (sum(B.shape[0] for B in blocks), sum(B.shape[1] for B in blocks)),
            spec,
            every(B.facts for B in blocks) if all(B.square for B in blocks) else UNKNOWN,
            blocks=blocks,
        )

    @property
    def children(self) -> tuple[LinearOperator, ...]:
        """The blocks."""
        return self.blocks

    @property
    def row_sizes(self) -> tuple[int, ...]:
        """The number of rows of each block."""
        return tuple(B.shape[0] for B in self.blocks)

    @property
    def column_sizes(self) -> tuple[int, ...]:
        """The number of columns of each block."""
        return tuple(B.shape[1] for B in self.blocks)

    @property
    def rounding_size(self) -> int:
        """That of the largest block: only they are decomposed."""
        return max(B.rounding_size for B in self.blocks)

    def _rebuilt(self, children: tuple[LinearOperator, ...]) -> "BlockDiagonal":
        return BlockDiagonal(*children)

    def _matmat(self, X: Array) -> Array:
        parts = cut(X, self.column_sizes)
        return namespace(X).concat([B._matmat(x) for B, x in zip(self.blocks, parts, strict=True)])


@batched
def block_diag(*blocks: Any) -> LinearOperator:
    """Return the block diagonal operator diag(B₁, …, B_N), as `scipy.linalg.block_diag` lays it out.

    N times the same object A is I ⊗ A, `kron(eye(N), A)`.

    Parameters
    ----------
    *blocks : operators or array_like, (mᵢ, nᵢ)
        At least one, of any shapes.

    Returns
    -------
    LinearOperator, (Σ mᵢ, Σ nᵢ)
        Its functions are those of the blocks.

    Raises
    ------
    ShapeError
        No block is given, or one has three axes.
    ArrayMixError
        Blocks of different array libraries or devices.

    References
    ----------
    Golub & Van Loan (2013), section 1.3.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> np.asarray(ox.block_diag([[1, 2]], [[3], [4]]))
    array([[1, 2, 0],
           [0, 0, 3],
           [0, 0, 4]])
    >>> A = np.ones((2, 3))
    >>> type(ox.block_diag(A, A, A)).__name__
    'Kronecker'
    """
    if not blocks:
        raise ShapeError("block_diag() of no blocks: give at least one; otimes.zeros(0) is the empty matrix")
    if all(B is blocks[0] for B in blocks):
        return kron(eye(len(blocks)), blocks[0])
    return BlockDiagonal(*(converted_factor(B, i, "block_diag", "block") for i, B in enumerate(blocks)))


def offsets(sizes: tuple[int, ...]) -> tuple[int, ...]:
    """Return where each of several parts begins, and where the last one ends."""
    return (0, *itertools.accumulate(sizes))


def cut(X: Array, sizes: tuple[int, ...]) -> list[Array]:
    """Return views of the rows of X, so many at a time."""
    return [X[start:stop, ...] for start, stop in itertools.pairwise(offsets(sizes))]


@guard("every block is square")
def square_blocks(A: BlockDiagonal) -> bool:
    return all(B.square for B in A.blocks)


@guard("the whole is square, some block is not")
def square_of_rectangles(A: BlockDiagonal) -> bool:
    return A.square and not square_blocks(A)


@guard("the sizes of the blocks conform")
def conforming(A: BlockDiagonal, B: BlockDiagonal) -> bool:
    return A.column_sizes == B.row_sizes


@guard("the sizes of the blocks are equal")
def same_partition(A: BlockDiagonal, B: BlockDiagonal) -> bool:
    return (A.row_sizes, A.column_sizes) == (B.row_sizes, B.column_sizes)


@to_dense.rule(BlockDiagonal, says="the blocks, and zeros")
def _(A: BlockDiagonal) -> Array:
    left, rows = 0, []
    for B in A.blocks:
        m, n = B.shape
        sides = zeros((m, left), A.spec), zeros((m, A.shape[1] - left - n), A.spec)
        rows.append((A.spec.xp or np).concat([sides[0], to_dense(B, max_bytes=None), sides[1]], axis=1))
        left += n
    return (A.spec.xp or np).concat(rows)


@transpose.rule(BlockDiagonal, says="diag(A, B)ᵀ = diag(Aᵀ, Bᵀ)")
def _(A: BlockDiagonal) -> LinearOperator:
    return BlockDiagonal(*map(transpose, A.blocks))


@conj.rule(BlockDiagonal, says="conj(diag(A, B)) = diag(conj(A), conj(B))")
def _(A: BlockDiagonal) -> LinearOperator:
    return BlockDiagonal(*map(conj, A.blocks))


@scale.rule(BlockDiagonal, says="c diag(A, B) = diag(c A, c B)")
def _(A: BlockDiagonal, c: Any) -> LinearOperator:
    return with_known(BlockDiagonal(*(scale(B, c) for B in A.blocks)), ScalarMultiple(c, A).facts)


@matmul.rule(BlockDiagonal, BlockDiagonal, when=conforming, says="diag(A, B) diag(C, D) = diag(A C, B D)")
def _(A: BlockDiagonal, B: BlockDiagonal) -> LinearOperator:
    return BlockDiagonal(*map(matmul, A.blocks, B.blocks))


@add.rule(BlockDiagonal, BlockDiagonal, when=same_partition, says="diag(A, B) + diag(C, D) = diag(A + C, B + D)")
def _(A: BlockDiagonal, B: BlockDiagonal) -> LinearOperator:
    return with_known(BlockDiagonal(*map(add, A.blocks, B.blocks)), of_sum([A.facts, B.facts]))


@inv.rule(BlockDiagonal, when=square_blocks, says="diag(A, B)⁻¹ = diag(A⁻¹, B⁻¹)", cite="GolubVanLoan2013")
def _(A: BlockDiagonal) -> LinearOperator:
    return BlockDiagonal(*each(inv, A.blocks, what="block"))


@solve.rule(BlockDiagonal, when=square_blocks, says="diag(A, B)⁻¹ (X, Y) = (A⁻¹ X, B⁻¹ Y)", cite="GolubVanLoan2013")
def _(A: BlockDiagonal, B: Array) -> Array:
    parts = []
    for position, (block, side) in enumerate(zip(A.blocks, cut(B, A.row_sizes), strict=True)):
        try:
            parts.append(solve(block, side))
        except OtimesError as error:
            raise type(error)(f"block {position}: {error}") from error
    return namespace(B).concat(parts)


@inv.rule(BlockDiagonal, when=square_of_rectangles, says="a tall block has dependent rows: no inverse")
def _(A: BlockDiagonal) -> LinearOperator:
    raise _singular(A)


@solve.rule(BlockDiagonal, when=square_of_rectangles, says="a tall block has dependent rows: no solution")
def _(A: BlockDiagonal, B: Array) -> Array:
    raise _singular(A)


def _singular(A: BlockDiagonal) -> SingularError:
    position, block = next((i, B) for i, B in enumerate(A.blocks) if B.shape[0] > B.shape[1])
    return SingularError(
        f"block {position} is {shape_text(block.shape)}, and its rows are dependent: the {shape_text(A.shape)} block "
        "diagonal operator is singular; pinv and lstsq take it"
    )


@slogdet.rule(BlockDiagonal, when=square_blocks, says="det diag(A, B) = det(A) det(B)", cite="GolubVanLoan2013")
def _(A: BlockDiagonal) -> SlogdetResult:
    signs, logs = zip(*each(slogdet, A.blocks, what="block"), strict=True)
    return SlogdetResult(functools.reduce(operator.mul, signs), functools.reduce(operator.add, logs))


@slogdet.rule(BlockDiagonal, when=square_of_rectangles, says="det = 0, since a tall block has dependent rows")
def _(A: BlockDiagonal) -> SlogdetResult:
    return SlogdetResult(0.0, -math.inf)


@trace.rule(BlockDiagonal, when=square_blocks, says="tr diag(A, B) = tr(A) + tr(B)")
def _(A: BlockDiagonal) -> Any:
    return sum(map(exact_integer, each(trace, A.blocks, what="block")))


@diagonal.rule(BlockDiagonal, when=square_blocks, says="diag(diag(A, B)) = (diag A, diag B)")
def _(A: BlockDiagonal) -> Any:
    return concatenated(map(diagonal, A.blocks))
