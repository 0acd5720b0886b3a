"""Eigenvalues and eigenvectors of Hermitian operators."""

from typing import Any

from otimes.core.algebra import with_known
from otimes.core.array import adjoint, as_float, astype, inexact, namespace
from otimes.core.checks import require_square, shape_text
from otimes.core.convert import aslinearoperator
from otimes.core.facts import Facts
from otimes.core.indexing import submatrix
from otimes.core.lapack import lapack
from otimes.core.rules import function
from otimes.core.tracing import certainly
from otimes.core.values import extreme_indices, values_at
from otimes.errors import StructureError
from otimes.functions.eig import EigResult

HERMITIAN_RTOL = 1e-3  # times √eps: what rounding leaves of symmetry in a matrix that was computed


@function()
def eigh(A: Any, *, k: int | None = None, which: str = "largest") -> EigResult:
    """Return eigenvalues and orthonormal eigenvectors of a Hermitian operator: all, or exactly the k extreme pairs.

    A ⊗ B = (Q_A ⊗ Q_B) diag(λ_A ⊗ λ_B) (Q_A ⊗ Q_B)ᴴ, each factor decomposed once.

    Parameters
    ----------
    A : operator or array_like, (n, n), Hermitian
        That every dense array decomposed is Hermitian up to rounding is checked, which costs O(n²).
    k : int, optional
        How many pairs; found from the factors' spectra in O(k Σ nᵢ). Without an identity A is decomposed as a whole:
        of a large one `scipy.sparse.linalg.eigsh(A, k)` finds some pairs by products alone.
    which : {"largest", "smallest", "magnitude"}

    Returns
    -------
    EigResult
        eigenvalues (n,), real, lazy for a product (1-D on `np.asarray`), in the order of the columns
        of the operator eigenvectors (n, n). That order is ascending only within each factor.
        With k, an array (k,) sorted from the extreme inwards, and an operator (n, k); its columns u ⊗ v of a product
        are not formed.

    Raises
    ------
    StructureError
        A dense array is not Hermitian.
    ShapeError
        A is not square, or k is out of range.

    References
    ----------
    Van Loan (2000), section 1.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> K = ox.kron([[2.0, 1.0], [1.0, 2.0]], np.diag([1.0, 10.0]))
    >>> w, Q = ox.eigh(K)
    >>> np.asarray(w)
    array([ 1., 10.,  3., 30.])
    >>> bool(np.allclose(np.asarray(Q @ ox.diag(w) @ Q.H), np.asarray(K)))
    True
    >>> w, V = ox.eigh(K, k=2)
    >>> w, V.shape, bool(np.allclose(K @ np.asarray(V), np.asarray(V) * w))
    (array([30., 10.]), (4, 2), True)
    """
    require_square(A, "eigh", "svd takes any shape")
    values, vectors = eigh.dispatch(A)
    vectors = with_known(vectors, Facts(unitary=True))
    if k is None:
        return EigResult(values, vectors)
    index = extreme_indices(values, k, which)
    return EigResult(values_at(values, index), submatrix(vectors, slice(None), index))


@eigh.dense
def _(a: Any) -> EigResult:
    values, vectors = lapack("eigh", require_hermitian(a, "eigh"))
    return EigResult(values, aslinearoperator(vectors))


def require_hermitian(a: Any, name: str) -> Any:
    """Return the array, or raise `StructureError` if it misses Hermitian symmetry by more than rounding."""
    if 0 in a.shape:
        return a
    xp = namespace(a)
    a = astype(a, inexact(a.dtype, xp))
    gap, scale = as_float(xp.max(xp.abs(a - adjoint(a)))), as_float(xp.max(xp.abs(a)))
    if certainly(gap > HERMITIAN_RTOL * float(xp.finfo(a.dtype).eps) ** 0.5 * scale):
        raise StructureError(
            f"{name}: the {shape_text(a.shape)} array is not Hermitian: |A − Aᴴ| reaches {gap:.3g} with entries up to "
            f"{scale:.3g}; use {'eig' if name == 'eigh' else 'eigvals'}, or give (A + Aᴴ)/2. "
            "If it is a factor, the product may be Hermitian all the same (skew ⊗ skew); form it first"
        )
    return a
