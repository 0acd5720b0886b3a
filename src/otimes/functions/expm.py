"""The exponential of a matrix."""

from dataclasses import replace
from typing import Any

from otimes.core.algebra import with_known
from otimes.core.checks import require_square
from otimes.core.convert import aslinearoperator
from otimes.core.facts import every
from otimes.core.lapack import lapack
from otimes.core.rules import function


@function()
def expm(A: Any) -> Any:
    """Return the exponential exp(A) = Σ Aᵏ / k! as an operator.

    exp(A ⊕ B) = exp(A) ⊗ exp(B) and exp(A + c I) = eᶜ exp(A). The exponential of a Kronecker product is none: it is
    taken by eigenvectors, exp(Q Λ Qᴴ) = Q exp(Λ) Qᴴ, where the factors are known to be Hermitian.

    Parameters
    ----------
    A : operator or array_like, (n, n)

    Returns
    -------
    LinearOperator, (n, n)
        Known to be positive definite if A is known to be Hermitian.

    Raises
    ------
    ShapeError
        A is not square.

    See Also
    --------
    expm_multiply : exp(t A) b without exp(t A).

    References
    ----------
    Higham (2008), Functions of Matrices: Theory and Computation, chapter 10.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> A, B = np.array([[0.0, 1.0], [0.0, 0.0]]), np.diag([0.0, 1.0, 2.0])
    >>> E = ox.expm(ox.kronsum(A, B))
    >>> bool(np.allclose(np.asarray(E), np.kron([[1.0, 1.0], [0.0, 1.0]], np.diag(np.exp([0.0, 1.0, 2.0])))))
    True
    """
    require_square(A, "expm")
    known = every([A.facts], "symmetric", "lower_triangular", "upper_triangular")
    return with_known(expm.dispatch(A), replace(known, positive_definite=A.facts.hermitian or None))


@expm.dense
def _(a: Any) -> Any:
    return aslinearoperator(lapack("expm", a))
