"""LU decomposition with row exchanges."""

from typing import Any, NamedTuple

from otimes.core.array import astype, inexact, namespace
from otimes.core.convert import aslinearoperator
from otimes.core.facts import Facts
from otimes.core.lapack import lapack
from otimes.core.rules import function


class LUResult(NamedTuple):
    """A = P L U."""

    P: Any
    L: Any
    U: Any


@function()
def lu(A: Any) -> LUResult:
    """Return the decomposition A = P L U with P a permutation, L lower and U upper triangular.

    L has a unit diagonal where it is square.

    A ⊗ B = (P_A ⊗ P_B)(L_A ⊗ L_B)(U_A ⊗ U_B).

    Parameters
    ----------
    A : operator or array_like, (m, n)

    Returns
    -------
    LUResult
        Operators P (m, m), L (m, r), U (r, n), in SciPy's order; r = Π min(mᵢ, nᵢ).

    References
    ----------
    Van Loan (2000), section 1.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> K = ox.kron([[1.0, 2.0], [3.0, 4.0]], [[0.0, 1.0], [1.0, 0.0]])
    >>> P, L, U = ox.lu(K)
    >>> bool(np.allclose(np.asarray(P @ L @ U), np.asarray(K)))
    True
    """
    return lu.dispatch(A)


@lu.dense
def _(a: Any) -> LUResult:
    m, n = a.shape
    xp = namespace(a)
    empty = (xp.eye(m), xp.zeros((m, 0)), xp.zeros((0, n)))
    P, L, U = (aslinearoperator(astype(part, inexact(a.dtype, xp))) for part in (lapack("lu", a) if m and n else empty))
    return LUResult(
        P.with_facts(Facts(unitary=True)),
        L.with_facts(Facts(lower_triangular=True)),
        U.with_facts(Facts(upper_triangular=True)),
    )
