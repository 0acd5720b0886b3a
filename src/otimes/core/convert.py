"""`aslinearoperator`: whatever a user holds, as an operator."""

from collections.abc import Callable
from typing import Any

from otimes.errors import DTypeError

_CONVERTERS: list[tuple[Callable[[Any], bool], Callable[[Any], Any]]] = []


def converts(test: Callable[[Any], bool]) -> Callable[[Callable[[Any], Any]], Callable[[Any], Any]]:
    """Register the decorated constructor for objects on which `test` is true; first match wins."""

    def add(constructor: Callable[[Any], Any]) -> Callable[[Any], Any]:
        _CONVERTERS.append((test, constructor))
        return constructor

    return add


def aslinearoperator(x: Any) -> Any:
    """Return `x` as an operator: arrays, SciPy sparse matrices and linear operators, nested lists.

    Operators of this library come back as they are; arrays are wrapped, not copied, and must not
    be changed afterwards, since what is known of them is not looked at again. A 1-D array is a row,
    as `numpy.kron` reads a vector beside a matrix.

    Parameters
    ----------
    x : array_like or operator
        (m, n) entries, or (n,) for a row; (…, m, n) for a batch.

    Returns
    -------
    LinearOperator
        Of shape (m, n), or (1, n); a `Batch` for arrays of more than two axes.

    Raises
    ------
    DTypeError
        `x` holds no numbers.
    ShapeError
        `x` is 0-D.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> ox.aslinearoperator(np.ones((2, 3))).shape
    (2, 3)
    """
    for test, constructor in _CONVERTERS:
        if test(x):
            return constructor(x)
    raise DTypeError(
        f"cannot read {type(x).__name__} as a matrix; give an array, nested lists of numbers, "
        "a SciPy sparse matrix or linear operator, or an operator of otimes"
    )
