"""The action of an exponential on vectors."""

from typing import Any

import numpy as np

from otimes.core.array import astype, inexact, namespace, result_type, spec_of
from otimes.core.checks import as_operand, require_finite, require_square
from otimes.core.columns import by_columns
from otimes.core.lapack import lapack
from otimes.core.operator import is_scalar
from otimes.core.rules import function
from otimes.errors import DTypeError


@function()
def expm_multiply(A: Any, b: Any, t: Any = 1) -> Any:
    """Return exp(t A) b: the solution at time t of x' = A x from x(0) = b.

    exp(t (A ⊕ B)) b is (exp(t A) ⊗ exp(t B)) b, applied in turn; a Hermitian operator with an identity for `eigh`
    goes by its eigenvectors. Others need only products, in number in proportion to ‖t A‖: Taylor series in steps that
    lose at most three bits each.

    Parameters
    ----------
    A : operator or array_like, (n, n)
    b : array_like, (n,), (n, k) or (…, n, k)
    t : scalar
        Real or complex: t = −i for a quantum state.

    Returns
    -------
    array of the shape of b

    Raises
    ------
    ShapeError
        A is not square, or b has not n rows.
    DTypeError
        t is no scalar.
    NonFiniteError
        b has NaN or infinite entries.
    NotConverged
        A has.

    References
    ----------
    Al-Mohy & Higham (2011), Computing the action of the matrix exponential, SIAM J. Sci. Comput. 33, 488-511.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> heat = ox.kronsum([[-1.0, 1.0], [1.0, -1.0]], [[-1.0, 1.0], [1.0, -1.0]])
    >>> ox.expm_multiply(heat, np.array([4.0, 0.0, 0.0, 0.0]), 10.0).round(3)
    array([1., 1., 1., 1.])
    """
    require_square(A, "expm_multiply")
    if not is_scalar(t):
        raise DTypeError(f"expm_multiply: t must be a scalar, not {type(t).__name__}; call it once for each time")
    b = as_operand(A, b, "expm_multiply(A, b)", A.shape[0], name="b")
    if isinstance(b, np.ndarray):
        require_finite(b, "b in expm_multiply(A, b)")
    b = astype(b, inexact(b.dtype, namespace(b)))
    A = A.with_spec(spec_of(b)) if A.spec.weak else A
    return by_columns(lambda B: expm_multiply.dispatch(A, B=B, t=t), b)


@expm_multiply.dense
def _(a: Any, B: Any, t: Any) -> Any:
    E = lapack("expm", t * a)
    return E @ astype(B, result_type(namespace(B), E.dtype, B.dtype))
