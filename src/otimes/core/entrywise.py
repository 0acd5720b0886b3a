"""v + c and |v| of a lazy vector v: shifted spectra, and the singular values of what is Hermitian."""

from typing import Any

import numpy as np

from otimes.core.array import Array, ArraySpec, is_complex, namespace, scaled_spec
from otimes.core.tracing import certainly
from otimes.core.vector import WHICH, KroneckerVector, LazyVector, chosen, require_extremes


class EntrywiseVector(LazyVector):
    """f(v), entry by entry, with the kinds of extremes `_at_ends` among the images of those of v at both ends."""

    def __init__(self, vector: Any, spec: ArraySpec):
        self.vector, self.parts, self.size, self.spec = vector, vector.parts, vector.size, spec

    def _map(self, entries: Any) -> Any:
        raise NotImplementedError

    @property
    def _at_ends(self) -> tuple[str, ...]:
        raise NotImplementedError

    def _form(self) -> Array:
        return self._map(self.vector.form(None))

    def _take(self, index: np.ndarray) -> Array:
        return self._map(self.vector._take(index))

    def _entry(self, i: int) -> Any:
        return self._map(self.vector._entry(i))

    def extremes(self, k: int, which: str = "largest") -> Array:
        """Return the k extreme entries, sorted from the extreme inwards: among the images of those of v."""
        require_extremes(k, which, self.size)
        if which in self._at_ends:
            low, high = self.vector.extremes(k, "smallest"), self.vector.extremes(min(k, self.size - k), "largest")
            found = self._map(namespace(low).concat([low, high]))
        else:
            found = self.form()
        return chosen(namespace(found).sort(found), k, which)

    def extreme_indices(self, k: int, which: str = "largest") -> np.ndarray:
        """Return the indices of the k extreme entries: among those of v."""
        require_extremes(k, which, self.size)
        if which not in self._at_ends:
            return super().extreme_indices(k, which)
        ends = np.unique(np.concatenate([self.vector.extreme_indices(k, end) for end in ("smallest", "largest")]))
        return ends[KroneckerVector(self._take(ends)).extreme_indices(k, which)]


class ShiftedVector(EntrywiseVector):
    """v + c.

    Examples
    --------
    >>> import numpy as np
    >>> v = ShiftedVector(KroneckerVector(np.array([1.0, 3.0]), np.array([1.0, -2.0])), 0.5)
    >>> np.asarray(v), v[3], v.sum(), v.extremes(2)
    (array([ 1.5, -1.5,  3.5, -5.5]), np.float64(-5.5), np.float64(-2.0), array([3.5, 1.5]))
    """

    def __init__(self, vector: LazyVector, shift: Any):
        super().__init__(vector, scaled_spec(vector.spec, shift))
        self.shift = shift

    def _map(self, entries: Any) -> Any:
        return entries + self.shift

    @property
    def _at_ends(self) -> tuple[str, ...]:
        return () if is_complex(self.dtype) else WHICH

    def sum(self) -> Any:
        """Return the sum of all entries."""
        return self.vector.sum() + self.size * self.shift


class AbsoluteVector(EntrywiseVector):
    """|v| of a real v.

    Examples
    --------
    >>> import numpy as np
    >>> v = AbsoluteVector(KroneckerVector(np.array([1.0, 3.0]), np.array([1.0, -2.0])))
    >>> np.asarray(v), v[3], v.extremes(2)
    (array([1., 2., 3., 6.]), np.float64(6.0), array([6., 3.]))
    """

    def __init__(self, vector: LazyVector):
        super().__init__(vector, vector.spec)

    def _map(self, entries: Any) -> Any:
        return abs(entries)

    @property
    def _at_ends(self) -> tuple[str, ...]:
        return WHICH if self.sign else ("largest", "magnitude")

    @property
    def sign(self) -> int:
        """1 if no entry of v is negative, −1 if none is positive, 0 if neither is known."""
        if not self.size or certainly(self.vector.extremes(1, "smallest")[0] >= 0):
            return 1
        return -1 if certainly(self.vector.extremes(1, "largest")[0] <= 0) else 0

    def sum(self) -> Any:
        """Return the sum of all entries; of signs that are mixed they are formed."""
        return abs(self.vector.sum()) if self.sign else namespace(v := self.form()).sum(v)
