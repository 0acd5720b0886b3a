"""Eigenvalues and eigenvectors of any square operator."""

from typing import Any, NamedTuple

from otimes.core.checks import require_square
from otimes.core.convert import aslinearoperator
from otimes.core.lapack import lapack
from otimes.core.rules import function


class EigResult(NamedTuple):
    """A V = V diag(eigenvalues)."""

    eigenvalues: Any
    eigenvectors: Any


@function()
def eig(A: Any) -> EigResult:
    """Return eigenvalues and right eigenvectors.

    If A u = λ u and B v = μ v then (A ⊗ B)(u ⊗ v) = λμ (u ⊗ v), and (A ⊕ B)(u ⊗ v) = (λ + μ)(u ⊗ v).
    A defective factor has no full set of eigenvectors, and its product has none either.

    Parameters
    ----------
    A : operator or array_like, (n, n)

    Returns
    -------
    EigResult
        eigenvalues (n,), lazy for a product, in the order of the columns of the operator
        eigenvectors (n, n).

    Raises
    ------
    ShapeError
        A is not square.

    References
    ----------
    Horn & Johnson (1991), Topics in Matrix Analysis, theorems 4.2.12 and 4.4.5.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> K = ox.kron([[0.0, 1.0], [-1.0, 0.0]], [[2.0, 1.0], [0.0, 3.0]])
    >>> w, V = ox.eig(K)
    >>> bool(np.allclose(K @ np.asarray(V), np.asarray(V) * np.asarray(w)))
    True
    """
    require_square(A, "eig", "svd takes any shape")
    return eig.dispatch(A)


@eig.dense
def _(a: Any) -> EigResult:
    values, vectors = lapack("eig", a)
    return EigResult(values, aslinearoperator(vectors))
