"""vec and unvec: the only module that knows about the order in which a matrix is read."""

from typing import Any, Literal

from otimes.core.array import Array
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
    return (X.T if _by_columns(order) else X).reshape(-1)


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
    return x.reshape(n, m).T if _by_columns(order) else x.reshape(m, n)


def _by_columns(order: str) -> bool:
    if order not in ("F", "C"):
        raise ShapeError(f'order={order!r} is neither "F" (by columns) nor "C" (by rows)')
    return order == "F"
