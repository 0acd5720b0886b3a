"""The smallest entry."""

from typing import Any

from otimes.core.array import namespace
from otimes.core.rules import function
from otimes.errors import DTypeError, ShapeError


@function()
def min(A: Any) -> Any:
    """Return the smallest entry.

    That of A ⊗ B is one of the four products of the extremes of A and of B: with negative entries that of the
    smallest ones need not be it.

    Parameters
    ----------
    A : operator or array_like, (m, n)
        Real.

    Returns
    -------
    scalar

    Raises
    ------
    ShapeError
        A has no entries.
    DTypeError
        A is complex, and complex numbers have no order.

    Examples
    --------
    >>> import otimes as ox
    >>> int(ox.min(ox.kron([[1, -2]], [[3], [-1]])))
    -6
    """
    if 0 in A.shape:
        raise ShapeError(f"min(A): A is {A.shape[0]}×{A.shape[1]} and has no entries")
    if not A.real:
        raise DTypeError("min(A): A is complex, and complex numbers have no order")
    return min.dispatch(A)


@min.dense
def _(a: Any) -> Any:
    return namespace(a).min(a)
