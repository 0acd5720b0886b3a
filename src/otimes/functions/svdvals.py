"""Singular values."""

from typing import Any

from otimes.core.lapack import lapack
from otimes.core.rules import function
from otimes.core.values import extremes


@function()
def svdvals(A: Any, *, k: int | None = None, which: str = "largest") -> Any:
    """Return the singular values, or exactly the k extreme ones.

    The values of A ⊗ B are all products σᵢ(A) σⱼ(B), then zeros up to min(m, n).

    Parameters
    ----------
    A : operator or array_like, (m, n)
    k : int, optional
        How many; found from the factors' values in O(k Σ nᵢ) without forming the others.
    which : {"largest", "smallest", "magnitude"}

    Returns
    -------
    array or LazyVector, (min(m, n),)
        Unsorted for a Kronecker product; with k, an array (k,) sorted from the extreme inwards.

    References
    ----------
    Van Loan (2000), section 1.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> ox.svdvals(ox.kron(np.diag([1.0, 5.0]), np.diag([2.0, 3.0])), k=2)
    array([15., 10.])
    """
    values = svdvals.dispatch(A)
    return values if k is None else extremes(values, k, which)


@svdvals.dense
def _(a: Any) -> Any:
    return lapack("svdvals", a)
