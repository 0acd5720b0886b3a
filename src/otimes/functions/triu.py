"""The upper triangle."""

from typing import Any

from otimes.core.algebra import with_known
from otimes.core.array import namespace
from otimes.core.checks import require_offset
from otimes.core.convert import aslinearoperator
from otimes.core.facts import Facts
from otimes.core.rules import function


@function()
def triu(A: Any, k: int = 0) -> Any:
    """Return the upper triangle of A as an operator, zeros elsewhere.

    triu(A ⊗ B) = triu(A, 1) ⊗ B + diag(A) ⊗ triu(B) for square A and B.

    Parameters
    ----------
    A : operator or array_like, (m, n)
    k : int, optional
        What is on and above the k-th diagonal is kept; 0 is the main one.

    Returns
    -------
    LinearOperator, (m, n)
        Known to be upper triangular for k ≥ 0: solved by substitution, its eigenvalues the diagonal.

    Raises
    ------
    ShapeError
        k is no integer.

    References
    ----------
    Golub & Van Loan (2013), section 3.1.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> T = ox.triu(ox.kron([[1, 2], [3, 4]], [[1, 1], [1, 1]]))
    >>> np.asarray(T)
    array([[1, 1, 2, 2],
           [0, 1, 2, 2],
           [0, 0, 4, 4],
           [0, 0, 0, 4]])
    >>> T.facts.upper_triangular
    True
    """
    k = require_offset(k, "triu")
    if A.facts.upper_triangular and k <= 0:
        return A
    return with_known(triu.dispatch(A, k=k), Facts(upper_triangular=True if k >= 0 else None))


@triu.dense
def _(a: Any, k: int) -> Any:
    return aslinearoperator(namespace(a).triu(a, k=k))
