"""The trace."""

from typing import Any

import numpy as np

from otimes.core.array import namespace
from otimes.core.checks import require_square
from otimes.core.rules import function


@function()
def trace(A: Any) -> Any:
    """Return the sum of the diagonal entries.

    tr(A ⊗ B) = tr(A) tr(B) for square factors; factors that are not square, with a square
    product, are summed over the diagonal instead.

    Parameters
    ----------
    A : operator or array_like, (n, n)

    Returns
    -------
    scalar

    Raises
    ------
    ShapeError
        A is not square; `diagonal` takes any shape.

    References
    ----------
    Van Loan (2000), section 1.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> float(ox.trace(ox.kron(np.diag([1.0, 2.0]), np.ones((5, 5)))))
    15.0
    """
    require_square(A, "trace", "diagonal(A) takes any shape")
    return trace.dispatch(A)


def exact_integer(value: Any) -> Any:
    """Return a NumPy integer as a Python one, which does not overflow; other numbers as they are."""
    return int(value) if isinstance(value, np.integer) else value


@trace.dense
def _(a: Any) -> Any:
    return namespace(a).linalg.trace(a) if namespace(a).__name__ != "numpy" else a.trace()
