"""Vectors with the structure of a Kronecker product: spectra and diagonals that need not be formed.

An entry is v[i₁ n₂ ⋯ n_N + … + i_N] = p₁[i₁] ∘ … ∘ p_N[i_N], where ∘ is the product (the spectrum of
a Kronecker product) or the sum (that of a Kronecker sum).
"""

import functools
import math
import operator
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from otimes.core.array import (
    Array,
    common_spec,
    distinct,
    is_constant,
    itemsize,
    namespace,
    reshape,
    rows_of,
    spec_of,
    to_numpy,
)
from otimes.core.checks import MAX_BYTES, require_bytes, require_size
from otimes.core.indexing import INT64, require_index, split_index
from otimes.errors import ShapeError

WHICH = ("largest", "smallest", "magnitude")


class LazyVector(NDArrayOperatorsMixin):
    """A 1-D vector given by parts; `np.asarray` forms it, and so does arithmetic; `v[i:j]` forms what it names."""

    ndim = 1

    def __init__(self, parts: tuple[Array, ...], size: int):
        self.parts = tuple(parts)
        self.size = size
        self.spec = common_spec(*map(spec_of, self.parts), what="part")

    @property
    def shape(self) -> tuple[int]:
        """(n,)."""
        return (self.size,)

    @property
    def dtype(self) -> Any:
        """The dtype of the entries."""
        return self.spec.dtype

    def __len__(self) -> int:
        return self.size

    def __iter__(self) -> Iterator:
        return (self[i] for i in range(self.size))

    def form(self, max_bytes: int | None = MAX_BYTES) -> Array:
        """Return the entries as an array of the parts' library; `TooLarge` above the limit."""
        require_bytes(
            self.shape, itemsize(self.dtype), max_bytes, "the formed vector", "index or slice it; v.form(None) forms it"
        )
        return self._form()

    def _form(self) -> Array:
        raise NotImplementedError

    def extremes(self, k: int, which: str = "largest") -> Array:
        """Return the k extreme entries, sorted from the extreme inwards."""
        raise NotImplementedError

    def extreme_indices(self, k: int, which: str = "largest") -> np.ndarray:
        """Return the indices of the k extreme entries, from the extreme inwards; of equal ones any."""
        return _extreme_order(to_numpy(self.form()), k, which)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.asarray(to_numpy(self.form()), dtype=dtype)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        formed = (np.asarray(x) if isinstance(x, LazyVector) else x for x in inputs)
        return getattr(ufunc, method)(*formed, **options)

    def __getitem__(self, key: Any) -> Array:
        """Return the entry at an integer, or an array of those at a slice or an index array."""
        if hasattr(key, "__index__") and not isinstance(key, np.ndarray):
            return self._entry(operator.index(key))
        if isinstance(key, slice):
            return self._take(np.arange(*key.indices(self.size)))
        index = np.asarray(key)
        if index.dtype == bool:
            return self.form()[key]
        return self._take(require_index(index, self.size, 0))

    def _entry(self, i: int) -> Any:
        """Return one entry, of a vector of any size."""
        if not -self.size <= i < self.size:
            raise IndexError(f"index {i} is out of bounds for a vector of size {self.size}")
        return self._take(np.asarray([i % self.size]))[0]

    def _take(self, index: np.ndarray) -> Array:
        raise NotImplementedError

    def __repr__(self) -> str:
        sizes = " × ".join(str(part.shape[0]) for part in self.parts)
        return f"{type(self).__name__}({self.size} entries from {sizes}, {self.dtype})"


class _Outer(LazyVector):
    """Entries combined from one entry of every part."""

    combine: Callable[[Any, Any], Any]
    monotone = False  # whether the combination grows with both

    def __init__(self, *parts: Array):
        super().__init__(parts, math.prod(part.shape[0] for part in parts))

    def _form(self) -> Array:
        combine = type(self).combine
        return functools.reduce(lambda u, v: reshape(combine(u[:, None], v), (-1,)), self.parts)

    def _take(self, index: np.ndarray) -> Array:
        columns = split_index(index, [part.shape[0] for part in self.parts])
        return functools.reduce(type(self).combine, map(rows_of, self.parts, columns))

    def _entry(self, i: int) -> Any:
        if not -self.size <= i < self.size:
            return super()._entry(i)
        i, entries = i % self.size, []
        for part in reversed(self.parts):
            i, place = divmod(i, part.shape[0])
            entries.append(part[place])
        return functools.reduce(type(self).combine, reversed(entries))

    def extremes(self, k: int, which: str = "largest") -> Array:
        """Return the k extreme entries, sorted, without forming the others; cost O(k Σ nᵢ).

        The k largest and the k smallest combinations of the first parts are enough to find those
        with one part more, since for every entry of it the combination is monotone.
        """
        require_extremes(k, which, self.size)
        xp = namespace(self.parts[0])
        held = ascending(self.parts[0], k)
        for part in self.parts[1:]:
            held = xp.sort(reshape(type(self).combine(_ends(held, k)[:, None], ascending(part, k)), (-1,)))
        return chosen(_ends(held, k), k, which)

    def extreme_indices(self, k: int, which: str = "largest") -> np.ndarray:
        """Return the indices of the k extreme entries, found as they are."""
        require_extremes(k, which, self.size)
        dtype = np.int64 if self.size < INT64 else object
        held, places = np.zeros(1), np.zeros(1, dtype)
        for number, part in enumerate(self.parts):
            values = to_numpy(part[: max(k, 1)] if is_constant(part) else part)
            order = _outermost(values, k)
            rows, columns = (
                _outermost_pairs(len(held), len(order), k) if self.monotone else _all_pairs(len(held), len(order))
            )
            joined = type(self).combine(held[rows], values[order[columns]]) if number else values[order]
            kept = _outermost(joined, k)
            indices = places[rows] * part.shape[0] + order[columns].astype(dtype)
            held, places = joined[kept], indices[kept]
        return places[_extreme_order(held, k, which)]


