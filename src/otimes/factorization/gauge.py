"""The gauge of a product: scale and phase may move between its factors, and rounding breaks their symmetry."""

import math

import numpy as np


def phase(A: np.ndarray) -> complex:
    """Return the phase of the trace of A; where that vanishes, or A is not square, of its (first) largest entry."""
    magnitudes = np.abs(A).ravel()
    pivot = A.ravel()[np.argmax(magnitudes >= (1 - 1e-6) * magnitudes.max())]
    if A.shape[0] == A.shape[1]:
        trace = np.trace(A)
        if abs(trace) > 1e-6 * np.linalg.norm(A) * math.sqrt(len(A)):
            pivot = trace
    return pivot / abs(pivot) if pivot else 1.0


def symmetrized(columns: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Return the factors in the columns, those that miss Hermitian symmetry by rounding only made exactly so."""
    if shape[0] != shape[1]:
        return columns
    factors = columns.T.reshape(-1, *shape)
    mirrored = factors.conj().transpose(0, 2, 1)
    gap, size = (np.linalg.norm(part, axis=(1, 2)) for part in (factors - mirrored, factors))
    rounding = (gap > 0) & (gap <= np.sqrt(np.finfo(columns.dtype).eps) * size)
    if not rounding.any():
        return columns
    symmetric = np.where(rounding[:, None, None], (factors + mirrored) / 2, factors)
    return symmetric.reshape(columns.T.shape).T
