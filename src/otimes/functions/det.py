"""The determinant."""

import math
from typing import Any

from otimes.core.array import is_array, namespace
from otimes.core.checks import require_square
from otimes.core.lapack import lapack
from otimes.core.rules import function
from otimes.functions.slogdet import slogdet


@function()
def det(A: Any) -> Any:
    """Return the determinant; of large operators `slogdet` is the one that does not overflow.

    det(A ⊗ B) = det(A)ᵐ det(B)ⁿ for A n × n and B m × m.

    Parameters
    ----------
    A : operator or array_like, (n, n)

    Returns
    -------
    scalar

    Raises
    ------
    ShapeError
        A is not square.

    References
    ----------
    Van Loan (2000), section 1.

    Examples
    --------
    >>> import otimes as ox
    >>> round(float(ox.det(ox.kron([[2.0, 0.0], [0.0, 1.0]], 3 * ox.eye(3)))), 6)  # 2³ · 27²
    5832.0
    """
    require_square(A, "det")
    return det.dispatch(A)


@det.dense
def _(a: Any) -> Any:
    return lapack("det", a)


def det_by_slogdet(A: Any) -> Any:
    """Return sign · exp(log|det A|), infinite where that overflows."""
    sign, logabsdet = slogdet(A)
    if is_array(logabsdet):
        return sign * namespace(logabsdet).exp(logabsdet)
    try:
        return sign * type(logabsdet)(math.exp(logabsdet))
    except OverflowError:
        return sign * math.inf
