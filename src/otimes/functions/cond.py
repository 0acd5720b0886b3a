"""Condition number."""

import math
import warnings
from typing import Any

from scipy.linalg import LinAlgWarning

from otimes.core.array import as_float
from otimes.core.checks import require_square
from otimes.core.lapack import lapack
from otimes.core.rules import function
from otimes.core.tracing import certainly
from otimes.errors import ShapeError, SingularError
from otimes.functions.norm import ORDERS, norm


@function()
def cond(A: Any, p: Any = 2) -> Any:
    """Return the condition number ‖A‖ ‖A⁻¹‖ in the norm p; for p = 2, σ_max / σ_min.

    κ(A ⊗ B) = κ(A) κ(B).

    Parameters
    ----------
    A : operator or array_like, (m, n); square unless p = 2 or −2
    p : {2, -2, "fro", "nuc", 1, -1, inf, -inf} or None
        As in `numpy.linalg.cond`; None is 2.

    Returns
    -------
    scalar
        inf if A is singular.

    Raises
    ------
    ShapeError
        An unknown norm, or A is not square.

    References
    ----------
    Golub & Van Loan (2013), section 2.6.2.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> float(ox.cond(ox.kron(np.diag([1.0, 2.0]), np.diag([1.0, 5.0]))))
    10.0
    """
    p = 2 if p is None else p
    if p not in ORDERS:
        raise ShapeError(f"cond: p={p!r} is not one of {', '.join(map(repr, ORDERS))}")
    if p not in (2, -2):
        require_square(A, f"cond(p={p!r})", "p=2 takes any shape")
    return cond.dispatch(A, p=p)


@cond.dense
def _(a: Any, p: Any) -> Any:
    if 0 in a.shape:
        return math.inf
    if p in (2, -2):
        values = lapack("svdvals", a)
        low, high = as_float(values[-1]), as_float(values[0])
        ratio = math.inf if certainly(low == 0) else high / low
        return ratio if p == 2 else 1 / ratio
    try:
        with warnings.catch_warnings(action="ignore", category=LinAlgWarning):  # it is what is being measured
            return norm(a, p) * norm(lapack("inv", a), p)
    except SingularError:
        return math.inf
