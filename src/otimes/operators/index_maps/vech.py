"""Duplication and Elimination: between vec(A), all n² entries, and vech(A), the n (n + 1) / 2 of its lower triangle.

Both are index maps and hold no arrays; their transposes are `Transposed`. With the commutation matrix
K = K(n, n): K D = D, L D = I, D⁺ = (Dᵀ D)⁻¹ Dᵀ, and D D⁺ = ½ (I + K) makes symmetric.
"""

import math
from typing import Any

import numpy as np

from otimes.core.algebra import conj, matmul, to_dense, transpose
from otimes.core.array import (
    Array,
    ArraySpec,
    astype,
    common_spec,
    concrete,
    eye,
    inexact,
    itemsize,
    namespace,
    ones,
    rows_of,
)
from otimes.core.checks import MAX_BYTES, matching_dtype, require_bytes, require_size
from otimes.core.indexing import entries, like_array, truth_values
from otimes.core.operator import LinearOperator, inexact_operator
from otimes.core.rules import guard
from otimes.core.vec import half, lower_entries, mirrored_entries, place_in_vech
from otimes.functions.norm import norm
from otimes.functions.pinv import pinv
from otimes.functions.qr import QRResult, qr
from otimes.functions.svd import SVDResult, svd
from otimes.functions.svdvals import svdvals
from otimes.operators.diagonal import Diagonal
from otimes.operators.identity import Identity
from otimes.operators.index_maps.permutation import Commutation
from otimes.operators.transposed import Transposed


class Duplication(LinearOperator):
    """D with D vech(A) = vec(A) for every symmetric A n × n; each row has a single 1."""

    order: int

    def __init__(self, order: int, spec: ArraySpec):
        super().__init__((order**2, half(order)), spec, order=order)

    def _matmat(self, X: Array) -> Array:
        return rows_of(X, mirrored_entries(self.order))

    def _rmatmat(self, Y: Array) -> Array:
        """Return Dᵀ Y: entries of the lower triangle with those that mirror them."""
        lower = lower_entries(self.order)
        column, row = np.divmod(lower, self.order)
        return rows_of(Y, lower) + _where(row != column, rows_of(Y, row * self.order + column))


class Elimination(LinearOperator):
    """L with L vec(A) = vech(A) for every A n × n: rows of the identity."""

    order: int

    def __init__(self, order: int, spec: ArraySpec):
        super().__init__((half(order), order**2), spec, order=order)

    def _matmat(self, X: Array) -> Array:
        return rows_of(X, lower_entries(self.order))

    def _rmatmat(self, Y: Array) -> Array:
        """Return Lᵀ Y: the lower triangle, with zeros above."""
        column, row = np.divmod(np.arange(self.order**2), self.order)
        return _where(row >= column, rows_of(Y, mirrored_entries(self.order)))


def _where(mask: np.ndarray, X: Array) -> Array:
    """Return the rows of X under the mask, and zeros for the others."""
    xp = namespace(X)
    return xp.where(like_array(mask, X)[:, None], X, xp.zeros_like(X))


def duplication(n: int, dtype: Any = None) -> LinearOperator:
    """Return the duplication matrix D of order n: D vech(A) = vec(A) for every symmetric A n × n.

    Its pseudoinverse averages the two halves: D⁺ vec(A) = vech((A + Aᵀ) / 2).

    Parameters
    ----------
    n : int
    dtype : dtype, optional
        Unstated, that of what the operator meets.

    Returns
    -------
    LinearOperator, (n², n (n + 1) / 2)
        A product takes n² copies per column and no arithmetic; nothing is stored.

    Raises
    ------
    ShapeError
        n is not an integer ≥ 0.

    References
    ----------
    Magnus & Neudecker (1980), The elimination matrix: some lemmas and applications.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> A = np.array([[1.0, 2], [2, 5]])
    >>> ox.duplication(2) @ ox.vech(A)
    array([1., 2., 2., 5.])
    """
    n, spec = require_size(n, "n"), matching_dtype(dtype)
    return Identity(n, spec) if n <= 1 else Duplication(n, spec)


def elimination(n: int, dtype: Any = None) -> LinearOperator:
    """Return the elimination matrix L of order n: L vec(A) = vech(A) for every A n × n.

    Parameters
    ----------
    n : int
    dtype : dtype, optional
        Unstated, that of what the operator meets.

    Returns
    -------
    LinearOperator, (n (n + 1) / 2, n²)
        A product takes n (n + 1) / 2 copies per column and no arithmetic; nothing is stored.

    Raises
    ------
    ShapeError
        n is not an integer ≥ 0.

    References
    ----------
    Magnus & Neudecker (1980), The elimination matrix: some lemmas and applications.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> ox.elimination(2) @ ox.vec(np.array([[1.0, 2], [3, 4]]))
    array([1., 3., 4.])
    """
    n, spec = require_size(n, "n"), matching_dtype(dtype)
    return Identity(n, spec) if n <= 1 else Elimination(n, spec)


LISTED = 2**24  # entries up to which a diagonal is listed while a product is simplified


@guard(f"the transposed operator is a duplication matrix, of at most {LISTED} columns")
def of_duplication(A: Transposed, D: Duplication) -> bool:
    return isinstance(A.operator, Duplication) and D.shape[1] <= LISTED


@guard("the transposed operator is an elimination matrix")
def of_elimination(L: Elimination, A: Transposed) -> bool:
    return isinstance(A.operator, Elimination)


@guard("both sizes of K are n")
def square_sizes(K: Commutation, D: Duplication) -> bool:
    return K.sizes == (D.order, D.order)


