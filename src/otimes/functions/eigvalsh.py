"""Eigenvalues of Hermitian operators."""

from typing import Any

from otimes.core.checks import require_square
from otimes.core.lapack import lapack
from otimes.core.rules import function
from otimes.core.values import extremes
from otimes.functions.eigh import require_hermitian


@function()
def eigvalsh(A: Any, *, k: int | None = None, which: str = "largest") -> Any:
    """Return the eigenvalues of a Hermitian operator, or exactly the k extreme ones.

    Parameters
    ----------
    A : operator or array_like, (n, n), Hermitian
    k : int, optional
        How many; found from the factors' spectra in O(k Σ nᵢ) without forming the others.
    which : {"largest", "smallest", "magnitude"}

    Returns
    -------
    array or LazyVector, (n,)
        Real; in the order of the eigenvectors of `eigh`. With k, an array (k,) sorted from the
        extreme inwards.

    Raises
    ------
    StructureError
        A dense array is not Hermitian.
    ShapeError
        A is not square, or k is out of range.

    References
    ----------
    Horn & Johnson (1991), theorems 4.2.12 and 4.4.5.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> K = ox.kron(np.diag([-3.0, 1.0]), np.diag([2.0, 5.0]), np.diag([1.0, 10.0]))
    >>> ox.eigvalsh(K, k=2), ox.eigvalsh(K, k=2, which="magnitude")
    (array([50., 20.]), array([-150.,  -60.]))
    """
    require_square(A, "eigvalsh", "svdvals takes any shape")
    values = eigvalsh.dispatch(A)
    return values if k is None else extremes(values, k, which)


@eigvalsh.dense
def _(a: Any) -> Any:
    return lapack("eigvalsh", require_hermitian(a, "eigvalsh"))
