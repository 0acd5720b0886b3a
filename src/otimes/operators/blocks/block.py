"""Block: a matrix of blocks [A, B; C, D].

Its identities are in `block_algebra`, its systems, determinants and inverses in `block_elimination`.
Row i of blocks has mᵢ rows, column j has nⱼ columns; where mᵢ = nᵢ for all i the partition is square.
"""

import functools
import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np

from otimes.core.array import ANY, Array, common_spec, namespace
from otimes.core.batch import Batch, over_batches
from otimes.core.checks import shape_text
from otimes.core.facts import UNKNOWN, Facts, every
from otimes.core.operator import LinearOperator, gathered, is_scalar
from otimes.errors import ShapeError
from otimes.operators.blocks.block_diagonal import BlockDiagonal, block_diag, cut
from otimes.operators.dense import Dense
from otimes.operators.kronecker.kronecker import Kronecker, converted_factor
from otimes.operators.zero import Zero

Grid = Sequence[Sequence[LinearOperator]]


class Block(LinearOperator):
    """A matrix whose entries are operators, given by rows; `otimes.block` makes it."""

    rows: tuple[tuple[LinearOperator, ...], ...]

    def __init__(self, *rows: Sequence[LinearOperator]):
        _require_conforming(rows)
        blocks, spec = gathered(tuple(itertools.chain(*rows)), "block")
        rows = _by_rows(blocks, len(rows[0]))
        m, n = sum(row[0].shape[0] for row in rows), sum(B.shape[1] for B in rows[0])
        super().__init__((m, n), spec, _facts(rows), rows=rows)

    @property
    def children(self) -> tuple[LinearOperator, ...]:
        """The blocks, row by row."""
        return tuple(itertools.chain(*self.rows))

    @property
    def row_sizes(self) -> tuple[int, ...]:
        """The number of rows of each row of blocks."""
        return tuple(row[0].shape[0] for row in self.rows)

    @property
    def column_sizes(self) -> tuple[int, ...]:
        """The number of columns of each column of blocks."""
        return tuple(B.shape[1] for B in self.rows[0])

    @property
    def details(self) -> tuple[str, ...]:
        """The number of blocks, for display."""
        return (f"{len(self.rows)}×{len(self.rows[0])} blocks",)

    def _rebuilt(self, children: tuple[LinearOperator, ...]) -> "Block":
        return Block(*_by_rows(children, len(self.rows[0])))

    def _matmat(self, X: Array) -> Array:
        parts = cut(X, self.column_sizes)
        return namespace(X).concat([_row_product(row, parts) for row in self.rows])


def _by_rows(blocks: tuple[LinearOperator, ...], columns: int) -> tuple[tuple[LinearOperator, ...], ...]:
    return tuple(blocks[start : start + columns] for start in range(0, len(blocks), columns))


def _row_product(row: Sequence[LinearOperator], parts: list[Array]) -> Array:
    """Return Σⱼ Aⱼ Xⱼ."""
    terms = [B._matmat(x) for B, x in zip(row, parts, strict=True) if not isinstance(B, Zero)]
    return functools.reduce(lambda s, t: s + t, terms) if terms else row[0]._matmat(parts[0])


def _facts(rows: Grid) -> Facts:
    """Return what is known of a matrix of blocks: nothing, if rows and columns are cut at different places."""
    if len(rows) != len(rows[0]) or not all(rows[i][i].square for i in range(len(rows))):
        return UNKNOWN
    indices = range(len(rows))
    known = every(rows[i][i].facts for i in indices)
    above = all(isinstance(rows[i][j], Zero) for i in indices for j in indices[i + 1 :])
    below = all(isinstance(rows[i][j], Zero) for i in indices for j in indices[:i])
    mirrored = all(_mirrored(rows[i][j], rows[j][i]) for i in indices for j in indices[i + 1 :])
    return Facts(
        hermitian=True if known.hermitian and mirrored else None,
        lower_triangular=True if known.lower_triangular and above else None,
        upper_triangular=True if known.upper_triangular and below else None,
    )


def _mirrored(A: LinearOperator, B: LinearOperator) -> bool:
    """Whether B is seen to be Aᴴ: by what they are made of, and equality of NumPy arrays."""
    if A is B:
        return bool(A.facts.hermitian)
    if isinstance(A, Zero) and isinstance(B, Zero):
        return True
    if isinstance(A, Kronecker) and isinstance(B, Kronecker):
        return len(A.factors) == len(B.factors) and all(map(_mirrored, A.factors, B.factors))
    if not (isinstance(A, Dense) and isinstance(B, Dense) and A.spec.xp is B.spec.xp is np):
        return False
    return A.array.T.shape == B.array.shape and bool((A.array.T.conj() == B.array).all())


