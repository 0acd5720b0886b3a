"""The eigenvectors of one axis, and what computing in them costs."""

from typing import NamedTuple

import numpy as np
import scipy.linalg

from otimes.pde.time.factors import rate


class Eigenvectors(NamedTuple):
    """M⁻¹ K = V Λ V⁻¹; `condition` is κ(V), and 1 where V is orthonormal, in M if there is a mass."""

    values: np.ndarray
    vectors: np.ndarray
    inverse: np.ndarray
    condition: float


def eigenvectors(K: np.ndarray, M: np.ndarray | None) -> Eigenvectors | None:
    """Return the eigenvectors of M⁻¹ K, orthonormal ones if there are any, or None if there is no full set of them."""
    if (found := orthonormal_eigenvectors(K, M)) is not None:
        return found
    values, V = np.linalg.eig(rate(K, M))
    condition = float(np.linalg.cond(V)) if len(V) else 1.0
    if not condition * np.finfo(V.dtype).eps < 1:
        return None
    return Eigenvectors(values, V, np.linalg.inv(V), condition)


def orthonormal_eigenvectors(K: np.ndarray, M: np.ndarray | None) -> Eigenvectors | None:
    """Return eigenvectors of M⁻¹ K that are orthonormal, in M if there is a mass, or None if there are none.

    For K or i K Hermitian by `eigh`, for other normal matrices by Schur's form, since multiple eigenvalues, such as a
    period has, make the eigenvectors of `eig` dependent.
    """
    for turn in (1.0, 1j):
        turned = K if turn == 1.0 else turn * K
        if np.array_equal(turned, turned.conj().T) and (found := _orthonormal(turned, M)) is not None:
            values, V = found
            return Eigenvectors(values / turn, V, V.conj().T if M is None else V.conj().T @ M, 1.0)
    L = rate(K, M)
    if abs(L @ L.conj().T - L.conj().T @ L).max(initial=0) <= _rounding(L) * abs(L).max(initial=0):
        T, Z = scipy.linalg.schur(L, output="complex")
        if abs(np.triu(T, 1)).max(initial=0) <= _rounding(L):
            return Eigenvectors(np.diagonal(T), Z, Z.conj().T, 1.0)
    return None


def _orthonormal(K: np.ndarray, M: np.ndarray | None) -> tuple[np.ndarray, np.ndarray] | None:
    """Return the eigenvalues and eigenvectors of a Hermitian K, or None if the mass is not Hermitian and definite."""
    if M is None:
        return np.linalg.eigh(K)
    try:
        return scipy.linalg.eigh(K, M) if np.array_equal(M, M.conj().T) else None
    except np.linalg.LinAlgError:
        return None


def _rounding(L: np.ndarray) -> float:
    """Return what rounding makes of a zero of products with L."""
    return 4 * len(L) * float(np.finfo(L.dtype).eps) * float(np.linalg.norm(L, 2)) if len(L) else 0.0
