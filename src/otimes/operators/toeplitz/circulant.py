"""Circulant: entries that depend on i − j modulo n alone, on a line or on a grid of any number of axes (levels).

Of 2 levels it is block circulant with circulant blocks (BCCB). Its spectrum, and what follows from that, is in
`circulant_spectrum`.
"""

import math
from typing import Any

import numpy as np

from otimes.core.algebra import add, conj, matmul, scale, to_dense, transpose, with_known
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
)
from otimes.core.checks import as_array, shape_text
from otimes.core.facts import NAMES, UNKNOWN, Facts, of_sum
from otimes.core.operator import LinearOperator
from otimes.core.rules import guard
from otimes.errors import ShapeError
from otimes.functions.diagonal import diagonal
from otimes.functions.multiply import multiply
from otimes.functions.trace import trace
from otimes.kernels.convolution import convolved
from otimes.operators.scalar_multiple import ScalarMultiple
from otimes.operators.toeplitz.toeplitz import FORMED_ENTRIES, Toeplitz, multiplied_by_strips, require_axes


class Circulant(LinearOperator):
    """C[i, j] = c[(i − j) mod n] for indices, or multi-indices of a grid, i and j; c is the first column."""

    column: Array

    def __init__(self, column: Array):
        n = math.prod(column.shape)
        super().__init__((n, n), spec_of(column), _facts(column), column=column)

    @property
    def details(self) -> tuple[str, ...]:
        """The grid, for display."""
        return (f"{shape_text(self.column.shape)} grid",) if self.column.ndim > 1 else ()

    def _converted(self, spec: ArraySpec) -> "Circulant":
        return Circulant(astype(self.column, spec.dtype))

    def _matmat(self, X: Array) -> Array:
        if is_integral(X.dtype) or self.size <= FORMED_ENTRIES:
            return multiplied_by_strips(as_toeplitz(self), X)
        sizes = tuple(self.column.shape)
        return convolved(self.column, X, sizes, sizes, (0,) * len(sizes), sizes)


def _facts(c: Array) -> Facts:
    if not isinstance(c, np.ndarray):
        return UNKNOWN
    mirrored = _mirrored(c)
    return Facts(
        symmetric=True if (c == mirrored).all() else None,
        hermitian=True if (c == mirrored.conj()).all() else None,
    )


def _mirrored(c: Array) -> Array:
    """Return c[−k mod n]."""
    axes = tuple(range(c.ndim))
    return namespace(c).roll(namespace(c).flip(c), (1,) * c.ndim, axis=axes)


def circulant(c: Any) -> Circulant:
    """Return the circulant operator with first column c.

    C[i, j] = c[(i − j) mod n]: C x is the cyclic convolution of c and x.

    Parameters
    ----------
    c : array_like, (n,)

    Returns
    -------
    Circulant, (n, n)
        Products, solutions, inverses, determinants and spectra cost O(n log n) operations.

    Raises
    ------
    ShapeError
        c is not 1-D.

    References
    ----------
    Davis (1994), Circulant Matrices.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> C = ox.circulant([4.0, 1.0, 0.0, 1.0])
    >>> ox.to_dense(C)
    array([[4., 1., 0., 1.],
           [1., 4., 1., 0.],
           [0., 1., 4., 1.],
           [1., 0., 1., 4.]])
    >>> ox.solve(C, C @ np.arange(1.0, 5.0)).round(12), ox.eigvalsh(C)
    (array([1., 2., 3., 4.]), array([6., 4., 2., 4.]))
    """
    return Circulant(require_axes(as_array(c, "the first column"), "circulant(c): c", 1))


def multilevel_circulant(c: Any) -> Circulant:
    """Return the operator C[i, j] = c[(i − j) mod n] on a C-ordered grid of any number of axes.

    C x is the cyclic convolution of the grids c and x; for c[k, l] = a[k] b[l] it is the Kronecker product of the
    circulants of a and b.

    Parameters
    ----------
    c : array_like, (n₁, …, n_d)

    Returns
    -------
    Circulant, (n, n), n = n₁ ⋯ n_d
        Products, solutions, inverses, determinants and spectra cost O(n log n) operations.

    Raises
    ------
    ShapeError
        c has no axes.

    References
    ----------
    Davis (1994), Circulant Matrices, section 5.8.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> blur = np.zeros((64, 64))
    >>> blur[[0, 0, 0, 1, -1], [0, 1, -1, 0, 0]] = [0.6, 0.1, 0.1, 0.1, 0.1]
    >>> C, picture = ox.multilevel_circulant(blur), np.random.default_rng(0).random(64 * 64)
    >>> bool(np.allclose(ox.solve(C, C @ picture), picture))
    True
    """
    c = as_array(c, "the first column")
    if not c.ndim:
        raise ShapeError("multilevel_circulant(c): c is a scalar; give the first column as a grid (n₁, …, n_d)")
    return Circulant(c)


