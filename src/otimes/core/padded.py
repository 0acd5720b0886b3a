"""A lazy vector with zeros behind it."""

import numpy as np

from otimes.core.array import Array, namespace, spec_of, zeros
from otimes.core.indexing import like_array
from otimes.core.vector import KroneckerVector, LazyVector, ascending, chosen, require_extremes


class PaddedVector(LazyVector):
    """A lazy vector followed by zeros: singular values of factors that are wide and tall by turns."""

    def __init__(self, head: KroneckerVector, size: int):
        super().__init__(head.parts, size)
        self.head = head

    def _form(self) -> Array:
        return namespace(head := self.head.form(None)).concat([head, zeros((self.size - head.shape[0],), self.spec)])

    def _take(self, index: np.ndarray) -> Array:
        beyond = (index >= self.head.size).astype(bool)
        found = self.head._take(np.where(beyond, 0, index))
        return namespace(found).where(like_array(beyond, found), zeros((), self.spec), found)

    def extremes(self, k: int, which: str = "largest") -> Array:
        """Return the k extreme entries, sorted; zeros count."""
        require_extremes(k, which, self.size)
        found = self.head.extremes(min(k, self.head.size), which)
        padding = zeros((min(k, self.size - self.head.size),), spec_of(found))
        return chosen(ascending(namespace(found).concat([found, padding]), k), k, which)

    def count_above(self, rtol: float) -> int:
        """Return how many entries exceed rtol times the largest."""
        return self.head.count_above(rtol)
