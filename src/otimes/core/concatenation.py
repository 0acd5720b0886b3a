"""Vectors one after the other, each lazy or an array: the spectrum of a block diagonal operator."""

import itertools
from typing import Any

import numpy as np

from otimes.core.array import Array, common_spec, namespace, rows_of, spec_of
from otimes.core.vector import KroneckerVector, LazyVector, chosen, require_extremes


class ConcatenatedVector(LazyVector):
    """v = (p₁, p₂, …, p_N).

    Examples
    --------
    >>> import numpy as np
    >>> v = ConcatenatedVector(KroneckerVector(np.array([1.0, 3.0]), np.array([1.0, -2.0])), np.array([5.0]))
    >>> np.asarray(v), v[3], v.extremes(2)
    (array([ 1., -2.,  3., -6.,  5.]), np.float64(-6.0), array([5., 3.]))
    """

    def __init__(self, *parts: Any):
        self.parts = parts
        self.size = sum(part.shape[0] for part in parts)
        self.spec = common_spec(*(p.spec if isinstance(p, LazyVector) else spec_of(p) for p in parts), what="part")

    def _joined(self, pieces: list[Array]) -> Array:
        return (self.spec.xp or np).concat(pieces)

    def _form(self) -> Array:
        return self._joined([p.form(None) if isinstance(p, LazyVector) else p for p in self.parts])

    def _take(self, index: np.ndarray) -> Array:
        flat = index.reshape(-1)
        ends = np.cumsum([part.shape[0] for part in self.parts])
        owner = np.searchsorted(ends, flat, side="right")
        starts = ends - [part.shape[0] for part in self.parts]
        pieces = [_entries(part, flat[owner == i] - starts[i]) for i, part in enumerate(self.parts)]
        places = np.argsort(np.argsort(owner, kind="stable"), kind="stable")
        return rows_of(self._joined(pieces), np.reshape(places, index.shape))

    def _entry(self, i: int) -> Any:
        if not -self.size <= i < self.size:
            return super()._entry(i)
        i, parts = i % self.size, iter(self.parts)
        part = next(parts)
        while i >= part.shape[0]:
            i, part = i - part.shape[0], next(parts)
        return part[i]

    def sum(self) -> Any:
        """Return the sum of all entries."""
        return sum(p.sum() if hasattr(p, "sum") else namespace(p).sum(p) for p in self.parts)

    def extremes(self, k: int, which: str = "largest") -> Array:
        """Return the k extreme entries, sorted from the extreme inwards: those of the parts' own."""
        require_extremes(k, which, self.size)
        lazy = [part if isinstance(part, LazyVector) else KroneckerVector(part) for part in self.parts]
        found = self._joined([part.extremes(min(k, part.size), which) for part in lazy])
        return chosen(namespace(found).sort(found), k, which)

    def extreme_indices(self, k: int, which: str = "largest") -> np.ndarray:
        """Return the indices of the k extreme entries: among those of the parts' own."""
        require_extremes(k, which, self.size)
        lazy = [part if isinstance(part, LazyVector) else KroneckerVector(part) for part in self.parts]
        starts = [0, *itertools.accumulate(part.size for part in lazy)]
        found = [start + p.extreme_indices(min(k, p.size), which) for start, p in zip(starts, lazy, strict=False)]
        indices = np.concatenate(found)
        return indices[KroneckerVector(self._take(indices)).extreme_indices(k, which)]


def _entries(part: Any, index: np.ndarray) -> Array:
    return part[index] if isinstance(part, LazyVector) else rows_of(part, index)
