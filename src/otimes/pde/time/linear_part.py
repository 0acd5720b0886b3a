"""What an integrator needs of the linear part u' = A u: coordinates, and combinations of φ-functions in them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import numpy as np

Combination = Mapping[tuple[int, float], complex]  # {(p, c): a} is Σ a φ_p(c h A)
Row = Sequence[Combination]  # one for each of the vectors u, h g₁, h g₂, …
Map = Callable[[Sequence[np.ndarray]], np.ndarray]


class LinearPart(Protocol):
    """A linear operator with its φ-functions, in coordinates of its choice."""

    def forward(self, u: np.ndarray) -> np.ndarray:
        """Return the coordinates of a vector."""
        ...

    def backward(self, x: np.ndarray) -> np.ndarray:
        """Return the vector of given coordinates."""
        ...

    def rows(self, h: complex, rows: Sequence[Row]) -> list[Map]:
        """Return for each row the map of vectors v₀, v₁, … to Σⱼ row[j](h A) vⱼ, all in coordinates."""
        ...


def depth(combinations: Row) -> int:
    """Return the largest p of the φ_p in a row."""
    return max((p for combination in combinations for p, _ in combination), default=0)
