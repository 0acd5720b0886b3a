"""The logarithm of a matrix."""

from dataclasses import replace
from typing import Any

from otimes.core.algebra import with_known
from otimes.core.branches import dense_principal
from otimes.core.checks import require_square
from otimes.core.convert import aslinearoperator
from otimes.core.facts import every
from otimes.core.rules import function


@function()
def logm(A: Any) -> Any:
    """Return the principal logarithm as an operator: exp(X) = A, imaginary parts of eigenvalues in (−π, π].

    log(A ⊗ B) = log(A) ⊕ log(B) where all factors are known to be positive definite (state it with `assume`). For
    others it may be wrong: [−1] ⊗ [−1] = [1] has the logarithm 0, and π i + π i = 2 π i.

    Parameters
    ----------
    A : operator or array_like, (n, n)

    Returns
    -------
    LinearOperator, (n, n)
        Complex where A has eigenvalues < 0. Known to be Hermitian if A is known to be positive definite.

    Raises
    ------
    SingularError
        A is singular.
    ShapeError
        A is not square.

    References
    ----------
    Higham (2008), Functions of Matrices: Theory and Computation, chapter 11.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> K = ox.kron(ox.diag([1.0, np.e]), ox.diag([1.0, np.e**2]))
    >>> type(ox.logm(K)).__name__, np.asarray(ox.logm(K)).diagonal().round(12)
    ('KroneckerSum', array([0., 2., 1., 3.]))
    """
    require_square(A, "logm")
    known = every([A.facts], "symmetric", "lower_triangular", "upper_triangular")
    return with_known(logm.dispatch(A), replace(known, hermitian=A.facts.positive_definite or None))


@logm.dense
def _(a: Any) -> Any:
    return aslinearoperator(dense_principal("logm", a))
