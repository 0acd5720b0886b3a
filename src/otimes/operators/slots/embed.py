"""`embed`: an operator on chosen slots of a product, the identity on the others."""

import math
from typing import Any

from otimes.core.algebra import matmul, transpose, with_known
from otimes.core.batch import batched
from otimes.core.checks import shape_text
from otimes.core.convert import aslinearoperator
from otimes.core.facts import every
from otimes.core.operator import LinearOperator
from otimes.core.partitions import common_blocks, require_sizes, require_slots
from otimes.errors import ShapeError
from otimes.operators.identity import Identity
from otimes.operators.kronecker.kronecker import Kronecker, kron
from otimes.operators.slots.slot_permutation import slot_permutation

KEPT = ("symmetric", "hermitian", "positive_semidefinite", "positive_definite", "unitary")


@batched
def embed(A: Any, slots: Any, sizes: Any) -> LinearOperator:
    """Return the operator that is A on some slots of a product and the identity on the others.

    On slot 1 of three it is I ⊗ A ⊗ I. Several slots may stand apart and in any order: slot k of A is slots[k] of
    the product. In quantum computing it is quimb's `ikron` (and `pkron`) and QuTiP's `expand_operator`.

    Parameters
    ----------
    A : operator or array_like
        Square, of the product of sizes[slot] over the slots; a rectangular one may change the size of
        slots that are neighbours in their order.
    slots : int or sequence of int
    sizes : sequence of int
        Of all slots.

    Returns
    -------
    LinearOperator, (n, n)
        n is the product of the sizes. A product costs what A costs on n / (its size) columns.

    Raises
    ------
    ShapeError
        A slot is out of range or repeated, or A has another size than its slots.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> swap = np.eye(4)[[0, 2, 1, 3]]
    >>> S = ox.embed(swap, (2, 0), (2, 3, 2))  # swaps the outer slots
    >>> x, y, z = np.array([1, 2]), np.array([1, 2, 3]), np.array([3, 4])
    >>> bool((S @ np.kron(np.kron(x, y), z) == np.kron(np.kron(z, y), x)).all())
    True
    """
    A = aslinearoperator(A)
    sizes = require_sizes(sizes, None, "embed")
    slots = require_slots(slots, len(sizes), "embed")
    inner = tuple(sizes[slot] for slot in slots)
    if A.shape[1] != math.prod(inner):
        raise ShapeError(
            f"embed: A is {shape_text(A.shape)}, and the slots {slots} of sizes {sizes} have {math.prod(inner)} entries"
        )
    parts = _by_slot(A, inner)
    groups = [(slot,) for slot in slots] if len(parts) == len(slots) else [slots]
    if all(group == tuple(range(group[0], group[-1] + 1)) for group in groups if group):
        return _in_place(parts, groups, sizes)
    if not A.square:
        raise ShapeError(
            f"embed: A is {shape_text(A.shape)}, and changes the size of the slots {slots}, which are not neighbours"
        )
    rest = tuple(slot for slot in range(len(sizes)) if slot not in slots)
    P = slot_permutation((*slots, *rest), sizes, A.spec)
    inside = kron(A, Identity(math.prod(sizes[slot] for slot in rest), A.spec))
    return with_known(matmul(transpose(P), matmul(inside, P)), every([A.facts], *KEPT))


def _by_slot(A: LinearOperator, inner: tuple[int, ...]) -> list[LinearOperator]:
    """Return what A is on each of its slots, if it is a Kronecker product of such; else A alone."""
    if not isinstance(A, Kronecker):
        return [A]
    blocks = common_blocks([F.shape[1] for F in A.factors], inner)
    if len(blocks) != len(inner):
        return [A]
    return [kron(*A.factors[one]) for one, _ in blocks]


def _in_place(parts: list[LinearOperator], groups: list, sizes: tuple[int, ...]) -> LinearOperator:
    """Return the Kronecker product of the parts, each on a run of neighbouring slots, and identities."""
    placed = {group[0]: (part, len(group)) for part, group in zip(parts, groups, strict=True) if group}
    spec = parts[0].spec
    factors, slot = [parts[0]] if not placed else [], 0
    while slot < len(sizes):
        part, width = placed.get(slot, (Identity(sizes[slot], spec), 1))
        factors.append(part)
        slot += width
    return kron(*factors)
