"""The sums of rows, of columns, and of all entries."""

from typing import Any, Literal

import numpy as np

from otimes.core.array import ArraySpec, is_integral, namespace
from otimes.core.rules import function
from otimes.errors import ShapeError


@function()
def sum(A: Any, axis: Literal[0, 1] | None = None) -> Any:
    """Return the sum of all entries, of every column (axis 0) or of every row (axis 1).

    The row sums of A ⊗ B are those of A times those of B, as a lazy vector; nothing is formed. Where no identity
    applies, they are the product with a vector of ones.

    Parameters
    ----------
    A : operator or array_like, (m, n)
    axis : {None, 0, 1}
        As in NumPy: that which is summed over; negative ones count from the end.

    Returns
    -------
    scalar; array or LazyVector, (n,) for axis 0 and (m,) for axis 1
        Integers are summed as 64-bit ones, as in NumPy.

    Raises
    ------
    ShapeError
        The axis is none of an operator's two.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> K = ox.kron([[1, 2], [3, 4]], [[1, 1]])
    >>> int(ox.sum(K)), np.asarray(ox.sum(K, axis=0))
    (20, array([4, 4, 6, 6]))
    """
    if isinstance(axis, (float, np.ndarray)) or axis not in (None, 0, 1, -1, -2):
        raise ShapeError(f"sum(A, axis={axis!r}): an operator has the axes 0 and 1; None sums all")
    if A.spec.xp is np and is_integral(A.spec.dtype):
        A = A.with_spec(ArraySpec(np, np.zeros(0, A.spec.dtype).sum().dtype))
    return sum.dispatch(A, axis=axis if axis is None else axis % 2)


@sum.dense
def _(a: Any, axis: int | None) -> Any:
    return namespace(a).sum(a, axis=axis)
