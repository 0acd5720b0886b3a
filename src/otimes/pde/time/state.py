"""The linear part and the state, read and checked: components, grids, vectors."""

from collections.abc import Sequence
from typing import Any

import numpy as np

import otimes as ox
from otimes.errors import DTypeError, NonFiniteError, ShapeError
from otimes.pde.time.factors import AxisFactors, axis_factors, grid_text

Blocks = tuple[AxisFactors, ...]


def blocks_of(A: Any, name: str) -> Blocks:
    """Return the axes of A, or of each block of a block-diagonal A: one for each component of a system."""
    A = ox.aslinearoperator(A)
    if isinstance(A, ox.Batch):
        raise ShapeError(f"{name}: A is a batch of operators; call it for each, or make a system with ox.block_diag")
    if A.shape[0] != A.shape[1]:
        raise ShapeError(f"{name}: A is {grid_text(A.shape)}, and u' = A u needs a square operator")
    if isinstance(A, ox.ScalarMultiple):
        return tuple(block.scaled(A.scalar) for block in blocks_of(A.operator, name))
    if isinstance(A, ox.BlockDiagonal):
        return tuple(part for block in A.blocks for part in blocks_of(block, name))
    if isinstance(A, ox.Kronecker) and all(isinstance(F, ox.Identity) for F in A.factors[:-1]):  # equal blocks
        return blocks_of(A.factors[-1], name) * (A.shape[0] // A.factors[-1].shape[0])
    return (axis_factors(A),)


def field_shape(blocks: Blocks) -> tuple[int, ...]:
    """Return the shape of a field: the grid, behind an axis of components if there are several on one grid."""
    grids = {block.grid for block in blocks}
    if len(blocks) == 1:
        return blocks[0].grid
    return (len(blocks), *blocks[0].grid) if len(grids) == 1 else (sum(block.size for block in blocks),)


def read_field(blocks: Blocks, u: Any, name: str) -> np.ndarray:
    """Return a field of finite numbers, of the shape of the grid or a vector, in floating point."""
    array = np.asarray(u)
    if array.dtype.kind not in "iufc":
        raise DTypeError(f"{name} must be an array of numbers, not of {array.dtype}")
    shape = field_shape(blocks)
    size = sum(block.size for block in blocks)
    if array.shape not in (shape, (size,)):
        raise ShapeError(f"{name} is {grid_text(array.shape)}, but {_mismatch(array.shape, shape, size)}")
    if not np.isfinite(array).all():
        place = np.unravel_index(int(np.argmin(np.isfinite(array))), array.shape)
        raise NonFiniteError(f"{name} has NaN or infinite entries, the first at {tuple(map(int, place))}")
    return array.astype(float) if array.dtype.kind in "iu" else array


def _mismatch(given: tuple[int, ...], shape: tuple[int, ...], size: int) -> str:
    """Say in what a shape differs from that of the grid, by axis where there are as many."""
    if len(given) == len(shape) and len(shape) > 1:
        axis = next(i for i, (m, n) in enumerate(zip(given, shape, strict=True)) if m != n)
        return f"A is on the grid {grid_text(shape)}: axis {axis} has {given[axis]} points in place of {shape[axis]}"
    either = f"{grid_text(shape)} or a vector of {size}" if len(shape) > 1 else f"a vector of {size}"
    return f"A takes {either}"


def common_dtype(blocks: Blocks, *arrays: Any) -> np.dtype:
    """Return the dtype of a state that A and these arrays meet in."""
    matrices = [K.dtype for block in blocks for K in (*block.factors, *(M for M in block.masses if M is not None))]
    return np.result_type(*matrices, *arrays)


def without_mass(blocks: Blocks, f: np.ndarray) -> np.ndarray:
    """Return M⁻¹ f for a vector f of all components."""
    pieces = split(f, [block.size for block in blocks])
    return np.concatenate([block.without_mass(piece) for block, piece in zip(blocks, pieces, strict=True)])


def split(x: np.ndarray, sizes: Sequence[int]) -> list[np.ndarray]:
    """Return the components of a vector."""
    return np.split(x, np.cumsum(sizes)[:-1])
