"""Numerical rank."""

from typing import Any

from otimes.core.lapack import default_rtol, lapack
from otimes.core.rules import function
from otimes.core.values import count_above


@function()
def matrix_rank(A: Any, *, rtol: float | None = None) -> int:
    """Return the number of singular values above rtol times the largest.

    For A ⊗ B the products σᵢ(A) σⱼ(B) are counted: the product of the factors' numerical ranks
    may be more than that.

    Parameters
    ----------
    A : operator or array_like, (m, n)
    rtol : float, optional
        Default max(m, n) eps, as in NumPy; for a Kronecker product the sum of that over its factors,
        whatever its size.

    Returns
    -------
    int

    References
    ----------
    Golub & Van Loan (2013), Matrix Computations, sections 5.4.1 and 12.3.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> A = np.diag([1.0, 1e-10])
    >>> ox.matrix_rank(A), ox.matrix_rank(ox.kron(A, A))
    (2, 3)
    """
    values = matrix_rank.dispatch(A)
    return count_above(values, default_rtol(A) if rtol is None else rtol)


@matrix_rank.dense
def _(a: Any) -> Any:
    return lapack("svdvals", a)
