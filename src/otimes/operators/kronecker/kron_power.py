"""`kron_power`: A ⊗ … ⊗ A, which takes no class of its own: what is asked of equal factors is done once."""

from typing import Any

from otimes.core.checks import require_size
from otimes.core.convert import aslinearoperator
from otimes.core.operator import LinearOperator
from otimes.operators.identity import Identity
from otimes.operators.kronecker.kronecker import kron


def kron_power(A: Any, k: int) -> LinearOperator:
    """Return the Kronecker power A ⊗ … ⊗ A of k factors, without forming it.

    The factor is held once, and its inverse, decomposition or determinant is computed once:
    det(A ⊗ … ⊗ A) = det(A)^(k nᵏ⁻¹) for A n × n. A power of the matrix is `matrix_power(A, k)`.

    Parameters
    ----------
    A : operator or array_like, (m, n)
    k : int
        With k = 0, [1].

    Returns
    -------
    LinearOperator, (mᵏ, nᵏ)

    Raises
    ------
    ShapeError
        k is not an integer ≥ 0.

    References
    ----------
    Horn & Johnson (1991), Topics in Matrix Analysis, section 4.2.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> K = ox.kron_power(np.diag([2.0, 1.0]), 3)
    >>> K.shape, float(ox.det(K).round(9))  # 2^(3 · 4)
    ((8, 8), 4096.0)
    """
    factor, count = aslinearoperator(A), require_size(k, "k")
    return kron(*[factor] * count) if count else Identity(1, factor.spec)
