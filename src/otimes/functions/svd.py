"""Singular value decomposition."""

from typing import Any, NamedTuple

from otimes.core.convert import aslinearoperator
from otimes.core.lapack import lapack
from otimes.core.rules import function


class SVDResult(NamedTuple):
    """A = U diag(S) Vh."""

    U: Any
    S: Any
    Vh: Any


@function()
def svd(A: Any) -> SVDResult:
    """Return the reduced singular value decomposition A = U diag(S) Vᴴ.

    A ⊗ B = (U_A ⊗ U_B) diag(S_A ⊗ S_B) (V_A ⊗ V_B)ᴴ, each factor decomposed once. The values are in
    the order of the columns of U, which for a Kronecker product is not descending. There are
    Π min(mᵢ, nᵢ) of them: where factors are tall and wide by turns that is fewer than min(m, n),
    and the others are zero.

    Parameters
    ----------
    A : operator or array_like, (m, n)

    Returns
    -------
    SVDResult
        U (m, r) and Vh (r, n) operators with orthonormal columns and rows, S (r,) array or lazy.

    References
    ----------
    Van Loan (2000), section 1.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> K = ox.kron(np.arange(6.0).reshape(2, 3), np.eye(2))
    >>> U, S, Vh = ox.svd(K)
    >>> bool(np.allclose(np.asarray(U @ ox.diag(S) @ Vh), np.asarray(K)))
    True
    """
    return svd.dispatch(A)


@svd.dense
def _(a: Any) -> SVDResult:
    U, S, Vh = lapack("svd", a, full_matrices=False)
    return SVDResult(aslinearoperator(U), S, aslinearoperator(Vh))
