"""Singular value decomposition."""

from typing import Any, NamedTuple

from otimes.core.convert import aslinearoperator
from otimes.core.indexing import submatrix
from otimes.core.lapack import lapack
from otimes.core.rules import function
from otimes.core.values import extreme_indices, values_at


class SVDResult(NamedTuple):
    """A = U diag(S) Vh."""

    U: Any
    S: Any
    Vh: Any


@function()
def svd(A: Any, *, k: int | None = None, which: str = "largest") -> SVDResult:
    """Return the reduced singular value decomposition A = U diag(S) Vᴴ, or exactly the k extreme triplets of it.

    A ⊗ B = (U_A ⊗ U_B) diag(S_A ⊗ S_B) (V_A ⊗ V_B)ᴴ, each factor decomposed once. The values are in
    the order of the columns of U, which for a Kronecker product is not descending. There are
    Π min(mᵢ, nᵢ) of them: where factors are tall and wide by turns that is fewer than min(m, n),
    and the others are zero.

    Parameters
    ----------
    A : operator or array_like, (m, n)
    k : int, optional
        How many triplets; found from the factors' singular values in O(k Σ nᵢ). Without an identity A is decomposed as
        a whole: of a large one `scipy.sparse.linalg.svds(A, k)` finds some triplets by products alone.
    which : {"largest", "smallest", "magnitude"}

    Returns
    -------
    SVDResult
        U (m, r) and Vh (r, n) operators with orthonormal columns and rows, S (r,) array or lazy.
        With k, r = k, and S is an array sorted from the extreme inwards; the columns of U and rows of Vh, which for a
        Kronecker product are u ⊗ u' and v ⊗ v', are not formed.

    Raises
    ------
    ShapeError
        k is out of range.

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
    U, S, Vh = svd.dispatch(A)
    if k is None:
        return SVDResult(U, S, Vh)
    index = extreme_indices(S, k, which)
    return SVDResult(submatrix(U, slice(None), index), values_at(S, index), submatrix(Vh, index))


@svd.dense
def _(a: Any) -> SVDResult:
    U, S, Vh = lapack("svd", a, full_matrices=False)
    return SVDResult(aslinearoperator(U), S, aslinearoperator(Vh))
