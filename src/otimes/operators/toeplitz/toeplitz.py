"""Toeplitz: entries that depend on i − j alone, on a line or on a grid of any number of axes (levels).

Of 2 levels it is block Toeplitz with Toeplitz blocks (BTTB). Level i has mᵢ rows and nᵢ columns, m = Π mᵢ and
n = Π nᵢ; grids are C-ordered. What it costs to solve, and its norms, are in `toeplitz_values`.
"""

import functools
import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from otimes.core.algebra import add, conj, scale, to_dense, transpose, with_known
from otimes.core.array import (
    Array,
    ArraySpec,
    astype,
    common_spec,
    conjugate,
    is_integral,
    namespace,
    reshape,
    rows_of,
    spec_of,
    zeros,
)
from otimes.core.checks import as_array, require_size, shape_text
from otimes.core.facts import UNKNOWN, Facts, of_sum
from otimes.core.operator import LinearOperator
from otimes.core.rules import guard
from otimes.errors import ShapeError
from otimes.functions.diagonal import diagonal
from otimes.functions.multiply import multiply
from otimes.functions.trace import trace
from otimes.kernels.convolution import Sizes, convolved, fast_lengths
from otimes.operators.scalar_multiple import ScalarMultiple

FORMED_ENTRIES = 2**12  # up to which the formed matrix multiplies faster than transforms do
STRIP_ENTRIES = 2**20  # of the rows formed at a time


class Toeplitz(LinearOperator):
    """T[i, j] = t[i − j] for indices, or multi-indices of grids, i and j; products by fast Fourier transforms.

    A result has an error of order eps log(n) ‖t‖₂ ‖x‖₂ in every entry; products of integers are exact.
    """

    coefficients: Array  # t, (m₁ + n₁ − 1, …): lag 0 of axis i is at nᵢ − 1
    rows: Sizes
    columns: Sizes

    def __init__(self, coefficients: Array, rows: Sizes, columns: Sizes):
        super().__init__(
            (math.prod(rows), math.prod(columns)),
            spec_of(coefficients),
            _facts(coefficients, rows, columns),
            coefficients=coefficients,
            rows=rows,
            columns=columns,
        )

    @property
    def details(self) -> tuple[str, ...]:
        """The grids, for display."""
        return (f"{shape_text(self.rows)} by {shape_text(self.columns)} grid",) if len(self.rows) > 1 else ()

    def _converted(self, spec: ArraySpec) -> "Toeplitz":
        return Toeplitz(astype(self.coefficients, spec.dtype), self.rows, self.columns)

    def _matmat(self, X: Array) -> Array:
        if is_integral(X.dtype) or self.size <= FORMED_ENTRIES:
            return multiplied_by_strips(self, X)
        lengths, starts = fast_lengths(self.coefficients.shape), tuple(n - 1 for n in self.columns)
        return convolved(self.coefficients, X, self.columns, lengths, starts, self.rows)


def _facts(t: Array, rows: Sizes, columns: Sizes) -> Facts:
    """Return what equality of coefficients shows; by rows of t, lag (l₁, …) precedes 0 if its first nonzero is < 0."""
    if not isinstance(t, np.ndarray) or rows != columns:
        return UNKNOWN
    flat, zero = t.reshape(-1), t.size // 2
    mirrored = flat[::-1]
    return Facts(
        symmetric=True if (flat == mirrored).all() else None,
        hermitian=True if (flat == mirrored.conj()).all() else None,
        lower_triangular=True if not flat[:zero].any() else None,
        upper_triangular=True if not flat[zero + 1 :].any() else None,
    )


