"""The matrix as detectors see it: dense or sparse, with its norms, a sample of its entries, and its splits."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import scipy.sparse

from otimes.factorization.operand import read_operand
from otimes.factorization.shapes import divisors
from otimes.factorization.sources.dense import DenseOperand
from otimes.factorization.sources.sparse import SparseOperand

_DRAWS = 48  # rows of a sample, and entries of each
_BLOCK = 2**18  # entries of a panel of rows
EXACT_INTEGERS = 2**53  # up to which double precision holds every integer

Split = tuple[int, int]
Coordinates = tuple[np.ndarray, np.ndarray, np.ndarray]  # rows, columns, values; they broadcast


@dataclass(frozen=True)
class Entries:
    """M / scale in working precision, its rows and columns in a given order.

    Parameters
    ----------
    matrix : numpy.ndarray or scipy.sparse.csr_matrix
    norm : float
        ‖M / scale‖ (Frobenius), as are those of rows and columns in double precision.
    row_norms, column_norms : numpy.ndarray
    sample : (rows, columns)
        Places of entries, found with probability in proportion to their squares; first that of the largest.
    row_splits, column_splits : tuple of (outer, inner)
        How an axis may be cut into `outer` pieces of length `inner`.
    integers : numpy.dtype, optional
        The dtype of a matrix of integers, whose exact structure is of integers too.
    scale : float
        What the entries were divided by: 1, or a power of 4.
    orders : (rows, columns)
        Indices into `matrix`, or None for all in turn.
    """

    matrix: Any
    norm: float
    row_norms: np.ndarray
    column_norms: np.ndarray
    sample: tuple[np.ndarray, np.ndarray]
    row_splits: tuple[Split, ...]
    column_splits: tuple[Split, ...]
    integers: np.dtype | None
    scale: float
    orders: tuple[np.ndarray | None, np.ndarray | None] = (None, None)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.matrix.shape

    @property
    def is_sparse(self) -> bool:
        """Whether only some entries are stored."""
        return scipy.sparse.issparse(self.matrix)

    @property
    def numbers(self) -> int:
        """How many numbers the matrix takes as it is."""
        return stored(self.matrix)

    @property
    def dtype(self) -> np.dtype:
        """That of the operators that are found."""
        return self.matrix.dtype if self.integers is None else self.integers

    def at(self, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """Return the entries at arrays of indices, which broadcast."""
        rows, columns = np.broadcast_arrays(
            *(k if order is None else order[k] for k, order in zip((rows, columns), self.orders, strict=True))
        )
        if not self.is_sparse:
            return self.matrix[rows, columns]
        return np.asarray(self.matrix[rows.ravel(), columns.ravel()]).reshape(rows.shape)

    def arranged(self) -> "Entries":
        """Return the entries with the matrix itself in the order of rows and columns: a copy if there is any."""
        rows, columns = self.orders
        matrix = self.matrix if rows is None else self.matrix[rows]
        return replace(self, matrix=matrix if columns is None else matrix[:, columns], orders=(None, None))

    def commuted(self, row_split: Split | None, column_split: Split | None) -> "Entries":
        """Return K M Kᵀ, with the commutation matrices that exchange the two parts of an index; None exchanges none.

        Nothing is copied; of an axis so exchanged only that split is kept.
        """
        rows, columns = self.sample
        return replace(
            self,
            row_norms=_exchanged(self.row_norms, row_split),
            column_norms=_exchanged(self.column_norms, column_split),
            sample=(_place(rows, row_split), _place(columns, column_split)),
            row_splits=self.row_splits if row_split is None else (row_split[::-1],),
            column_splits=self.column_splits if column_split is None else (column_split[::-1],),
            orders=(_order(row_split), _order(column_split)),
        )

    def coordinates(self) -> Iterator[Coordinates]:
        """Yield the stored entries in pieces."""
        if self.is_sparse:
            found = self.matrix.tocoo()
            yield found.row.astype(np.int64), found.col.astype(np.int64), found.data
            return
        columns = np.arange(self.shape[1])[None, :]
        for start, panel in _panels(self.matrix):
            yield np.arange(start, start + len(panel))[:, None], columns, panel


def stored(matrix: Any) -> int:
    """Return how many numbers a dense or sparse array takes; compressed rows have an index for every entry and row."""
    return 2 * matrix.nnz + matrix.shape[0] if scipy.sparse.issparse(matrix) else matrix.size


def restored(numbers: Any, integers: np.dtype | None) -> Any:
    """Return a dense or sparse array in the dtype of integers, if there is one and nothing is lost."""
    if integers is None:
        return numbers
    values, limits = np.asarray(numbers.data if scipy.sparse.issparse(numbers) else numbers), np.iinfo(integers)
    least, most = max(limits.min, -EXACT_INTEGERS), min(limits.max, EXACT_INTEGERS)
    exact = ((values == np.rint(values)) & (least <= values) & (values <= most)).all()
    return numbers.astype(integers) if exact else numbers


def _exchanged(vector: np.ndarray, split: Split | None) -> np.ndarray:
    """Return the vector with its entry i₁ n₂ + i₂ in place i₂ n₁ + i₁."""
    return vector if split is None else vector.reshape(split).T.ravel()


def _place(index: np.ndarray, split: Split | None) -> np.ndarray:
    """Return i₂ n₁ + i₁ for the indices i₁ n₂ + i₂."""
    return index if split is None else index % split[1] * split[0] + index // split[1]


def _order(split: Split | None) -> np.ndarray | None:
    """Return which index is in each place after the exchange."""
    return None if split is None else _exchanged(np.arange(math.prod(split)), split)


def _panels(matrix: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
    step = max(1, _BLOCK // matrix.shape[1])
    for start in range(0, len(matrix), step):
        yield start, matrix[start : start + step]


def read_entries(M: Any) -> Entries:
    """Return whatever holds a matrix with what the tests ask first; what is neither dense nor sparse is formed.

    Raises
    ------
    ShapeError
        M has not two axes, or no entries.
    DTypeError
        The entries are no numbers.
    NonFiniteError
        An entry is NaN or infinite.
    TooLarge
        M is an operator, a file or a function, and its dense form is above the default limit.
    """
    operand = read_operand(M)
    if not isinstance(operand, (DenseOperand, SparseOperand)):
        operand = read_operand(operand.matrix)
    given = _compressed(operand) if isinstance(operand, SparseOperand) else operand.matrix
    matrix = given.astype(operand.dtype, copy=False)
    if operand.scale != 1:
        matrix = matrix * operand.dtype.type(1 / operand.scale)
    return entries_of(matrix, _integers(given.dtype), operand.scale)


def _compressed(operand: SparseOperand) -> scipy.sparse.csr_matrix:
    """Return the nonzeros by rows; as a matrix, of which entries at arrays of indices come back as an array."""
    matrix = scipy.sparse.csr_matrix(operand.source)
    matrix.eliminate_zeros()
    return matrix


def _integers(dtype: np.dtype) -> np.dtype | None:
    """Return the dtype if it is of integers; for truth values, machine integers."""
    return np.dtype(np.int64) if dtype.kind == "b" else dtype if dtype.kind in "iu" else None


def entries_of(matrix: Any, integers: np.dtype | None, scale: float = 1.0) -> Entries:
    """Return checked numbers with their norms, sample and splits."""
    m, n = matrix.shape
    row_norms, column_norms = _norms(matrix)
    return Entries(
        matrix,
        float(np.linalg.norm(row_norms)),
        row_norms,
        column_norms,
        _sample(matrix, row_norms),
        tuple((d, m // d) for d in divisors(m)),
        tuple((d, n // d) for d in divisors(n)),
        integers,
        scale,
    )


def _norms(matrix: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return the norms of rows and of columns, in one pass."""
    if scipy.sparse.issparse(matrix):
        squares = abs(matrix).astype(float).power(2)
        return tuple(np.sqrt(np.asarray(squares.sum(axis=axis)).ravel()) for axis in (1, 0))
    rows, columns = np.empty(matrix.shape[0]), np.zeros(matrix.shape[1])
    for start, panel in _panels(matrix):
        squares = np.square(np.abs(panel), dtype=float)
        rows[start : start + len(panel)] = squares.sum(axis=1)
        columns += squares.sum(axis=0)
    return np.sqrt(rows), np.sqrt(columns)


