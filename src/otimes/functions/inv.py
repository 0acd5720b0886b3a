"""The inverse."""

from typing import Any

from otimes.core.algebra import with_known
from otimes.core.checks import require_square
from otimes.core.convert import aslinearoperator
from otimes.core.lapack import lapack
from otimes.core.rules import function


@function()
def inv(A: Any) -> Any:
    """Return the inverse A⁻¹ as an operator.

    (A ⊗ B)⁻¹ = A⁻¹ ⊗ B⁻¹ costs the inverses of the factors. To solve one system, `solve` is cheaper
    and more accurate.

    Parameters
    ----------
    A : operator or array_like, (n, n)

    Returns
    -------
    LinearOperator, (n, n)

    Raises
    ------
    SingularError
        A, or one of its factors, is singular.
    ShapeError
        A is not square.

    References
    ----------
    Van Loan (2000), The ubiquitous Kronecker product, section 1.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> K = ox.kron([[2.0, 0.0], [1.0, 4.0]], [[1.0, 3.0], [0.0, 1.0]])
    >>> bool(np.allclose(np.asarray(ox.inv(K) @ K), np.eye(4)))
    True
    """
    require_square(A, "inv", "pinv takes any shape")
    return with_known(inv.dispatch(A), A.facts)  # the inverse has every one of them


@inv.dense
def _(a: Any) -> Any:
    return aslinearoperator(lapack("inv", a))
