"""A function of a matrix, by its spectrum."""

from collections.abc import Callable
from typing import Any

import numpy as np

from otimes.core.algebra import with_known
from otimes.core.array import namespace
from otimes.core.branches import narrowed
from otimes.core.checks import require_square, shape_text
from otimes.core.convert import aslinearoperator
from otimes.core.facts import every
from otimes.core.lapack import lapack
from otimes.core.rules import function
from otimes.errors import DTypeError, ShapeError


@function()
def funm(A: Any, f: Callable[[Any], Any]) -> Any:
    """Return f(A) for a function f of the eigenvalues, as an operator.

    f(A) = V f(Λ) V⁻¹ for A = V Λ V⁻¹, and Q f(Λ) Qᴴ for Hermitian A; the eigenvectors of A ⊗ B and A ⊕ B stay products.
    Rounding grows with the condition of V: of a defective A, whose V is singular, no digit is right, and a warning says
    so. `expm`, `sqrtm` and `logm` do not need eigenvectors.

    Parameters
    ----------
    A : operator or array_like, (n, n)
    f : callable
        Of an array of eigenvalues, entry by entry: f(λ) of shape (n,). They are real where A is known to be Hermitian.

    Returns
    -------
    LinearOperator, (n, n)

    Raises
    ------
    DTypeError
        f cannot be called.
    ShapeError
        f returns another shape, or A is not square.
    SingularError
        A is defective: its eigenvectors are exactly dependent.

    References
    ----------
    Higham (2008), Functions of Matrices: Theory and Computation, chapters 1 and 4.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> K = ox.kron([[2.0, 1.0], [1.0, 2.0]], ox.diag([1.0, 10.0]))
    >>> step = ox.funm(K, lambda values: np.where(values > 5, 1.0, 0.0))  # onto the eigenvectors of 10 and 30
    >>> float(ox.trace(step).round(12))
    2.0
    """
    require_square(A, "funm", "f of singular values is U f(Σ) Vᴴ, by svd")
    if not callable(f):
        raise DTypeError(f"funm: f must be a function of an array of eigenvalues, not {type(f).__name__}")
    known = every([A.facts], "symmetric", "lower_triangular", "upper_triangular")
    return with_known(funm.dispatch(A, f=f), known)


def mapped(f: Callable[[Any], Any], values: Any) -> Any:
    """Return f(values), which must have their shape."""
    result = f(values)
    if getattr(result, "shape", None) != values.shape:
        found = f"shape {shape_text(result.shape)}" if hasattr(result, "shape") else type(result).__name__
        raise ShapeError(f"funm: f of {values.shape[0]} eigenvalues gave {found}; it must return an array of as many")
    return result


@funm.dense
def _(a: Any, f: Callable[[Any], Any]) -> Any:
    values, V = lapack("eig", a)
    result = (V * mapped(f, values)) @ lapack("inv", V)
    return aslinearoperator(narrowed(result, a) if namespace(a) is np else result)
