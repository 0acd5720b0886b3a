"""The linear part of a system: one of its own for each component, one behind the other."""

from collections.abc import Callable, Sequence

import numpy as np

from otimes.pde.time.linear_part import LinearPart, Map, Row
from otimes.pde.time.state import split


class Components:
    """diag(A₁, …, A_m): u and v of a reaction, each with its own diffusion."""

    def __init__(self, parts: Sequence[LinearPart], sizes: Sequence[int]):
        self.parts, self.sizes = parts, sizes

    def forward(self, u: np.ndarray) -> np.ndarray:
        """Return the coordinates of every component."""
        return self._each([part.forward for part in self.parts], u)

    def backward(self, x: np.ndarray) -> np.ndarray:
        """Return every component of given coordinates."""
        return self._each([part.backward for part in self.parts], x)

    def rows(self, h: complex, rows: Sequence[Row]) -> list[Map]:
        """Return for each row the maps of the components side by side."""
        by_part = [part.rows(h, rows) for part in self.parts]
        return [self._beside(maps) for maps in zip(*by_part, strict=True)]

    def _each(self, maps: Sequence[Callable[[np.ndarray], np.ndarray]], x: np.ndarray) -> np.ndarray:
        return np.concatenate([f(piece) for f, piece in zip(maps, split(x, self.sizes), strict=True)])

    def _beside(self, maps: Sequence[Map]) -> Map:
        def apply(vectors: Sequence[np.ndarray]) -> np.ndarray:
            pieces = zip(*(split(v, self.sizes) for v in vectors), strict=True)
            return np.concatenate([f(piece) for f, piece in zip(maps, pieces, strict=True)])

        return apply
