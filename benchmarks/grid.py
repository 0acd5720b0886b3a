"""The points at which products are measured: factors, columns and type, and the arrays of such a point."""

import functools
import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import scipy.sparse

import otimes as ox


class Factor(NamedTuple):
    """The size of a factor, and whether it is dense, sparse (three diagonals) or the identity."""

    rows: int
    columns: int
    kind: str = "dense"

    @property
    def entries(self) -> int:
        """Entries that have to be multiplied with."""
        return {"dense": self.rows * self.columns, "sparse": 3 * self.rows - 2, "identity": 0}[self.kind]

    def __str__(self) -> str:
        if self.kind == "dense":
            return f"{self.rows}×{self.columns}" if self.rows != self.columns else str(self.rows)
        return f"{self.kind} {self.rows}"


@dataclass(frozen=True)
class Point:
    """One product (F₁ ⊗ … ⊗ F_N) X of the grid; `part` says why it is there."""

    part: str
    columns: int
    factors: tuple[Factor, ...]
    dtype: str = "float64"

    @property
    def name(self) -> str:
        """The point as it is written in the tables: 'M = 16, 8^6'."""
        same = len(set(self.factors)) == 1
        size = str(self.factors[0]) if self.factors[0].rows == self.factors[0].columns else f"({self.factors[0]})"
        product = f"{size}^{len(self.factors)}" if same else " · ".join(map(str, self.factors))
        return f"M = {self.columns}, {product}" + (f", {self.dtype}" if self.dtype != "float64" else "")

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the Kronecker product."""
        return math.prod(f.rows for f in self.factors), math.prod(f.columns for f in self.factors)

    @property
    def moved(self) -> int:
        """Bytes of X and of the result: each has to cross once."""
        return self.columns * sum(self.shape) * np.dtype(self.dtype).itemsize

    @property
    def result_bytes(self) -> int:
        """Bytes of the result."""
        return self.columns * self.shape[0] * np.dtype(self.dtype).itemsize

    @property
    def flops(self) -> int:
        """Flops of one factor after the other in the cheapest order, nothing merged: 2 M K Σp for square ones."""
        entries, total = self.columns * self.shape[1], 0
        for f in sorted(self.factors, key=lambda f: 1 / f.columns - 1 / f.rows):
            total += 2 * entries // f.columns * f.entries
            entries = entries // f.columns * f.rows
        return total * (4 if np.dtype(self.dtype).kind == "c" else 1)


class Problem:
    """The arrays of a point."""

    def __init__(self, point: Point):
        rng = np.random.default_rng(0)
        self.point = point
        self.X = _random(rng, (point.shape[1], point.columns), point.dtype)
        self.structured = [_factor(rng, f, point.dtype) for f in point.factors]

    @functools.cached_property
    def rows(self) -> np.ndarray:
        """X transposed and contiguous: M rows of K values."""
        return np.ascontiguousarray(self.X.T)

    @functools.cached_property
    def factors(self) -> list[np.ndarray]:
        """The factors as arrays, whatever their structure."""
        return [np.ascontiguousarray(ox.to_dense(F), dtype=self.X.dtype) for F in self.structured]


def _random(rng: np.random.Generator, shape: tuple[int, ...], dtype: str) -> np.ndarray:
    """Return uniform entries between −1/2 and 1/2, drawn in the type itself: the large ones take seconds."""
    real = np.dtype(dtype).type(0).real.dtype
    entries = rng.random((*shape[:-1], shape[-1] * np.dtype(dtype).itemsize // real.itemsize), dtype=real)
    entries -= 0.5
    return entries.view(dtype)


def _factor(rng: np.random.Generator, f: Factor, dtype: str) -> object:
    """Return a factor with rows of norm near one, so that long products neither grow nor vanish."""
    if f.kind == "identity":
        return ox.eye(f.rows, dtype=dtype)
    if f.kind == "sparse":
        diagonals = [rng.random(f.rows - abs(k)) for k in (-1, 0, 1)]
        return scipy.sparse.diags_array(diagonals, offsets=(-1, 0, 1), format="csr").astype(dtype)
    return _random(rng, (f.rows, f.columns), dtype) * np.dtype(dtype).type((12 / f.columns) ** 0.5)


def square(part: str, rows: list[tuple[int, int, int]], dtype: str = "float64") -> list[Point]:
    """Return the points with N equal square factors for rows (M, p, N)."""
    return [Point(part, M, (Factor(p, p),) * N, dtype) for M, p, N in rows]


VECTORS = [(1, 2, 20), (1, 4, 10), (1, 8, 7), (1, 16, 5), (1, 32, 4), (1, 128, 3), (1, 3, 12), (1, 5, 8)]
MATRICES = [
    (16, 8, 5), (16, 8, 6), (16, 32, 3), (16, 64, 3), (64, 2, 14), (256, 4, 6),
    (1024, 4, 7), (1024, 8, 5), (1024, 16, 4), (1024, 32, 3), (1024, 64, 2),
]  # fmt: skip
GROWING = [(1, 4, 4, 12), (16, 8, 2, 7), (16, 32, 1, 4)]  # M, p, and the first and last N: the curves of the plot
PUBLISHED = [  # M_PxQ^N of FastKron's tables for x86, documents/performance.md of its repository
    (256, 8, 5), (256, 8, 6), (256, 16, 4), (256, 16, 5), (256, 32, 3), (256, 32, 4), (256, 64, 2), (256, 64, 3),
    (256, 128, 2), (128, 128, 3),
]  # fmt: skip

POINTS = [
    *square("one column", VECTORS),
    Point("one column", 1, tuple(Factor(p, p) for p in (7, 11, 13, 17, 19))),
    *square("many columns", MATRICES),
    *square("FastKron's table", PUBLISHED),
    *square("FastKron's table", PUBLISHED, "float32"),
    *square("other types", [(1, 2, 20), (1, 4, 10), (16, 8, 6), (64, 2, 14)], "float32"),
    *square("other types", [(1, 4, 10), (16, 8, 6), (64, 32, 3)], "complex128"),
    *square("other types", [(16, 8, 6)], "complex64"),
    Point("rectangular", 1, (Factor(4, 8),) * 7),
    Point("rectangular", 1, (Factor(8, 4),) * 7),
    Point("rectangular", 64, (Factor(4, 8),) * 6),
    Point("rectangular", 64, (Factor(8, 4),) * 6),
    Point("structured", 16, (Factor(64, 64), Factor(64, 64, "identity"), Factor(64, 64))),
    Point("structured", 16, (Factor(64, 64), Factor(64, 64, "sparse"), Factor(64, 64))),
]
CURVES = [(M, p, N) for M, p, first, last in GROWING for N in range(first, last + 1)]
GRID = [*POINTS, *(point for point in square("growing", CURVES) if point.name not in {p.name for p in POINTS})]
