"""QR decomposition."""

from typing import Any, NamedTuple

from otimes.core.convert import aslinearoperator
from otimes.core.facts import Facts
from otimes.core.lapack import lapack
from otimes.core.rules import function


class QRResult(NamedTuple):
    """A = Q R."""

    Q: Any
    R: Any


@function()
def qr(A: Any) -> QRResult:
    """Return the reduced QR decomposition A = Q R.

    A ⊗ B = (Q_A ⊗ Q_B)(R_A ⊗ R_B), upper triangular since both R are (in reduced form only).

    Parameters
    ----------
    A : operator or array_like, (m, n)

    Returns
    -------
    QRResult
        Q (m, r) with orthonormal columns and R (r, n) upper triangular, as operators;
        r = Π min(mᵢ, nᵢ) over the factors.

    References
    ----------
    Van Loan (2000), section 1.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> K = ox.kron(np.arange(6.0).reshape(3, 2), [[1.0, 2.0], [3.0, 4.0]])
    >>> Q, R = ox.qr(K)
    >>> bool(np.allclose(np.asarray(Q @ R), np.asarray(K)))
    True
    """
    return qr.dispatch(A)


@qr.dense
def _(a: Any) -> QRResult:
    Q, R = (aslinearoperator(part) for part in lapack("qr", a))
    return QRResult(Q, R.with_facts(Facts(upper_triangular=True)))
