"""Linear structure: the best sum of terms with factors in subspaces, by one smaller singular value decomposition."""

from dataclasses import dataclass

import numpy as np

from otimes.core.threads import PAYING_COLUMNS, one_thread
from otimes.factorization.constrained.compression import CompressedRearrangement
from otimes.factorization.constrained.subspace import Subspace
from otimes.factorization.gauge import phase
from otimes.factorization.sources.rearranged import Rearranged
from otimes.factorization.triplets import columns_of, full_accuracy, singular_triplets


@dataclass(frozen=True)
class StructuredTerms:
    """R ≈ left rightᵀ with factors in the columns, the singular values found and the one after the last term."""

    left: np.ndarray
    right: np.ndarray
    values: np.ndarray
    following: float
    residual: float
    norm: float

    @property
    def error(self) -> float:
        """Relative error, measured on the residual."""
        return self.residual / self.norm if self.norm else 0.0


def best_in_subspaces(R: Rearranged, left: Subspace, right: Subspace, terms: int, *, seed: int) -> StructuredTerms:
    """Return the best sum of `terms` products of factors in two subspaces; nothing is iterated but the SVD."""
    C = CompressedRearrangement.of(R, left, right)
    terms = min(terms, *C.shape)
    with one_thread(columns_of(C, terms) < PAYING_COLUMNS):
        found = singular_triplets(C, terms, tolerance=full_accuracy, seed=seed)
        values = found.values[:terms]
        A, B = C.left @ (found.left * np.sqrt(values)), C.right @ (found.right.conj() * np.sqrt(values))
        turns = np.array([_turn(a.reshape(left.shape), real=C.dtype.kind == "f") for a in A.T], R.dtype)
        A, B = A * turns, B * turns.conj()
        residual, norm = R.residual_norms(A, B)
    return StructuredTerms(A, B, found.values, found.following, residual, norm)


def _turn(A: np.ndarray, *, real: bool) -> complex:
    """Return the phase (a sign for real coefficients) that makes the trace of A positive, or its largest entry."""
    turn = 1 / phase(A)
    if real:
        return -1.0 if (turn.real or turn.imag) < 0 else 1.0
    return turn
