"""Slots of operators in tensor formats, and stacks (r, m, n): the matrices that stand in one slot of some."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from otimes.core.array import Array, ArraySpec, astype, namespace
from otimes.core.checks import as_array, require_sequence, shape_text
from otimes.core.indexing import split_index
from otimes.core.rules import guard
from otimes.errors import ShapeError

STACKED_ENTRIES = 2**22  # of each array of a product of operators: beyond it the two are applied one after the other

GATHERED_ENTRIES = 2**20  # of what is held at a time while entries are gathered


@guard("every slot is square")
def square_slots(A: Any) -> bool:
    return all(m == n for m, n in A.partition)


@guard("both have the same slots")
def same_slots(A: Any, B: Any) -> bool:
    return A.partition == B.partition


def places(A: Any, rows: np.ndarray, columns: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield for each slot the rows and columns within it of entries of the whole."""
    ms, ns = (list(sizes) for sizes in zip(*A.partition, strict=True))
    return zip(split_index(rows, ms), split_index(columns, ns), strict=True)


def in_blocks(gathered: Callable[..., Array], rows: np.ndarray, columns: np.ndarray, width: int) -> Array:
    """Return the entries that a function gathers, at so few places at a time that arrays (places, width) are small."""
    step = max(1, GATHERED_ENTRIES // max(width, 1))
    starts = range(0, max(len(rows), 1), step)
    parts = [gathered(rows[start : start + step], columns[start : start + step]) for start in starts]
    return parts[0] if len(parts) == 1 else namespace(parts[0]).concat(parts)


def as_stacks(stacks: Any, what: str) -> list[Array]:
    """Return a user's stacks as arrays, checked."""
    members = require_sequence(stacks, f"the stacks of a {what}")
    arrays = [as_array(A, f"stack {k} of the {what}") for k, A in enumerate(members)]
    require_stacks(tuple(arrays), what)
    return arrays


def require_stacks(stacks: tuple[Any, ...], what: str) -> None:
    """Raise `ShapeError` unless there are stacks, of three axes each."""
    if not stacks:
        raise ShapeError(f"a {what} has at least one slot; give a stack (r, m, n) for each")
    for k, A in enumerate(stacks):
        if A.ndim != 3:
            raise ShapeError(
                f"stack {k} of the {what} has shape {shape_text(A.shape)}; it must have three axes, (r, rows, columns)"
            )


def unfolded(A: Array) -> Array:
    """Return a stack as the matrix (r, m n)."""
    r, m, n = A.shape
    return namespace(A).reshape(A, (r, m * n))


def traces(A: Array) -> Array:
    """Return the traces (r,) of a stack."""
    return namespace(A).linalg.trace(A)


def conforming(As: tuple[Array, ...], Bs: tuple[Array, ...]) -> bool:
    """Whether the matrices of every slot can be multiplied, and their products are few enough to be listed."""
    if [A.shape[2] for A in As] != [B.shape[1] for B in Bs]:
        return False
    pairs = zip(As, Bs, strict=True)
    return all(A.shape[0] * A.shape[1] * B.shape[0] * B.shape[2] <= STACKED_ENTRIES for A, B in pairs)


def multiplied_stack(A: Array, B: Array, spec: ArraySpec) -> Array:
    """Return all products A⁽ʳ⁾ B⁽ˢ⁾ as a stack, s running faster."""
    A, B = astype(A, spec.dtype), astype(B, spec.dtype)
    (r, m, _), (s, _, n) = A.shape, B.shape
    return namespace(A).reshape(A[:, None, :, :] @ B[None, :, :, :], (r * s, m, n))
