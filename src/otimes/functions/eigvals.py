"""Eigenvalues of any square operator."""

from typing import Any

from otimes.core.checks import require_square
from otimes.core.lapack import lapack
from otimes.core.rules import function


@function()
def eigvals(A: Any) -> Any:
    """Return the eigenvalues, in no order.

    Those of A ⊗ B are all products λᵢ μⱼ; those of A ⊕ B all sums λᵢ + μⱼ.

    Parameters
    ----------
    A : operator or array_like, (n, n)

    Returns
    -------
    array or LazyVector, (n,)

    Raises
    ------
    ShapeError
        A is not square.

    References
    ----------
    Horn & Johnson (1991), theorems 4.2.12 and 4.4.5.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> np.asarray(ox.eigvals(ox.kron(np.diag([1.0, 2.0]), np.diag([3.0, 5.0])))).real
    array([ 3.,  5.,  6., 10.])
    """
    require_square(A, "eigvals", "svdvals takes any shape")
    return eigvals.dispatch(A)


@eigvals.dense
def _(a: Any) -> Any:
    return lapack("eigvals", a)
