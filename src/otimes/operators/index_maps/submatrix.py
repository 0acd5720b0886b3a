"""Submatrix: chosen rows and columns of an operator, S A Tᵀ with selections S and T of rows of the identity.

What the other operators make of theirs is in `submatrix_structure`.
"""

from typing import Any

import numpy as np

from otimes.core.algebra import conj, matmul, to_dense, transpose
from otimes.core.array import Array, namespace, spec_of, zeros
from otimes.core.checks import require_size
from otimes.core.facts import UNKNOWN, Facts, every
from otimes.core.indexing import Index, as_indices, entries, is_all, same_index, submatrix, taken
from otimes.core.operator import LinearOperator
from otimes.core.rules import Guard
from otimes.operators.identity import Identity, eye, keeps_first, keeps_second

GRID_ENTRIES = 2**20  # whose indices are held at a time while a submatrix is formed

Picks = np.ndarray | tuple[int, ...]  # an index as operators keep it: a range as (start, stop, step)


class Submatrix(LinearOperator):
    """A[rows, columns] for any operator A; of the identity, a selection."""

    index_parts = ("rows", "columns")
    operator: LinearOperator
    rows: Picks
    columns: Picks

    def __init__(self, operator: LinearOperator, rows: Picks, columns: Picks):
        r, c = _index(rows), _index(columns)
        facts = principal_facts(operator, r, c)
        super().__init__((len(r), len(c)), operator.spec, facts, operator=operator, rows=rows, columns=columns)

    @property
    def children(self) -> tuple[LinearOperator, ...]:
        """The operator whose rows and columns are chosen."""
        return (self.operator,)

    @property
    def details(self) -> tuple[str, ...]:
        """How many rows and columns of how many, for display."""
        (m, n), (p, q) = self.shape, self.operator.shape
        return (f"{m} of {p} rows and {n} of {q} columns",)

    def _rebuilt(self, children: tuple[LinearOperator, ...]) -> "Submatrix":
        return Submatrix(children[0], self.rows, self.columns)

    def _matmat(self, X: Array) -> Array:
        rows, columns = _index(self.rows), _index(self.columns)
        return taken(self.operator._matmat(scattered(X, columns, self.operator.shape[1])), rows)


def _index(picks: Picks) -> Index:
    return range(*picks) if isinstance(picks, tuple) else picks


def _picks(index: Index) -> Picks:
    return (index.start, index.stop, index.step) if isinstance(index, range) else index


def principal_facts(A: LinearOperator, rows: Index, columns: Index) -> Facts:
    """Return the facts of a principal submatrix: what A has, definite without repeats, triangular in order."""
    if not A.square or not same_index(rows, columns):
        return UNKNOWN
    names = ["symmetric", "hermitian", "positive_semidefinite"]
    names += ["positive_definite"] if has_no_repeats(rows) else []
    names += ["lower_triangular", "upper_triangular"] if _ascends(rows) else []
    return every([A.facts], *names)


def _ascends(index: Index) -> bool:
    return index.step > 0 if isinstance(index, range) else bool((np.diff(index) > 0).all())


def has_no_repeats(index: Index) -> bool:
    """Whether no row is chosen twice."""
    return isinstance(index, range) or _ascends(index) or len(np.unique(index)) == len(index)


def scattered(X: Array, index: Index, n: int) -> Array:
    """Return Sᵀ X: n rows, of which row j is the sum of the rows of X with index j.

    The last of equal indices are placed first, then those left over: one pass for indices without repeats.
    """
    if is_all(index, n):
        return X
    if isinstance(index, range) and index.step == 1:
        ends = (zeros((size, X.shape[1]), spec_of(X)) for size in (index.start, n - index.stop))
        return namespace(X).concat([next(ends), X, next(ends)])
    if isinstance(X, np.ndarray) and _ascends(index):
        result = np.zeros((n, X.shape[1]), X.dtype)
        result[as_indices(index)] = X
        return result
    xp, index = namespace(X), as_indices(index)
    k, waiting, total = len(index), np.arange(len(index)), zeros((n, X.shape[1]), spec_of(X))
    padded = xp.concat([X, zeros((1, X.shape[1]), spec_of(X))])
    while len(waiting):
        source = np.full(n, k)
        source[index[waiting]] = waiting
        total = total + taken(padded, source)
        waiting = waiting[source[index[waiting]] != waiting]
    return total


