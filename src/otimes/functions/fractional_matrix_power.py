"""Real powers of a matrix."""

import math
from typing import Any

from otimes.core.algebra import with_known
from otimes.core.branches import dense_principal
from otimes.core.checks import require_square
from otimes.core.convert import aslinearoperator
from otimes.core.facts import every
from otimes.core.rules import function
from otimes.errors import DTypeError
from otimes.functions.matrix_power import matrix_power


@function()
def fractional_matrix_power(A: Any, p: float) -> Any:
    """Return the principal power Aᵖ = exp(p log A) for real p as an operator; of an integer p it is `matrix_power`.

    (A ⊗ B)ᵖ = Aᵖ ⊗ Bᵖ where all factors are known to be positive semidefinite (state it with `assume`); integer powers
    distribute always.

    Parameters
    ----------
    A : operator or array_like, (n, n)
    p : float

    Returns
    -------
    LinearOperator, (n, n)
        Complex where A has eigenvalues < 0.

    Raises
    ------
    SingularError
        A is singular and p < 0, or no power exists.
    DTypeError
        p is no finite real number.
    ShapeError
        A is not square.

    References
    ----------
    Higham (2008), Functions of Matrices: Theory and Computation, chapter 7.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> K = ox.kron(ox.diag([1.0, 8.0]), ox.diag([1.0, 27.0]))
    >>> np.asarray(ox.fractional_matrix_power(K, 1 / 3)).diagonal().round(12)
    array([1., 3., 2., 6.])
    """
    require_square(A, "fractional_matrix_power")
    try:
        exponent = float(p)
    except (TypeError, ValueError) as error:
        raise DTypeError(f"fractional_matrix_power: p={p!r} is no real number") from error
    if not math.isfinite(exponent):
        raise DTypeError(f"fractional_matrix_power: p={p!r} is not finite")
    if exponent.is_integer():
        return matrix_power(A, int(exponent))
    kept = ["symmetric", "positive_definite", "lower_triangular", "upper_triangular"]
    kept += ["positive_semidefinite"] if exponent > 0 else []
    return with_known(fractional_matrix_power.dispatch(A, p=exponent), every([A.facts], *kept))


@fractional_matrix_power.dense
def _(a: Any, p: float) -> Any:
    return aslinearoperator(dense_principal("fractional_matrix_power", a, t=p))
