"""Distances of dense and sparse matrices from models of them, without forming the model."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from otimes.factorization.detection.entries import Entries
from otimes.factorization.detection.finding import nonzeros
from otimes.factorization.rearrangement import Rearrangement
from otimes.factorization.sources.rearranged import sum_of_squares


def product_residual(entries: Entries, A: Any, B: Any) -> float:
    """Return ‖M − A ⊗ B‖."""
    (m1, n1), (m2, n2) = A.shape, B.shape
    if not entries.is_sparse:
        dtype = entries.matrix.dtype
        R = Rearrangement(entries.matrix.reshape(m1, m2, n1, n2), dtype, 1.0)
        return R.residual_norms(*(np.asarray(F, dtype).reshape(-1, 1) for F in (A, B)))[0]
    ((rows, columns, values),) = entries.coordinates()
    i1, i2 = np.divmod(rows, m2)
    j1, j2 = np.divmod(columns, n2)
    model = picked(A, i1, j1) * picked(B, i2, j2)
    return with_outside(values - model, model, whole=norm(A) * norm(B), count=nonzeros(A) * nonzeros(B))


def stored_residual(entries: Entries, difference: Callable[..., np.ndarray]) -> float:
    """Return the norm of the differences that are made of the stored (rows, columns, values)."""
    return math.sqrt(sum(sum_of_squares(np.atleast_2d(difference(*piece))) for piece in entries.coordinates()))


def with_outside(difference: np.ndarray, model: np.ndarray, *, whole: float, count: int) -> float:
    """Return ‖M − model‖ from both on the stored entries of M, and the model's norm and number of entries.

    What the model has elsewhere is nothing if all of its entries were met; else the rest of its norm.
    """
    met = float(np.linalg.norm(model))
    outside = 0.0 if np.count_nonzero(model) == count else math.sqrt(max(whole**2 - met**2, 0.0))
    return math.hypot(float(np.linalg.norm(difference)), outside)


def picked(part: Any, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Return entries of a dense or sparse array."""
    return np.asarray(part[rows, columns]).ravel()


def norm(part: Any) -> float:
    """Return the Frobenius norm of a dense or sparse array."""
    return math.sqrt(sum_of_squares(np.atleast_2d(part if isinstance(part, np.ndarray) else part.data)))