def toeplitz(c: Any, r: Any = None) -> Toeplitz:
    """Return the Toeplitz operator with first column c and first row r.

    T[i, j] = c[i − j] for i ≥ j, and r[j − i] for i < j.

    Parameters
    ----------
    c : array_like, (m,)
    r : array_like, (n,), optional
        Default conj(c), as in `scipy.linalg.toeplitz`: Hermitian where c[0] is real. r[0] is not used.

    Returns
    -------
    Toeplitz, (m, n)
        T @ x costs O((m + n) log(m + n)) operations, against 2 m n formed.

    Raises
    ------
    ShapeError
        c or r is not 1-D.
    ArrayMixError
        c and r are of different array libraries or devices.

    References
    ----------
    Golub & Van Loan (2013), Matrix Computations, sections 4.7 and 4.8.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> ox.to_dense(ox.toeplitz([1, 2, 3], [1, 4, 5, 6]))
    array([[1, 4, 5, 6],
           [2, 1, 4, 5],
           [3, 2, 1, 4]])
    >>> T = ox.toeplitz(1 / np.arange(1.0, 1_000_001))
    >>> (T @ np.ones(1_000_000)).shape
    (1000000,)
    """
    c = require_axes(as_array(c, "the first column"), "toeplitz(c, r): c", 1)
    r = conjugate(c) if r is None else require_axes(as_array(r, "the first row", spec_of(c)), "toeplitz(c, r): r", 1)
    spec = common_spec(spec_of(c), spec_of(r), names=("c", "r"))
    m, n, xp = c.shape[0], r.shape[0], namespace(c)
    t = xp.concat([xp.flip(astype(r, spec.dtype)[1:]), astype(c, spec.dtype)])
    return Toeplitz(t[: max(m + n - 1, 0)], (m,), (n,))


