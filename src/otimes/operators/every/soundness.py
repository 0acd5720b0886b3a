"""What classes take on trust from the functions that make their operators: looked at when an operator is read."""

from typing import Any

import numpy as np

from otimes.core.checks import (
    require_product_shapes,
    require_same_shape,
    require_size,
    require_square_factors,
    shape_text,
)
from otimes.core.indexing import require_index
from otimes.core.operator import is_scalar
from otimes.core.serialization import sound
from otimes.errors import DTypeError, ShapeError
from otimes.operators.diagonal import Diagonal
from otimes.operators.index_maps.permutation import Commutation, Permutation, permutation
from otimes.operators.index_maps.submatrix import Submatrix
from otimes.operators.index_maps.vech import Duplication, Elimination
from otimes.operators.kronecker.generalized_kronecker_sum import GeneralizedKroneckerSum
from otimes.operators.low_rank.low_rank_update import LowRankUpdate
from otimes.operators.product import Product
from otimes.operators.scalar_multiple import ScalarMultiple
from otimes.operators.shifted import Shifted
from otimes.operators.slots.slot_permutation import SlotPermutation, permute_slots
from otimes.operators.sum import Sum
from otimes.operators.toeplitz.block_circulant import BlockCirculant
from otimes.operators.toeplitz.block_toeplitz import BlockToeplitz
from otimes.operators.toeplitz.toeplitz import Toeplitz
from otimes.operators.transforms.trigonometric import SHIFTS, TrigonometricTransform


@sound(Permutation)
def _(P: Permutation) -> None:
    permutation(P.index)


@sound(SlotPermutation)
def _(P: SlotPermutation) -> None:
    permute_slots(P.order, P.sizes)


@sound(Commutation)
def _(K: Commutation) -> None:
    for size in K.sizes:
        require_size(size, "each size")


@sound(Duplication, Elimination)
def _(A: Any) -> None:
    require_size(A.order, "the order")


@sound(TrigonometricTransform)
def _(F: TrigonometricTransform) -> None:
    if (F.family, F.type) not in SHIFTS:
        raise ShapeError(f"there is no {F.family} transform of type {F.type}")


@sound(ScalarMultiple, Shifted)
def _(A: Any) -> None:
    if not is_scalar(A.scalar if isinstance(A, ScalarMultiple) else A.shift):
        raise DTypeError("a multiple and a shift are by a scalar")


@sound(Diagonal)
def _(D: Diagonal) -> None:
    if D.entries.ndim != 1:
        raise ShapeError(f"a diagonal is 1-D, and this array has shape {shape_text(D.entries.shape)}")


@sound(Toeplitz)
def _(T: Toeplitz) -> None:
    grid = [(require_size(m, "rows"), require_size(n, "columns")) for m, n in zip(T.rows, T.columns, strict=True)]
    if tuple(T.coefficients.shape) != tuple(max(m + n - 1, 0) for m, n in grid):
        raise ShapeError(f"{shape_text(T.coefficients.shape)} coefficients are not those of its grid")


@sound(Sum)
def _(A: Sum) -> None:
    for term in A.terms:
        require_same_shape(A.terms[0], term)


@sound(GeneralizedKroneckerSum)
def _(A: GeneralizedKroneckerSum) -> None:
    require_square_factors(A.factors, "a generalized Kronecker sum")
    for K, M in zip(A.factors, A.masses, strict=True):
        require_same_shape(K, M)


@sound(LowRankUpdate)
def _(A: LowRankUpdate) -> None:
    require_same_shape(A.operator, A.update)


@sound(BlockCirculant, BlockToeplitz)
def _(A: Any) -> None:
    for block in A.blocks:
        require_same_shape(A.blocks[0], block)
    if isinstance(A, BlockToeplitz) and not 0 < require_size(A.rows, "the rows") <= len(A.blocks):
        raise ShapeError(f"{len(A.blocks)} blocks do not fill {A.rows} rows")


@sound(Product)
def _(A: Product) -> None:
    for one, other in zip(A.factors[:-1], A.factors[1:], strict=True):
        require_product_shapes(one, other)


@sound(Submatrix)
def _(A: Submatrix) -> None:
    for axis, picks in enumerate((A.rows, A.columns)):
        index = range(*picks) if isinstance(picks, tuple) else picks
        ends = np.asarray([*index[:1], *index[-1:]]) if isinstance(index, range) else index
        if ends.ndim != 1 or ends.min(initial=0) < 0:
            raise ShapeError(f"axis {axis}: a list of indices ≥ 0 is due")
        require_index(ends, A.operator.shape[axis], axis)
