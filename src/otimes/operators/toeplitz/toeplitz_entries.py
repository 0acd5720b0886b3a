"""Single entries, submatrices and sparse forms of Toeplitz and circulant operators, of numbers and of blocks."""

import math
from typing import Any

import numpy as np
import scipy.sparse

from otimes.core.algebra import with_known
from otimes.core.array import Array, astype, namespace, reshape, rows_of, to_numpy
from otimes.core.indexing import Index, entries, submatrix
from otimes.core.operator import LinearOperator
from otimes.functions.to_sparse import require_entries, to_sparse
from otimes.operators.index_maps.submatrix import chosen, principal_facts
from otimes.operators.toeplitz.block_circulant import BlockCirculant
from otimes.operators.toeplitz.block_toeplitz import BlockToeplitz
from otimes.operators.toeplitz.circulant import Circulant, as_toeplitz
from otimes.operators.toeplitz.toeplitz import Toeplitz, places


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


@to_sparse.rule(Toeplitz, says="the diagonals of the coefficients that are not 0")
def _(T: Toeplitz, max_bytes: int | None) -> Any:
    t = to_numpy(T.coefficients)
    lags = [tuple(int(place) - n + 1 for place, n in zip(index, T.columns, strict=True)) for index in np.argwhere(t)]
    runs = [[(max(0, k), min(m, n + k)) for k, m, n in zip(lag, T.rows, T.columns, strict=True)] for lag in lags]
    counts = [math.prod(stop - start for start, stop in run) for run in runs]
    require_entries(sum(counts), T, max_bytes)
    rows, columns = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for lag, run in zip(lags, runs, strict=True):
        grid = [np.arange(*ends) for ends in run]
        moved = [i - k for i, k in zip(grid, lag, strict=True)]
        for found, index, sizes in ((rows, grid, T.rows), (columns, moved, T.columns)):
            found.append(np.ravel_multi_index(np.ix_(*index), sizes).reshape(-1))
    values = np.repeat(t[t != 0], counts)
    return scipy.sparse.coo_array((values, (np.concatenate(rows), np.concatenate(columns))), shape=T.shape)


@to_sparse.rule(Circulant, says="the cyclic diagonals of the coefficients that are not 0")
def _(C: Circulant, max_bytes: int | None) -> Any:
    return to_sparse(as_toeplitz(C), "coo", max_bytes=max_bytes)


@to_sparse.rule(BlockToeplitz, says="the entries of the blocks")
def _(T: BlockToeplitz, max_bytes: int | None) -> Any:
    index = np.arange(T.rows)[:, None] - np.arange(T.columns) + T.columns - 1
    return _sparse_blocks(T, index, max_bytes)


@to_sparse.rule(BlockCirculant, says="the entries of the blocks")
def _(C: BlockCirculant, max_bytes: int | None) -> Any:
    index = np.arange(len(C.blocks))
    return _sparse_blocks(C, (index[:, None] - index) % len(index), max_bytes)


def _sparse_blocks(A: BlockToeplitz | BlockCirculant, index: np.ndarray, max_bytes: int | None) -> Any:
    """Return the sparse array with the block of this number at each place."""
    parts = [to_sparse(B, "coo", max_bytes=max_bytes) for B in A.blocks]
    require_entries(int(np.array([part.nnz for part in parts])[index].sum()), A, max_bytes)
    return scipy.sparse.block_array([[parts[i] for i in row] for row in index], format="coo")
