"""The main diagonal."""

from typing import Any

from otimes.core.array import namespace
from otimes.core.rules import function


@function()
def diagonal(A: Any) -> Any:
    """Return the main diagonal.

    diag(A ⊗ B) = diag(A) ⊗ diag(B) for square factors, as a lazy vector.

    Parameters
    ----------
    A : operator or array_like, (m, n)

    Returns
    -------
    array or LazyVector, (min(m, n),)
        1-D on `np.asarray`; `v[i]` and `v[i:j]` form only what they name.

    References
    ----------
    Van Loan (2000), section 1.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> np.asarray(ox.diagonal(ox.kron([[1, 2], [3, 4]], [[5, 6], [7, 8]])))
    array([ 5,  8, 20, 32])
    """
    return diagonal.dispatch(A)


@diagonal.dense
def _(a: Any) -> Any:
    return namespace(a).linalg.diagonal(a)
