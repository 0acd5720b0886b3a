"""Permutation matrices, and the commutation matrix among them."""

import math

import numpy as np

from otimes.factorization.detection.detector import Detector, Probe
from otimes.factorization.detection.entries import Entries
from otimes.factorization.detection.finding import Finding
from otimes.factorization.detection.residuals import stored_residual
from otimes.operators.index_maps.permutation import commutation, permutation


class PermutationMatrix(Detector[int]):
    """One entry in each row and each column, and it is 1."""

    def sizes(self, entries: Entries) -> list[int]:
        """Return the number of rows, if there are as many columns."""
        rows, columns = entries.shape
        return [rows] if rows == columns and entries.norm else []

    def probe(self, entries: Entries, _sizes: list[int]) -> Probe:
        """Return how far the norms of rows and columns are from 1, and the sampled entries."""
        values = entries.at(*entries.sample)
        off = max(
            float(np.abs(entries.row_norms - 1).max()),
            float(np.abs(entries.column_norms - 1).max()),
            float(np.minimum(np.abs(values), np.abs(values - 1)).max()),
        )
        return Probe(np.array([off / entries.norm]), np.array([off]))

    def numbers(self, _: Entries, size: int) -> int:
        """Return one index for each row."""
        return size

    def fit(self, entries: Entries, size: int, _rtol: float) -> Finding | None:
        """Return the permutation of the largest entries of the rows, if it is one."""
        index = np.asarray(abs(entries.matrix).argmax(axis=1), np.int64).ravel()
        if len(np.unique(index)) < size:
            return None
        met = stored_residual(entries, lambda rows, columns, values: values - (columns == index[rows]))
        empty = size - np.count_nonzero(entries.row_norms)  # rows of a sparse matrix, in which no 1 is met
        distance, dtype = math.sqrt(met**2 + empty * entries.is_sparse) / entries.norm, entries.dtype
        for m, n in entries.row_splits[1:-1]:
            if (index == np.arange(size).reshape(n, m).T.ravel()).all():
                return Finding("commutation matrix", f"of {m} and {n}", commutation(m, n, dtype), distance, 0)
        return Finding("permutation matrix", f"{size}×{size}", permutation(index, dtype), distance, size)
