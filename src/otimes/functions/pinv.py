"""The Moore–Penrose pseudoinverse."""

from typing import Any

from otimes.core.array import adjoint, astype, inexact, namespace
from otimes.core.convert import aslinearoperator
from otimes.core.lapack import default_rtol, lapack
from otimes.core.rules import function


@function()
def pinv(A: Any, *, rtol: float | None = None) -> Any:
    """Return the pseudoinverse A⁺.

    (A ⊗ B)⁺ = A⁺ ⊗ B⁺. Singular values up to rtol times the largest count as zero, and it is the
    products σᵢ(A) σⱼ(B) that are cut, not the factors' values.

    Parameters
    ----------
    A : operator or array_like, (m, n)
    rtol : float, optional
        Cut relative to the largest singular value; default max(m, n) eps, as in NumPy;
        for a Kronecker product the sum of that over its factors, whatever its size.

    Returns
    -------
    LinearOperator, (n, m)

    Raises
    ------
    TooLarge
        The cut falls between products, so that the result is no Kronecker product, and A is too
        large to list the singular values.

    References
    ----------
    Langville & Stewart (2004), The Kronecker product and stochastic automata networks, section 2.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> K = ox.kron(np.ones((2, 3)), [[1.0, 2.0]])
    >>> bool(np.allclose(np.asarray(ox.pinv(K)), np.linalg.pinv(np.asarray(K))))
    True
    """
    return pinv.dispatch(A, rtol=default_rtol(A) if rtol is None else rtol)


@pinv.dense
def _(a: Any, rtol: float) -> Any:
    if 0 in a.shape:
        return aslinearoperator(adjoint(astype(a, inexact(a.dtype, namespace(a)))))
    return aslinearoperator(lapack("pinv", a, rtol=rtol))