def _sample(matrix: Any, row_norms: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return places drawn by the squares of the entries; the largest entry leads."""
    if not row_norms.any():
        return np.zeros(1, np.int64), np.zeros(1, np.int64)
    rows, columns = (_drawn_sparse if scipy.sparse.issparse(matrix) else _drawn_dense)(matrix, row_norms)
    first = _largest_row(matrix)
    entries = matrix[first].toarray().ravel() if scipy.sparse.issparse(matrix) else matrix[first]
    return np.append(first, rows), np.append(int(np.abs(entries).argmax()), columns)


def _drawn_dense(matrix: np.ndarray, row_norms: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Draw rows by their squared norms, then of each as many columns: the first of all rows come first."""
    generator = np.random.default_rng(0)
    rows = _drawn(row_norms / row_norms.max(), _DRAWS, generator)
    columns = [_drawn(np.abs(matrix[row]), _DRAWS, generator) for row in rows]
    return np.tile(rows, _DRAWS), np.array(columns).T.ravel()


def _drawn_sparse(matrix: Any, _: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    places = _drawn(np.abs(matrix.data), _DRAWS**2, np.random.default_rng(0))
    return np.searchsorted(matrix.indptr, places, side="right") - 1, matrix.indices[places].astype(np.int64)


def _drawn(magnitudes: np.ndarray, count: int, generator: np.random.Generator) -> np.ndarray:
    """Return places drawn with probability in proportion to the squares."""
    weights = np.cumsum(np.square(magnitudes, dtype=float))
    places = np.searchsorted(weights, generator.random(count) * weights[-1], side="right")
    return np.minimum(places, len(weights) - 1)


def _largest_row(matrix: Any) -> int:
    if scipy.sparse.issparse(matrix):
        return int(np.searchsorted(matrix.indptr, np.abs(matrix.data).argmax(), side="right")) - 1
    return int(np.concatenate([np.abs(panel).max(axis=1) for _, panel in _panels(matrix)]).argmax())
