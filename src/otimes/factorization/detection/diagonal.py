"""Diagonal matrices, and multiples of the identity among them."""

import math

import numpy as np

from otimes.core.checks import shape_text
from otimes.core.operator import LinearOperator
from otimes.factorization.detection.detector import Detector, Probe
from otimes.factorization.detection.entries import Entries, restored
from otimes.factorization.detection.finding import Finding
from otimes.factorization.detection.residuals import norm, stored_residual
from otimes.operators.diagonal import Diagonal
from otimes.operators.identity import eye


class OnDiagonal(Detector[int]):
    """A square matrix with zeros off the diagonal."""

    def sizes(self, entries: Entries) -> list[int]:
        """Return the number of rows, if there are as many columns."""
        rows, columns = entries.shape
        return [rows] if rows == columns else []

    def probe(self, entries: Entries, _sizes: list[int]) -> Probe:
        """Return the largest sampled entry off the diagonal."""
        rows, columns = entries.sample
        off = np.abs(entries.at(rows, columns)[rows != columns]).max(initial=0.0)
        whole = float(np.abs(entries.at(rows, columns)).max())
        return Probe(np.array([off / (entries.norm or 1)]), np.array([off / (whole or 1)]))


class MultipleOfIdentity(OnDiagonal):
    """c I: one number."""

    def numbers(self, _: Entries, _size: int) -> int:
        """Return one."""
        return 1

    def fit(self, entries: Entries, size: int, _rtol: float) -> Finding:
        """Return tr M / n times the identity."""
        d = entries.matrix.diagonal()
        c = d[0] + (d - d[0]).mean()  # exact where all are equal
        unit = eye(size, dtype=entries.dtype)
        operator = unit if c == 1 else restored(c, entries.integers) * unit
        return _finding("multiple of the identity", entries, operator, d - c, numbers=1)


class DiagonalMatrix(OnDiagonal):
    """diag(d)."""

    def numbers(self, _: Entries, size: int) -> int:
        """Return those on the diagonal."""
        return size

    def fit(self, entries: Entries, size: int, _rtol: float) -> Finding:
        """Return the diagonal."""
        d = np.array(entries.matrix.diagonal())
        return _finding("diagonal matrix", entries, Diagonal(restored(d, entries.integers)), np.zeros(1), numbers=size)


def _finding(name: str, entries: Entries, operator: LinearOperator, on: np.ndarray, *, numbers: int) -> Finding:
    off = stored_residual(entries, lambda rows, columns, values: np.where(rows == columns, 0, values))
    return Finding(name, shape_text(entries.shape), operator, math.hypot(off, norm(on)) / (entries.norm or 1), numbers)
