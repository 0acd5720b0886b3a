"""The square root of a matrix."""

from typing import Any

from otimes.core.algebra import with_known
from otimes.core.branches import dense_principal
from otimes.core.checks import require_square
from otimes.core.convert import aslinearoperator
from otimes.core.facts import every
from otimes.core.rules import function


@function()
def sqrtm(A: Any) -> Any:
    """Return the principal square root as an operator: X X = A, no eigenvalue of X left of the imaginary axis.

    √(A ⊗ B) = √A ⊗ √B where all factors are known to be positive semidefinite (state it with `assume`). For others it
    may be wrong: [−1] ⊗ [−1] = [1] has the root 1, and i · i = −1.

    Parameters
    ----------
    A : operator or array_like, (n, n)

    Returns
    -------
    LinearOperator, (n, n)
        Complex where A has eigenvalues < 0, which those of a Hermitian operator are that pass rounding; else of the
        dtype of A. Known to be positive semidefinite if A is.

    Raises
    ------
    SingularError
        A dense matrix is singular and has no root.
    ShapeError
        A is not square.

    References
    ----------
    Higham (2008), Functions of Matrices: Theory and Computation, chapter 6.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> S = ox.assume(np.array([[5.0, 4.0], [4.0, 5.0]]), "positive_definite")
    >>> np.asarray(ox.sqrtm(ox.kron(S, ox.diag([1.0, 4.0])))).round(12)
    array([[2., 0., 1., 0.],
           [0., 4., 0., 2.],
           [1., 0., 2., 0.],
           [0., 2., 0., 4.]])
    """
    require_square(A, "sqrtm")
    kept = ("symmetric", "positive_semidefinite", "positive_definite", "lower_triangular", "upper_triangular")
    return with_known(sqrtm.dispatch(A), every([A.facts], *kept))


@sqrtm.dense
def _(a: Any) -> Any:
    return aslinearoperator(dense_principal("sqrtm", a))
