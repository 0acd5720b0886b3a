"""Matrices of blocks from what has blocks by itself, or by given sizes, and Hermitian ones from one triangle."""

import itertools
from collections.abc import Sequence
from typing import Any

from otimes.core.algebra import adjoint, scale, to_dense, with_known
from otimes.core.batch import batched
from otimes.core.checks import require_size, shape_text
from otimes.core.convert import aslinearoperator
from otimes.core.facts import Facts
from otimes.core.indexing import submatrix
from otimes.core.operator import LinearOperator
from otimes.errors import ShapeError, StructureError
from otimes.operators.blocks.block import Block, block, converted_block
from otimes.operators.blocks.block_diagonal import BlockDiagonal, offsets
from otimes.operators.identity import Identity
from otimes.operators.kronecker.kronecker import Kronecker, kron


@batched
def partition(A: Any, rows: Sequence[int] | None = None, columns: Sequence[int] | None = None) -> LinearOperator:
    """Return the operator as a matrix of blocks: those it is made of, or those of given sizes.

    A ⊗ B = [aᵢⱼ B], and I ⊗ B = diag(B, …, B).

    Parameters
    ----------
    A : operator or array_like, (m, n)
        Without sizes: a Kronecker product, cut after its first factor, or a matrix of blocks already.
    rows, columns : sequence of int, optional
        The sizes of the rows and columns of blocks, in sum m and n; columns are cut as rows if left out.

    Returns
    -------
    Block or BlockDiagonal, (m, n)

    Raises
    ------
    ShapeError
        The sizes do not add up to the shape.
    StructureError
        No sizes are given, and A is not made of blocks.

    References
    ----------
    Van Loan (2000), section 1.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> K = ox.partition(ox.kron([[1, 2], [3, 4]], ox.commutation(10, 10)))
    >>> type(K).__name__, K.row_sizes
    ('Block', (100, 100))
    >>> type(ox.partition(ox.kron(ox.eye(3), [[5, 6]]))).__name__
    'BlockDiagonal'
    """
    A = aslinearoperator(A)
    if rows is not None or columns is not None:
        return _cut(A, rows if rows is not None else columns, columns if columns is not None else rows)
    if isinstance(A, (Block, BlockDiagonal)):
        return A
    if not isinstance(A, Kronecker):
        raise StructureError(
            f"partition: {type(A).__name__} {shape_text(A.shape)} is not made of blocks; give their sizes, as rows="
        )
    first, rest = A.factors[0], kron(*A.factors[1:])
    if isinstance(first, Identity) and first.shape[0]:
        return with_known(BlockDiagonal(*[rest] * first.shape[0]), A.facts)
    entries = to_dense(first)
    m, n = first.shape
    if not m * n:
        raise StructureError(f"partition: the first factor is {m}×{n} and gives no blocks; give their sizes, as rows=")
    return with_known(Block(*([scale(rest, entries[i, j]) for j in range(n)] for i in range(m))), A.facts)


def _cut(A: LinearOperator, rows: Any, columns: Any) -> LinearOperator:
    """Return the matrix of the blocks of these sizes."""
    heights, widths = _sizes(rows, "rows", A.shape[0]), _sizes(columns, "columns", A.shape[1])
    if isinstance(A, (Block, BlockDiagonal)) and (A.row_sizes, A.column_sizes) == (heights, widths):
        return A
    columns_of = [slice(*ends) for ends in itertools.pairwise(offsets(widths))]
    rows_of = [slice(*ends) for ends in itertools.pairwise(offsets(heights))]
    return with_known(Block(*([submatrix(A, i, j) for j in columns_of] for i in rows_of)), A.facts)


def _sizes(given: Any, name: str, total: int) -> tuple[int, ...]:
    """Return the sizes, at least one, that add up to the total."""
    if not isinstance(given, (list, tuple)):
        raise ShapeError(f"partition: {name} takes the sizes of the blocks, as a list, not {given!r}")
    sizes = tuple(require_size(size, f"a size in {name}") for size in given)
    if not sizes or sum(sizes) != total:
        raise ShapeError(f"partition: {name}={[*sizes]} add up to {sum(sizes)}, and A has {total} {name}")
    return sizes


def block_hermitian(rows: Any) -> LinearOperator:
    """Return the Hermitian operator of which one triangle of blocks is given; the others are their adjoints.

    [A, Cᴴ; C, D] from [[A], [C, D]], or [A, B; Bᴴ, D] from [[A, B], [D]]: a covariance of several tasks, symmetric by
    construction.

    Parameters
    ----------
    rows : list of lists
        The lower triangle, rows of 1, 2, …, N blocks, or the upper one, rows of N, …, 2, 1; as `block` takes them. The
        blocks of the diagonal must be known to be Hermitian, by their entries, their structure, or `assume`.

    Returns
    -------
    LinearOperator, (n, n)
        Known to be Hermitian.

    Raises
    ------
    ShapeError
        The rows are no triangle, or blocks do not conform.
    StructureError
        A block of the diagonal is not known to be Hermitian.

    References
    ----------
    Álvarez, Rosasco & Lawrence (2012), Kernels for vector-valued functions.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> K = ox.block_hermitian([[ox.eye(2)], [[[3.0, 4.0]], 30.0]])
    >>> np.asarray(K)
    array([[ 1.,  0.,  3.],
           [ 0.,  1.,  4.],
           [ 3.,  4., 30.]])
    >>> K.facts.hermitian
    True
    """
    nested = isinstance(rows, (list, tuple)) and all(isinstance(row, (list, tuple)) for row in rows)
    lengths = [len(row) for row in rows] if nested else []
    count = len(lengths)
    if not count or lengths not in ([*range(1, count + 1)], [*range(count, 0, -1)]):
        raise ShapeError(
            f"block_hermitian: rows of {lengths} blocks are no triangle; give [[A], [B, C]] or [[A, B], [C]], and so on"
        )
    lower = lengths[0] == 1
    given = {
        (i, j if lower else i + j): converted_block(B, f"({i}, {j})")
        for i, row in enumerate(rows)
        for j, B in enumerate(row)
    }
    for i in range(count):
        _require_hermitian(given[i, i], i)
    return with_known(
        block([[_either(given, i, j) for j in range(count)] for i in range(count)]), Facts(hermitian=True)
    )


def _either(given: dict[tuple[int, int], LinearOperator | None], i: int, j: int) -> LinearOperator | None:
    """Return the block at (i, j), or the adjoint of that at (j, i)."""
    if (i, j) in given:
        return given[i, j]
    B = given[j, i]
    return None if B is None else adjoint(B)


def _require_hermitian(B: LinearOperator | None, i: int) -> None:
    if B is not None and not B.facts.hermitian:
        raise StructureError(
            f"block_hermitian: block {i} of the diagonal, {shape_text(B.shape)}, is not known to be Hermitian; give "
            "(A + Aᴴ)/2 if that is what is meant, or otimes.assume(A, 'hermitian')"
        )