def as_toeplitz(C: Circulant) -> Toeplitz:
    """Return the circulant as the Toeplitz operator of its periodic coefficients."""
    sizes = C.column.shape
    lags = [np.arange(1 - n, n) % n if n else np.arange(0) for n in sizes]
    index = np.ravel_multi_index(np.ix_(*lags), sizes) if C.size else np.zeros([len(lag) for lag in lags], dtype=int)
    return Toeplitz(rows_of(reshape(C.column, (-1,)), index), sizes, sizes)


def identity_like(A: Toeplitz | Circulant) -> LinearOperator:
    """Return I as an operator of the kind and on the grid of A, whose levels are square."""
    array = A.column if isinstance(A, Circulant) else A.coefficients
    xp, n = namespace(array), math.prod(array.shape)
    one = xp.asarray(np.arange(n) == (0 if isinstance(A, Circulant) else n // 2), device=A.spec.device)
    array = reshape(astype(one, array.dtype), array.shape)
    same = Circulant(array) if isinstance(A, Circulant) else Toeplitz(array, A.rows, A.columns)
    return same.with_facts(Facts(**dict.fromkeys(NAMES, True)))


@guard("both are circulant on the same grid")
def same_grid(C: Circulant, D: Circulant) -> bool:
    return C.column.shape == D.column.shape


@guard("T is on the grid of C")
def grid_before(C: Circulant, T: Toeplitz) -> bool:
    return T.rows == T.columns == C.column.shape


@guard("T is on the grid of C")
def grid_after(T: Toeplitz, C: Circulant) -> bool:
    return grid_before(C, T)


@to_dense.rule(Circulant, says="C[i, j] = c[(i − j) mod n]")
def _(C: Circulant) -> Array:
    return to_dense(as_toeplitz(C), max_bytes=None)


@transpose.rule(Circulant, says="Cᵀ[i, j] = c[(j − i) mod n]")
def _(C: Circulant) -> Circulant:
    return Circulant(_mirrored(C.column))


@conj.rule(Circulant, says="conj(C) is the circulant of conj(c)")
def _(C: Circulant) -> Circulant:
    return Circulant(conjugate(C.column))


@scale.rule(Circulant, says="a C is the circulant of a c")
def _(C: Circulant, c: Any) -> LinearOperator:
    return with_known(Circulant(c * C.column), ScalarMultiple(c, C).facts)


@add.rule(Circulant, Circulant, when=same_grid, says="C + D is the circulant of c + d")
def _(C: Circulant, D: Circulant) -> LinearOperator:
    common_spec(C.spec, D.spec)
    return with_known(Circulant(C.column + D.column), of_sum([C.facts, D.facts]))


@add.rule(Circulant, Toeplitz, when=grid_before, says="(C + T)[i, j] = c[(i − j) mod n] + t[i − j]")
def _(C: Circulant, T: Toeplitz) -> LinearOperator:
    return add(as_toeplitz(C), T)


@add.rule(Toeplitz, Circulant, when=grid_after, says="(T + C)[i, j] = t[i − j] + c[(i − j) mod n]")
def _(T: Toeplitz, C: Circulant) -> LinearOperator:
    return add(T, as_toeplitz(C))


@matmul.rule(Circulant, Circulant, when=same_grid, says="C D is the circulant of C d", cite="Davis1994")
def _(C: Circulant, D: Circulant) -> Circulant:
    spec = common_spec(C.spec, D.spec)
    d = astype(reshape(D.column, (-1, 1)), spec.dtype)
    return Circulant(reshape(C._matmat(d), C.column.shape))


@multiply.rule(Circulant, Circulant, when=same_grid, says="C ∘ D is the circulant of c ∘ d")
def _(C: Circulant, D: Circulant) -> LinearOperator:
    return Circulant(C.column * D.column)


@trace.rule(Circulant, says="tr C = n c[0]")
def _(C: Circulant) -> Any:
    return C.shape[0] * namespace(C.column).sum(reshape(C.column, (-1,))[:1])  # a sum widens small integers


@diagonal.rule(Circulant, says="C[i, i] = c[0]")
def _(C: Circulant) -> Array:
    xp = namespace(C.column)
    return xp.broadcast_to(reshape(C.column, (-1,))[:1], C.shape[:1])
