"""Right-hand sides: vectors, columns, batches of columns and fields on the grid, all as arrays (batch, n, k)."""

import math
from typing import Any, NamedTuple

import numpy as np

from otimes.core.array import Array, astype, common_spec, concrete, inexact, namespace, reshape, spec_of
from otimes.core.checks import as_array, as_operand, require_finite, shape_text
from otimes.errors import ShapeError


class RightSides(NamedTuple):
    """An array (batch, n, k), and the shape in which it came."""

    array: Array
    shape: tuple[int, ...]

    def restored(self, X: Array) -> Array:
        """Return what was computed from the array in the shape in which that came."""
        return reshape(X, self.shape)


def read_right_sides(A: Any, grid: tuple[int, ...], B: Any, name: str) -> RightSides:
    """Return the right-hand sides of A: (n,), (n, k), (…, n, k), or (…, n₁, …, n_N) on a grid of several axes."""
    n = A.shape[0]
    B = as_array(B, f"b in {name}", A.spec)
    shape = tuple(B.shape)
    on_grid = len(grid) > 1 and shape[-len(grid) :] == grid
    if not on_grid and len(grid) > 1 and B.ndim >= len(grid) and shape[-1] != n and n not in shape[-2:]:
        axis = next((i for i, (m, k) in enumerate(zip(shape[-len(grid) :], grid, strict=True)) if m != k), 0)
        raise ShapeError(
            f"{name}(b): b is {shape_text(shape)} and the grid is {shape_text(grid)}: axis {axis} has "
            f"{shape[axis - len(grid)]} points in place of {grid[axis]}. b may also be ({n},), ({n}, k) or (…, {n}, k)"
        )
    if on_grid:
        B = reshape(B, (math.prod(shape[: -len(grid)]), n, 1))
        B = astype(B, concrete(common_spec(A.spec, spec_of(B), names=("the operator", "b"))))
    else:
        B = as_operand(A, B, f"{name}(b)", n, name="b")
        B = reshape(B, (math.prod(shape[:-2]), n, shape[-1]) if B.ndim > 1 else (1, n, 1))
    if isinstance(B, np.ndarray):
        require_finite(B, f"b in {name}")
    return RightSides(astype(B, inexact(B.dtype, namespace(B))), shape)
