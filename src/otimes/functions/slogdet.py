"""Sign and logarithm of the determinant."""

from typing import Any, NamedTuple

from otimes.core.checks import require_square
from otimes.core.lapack import lapack
from otimes.core.rules import function


class SlogdetResult(NamedTuple):
    """det A = sign · exp(logabsdet)."""

    sign: Any
    logabsdet: Any


@function()
def slogdet(A: Any) -> SlogdetResult:
    """Return the sign and the natural logarithm of |det A|.

    log|det(A ⊗ B)| = m log|det A| + n log|det B| for A n × n and B m × m, and the sign
    by exact integer powers. Costs the factorizations of the factors.

    Parameters
    ----------
    A : operator or array_like, (n, n)

    Returns
    -------
    SlogdetResult
        (sign, logabsdet), as `numpy.linalg.slogdet`: sign 0 and −inf if A is singular.

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
    >>> sign, logabsdet = ox.slogdet(ox.kron([[0.0, 1.0], [1.0, 0.0]], 2 * ox.eye(3)))
    >>> float(sign), round(float(logabsdet / 0.6931471805599453), 12)  # det = −64 = −2⁶
    (-1.0, 6.0)
    """
    require_square(A, "slogdet")
    return slogdet.dispatch(A)


@slogdet.dense
def _(a: Any) -> SlogdetResult:
    return SlogdetResult(*lapack("slogdet", a))
