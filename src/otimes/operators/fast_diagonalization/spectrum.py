"""The eigenvalues λ₁ + … + λ_N + s of a Kronecker sum on its grid, a block of them formed at a time."""

import functools
import math
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from otimes.core.array import Array, is_complex, to_numpy
from otimes.core.checks import MAX_BYTES, require_bytes
from otimes.core.nearest_sums import Halves
from otimes.core.tracing import traced
from otimes.core.values import sign_and_log
from otimes.core.vector import KroneckerSumVector, require_extremes
from otimes.errors import ShapeError

BLOCK = 2**15  # eigenvalues formed at a time: they stay in cache


class Extent(NamedTuple):
    """The places of the eigenvalues that are zero to rounding, and the extreme |λ| of the others."""

    null: np.ndarray
    smallest: float
    largest: float


class Spectrum:
    """All sums of one number from each part, plus a shift, in the order of the grid."""

    def __init__(self, parts: list[Array], shift: Any):
        first, *rest = parts
        self.parts = [first + shift, *rest]
        self.sizes = [part.shape[0] for part in parts]
        self.size = math.prod(self.sizes)
        self.real = not any(is_complex(part.dtype) for part in self.parts)

    @property
    def vector(self) -> KroneckerSumVector:
        """The eigenvalues as a lazy vector."""
        return KroneckerSumVector(*self.parts)

    @property
    def halves(self) -> Halves:
        """The parts for searches; of real eigenvalues."""
        return Halves([to_numpy(part) for part in self.parts])

    def extent(self, rtol: float) -> Extent:
        """Return where |λ| ≤ rtol max |λ|, with the extremes; of NumPy arrays."""
        none = np.zeros(0, np.int64)
        if not self.size or traced(*self.parts):
            return Extent(none, 1.0, 1.0)
        if self.real:
            halves = self.halves
            largest = max(abs(halves.nearest(end, 1)[1][0]) for end in (-math.inf, math.inf))
            null = halves.within(0.0, rtol * largest)
            _, values = halves.nearest(0.0, min(len(null) + 1, self.size))
            return Extent(null, float(abs(values[-1])) if len(null) < self.size else largest, float(largest))
        sizes = abs(to_numpy(self.vector.form()))
        largest = float(sizes.max())
        null = np.flatnonzero(sizes <= rtol * largest)
        return Extent(null, float(np.delete(sizes, null).min(initial=largest)), largest)

    def chosen(self, k: int, which: str, sigma: Any) -> tuple[np.ndarray, Array]:
        """Return places and values of k eigenvalues: from the extreme inwards, or the nearest to sigma first."""
        require_extremes(k, "smallest" if sigma is not None else which, self.size)
        if not self.real and sigma is None and which != "magnitude":
            raise ShapeError(f"which={which!r}: the eigenvalues are complex; give sigma=, or which='magnitude'")
        if self.real and np.isrealobj(sigma) and (sigma is not None or which != "magnitude"):
            ends = {"smallest": -math.inf, "largest": math.inf}
            places, values = self.halves.nearest(ends[which] if sigma is None else float(sigma), k)
            return places, values if isinstance(self.parts[0], np.ndarray) else self.vector._take(places)
        if self.real and sigma is None:
            places = self.vector.extreme_indices(k, which)
        else:
            require_bytes((self.size,), 16, MAX_BYTES, "the complex eigenvalues", "give smaller factors")
            values = to_numpy(self.vector.form(None))
            places = np.argsort(-abs(values) if sigma is None else abs(values - sigma), stable=True)[:k]
        return places, self.vector._take(places)

    def blocks(self, width: int = 1) -> Iterator[tuple[slice, np.ndarray]]:
        """Yield rows of the places, read as (head, tail), with their eigenvalues; `width` vectors go along."""
        head, tail = self._halves
        step = max(1, BLOCK // max(len(tail) * width, 1))
        for start in range(0, len(head), step):
            rows = slice(start, start + step)
            yield rows, head[rows, None] + tail

    @property
    def _halves(self) -> tuple[np.ndarray, np.ndarray]:
        """The sums of the first parts and of the last, which are about as many as a block takes."""
        split = len(self.sizes) - 1
        while split and math.prod(self.sizes[split - 1 :]) <= BLOCK:
            split -= 1
        one = np.zeros(1, self.parts[0].dtype)
        head, tail = (functools.reduce(_outer_sum, part, one) for part in (self.parts[:split], self.parts[split:]))
        return head, tail

    def sign_and_log(self, zero: float) -> tuple[Any, Any]:
        """Return phase and logarithm of the product of the eigenvalues, but for those of modulus up to `zero`."""
        if not all(isinstance(part, np.ndarray) for part in self.parts):
            return sign_and_log(self.vector.form())
        sign, log = 1.0, 0.0
        for _, values in self.blocks():
            phase, size = sign_and_log(np.where(abs(values) <= zero, 1, values))
            sign, log = sign * phase, log + size
        return sign, log

    def transform(self, Y: Array, change: Callable[[Array, Array], Array]) -> Array:
        """Return Y (batch, n, k) with each block of rows changed by its eigenvalues, which broadcast against it.

        A NumPy array Y is overwritten where the result has its dtype; others are changed at once.
        """
        if not isinstance(Y, np.ndarray):
            return change(Y, self.vector.form(None)[:, None])
        single = np.finfo(Y.dtype).dtype.itemsize == 4
        head, tail = self._halves
        grid = Y.reshape(Y.shape[0], len(head), len(tail), Y.shape[2])
        result = grid
        for rows, values in self.blocks(Y.shape[0] * Y.shape[2]):
            if single:
                values = values.astype(np.float32 if self.real else np.complex64)
            block = change(grid[:, rows], values[..., None])
            if (dtype := np.result_type(block, result)) != result.dtype:
                result = result.astype(dtype)
            result[:, rows] = block
        return result.reshape(Y.shape)


def _outer_sum(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    return np.add.outer(u, v).reshape(-1)
