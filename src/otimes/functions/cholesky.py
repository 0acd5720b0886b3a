"""Cholesky factors."""

from typing import Any

from otimes.core.checks import require_square
from otimes.core.convert import aslinearoperator
from otimes.core.facts import Facts
from otimes.core.lapack import lapack
from otimes.core.rules import function
from otimes.functions.eigh import require_hermitian


@function()
def cholesky(A: Any) -> Any:
    """Return the lower triangular L with positive diagonal and A = L Lᴴ.

    The factor of A ⊗ B is L_A ⊗ L_B; factors that are negative definite in pairs are flipped.

    Parameters
    ----------
    A : operator or array_like, (n, n), Hermitian positive definite

    Returns
    -------
    LinearOperator, (n, n), lower triangular

    Raises
    ------
    NotPositiveDefinite
        A is not positive definite.
    StructureError
        A dense array is not Hermitian.

    References
    ----------
    Van Loan (2000), section 1.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> K = ox.kron([[4.0, 2.0], [2.0, 5.0]], [[9.0]])
    >>> np.asarray(ox.cholesky(K))
    array([[6., 0.],
           [3., 6.]])
    """
    require_square(A, "cholesky")
    return cholesky.dispatch(A)


@cholesky.dense
def _(a: Any) -> Any:
    L = aslinearoperator(lapack("cholesky", require_hermitian(a, "cholesky")))
    return L.with_facts(Facts(lower_triangular=True))