def _squares(D: Duplication) -> Array:
    """Return the diagonal of Dᵀ D: 1 for the diagonal entries of A, 2 for the others."""
    p, dtype = D.shape[1], concrete(D.spec)
    require_bytes((p,), itemsize(dtype), MAX_BYTES, "Dᵀ D", "D @ x and D.T @ x need no array")
    column, row = np.divmod(lower_entries(D.order), D.order)
    return astype((D.spec.xp or np).asarray(1 + (row != column), device=D.spec.device), dtype)


def _singular_values(D: Duplication) -> Array:
    squares, xp = _squares(D), D.spec.xp or np
    return xp.sqrt(xp.abs(astype(squares, inexact(squares.dtype, xp))))


@transpose.rule(Duplication, says="Dᵀ vec(A) = vech(A + Aᵀ − diag A)", cite="MagnusNeudecker1980")
@transpose.rule(Elimination, says="Lᵀ vech(A) = vec(A) for lower triangular A", cite="MagnusNeudecker1980")
def _(A: LinearOperator) -> LinearOperator:
    return Transposed(A)


@conj.rule(Duplication, says="conj(D) = D")
@conj.rule(Elimination, says="conj(L) = L")
def _(A: LinearOperator) -> LinearOperator:
    return A


@matmul.rule(Elimination, Duplication, says="L D = I", cite="MagnusNeudecker1980")
def _(L: Elimination, D: Duplication) -> LinearOperator:
    return Identity(L.shape[0], common_spec(L.spec, D.spec))


@matmul.rule(Elimination, Transposed, when=of_elimination, says="L Lᵀ = I", cite="MagnusNeudecker1980")
def _(L: Elimination, A: Transposed) -> LinearOperator:
    return Identity(L.shape[0], common_spec(L.spec, A.spec))


@matmul.rule(Transposed, Duplication, when=of_duplication, says="Dᵀ D is diagonal", cite="MagnusNeudecker1980")
def _(A: Transposed, D: Duplication) -> LinearOperator:
    return Diagonal(_squares(Duplication(D.order, common_spec(A.spec, D.spec))))


@matmul.rule(Commutation, Duplication, when=square_sizes, says="K D = D", cite="MagnusNeudecker1980")
def _(K: Commutation, D: Duplication) -> LinearOperator:
    return D.with_spec(common_spec(K.spec, D.spec))


@svd.rule(Duplication, says="D = D (Dᵀ D)^(−½) · (Dᵀ D)^½ · I")
def _(D: Duplication) -> SVDResult:
    σ = _singular_values(D)
    return SVDResult(matmul(inexact_operator(D), Diagonal(1 / σ)), σ, Identity(D.shape[1], D.spec))


@qr.rule(Duplication, says="D = D (Dᵀ D)^(−½) · (Dᵀ D)^½")
def _(D: Duplication) -> QRResult:
    σ = _singular_values(D)
    return QRResult(matmul(inexact_operator(D), Diagonal(1 / σ)), Diagonal(σ))


@svdvals.rule(Duplication, says="σ(D) = 1 (n times), √2")
def _(D: Duplication) -> Array:
    return _singular_values(D)


@norm.rule(Duplication, says="‖D‖₂ = √2, ‖D‖_F = n, ‖D‖_* = n + n (n − 1) / √2")
def _(D: Duplication, ord: Any) -> float:
    n = float(D.order)
    return {"fro": n, "nuc": n + n * (n - 1) / math.sqrt(2), 2: math.sqrt(2), 1: 2.0}.get(ord, 1.0)


@svd.rule(Elimination, says="L = I I L")
def _(L: Elimination) -> SVDResult:
    return SVDResult(Identity(L.shape[0], L.spec), ones(L.shape[0], L.spec), inexact_operator(L))


@svdvals.rule(Elimination, says="σ(L) = 1")
def _(L: Elimination) -> Array:
    return ones(L.shape[0], L.spec)


@pinv.rule(Elimination, says="L⁺ = Lᵀ", cite="MagnusNeudecker1980")
def _(L: Elimination, rtol: float) -> LinearOperator:
    return transpose(inexact_operator(L))


@norm.rule(Elimination, says="‖L‖₂ = 1, ‖L‖_F = √(n (n + 1) / 2), ‖L‖_* = n (n + 1) / 2")
def _(L: Elimination, ord: Any) -> float:
    p = float(L.shape[0])
    return {"fro": math.sqrt(p), "nuc": p, -1: 0.0}.get(ord, 1.0)


@entries.rule(Duplication, says="D[i + n j, k] = 1 where vech(A)[k] is A[i, j]", cite="MagnusNeudecker1980")
def _(D: Duplication, rows: np.ndarray, columns: np.ndarray) -> Array:
    j, i = np.divmod(rows, D.order)
    return truth_values(place_in_vech(i, j, D.order) == columns, D.spec)


@entries.rule(Elimination, says="L[k, i + n j] = 1 where vech(A)[k] is A[i, j], i ≥ j", cite="MagnusNeudecker1980")
def _(L: Elimination, rows: np.ndarray, columns: np.ndarray) -> Array:
    j, i = np.divmod(columns, L.order)
    return truth_values((place_in_vech(i, j, L.order) == rows) & (i >= j), L.spec)


@to_dense.rule(Duplication, says="D[i + n j, k] = 1 where vec(A)[i + n j] is vech(A)[k]")
@to_dense.rule(Elimination, says="L[k, i + n j] = 1 where vech(A)[k] is vec(A)[i + n j]")
def _(A: LinearOperator) -> Array:
    return A._matmat(eye(A.shape[1], A.spec))