def selection(index: Any, n: int, dtype: Any = None) -> LinearOperator:
    """Return the selection S of rows of the identity: S x = x[index], and Sᵀ y puts (and adds) y back in place.

    Observations that are there, of a grid of n: S K Sᵀ is the submatrix K[index, index], of which nothing is formed.

    Parameters
    ----------
    index : array_like of int or bool, (k,), or slice
        Which entries are kept: their places in any order, or a mask.
    n : int
        How many there are.
    dtype : dtype, optional
        Unstated, that of what the operator meets.

    Returns
    -------
    LinearOperator, (k, n)

    Raises
    ------
    InvalidIndex
        An index is out of range or no integer, or the mask has not n entries.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> S = ox.selection([True, False, True], 3)
    >>> S @ np.array([1.0, 2.0, 3.0]), S.T @ np.array([10.0, 30.0])
    (array([1., 3.]), array([10.,  0., 30.]))
    """
    return submatrix(eye(require_size(n, "n"), dtype), index)


whole_rows = Guard("the first chooses rows of the identity", lambda S, A: _selects(S, 1)) & keeps_second
whole_columns = Guard("the second chooses columns of the identity", lambda A, S: _selects(S, 0)) & keeps_first


def _selects(S: Submatrix, axis: int) -> bool:
    """Whether S is of an identity and takes all of the axis."""
    kept = _index((S.rows, S.columns)[axis])
    return isinstance(S.operator, Identity) and is_all(kept, S.operator.shape[axis])


@submatrix.rule(LinearOperator, says="S A Tᵀ")
def chosen(A: LinearOperator, rows: Index, columns: Index) -> LinearOperator:
    return Submatrix(A, _picks(rows), _picks(columns))


@submatrix.rule(Submatrix, says="A[r, c][i, j] = A[r[i], c[j]]")
def _(A: Submatrix, rows: Index, columns: Index) -> LinearOperator:
    return submatrix(A.operator, *(_composed(_index(old), new) for old, new in ((A.rows, rows), (A.columns, columns))))


def _composed(old: Index, new: Index) -> Index:
    if isinstance(new, range) and new.step > 0:
        return old[new.start : new.stop : new.step]
    return as_indices(old)[as_indices(new)]


@matmul.rule(Submatrix, LinearOperator, when=whole_rows, says="S A = A[r, :] for a selection S")
def _(S: Submatrix, A: LinearOperator) -> LinearOperator:
    return submatrix(A, _index(S.rows))


@matmul.rule(LinearOperator, Submatrix, when=whole_columns, says="A Sᵀ = A[:, c] for a selection S")
def _(A: LinearOperator, S: Submatrix) -> LinearOperator:
    return submatrix(A, slice(None), _index(S.columns))


@entries.rule(Submatrix, says="A[r, c][i, j] = A[r[i], c[j]]")
def _(A: Submatrix, rows: np.ndarray, columns: np.ndarray) -> Array:
    return entries(A.operator, *(_chosen(_index(p), i) for p, i in ((A.rows, rows), (A.columns, columns))))


def _chosen(index: Index, places: np.ndarray) -> np.ndarray:
    return index.start + index.step * places if isinstance(index, range) else index[places]


@to_dense.rule(Submatrix, says="A[r, c], entry by entry")
def _(A: Submatrix) -> Array:
    m, n = A.shape
    step, columns = max(1, GRID_ENTRIES // max(n, 1)), np.arange(n)
    blocks = [entries(A, np.arange(i, min(i + step, m))[:, None], columns) for i in range(0, m, step)]
    return namespace(blocks[0]).concat(blocks) if blocks else zeros(A.shape, A.spec)


@transpose.rule(Submatrix, says="A[r, c]ᵀ = Aᵀ[c, r]")
def _(A: Submatrix) -> LinearOperator:
    return submatrix(transpose(A.operator), _index(A.columns), _index(A.rows))


@conj.rule(Submatrix, says="conj(A[r, c]) = conj(A)[r, c]")
def _(A: Submatrix) -> LinearOperator:
    return submatrix(conj(A.operator), _index(A.rows), _index(A.columns))
