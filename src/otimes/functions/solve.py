"""The solution of square systems."""

from typing import Any

import numpy as np

from otimes.core.algebra import matmul, to_dense
from otimes.core.array import astype, inexact, namespace
from otimes.core.checks import as_operand, require_finite, require_product_shapes, require_square
from otimes.core.columns import by_columns
from otimes.core.convert import aslinearoperator
from otimes.core.lapack import lapack
from otimes.core.operator import LinearOperator
from otimes.core.rules import function
from otimes.errors import DTypeError
from otimes.functions.inv import inv


@function()
def solve(A: Any, b: Any, *, method: Any = None) -> Any:
    """Return the x with A x = b.

    (A ⊗ B) x = b is solved factor by factor, without inverses: for n × n and m × m factors in
    O(n³ + m³ + n m (n + m)) operations against O(n³ m³) for the formed system.

    Parameters
    ----------
    A : operator or array_like, (n, n)
    b : array_like (n,), (n, k) or (…, n, k), or operator (n, k)
    method : iterative solver, optional
        `CG(...)`, `MINRES(...)`, `GMRES(...)` or `LSMR(...)`, for b (n,) or (n, k). Without one the solution is by
        identities or of the formed matrix, never iterative.

    Returns
    -------
    array of the shape of b; an operator, A⁻¹ b, for an operator b

    Raises
    ------
    SingularError
        A is singular; `lstsq` takes singular and rectangular operators.
    NotConverged
        The iteration of `method` stopped before its tolerance; the error's `solution` is what it reached.
    ShapeError
        A is not square, or b has not n rows.

    NonFiniteError
        b or a factor has NaN or infinite entries.

    Notes
    -----
    Gradients of PyTorch arrays pass through. Where a rule solves by eigenvectors (A + c I, A ⊕ B), they are those of
    `torch.linalg.eigh`, which needs distinct eigenvalues.

    References
    ----------
    Van Loan (2000), section 1; Fernandes, Plateau & Stewart (1998) for N factors.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> K = ox.kron([[2.0, 0.0], [1.0, 4.0]], [[1.0, 3.0], [0.0, 1.0]])
    >>> ox.solve(K, K @ np.arange(4.0)).round(12)
    array([0., 1., 2., 3.])
    """
    require_square(A, "solve", "lstsq takes any shape")
    if method is not None:
        return require_method(method, "solve").solve(A, b).checked().value
    if isinstance(b, LinearOperator):
        require_product_shapes(A, b)
        return matmul(inv(A), b) if inv.select(A) else aslinearoperator(solve(A, to_dense(b)))
    b = as_operand(A, b, "solve(A, b)", A.shape[0], name="b")
    if isinstance(b, np.ndarray):
        require_finite(b, "b in solve(A, b)")
    b = astype(b, inexact(b.dtype, namespace(b)))
    return by_columns(lambda B: solve.dispatch(A, B=B), b)


def require_method(method: Any, name: str) -> Any:
    """Return the iterative solver, or raise `DTypeError` if it is none."""
    if isinstance(method, type) or not hasattr(method, "solves_least_squares"):
        raise DTypeError(f"{name}(A, b, method=): give an iterative solver such as otimes.CG(), not {method!r}")
    return method


@solve.dense
def _(a: Any, B: Any) -> Any:
    return lapack("solve", a, B)
