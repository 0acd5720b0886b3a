"""Integer powers of a matrix."""

import operator
from typing import Any

from otimes.core.algebra import with_known
from otimes.core.array import is_integral
from otimes.core.checks import require_square
from otimes.core.facts import every
from otimes.core.rules import function
from otimes.errors import DTypeError


@function()
def matrix_power(A: Any, p: int) -> Any:
    """Return Aᵖ for an integer p as an operator; negative powers are those of the inverse.

    (A ⊗ B)ᵖ = Aᵖ ⊗ Bᵖ. What is neither multiplied out nor fused by a rule stays a lazy product of p operators.

    Parameters
    ----------
    A : operator or array_like, (n, n)
    p : int
        A⁰ = I.

    Returns
    -------
    LinearOperator, (n, n)

    Raises
    ------
    SingularError
        A is singular and p < 0.
    DTypeError
        p is not an integer; `fractional_matrix_power` takes any real number.
    ShapeError
        A is not square.

    References
    ----------
    Van Loan (2000), section 1.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> K = ox.kron([[1, 1], [0, 1]], [[2]])
    >>> np.asarray(ox.matrix_power(K, 5))
    array([[ 32, 160],
           [  0,  32]])
    """
    require_square(A, "matrix_power")
    if isinstance(p, bool) or not hasattr(p, "__index__"):
        raise DTypeError(f"matrix_power: p={p!r} is not an integer; fractional_matrix_power takes any real number")
    kept = ["symmetric", "hermitian", "unitary", "lower_triangular", "upper_triangular"]
    kept += [] if is_integral(A.spec.dtype) else ["positive_semidefinite", "positive_definite"]  # integers may wrap
    return with_known(matrix_power.dispatch(A, p=operator.index(p)), every([A.facts], *kept))