def _all_pairs(m: int, n: int) -> tuple[np.ndarray, np.ndarray]:
    rows, columns = np.divmod(np.arange(m * n), max(n, 1))
    return rows, columns


def _outermost_pairs(m: int, n: int, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Return pairs of places in ascending lists among which those of the k smallest and the k largest sums are.

    At most (i + 1)(j + 1) sums are known not to be above uᵢ + vⱼ: of the k smallest none has more than k.
    """
    if m * n <= 4 * k:
        return _all_pairs(m, n)
    counts = np.minimum(k // np.arange(1, min(m, k) + 1), n)
    rows = np.repeat(np.arange(len(counts)), counts)
    columns = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
    rows, columns = np.divmod(np.unique([rows * n + columns, (m - 1 - rows) * n + (n - 1 - columns)]), n)
    return rows, columns


def _outermost(values: np.ndarray, k: int) -> np.ndarray:
    """Return the places of the k smallest and the k largest values, ascending."""
    order = np.argsort(values, stable=True)
    return order if len(order) <= 2 * k else np.concatenate([order[:k], order[len(order) - k :]])


def _extreme_order(values: np.ndarray, k: int, which: str) -> np.ndarray:
    """Return the places of the k extreme values, from the extreme inwards."""
    require_extremes(k, which, len(values))
    keys = {"largest": -values, "smallest": values, "magnitude": -abs(values)}
    return np.argsort(keys[which], stable=True)[:k]


def chosen(ascending: Array, k: int, which: str) -> Array:
    """Return the k extreme of the values, from the extreme inwards."""
    xp = namespace(ascending)
    if which == "magnitude":
        return ascending[xp.argsort(-xp.abs(ascending), stable=True)][:k]
    return ascending[:k] if which == "smallest" else xp.flip(ascending)[:k]


def require_extremes(k: int, which: str, size: int) -> None:
    """Raise `ShapeError` unless k extreme values of this kind can be had of `size`."""
    if which not in WHICH:
        raise ShapeError(f"which={which!r} is not one of {', '.join(WHICH)}")
    if require_size(k, "k") > size:
        raise ShapeError(f"k={k} extreme values of {size}: k must be between 0 and {size}")


def ascending(part: Array, k: int) -> Array:
    """Return the part ascending; of a constant one, whose single number is repeated, k times that number."""
    return part[: max(k, 1)] if is_constant(part) else namespace(part).sort(part)


def _ends(ascending: Array, k: int) -> Array:
    """Return the first and the last k entries, each once."""
    if ascending.shape[0] <= 2 * k:
        return ascending
    return namespace(ascending).concat([ascending[:k], ascending[ascending.shape[0] - k :]])


class KroneckerVector(_Outer):
    """v = p₁ ⊗ … ⊗ p_N.

    Examples
    --------
    >>> import numpy as np
    >>> v = KroneckerVector(np.array([1.0, 3.0]), np.array([1.0, -2.0]))
    >>> np.asarray(v), v[3]
    (array([ 1., -2.,  3., -6.]), np.float64(-6.0))
    >>> v.extremes(2, "magnitude")
    array([-6.,  3.])
    """

    @staticmethod
    def combine(u: Any, v: Any) -> Any:
        """Return the product."""
        return u * v

    def sum(self) -> Any:
        """Return the sum of all entries, Π sum(pᵢ)."""
        return functools.reduce(lambda u, v: u * v, (namespace(p).sum(p) for p in self.parts))

    def count_above(self, rtol: float) -> int:
        """Return how many entries exceed rtol times the largest, for parts without negative entries.

        The products of one half of the parts are sorted and searched for each of the other half:
        time and memory of order √n log n.
        """
        parts = [to_numpy(distinct(part)).astype(float) for part in self.parts]
        if not self.size or not all(part.max() > 0 for part in parts):
            return 0
        repeats = math.prod(part.shape[0] for part in self.parts if is_constant(part))
        left, right = _halves([part / part.max() for part in parts])
        positive, ordered = left[left > 0], np.sort(right)
        return repeats * int((len(ordered) - np.searchsorted(ordered, rtol / positive, side="right")).sum())


class KroneckerSumVector(_Outer):
    """Entries p₁[i₁] + … + p_N[i_N].

    Examples
    --------
    >>> import numpy as np
    >>> np.asarray(KroneckerSumVector(np.array([1, 3]), np.array([10, 20])))
    array([11, 21, 13, 23])
    """

    monotone = True

    @staticmethod
    def combine(u: Any, v: Any) -> Any:
        """Return the sum."""
        return u + v

    def sum(self) -> Any:
        """Return the sum of all entries."""
        return sum(namespace(p).sum(p) * (self.size // max(p.shape[0], 1)) for p in self.parts)


def _halves(parts: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Return the products of the parts in two groups of about equal size, the smaller first."""
    groups = [np.ones(1), np.ones(1)]
    for part in sorted(parts, key=len, reverse=True):
        groups.sort(key=len)
        require_bytes((len(groups[0]) * len(part),), 8, MAX_BYTES, "counting", "use fewer or smaller factors")
        groups[0] = np.multiply.outer(groups[0], part).reshape(-1)
    groups.sort(key=len)
    return groups[0], groups[1]
