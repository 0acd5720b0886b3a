"""vec and unvec: the only module that knows about the order in which a matrix is read."""

import math
from typing import Any, Literal

import numpy as np

from otimes.core.array import Array, namespace, rows_of
from otimes.core.checks import as_array, require_size, shape_text
from otimes.errors import ShapeError

Order = Literal["F", "C"]


def vec(X: Any, *, order: Order = "F") -> Array:
    """Return the entries of a matrix as one vector.

    By columns (order "F", the textbook's vec): vec(A X B) = (Bᵀ ⊗ A) vec(X). By rows (order "C",
    NumPy's ravel): vec(A X Bᵀ) = (A ⊗ B) vec(X).

    Parameters
    ----------
    X : array_like, (m, n)
    order : {"F", "C"}

    Returns
    -------
    array, (m n,)
        A view where the memory order allows it.

    Raises
    ------
    ShapeError
        X is not 2-D, or the order is neither.

    References
    ----------
    Magnus & Neudecker (2019), Matrix Differential Calculus, section 2.4.

    Examples
    --------
    >>> import otimes as ox
    >>> ox.vec([[1, 2], [3, 4]]), ox.vec([[1, 2], [3, 4]], order="C")
    (array([1, 3, 2, 4]), array([1, 2, 3, 4]))
    """
    X = as_array(X, "X in vec(X)")
    if X.ndim != 2:
        raise ShapeError(f"vec(X): X has shape {shape_text(X.shape)}; it must be a matrix (m, n)")
    return namespace(X).reshape(X.T if by_columns(order) else X, (-1,))


def unvec(x: Any, shape: tuple[int, int], *, order: Order = "F") -> Array:
    """Return the matrix of which `x` is the vec: unvec(vec(X), X.shape) = X.

    Parameters
    ----------
    x : array_like, (m n,)
    shape : (m, n)
    order : {"F", "C"}
        That of `vec`.

    Returns
    -------
    array, (m, n)

    Raises
    ------
    ShapeError
        x has not m n entries, or the order is neither.

    Examples
    --------
    >>> import otimes as ox
    >>> ox.unvec([1, 2, 3, 4, 5, 6], (2, 3))
    array([[1, 3, 5],
           [2, 4, 6]])
    """
    x = as_array(x, "x in unvec(x)")
    if not isinstance(shape, tuple | list) or len(shape) != 2:
        raise ShapeError(f"unvec(x, shape): shape is {shape!r}; give (m, n)")
    m, n = (require_size(size, "each size in unvec(x, (m, n))") for size in shape)
    if tuple(x.shape) != (m * n,):
        raise ShapeError(
            f"unvec(x, ({m}, {n})): x has shape {shape_text(x.shape)}; it must have {m}·{n} = {m * n} entries"
        )
    xp = namespace(x)
    return xp.reshape(x, (n, m)).T if by_columns(order) else xp.reshape(x, (m, n))


def vech(A: Any) -> Array:
    """Return the lower triangle of a square matrix, by columns, as one vector.

    vec(A) = D vech(A) for symmetric A, with the duplication matrix D, and vech(A) = L vec(A) for every A, with
    the elimination matrix L. What is above the diagonal is not looked at.

    Parameters
    ----------
    A : array_like, (n, n)

    Returns
    -------
    array, (n (n + 1) / 2,)

    Raises
    ------
    ShapeError
        A is not a square matrix.

    References
    ----------
    Magnus & Neudecker (1980), The elimination matrix: some lemmas and applications.

    Examples
    --------
    >>> import otimes as ox
    >>> ox.vech([[1, 2, 3], [2, 4, 5], [3, 5, 6]])
    array([1, 2, 3, 4, 5, 6])
    """
    A = as_array(A, "A in vech(A)")
    if A.ndim != 2 or A.shape[0] != A.shape[1]:
        raise ShapeError(f"vech(A): A has shape {shape_text(A.shape)}; it must be a square matrix (n, n)")
    return rows_of(vec(A), lower_entries(A.shape[0]))


def unvech(v: Any) -> Array:
    """Return the symmetric matrix of which `v` is the vech: unvech(vech(A)) = A for A = Aᵀ.

    Parameters
    ----------
    v : array_like, (n (n + 1) / 2,)

    Returns
    -------
    array, (n, n)
        Symmetric, not Hermitian, whatever the dtype.

    Raises
    ------
    ShapeError
        The length is not that of any vech; the message gives those next to it.

    Examples
    --------
    >>> import otimes as ox
    >>> ox.unvech([1, 2, 3, 4, 5, 6])
    array([[1, 2, 3],
           [2, 4, 5],
           [3, 5, 6]])
    """
    v = as_array(v, "v in unvech(v)")
    if v.ndim != 1:
        raise ShapeError(f"unvech(v): v has shape {shape_text(v.shape)}; it must be a vector (n (n + 1) / 2,)")
    p = v.shape[0]
    n = (math.isqrt(8 * p + 1) - 1) // 2
    if half(n) != p:
        raise ShapeError(
            f"unvech(v): v has {p} entries, and none has n (n + 1) / 2 = {p}; "
            f"the vech of {n}×{n} has {half(n)} and that of {n + 1}×{n + 1} has {half(n + 1)}"
        )
    return namespace(v).reshape(rows_of(v, mirrored_entries(n)), (n, n))


def half(n: int) -> int:
    """Return n (n + 1) / 2, the number of entries on and below the diagonal."""
    return n * (n + 1) // 2


def lower_entries(n: int) -> np.ndarray:
    """Return where in vec(A) the entries of vech(A) are, for A n × n."""
    columns, rows = np.triu_indices(n)
    return rows + n * columns


def place_in_vech(i: np.ndarray, j: np.ndarray, n: int) -> np.ndarray:
    """Return where in vech(A) the entries A[i, j] = A[j, i] of a symmetric A n × n are."""
    low, high = np.minimum(i, j), np.maximum(i, j)
    return n * low - low * (low + 1) // 2 + high


def mirrored_entries(n: int) -> np.ndarray:
    """Return where in vech(A) the entries of vec(A) are, for a symmetric A n × n."""
    i = np.arange(n)
    return place_in_vech(i[:, None], i, n).reshape(-1)


def by_columns(order: str) -> bool:
    """Whether the order is by columns, "F", and not by rows, "C"; anything else is a `ShapeError`."""
    if order not in ("F", "C"):
        raise ShapeError(f'order={order!r} is neither "F" (by columns) nor "C" (by rows)')
    return order == "F"