def block(rows: Any) -> LinearOperator:
    """Return the operator of a matrix of blocks, laid out as in `numpy.block`, without forming it.

    (K x)ᵢ = Σⱼ Aᵢⱼ xⱼ.

    Parameters
    ----------
    rows : list of lists, or list
        The blocks by rows: `[[A, B], [C, D]]`; a list without lists is one row. A block is an operator, array_like of
        (mᵢ, nⱼ), a number for a 1 × 1 block, or None or 0 for zeros, whose size follows from the others. Blocks with
        batch axes make a batch.

    Returns
    -------
    LinearOperator, (Σ mᵢ, Σ nⱼ)
        Block diagonal where all other blocks are zeros. A product costs those of the blocks.

    Raises
    ------
    ShapeError
        Rows of unequal length, blocks that do not conform (the message shows the shapes of all), or a row or column of
        nothing but zeros of unstated size.
    ArrayMixError
        Blocks of different array libraries or devices.

    References
    ----------
    Golub & Van Loan (2013), section 1.3.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> K = ox.block([[ox.eye(2), [[5], [6]]], [0, 7]])
    >>> np.asarray(K).astype(int)
    array([[1, 0, 5],
           [0, 1, 6],
           [0, 0, 7]])
    """
    converted = _converted_rows(rows)
    if any(isinstance(B, Batch) for row in converted for B in row):
        columns = len(converted[0])
        flat = tuple(itertools.chain(*converted))
        return over_batches(lambda *blocks: block(_by_rows(blocks, columns)), flat, {})
    grid = _sized(converted)
    _require_conforming(grid)
    spec = common_spec(*(B.spec for row in grid for B in row), what="block")
    if all(isinstance(B, Zero) for row in grid for B in row):
        return Zero((sum(row[0].shape[0] for row in grid), sum(B.shape[1] for B in grid[0])), spec)
    if len(grid) == len(grid[0]) and all(isinstance(grid[i][j], Zero) for i, j in _off_diagonal(grid)):
        on_diagonal = [row[i] for i, row in enumerate(grid)]
        return block_diag(*on_diagonal) if common_spec(*(B.spec for B in on_diagonal)) == spec else Block(*grid)
    return Block(*grid)


def _off_diagonal(grid: Grid) -> list[tuple[int, int]]:
    return [(i, j) for i in range(len(grid)) for j in range(len(grid)) if i != j]


def _converted_rows(rows: Any) -> list[list[LinearOperator | None]]:
    """Return the blocks as operators, None for zeros of unstated size, in rows of equal length."""
    if not isinstance(rows, (list, tuple)) or not rows:
        raise ShapeError("block takes a list of rows of blocks, [[A, B], [C, D]], with at least one block")
    nested = [isinstance(row, (list, tuple)) for row in rows]
    if any(nested) and not all(nested):
        raise ShapeError(f"block: entry {nested.index(False)} is no list beside others that are: give rows of blocks")
    grid = rows if all(nested) else [rows]
    if min(map(len, grid)) == 0 or len(set(map(len, grid))) > 1:
        raise ShapeError(f"block: the rows have {[*map(len, grid)]} blocks; each must have as many, at least one")
    return [[converted_block(B, f"({i}, {j})") for j, B in enumerate(row)] for i, row in enumerate(grid)]


def converted_block(B: Any, position: str) -> LinearOperator | None:
    """Return the block as an operator, None for zeros of unstated size; errors name its position."""
    if B is None or (is_scalar(B) and not hasattr(B, "ndim") and B == 0):
        return None
    return converted_factor([[B]] if is_scalar(B) else B, position, "block", "block")


def _sized(grid: list[list[LinearOperator | None]]) -> list[list[LinearOperator]]:
    """Return the grid with zeros of the sizes that the other blocks have."""
    row_sizes = [_size(row, 0, f"row {i}") for i, row in enumerate(grid)]
    column_sizes = [_size(column, 1, f"column {j}") for j, column in enumerate(zip(*grid, strict=True))]
    pairs = zip(row_sizes, grid, strict=True)
    return [[Zero((m, n), ANY) if B is None else B for n, B in zip(column_sizes, row, strict=True)] for m, row in pairs]


def _require_conforming(rows: Grid) -> None:
    """Raise `ShapeError`, showing the shapes of all blocks, unless they conform in rows and columns."""
    if not rows or not rows[0] or len(set(map(len, rows))) > 1:
        raise ShapeError(f"block: the rows have {[*map(len, rows)]} blocks; each must have as many, at least one")
    for i, row in enumerate(rows):
        for j, B in enumerate(row):
            due = row[0].shape[0], rows[0][j].shape[1]
            if B.shape != due:
                texts = [[shape_text(C.shape) for C in line] for line in rows]
                width = max(len(text) for line in texts for text in line)
                table = "\n".join("  " + "  ".join(text.rjust(width) for text in line) for line in texts)
                raise ShapeError(
                    f"block ({i}, {j}) is {shape_text(B.shape)}; the first of its row and the first of its column ask "
                    f"for {shape_text(due)}:\n{table}"
                )


def _size(line: Sequence[LinearOperator | None], axis: int, name: str) -> int:
    """Return the size of a row or column of blocks: that of its first block of known size."""
    sizes = [B.shape[axis] for B in line if B is not None]
    if not sizes:
        raise ShapeError(f"block: {name} holds only zeros of unstated size; give one of them as otimes.zeros(m, n)")
    return sizes[0]


def rows_of(A: Block | BlockDiagonal) -> Grid:
    """Return the rows of blocks, zeros off the diagonal of a block diagonal operator included."""
    if isinstance(A, Block):
        return A.rows
    pairs = list(enumerate(A.blocks))
    return [[B if i == j else Zero((B.shape[0], C.shape[1]), A.spec) for j, C in pairs] for i, B in pairs]
