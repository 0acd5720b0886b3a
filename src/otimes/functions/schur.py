"""The Schur decomposition."""

from typing import Any, NamedTuple

from otimes.core.algebra import with_known
from otimes.core.array import namespace
from otimes.core.checks import require_square
from otimes.core.convert import aslinearoperator
from otimes.core.facts import Facts
from otimes.core.lapack import lapack
from otimes.core.rules import function


class SchurResult(NamedTuple):
    """A = Z T Zᴴ."""

    T: Any
    Z: Any


@function()
def schur(A: Any) -> SchurResult:
    """Return the Schur decomposition A = Z T Zᴴ with Z unitary and T upper triangular.

    A ⊗ B = (Z_A ⊗ Z_B)(T_A ⊗ T_B)(Z_A ⊗ Z_B)ᴴ, and the same with ⊕ between the triangles. It is the complex form: the
    2 × 2 blocks of the real one would not be blocks of a product.

    Parameters
    ----------
    A : operator or array_like, (n, n)

    Returns
    -------
    SchurResult
        T and Z, operators (n, n), the eigenvalues of A on the diagonal of T in no order. As in SciPy the first of the
        two is the triangle. Real where A is diagonal or Hermitian by an identity, else complex.

    Raises
    ------
    ShapeError
        A is not square.

    References
    ----------
    Golub & Van Loan (2013), Matrix Computations, section 7.1.3.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> K = ox.kron([[0.0, 1.0], [-1.0, 0.0]], [[2.0, 1.0], [0.0, 3.0]])
    >>> T, Z = ox.schur(K)
    >>> bool(np.allclose(np.asarray(Z @ T @ Z.H), np.asarray(K)))
    True
    """
    require_square(A, "schur", "svd takes any shape")
    T, Z = schur.dispatch(A)
    return SchurResult(with_known(T, Facts(upper_triangular=True)), with_known(Z, Facts(unitary=True)))


@schur.dense
def _(a: Any) -> SchurResult:
    if 0 in a.shape:
        complex_ = namespace(a).zeros(a.shape, dtype=namespace(a).complex128)
        return SchurResult(aslinearoperator(complex_), aslinearoperator(complex_))
    T, Z = lapack("schur", a, output="complex")
    return SchurResult(aslinearoperator(T), aslinearoperator(Z))