def multilevel_toeplitz(t: Any, rows: tuple[int, ...] | None = None) -> Toeplitz:
    """Return the operator T[i, j] = t[i − j] on C-ordered grids of any number of axes.

    Axis k of t holds the lags −(nₖ − 1), …, mₖ − 1 of that axis in this order: for square levels lag 0 is in the
    middle. For t[l₁, l₂] = a[l₁] b[l₂] it is the Kronecker product of the Toeplitz operators of a and b.

    Parameters
    ----------
    t : array_like, (m₁ + n₁ − 1, …, m_d + n_d − 1)
    rows : (m₁, …, m_d), optional
        Default square levels, mₖ = nₖ, for which every axis of t is odd.

    Returns
    -------
    Toeplitz, (m₁ ⋯ m_d, n₁ ⋯ n_d)
        T @ x costs O(N log N) operations for the N = Π (mₖ + nₖ − 1) coefficients.

    Raises
    ------
    ShapeError
        t has no axes, an even number of lags on a square level, or fewer than mₖ on another.

    References
    ----------
    Chan & Jin (2007), An Introduction to Iterative Toeplitz Solvers, chapter 5.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> lags = np.arange(-2, 3)
    >>> T = ox.multilevel_toeplitz(np.exp(-(lags[:, None] ** 2) - np.abs(lags)))  # a covariance on a 3 × 3 grid
    >>> T.shape, T.facts.symmetric
    ((9, 9), True)
    """
    t = as_array(t, "the coefficients")
    if not t.ndim:
        raise ShapeError("multilevel_toeplitz(t): t is a scalar; give an array of coefficients with an axis per level")
    if rows is None:
        even = [axis for axis, size in enumerate(t.shape) if size % 2 == 0]
        if even:
            raise ShapeError(
                f"multilevel_toeplitz(t): t is {shape_text(t.shape)}, and axis {even[0]} has an even number of lags; "
                "square levels have 2 n − 1, lag 0 in the middle; give rows= for other levels"
            )
        rows = tuple((size + 1) // 2 for size in t.shape)
    rows = tuple(require_size(m, "each of rows") for m in (rows if hasattr(rows, "__iter__") else (rows,)))
    if len(rows) != t.ndim or not all(1 <= m <= size for m, size in zip(rows, t.shape, strict=True)):
        raise ShapeError(
            f"multilevel_toeplitz(t, rows={rows}): t is {shape_text(t.shape)}; give one size per axis, "
            "from 1 to its number of lags"
        )
    return Toeplitz(t, rows, tuple(size - m + 1 for m, size in zip(rows, t.shape, strict=True)))


def require_axes(x: Array, what: str, axes: int) -> Array:
    """Return the array if it has that number of axes, else raise `ShapeError`."""
    if x.ndim != axes:
        raise ShapeError(f"{what} has shape {shape_text(x.shape)}; it must have {axes} ax{'i' if axes == 1 else 'e'}s")
    return x


def strips(T: Toeplitz) -> Iterator[Array]:
    """Yield the formed matrix, some rows at a time."""
    rows, columns = places(T)
    flat = reshape(T.coefficients, (-1,))
    step = max(1, STRIP_ENTRIES // T.shape[1])
    for start in range(0, T.shape[0], step):
        yield rows_of(flat, rows[start : start + step, None] + columns)


def places(T: Toeplitz) -> tuple[np.ndarray, np.ndarray]:
    """Return index arrays u, v with T[i, j] = t.ravel()[u[i] + v[j]]."""
    strides = np.cumprod((1, *T.coefficients.shape[:0:-1]))[::-1]
    rows = [np.arange(m) * s for m, s in zip(T.rows, strides, strict=True)]
    columns = [np.arange(n)[::-1] * s for n, s in zip(T.columns, strides, strict=True)]
    return tuple(functools.reduce(np.add.outer, places).reshape(-1) for places in (rows, columns))


def multiplied_by_strips(T: Toeplitz, X: Array) -> Array:
    """Return T X from the formed rows of T."""
    blocks = [astype(S, X.dtype) @ X for S in strips(T)] if T.shape[1] else []
    return namespace(X).concat(blocks) if blocks else zeros((T.shape[0], X.shape[1]), spec_of(X))


@guard("both are Toeplitz on the same grids")
def same_grids(T: Toeplitz, S: Toeplitz) -> bool:
    return T.rows == S.rows and T.columns == S.columns


@guard("every level is square")
def square_levels(T: Toeplitz) -> bool:
    return T.rows == T.columns


@to_dense.rule(Toeplitz, says="T[i, j] = t[i − j]")
def _(T: Toeplitz) -> Array:
    return namespace(T.coefficients).concat(list(strips(T))) if T.size else zeros(T.shape, T.spec)


@transpose.rule(Toeplitz, says="Tᵀ[i, j] = t[−(i − j)]")
def _(T: Toeplitz) -> Toeplitz:
    return Toeplitz(namespace(T.coefficients).flip(T.coefficients), T.columns, T.rows)


@conj.rule(Toeplitz, says="conj(T)[i, j] = conj(t[i − j])")
def _(T: Toeplitz) -> Toeplitz:
    return Toeplitz(conjugate(T.coefficients), T.rows, T.columns)


@scale.rule(Toeplitz, says="(c T)[i, j] = c t[i − j]")
def _(T: Toeplitz, c: Any) -> LinearOperator:
    return with_known(Toeplitz(c * T.coefficients, T.rows, T.columns), ScalarMultiple(c, T).facts)


@add.rule(Toeplitz, Toeplitz, when=same_grids, says="(T + S)[i, j] = t[i − j] + s[i − j]")
def _(T: Toeplitz, S: Toeplitz) -> LinearOperator:
    common_spec(T.spec, S.spec)
    return with_known(Toeplitz(T.coefficients + S.coefficients, T.rows, T.columns), of_sum([T.facts, S.facts]))


@multiply.rule(Toeplitz, Toeplitz, when=same_grids, says="(T ∘ S)[i, j] = t[i − j] s[i − j]")
def _(T: Toeplitz, S: Toeplitz) -> LinearOperator:
    return Toeplitz(T.coefficients * S.coefficients, T.rows, T.columns)


@trace.rule(Toeplitz, when=square_levels, says="tr T = n t[0]")
def _(T: Toeplitz) -> Any:
    return T.shape[0] * namespace(T.coefficients).sum(_lag_zero(T))  # a sum widens small integers


@diagonal.rule(Toeplitz, when=square_levels, says="T[i, i] = t[0]")
def _(T: Toeplitz) -> Array:
    return namespace(T.coefficients).broadcast_to(_lag_zero(T), (T.shape[0],))


@diagonal.rule(Toeplitz, when=~square_levels, says="T[r, r] = t[i − j], r split by rows and by columns")
def _(T: Toeplitz) -> Array:
    (rows, columns), k = places(T), min(T.shape)
    return rows_of(reshape(T.coefficients, (-1,)), rows[:k] + columns[:k])


def _lag_zero(T: Toeplitz) -> Array:
    """Return t[0] of square levels as an array of one entry."""
    middle = math.prod(T.coefficients.shape) // 2
    return reshape(T.coefficients, (-1,))[middle : middle + 1]
