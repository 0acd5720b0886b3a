"""Singular values of a rearrangement, enough of them to know the error of every number of terms."""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from otimes.core.threads import PAYING_COLUMNS, one_thread
from otimes.errors import NonFiniteError
from otimes.factorization.operand import Operand
from otimes.factorization.shapes import Shapes, most_terms
from otimes.factorization.triplets import (
    Tolerance,
    all_singular_values,
    columns_of,
    prefers_streaming,
    singular_triplets,
)

_SLACK = 1e-3  # residual allowed for a triplet, relative to the norm of all that is left out after it


@dataclass(frozen=True)
class Spectrum:
    """The leading singular values of R(M) and the norm of the rest: errors[r] is that of r terms, relative to ‖M‖."""

    shapes: Shapes
    values: np.ndarray
    rest: float

    @cached_property
    def errors(self) -> np.ndarray:
        """(Σ_{s > r} σ_s² + rest²)^½ / ‖M‖ for r = 0, 1, …: sums of the tail, so that nothing cancels."""
        squares = np.append(self.values.astype(float) ** 2, self.rest**2)
        tails = np.sqrt(np.cumsum(squares[::-1])[::-1])
        return tails / tails[0] if tails[0] else tails

    @property
    def terms(self) -> int:
        """Number of terms of which the error is known."""
        return len(self.values)

    def error(self, terms: int) -> float:
        """Return the relative error of this number of terms."""
        return float(self.errors[terms])

    def meets(self, tol: float) -> bool:
        """Whether all the terms known meet the tolerance."""
        return self.error(self.terms) <= tol

    def terms_within(self, tol: float) -> int:
        """Return the fewest terms (at least one) that meet the tolerance, or that have the least error if none do."""
        met = np.flatnonzero(self.errors[1:] <= tol)
        return int(met[0] if len(met) else self.errors[1:].argmin()) + 1


def spectrum_of(operand: Operand, shapes: Shapes, terms: int, *, seed: int) -> Spectrum:
    """Return the spectrum for up to `terms` terms, the errors right to about four digits.

    All singular values come from one QR where the shapes allow; otherwise the leading ones from a Krylov method, and
    the norm of the rest from the residual: ‖M‖² − Σ σ² would cancel.
    """
    whole = operand.prepared(shapes, terms=terms, seed=seed).rearranged(shapes)
    R = whole.core
    with one_thread(columns_of(R, terms) < PAYING_COLUMNS):
        if prefers_streaming(R, terms):
            values = all_singular_values(R)
            values = np.pad(values, (0, max(0, terms - len(values))))
            return Spectrum(shapes, values[:terms], math.hypot(np.linalg.norm(values[terms:]), whole.rest))
        found = singular_triplets(R, terms, tolerance=four_digits(R.norm()), seed=seed)
        values = found.values[:terms]
        rest, _ = R.residual_norms(found.left * values, found.right.conj())
        return Spectrum(shapes, values, math.hypot(rest, whole.rest))


def four_digits(norm: float) -> Tolerance:
    """Return the residuals at which the error of the terms is right to four digits, for a matrix of this norm."""

    def tolerance(values: np.ndarray) -> np.ndarray:
        left_out = np.sqrt(np.maximum(norm**2 - np.cumsum(values.astype(float) ** 2), 0))
        return np.maximum(_SLACK * left_out, 4 * np.finfo(values.dtype).eps * norm)

    return tolerance


def require_tolerance(tol: float) -> float:
    """Return the tolerance, or raise `NonFiniteError` unless it is a finite number ≥ 0."""
    if not 0 <= tol < math.inf:
        raise NonFiniteError(f"tol={tol}: the relative error to meet must be a finite number ≥ 0")
    return tol


def spectrum_within(operand: Operand, shapes: Shapes, tol: float, terms: int, *, seed: int) -> Spectrum:
    """Return a spectrum of as many terms as the tolerance asks for, at most `terms`."""
    most = min(terms, most_terms(shapes))
    known = min(8, most)
    found = spectrum_of(operand, shapes, known, seed=seed)
    while not found.meets(tol) and known < most:
        known = min(2 * known, most)
        found = spectrum_of(operand, shapes, known, seed=seed)
    return found
