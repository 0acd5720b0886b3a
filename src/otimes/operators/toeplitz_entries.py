"""Single entries and submatrices of Toeplitz and circulant operators, of numbers and of blocks."""

import numpy as np

from otimes.core.algebra import with_known
from otimes.core.array import Array, astype, namespace, reshape, rows_of
from otimes.core.indexing import Index, entries, submatrix
from otimes.core.operator import LinearOperator
from otimes.operators.block_circulant import BlockCirculant
from otimes.operators.block_toeplitz import BlockToeplitz
from otimes.operators.circulant import Circulant
from otimes.operators.submatrix import chosen, principal_facts
from otimes.operators.toeplitz import Toeplitz, places


@entries.rule(Toeplitz, says="T[i, j] = t[i − j]")
def _(T: Toeplitz, rows: np.ndarray, columns: np.ndarray) -> Array:
    u, v = places(T)
    return rows_of(reshape(T.coefficients, (-1,)), u[rows] + v[columns])


@entries.rule(Circulant, says="C[i, j] = c[(i − j) mod n]")
def _(C: Circulant, rows: np.ndarray, columns: np.ndarray) -> Array:
    sizes = C.column.shape
    places = zip(np.unravel_index(rows, sizes), np.unravel_index(columns, sizes), sizes, strict=True)
    index = np.ravel_multi_index([(i - j) % n for i, j, n in places], sizes)
    return rows_of(reshape(C.column, (-1,)), np.asarray(index))


@entries.rule(BlockToeplitz, says="T[i p + k, j q + l] = A_(i − j)[k, l] for blocks p × q")
def _(T: BlockToeplitz, rows: np.ndarray, columns: np.ndarray) -> Array:
    p, q = T.blocks[0].shape
    return _of_blocks(T, rows // p - columns // q + T.columns - 1, rows % p, columns % q)


@entries.rule(BlockCirculant, says="C[i p + k, j q + l] = A_((i − j) mod n)[k, l] for blocks p × q")
def _(C: BlockCirculant, rows: np.ndarray, columns: np.ndarray) -> Array:
    p, q = C.blocks[0].shape
    return _of_blocks(C, (rows // p - columns // q) % len(C.blocks), rows % p, columns % q)


def _of_blocks(A: BlockToeplitz | BlockCirculant, which: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> Array:
    """Return the entries at these places of the blocks with these numbers, each block asked once."""
    order = np.argsort(which, kind="stable")
    numbers, starts = np.unique(which[order], return_index=True)
    groups = np.split(order, starts[1:])
    found = [astype(entries(A.blocks[n], rows[g], columns[g]), A.dtype) for n, g in zip(numbers, groups, strict=True)]
    return rows_of(namespace(found[0]).concat(found), np.argsort(order, kind="stable"))


@submatrix.rule(Toeplitz, says="T[a::s, b::s][i, j] = t[a − b + s (i − j)] of one level")
def _(T: Toeplitz, rows: Index, columns: Index) -> LinearOperator:
    if not isinstance(rows, range) or not isinstance(columns, range) or not rows or not columns or len(T.rows) > 1:
        return chosen(T, rows, columns)
    if rows.step != columns.step or rows.step < 0:
        return chosen(T, rows, columns)
    m, n, step = len(rows), len(columns), rows.step
    first = rows.start - columns[-1] + T.columns[0] - 1
    part = Toeplitz(T.coefficients[first : first + step * (m + n - 2) + 1 : step], (m,), (n,))
    return with_known(part, principal_facts(T, rows, columns))
