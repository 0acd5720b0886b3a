"""A linear part in the basis of its eigenvectors, in which functions of it are multiplications."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from otimes.pde.time.linear_part import Combination, Map, Row, depth
from otimes.pde.time.phi import phi_functions


class Eigenbasis:
    """A = V Λ V⁻¹ with V = V₁ ⊗ … ⊗ V_N: coordinates are V⁻¹ u, and φ_p(h A) multiplies them by φ_p(h λ).

    Both ways take N products along axes. A function of A is a table of as many numbers as there are unknowns.
    """

    def __init__(self, values: np.ndarray, vectors: Any, inverse: Any, dtype: np.dtype):
        self.values, self.vectors, self.inverse, self.dtype = values, vectors, inverse, dtype

    def forward(self, u: np.ndarray) -> np.ndarray:
        """Return V⁻¹ u."""
        return self.inverse @ u

    def backward(self, x: np.ndarray) -> np.ndarray:
        """Return V x, real where u is and A is: what rounding leaves of an imaginary part goes."""
        u = self.vectors @ x
        return u.real if u.dtype.kind == "c" and self.dtype.kind != "c" else u

    def rows(self, h: complex, rows: Sequence[Row]) -> list[Map]:
        """Return the maps, with a table for each of the combinations that differ."""
        highest = max(map(depth, rows))
        phis: dict[float, np.ndarray] = {}
        tables: dict[frozenset[Any], np.ndarray] = {}

        def table(combination: Combination) -> np.ndarray | None:
            key = frozenset(combination.items())
            if key and key not in tables:
                for _, c in combination:
                    if c not in phis:
                        phis[c] = phi_functions(c * h * self.values, highest)
                total = sum(a * phis[c][p] for (p, c), a in combination.items())
                tables[key] = np.asarray(total).astype(_precision(total, self.dtype))
            return tables.get(key)

        return [_weighted([table(combination) for combination in row]) for row in rows]


def _precision(table: Any, dtype: np.dtype) -> np.dtype:
    """Return the dtype of a table in the precision of the state."""
    single = dtype.itemsize == (8 if dtype.kind == "c" else 4)
    if table.dtype.kind == "c":
        return np.dtype(np.complex64 if single else np.complex128)
    return np.dtype(np.float32 if single else np.float64)


def _weighted(tables: Sequence[np.ndarray | None]) -> Map:
    """Return the map (v₀, v₁, …) ↦ Σ tableⱼ vⱼ."""

    def apply(vectors: Sequence[np.ndarray]) -> np.ndarray:
        used = [(T, v) for T, v in zip(tables, vectors, strict=True) if T is not None]
        total = used[0][0] * used[0][1]
        for T, v in used[1:]:
            total = total + T * v
        return total

    return apply
