"""Multiples of permutation matrices, and of the commutation matrix among them."""

import math

import numpy as np

from otimes.core.operator import LinearOperator
from otimes.factorization.detection.detector import Detector, Probe
from otimes.factorization.detection.entries import Entries, restored
from otimes.factorization.detection.finding import Finding, score
from otimes.factorization.detection.residuals import stored_residual
from otimes.operators.index_maps.permutation import commutation, permutation


class PermutationMatrix(Detector[int]):
    """One entry in each row and each column, the same in all; 1 is stored as nothing."""

    def sizes(self, entries: Entries) -> list[int]:
        """Return the number of rows, if there are as many columns."""
        rows, columns = entries.shape
        return [rows] if rows == columns and entries.norm else []

    def probe(self, entries: Entries, _sizes: list[int]) -> Probe:
        """Return how far the norms of rows and columns are from equal, and sampled entries from 0 and from these."""
        rows, columns = entries.sample
        values, norms = np.abs(entries.at(rows, columns)), entries.row_norms[rows]
        beside = np.sqrt(np.maximum(norms**2 - values.astype(float) ** 2, 0))
        off = max(
            float(np.ptp(entries.row_norms)) / 2,
            float(np.ptp(entries.column_norms)) / 2,
            float(np.minimum(values, beside).max()),
        )
        rounding = math.sqrt(np.finfo(entries.matrix.dtype).eps)  # of the difference of squares
        return Probe(np.array([max(off / entries.norm - rounding, 0)]), np.array([off / norms.max()]))

    def numbers(self, _: Entries, size: int) -> int:
        """Return one index for each row."""
        return size

    def fit(self, entries: Entries, size: int, rtol: float) -> Finding | None:
        """Return the multiple of the permutation of the largest entries of the rows, if it is one."""
        index = np.asarray(abs(entries.matrix).argmax(axis=1), np.int64).ravel()
        if len(np.unique(index)) < size:
            return None
        values = entries.at(np.arange(size), index)
        mean = values[0] + (values - values[0]).mean()  # exact where all are equal
        found = [_finding(entries, index, c) for c in (1.0, mean)]
        unit, multiple = (score(f.distance, f.numbers, entries.numbers) for f in found)
        return found[0] if found[0].distance <= rtol or unit <= multiple else found[1]


def _finding(entries: Entries, index: np.ndarray, c: complex) -> Finding:
    """Return c times the permutation that has 1 in the places (i, index[i])."""
    size = len(index)
    met = stored_residual(entries, lambda rows, columns, values: values - c * (columns == index[rows]))
    empty = size - np.count_nonzero(entries.row_norms)  # rows of a sparse matrix, in which no entry is met
    distance = math.hypot(met, abs(c) * math.sqrt(empty * entries.is_sparse)) / entries.norm
    operator: LinearOperator = permutation(index, entries.dtype)
    name, detail, numbers = "permutation matrix", f"{size}×{size}", size
    for m, n in entries.row_splits[1:-1]:
        if (index == np.arange(size).reshape(n, m).T.ravel()).all():
            operator = commutation(m, n, entries.dtype)
            name, detail, numbers = "commutation matrix", f"of {m} and {n}", 0
    if c != 1:
        name, operator, numbers = f"multiple of a {name}", restored(c, entries.integers) * operator, numbers + 1
    return Finding(name, detail, operator, distance, numbers)
