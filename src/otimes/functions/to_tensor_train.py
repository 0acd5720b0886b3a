"""Operators as tensor trains."""

import math
from collections.abc import Sequence
from typing import Any

from otimes.core.checks import product_text, require_sequence, require_size, shape_text
from otimes.core.rules import function
from otimes.errors import ShapeError


@function()
def to_tensor_train(A: Any, rows: Sequence[int] | None = None, columns: Sequence[int] | None = None) -> Any:
    """Return the operator as a tensor train on the slots m₁ × n₁, …, m_d × n_d, up to rounding.

    A Kronecker product becomes a train of ranks 1, a Kronecker sum one of ranks 2, a sum one whose ranks are the sum
    of those of its terms. Other matrices are decomposed by one singular value decomposition for each slot but the
    last, which needs them formed. `recompress` then lowers the ranks, with an error.

    Parameters
    ----------
    A : operator or array_like, (m, n)
    rows, columns : sequences of int, optional
        (m₁, …, m_d) with m = m₁ ⋯ m_d, and (n₁, …, n_d); columns are as rows if only these are given. Unstated, the
        factors' own for Kronecker products and sums, and one slot for other operators.

    Returns
    -------
    TensorTrain, (m, n)

    Raises
    ------
    ShapeError
        The sizes of the slots do not multiply to those of A, or there are not as many rows as columns.
    NoRule
        A is too large to be formed, and no such product or sum on these slots.

    References
    ----------
    Oseledets (2011), Tensor-train decomposition.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> T = ox.to_tensor_train(np.arange(36.0).reshape(6, 6), (2, 3))
    >>> T.partition, T.ranks
    (((2, 2), (3, 3)), (1, 2, 1))
    """
    return to_tensor_train.dispatch(A, slots=_slots(A, rows, rows if columns is None else columns))


def _slots(A: Any, rows: Any, columns: Any) -> tuple[tuple[int, int], ...] | None:
    """Return the shapes of the slots, None if unstated."""
    if rows is None and columns is None:
        return None
    if rows is not None:
        rows = require_sequence(rows, "to_tensor_train: rows")
        columns = require_sequence(columns, "to_tensor_train: columns")
    if not rows or len(rows) != len(columns):
        raise ShapeError(f"to_tensor_train: rows={rows} and columns={columns}; give one size of each for every slot")
    slots = tuple(
        (require_size(m, "each size in rows"), require_size(n, "each size in columns"))
        for m, n in zip(rows, columns, strict=True)
    )
    sizes = tuple(map(math.prod, zip(*slots, strict=True)))
    if sizes != A.shape:
        raise ShapeError(
            f"to_tensor_train: A is {shape_text(A.shape)}, "
            f"and the slots {product_text(list(slots))} multiply to {shape_text(sizes)}"
        )
    return slots
