"""SlotPermutation: the axes of a C-ordered grid in another order, which reorders the factors of A ⊗ B ⊗ C."""

import itertools
import math
import operator
from typing import Any

import numpy as np

from otimes.core.algebra import matmul, transpose
from otimes.core.array import Array, ArraySpec, common_spec, itemsize, namespace
from otimes.core.checks import MAX_BYTES, matching_dtype, require_bytes
from otimes.core.facts import Facts
from otimes.core.indexing import entries, split_index, truth_values
from otimes.core.operator import LinearOperator
from otimes.core.partitions import common_blocks, require_sizes, require_slots
from otimes.core.rules import guard
from otimes.errors import ShapeError
from otimes.functions.diagonal import diagonal
from otimes.functions.slogdet import SlogdetResult, slogdet
from otimes.functions.trace import trace
from otimes.operators.identity import Identity
from otimes.operators.index_maps.permutation import Commutation
from otimes.operators.kronecker.kronecker import Kronecker, kron


class SlotPermutation(LinearOperator):
    """P vec(X) = vec(X.transpose(order)) for arrays X of shape `sizes`, read in C order; no index is stored."""

    order: tuple[int, ...]
    sizes: tuple[int, ...]

    def __init__(self, order: tuple[int, ...], sizes: tuple[int, ...], spec: ArraySpec):
        n = math.prod(sizes)
        symmetric = True if _kept(order, sizes) and all(order[k] == i for i, k in enumerate(order)) else None
        facts = Facts(unitary=True, symmetric=symmetric, hermitian=symmetric)
        super().__init__((n, n), spec, facts, order=order, sizes=sizes)

    @property
    def details(self) -> tuple[str, ...]:
        """The sizes and their order, for display."""
        return (f"slots {self.sizes} in the order {self.order}",)

    def _matmat(self, X: Array) -> Array:
        xp, k = namespace(X), X.shape[1]
        turned = xp.permute_dims(xp.reshape(X, (*self.sizes, k)), (*self.order, len(self.order)))
        return xp.reshape(turned, (self.shape[0], k))


def _kept(order: tuple[int, ...], sizes: tuple[int, ...]) -> bool:
    return all(sizes[slot] == size for slot, size in zip(order, sizes, strict=True))


def permute_slots(order: Any, sizes: Any, dtype: Any = None) -> LinearOperator:
    """Return the permutation of the slots of a product: P (x₀ ⊗ x₁ ⊗ x₂) = x₂ ⊗ x₀ ⊗ x₁ for order (2, 0, 1).

    On vectors it is `X.reshape(sizes).transpose(order)`, and P (A ⊗ B ⊗ C) Pᵀ = C ⊗ A ⊗ B. It generalises
    `commutation`; in quantum computing it is QuTiP's `permute` and quimb's `permute`.

    Parameters
    ----------
    order : sequence of int
        Each of 0, …, d − 1 once: slot k of the result is slot order[k] of x.
    sizes : sequence of int, d
        Of the slots of x.
    dtype : dtype, optional
        Unstated, that of what the operator meets.

    Returns
    -------
    LinearOperator, (n, n) with n the product of the sizes
        An Identity where nothing moves; nothing of that size is stored.

    Raises
    ------
    ShapeError
        A slot is out of range, repeated or missing, or a size is not an integer ≥ 0.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> P = ox.permute_slots((2, 0, 1), (2, 3, 4))
    >>> x, y, z = np.arange(2), np.arange(3), np.arange(4)
    >>> bool((P @ np.kron(np.kron(x, y), z) == np.kron(np.kron(z, x), y)).all())
    True
    """
    sizes = require_sizes(sizes, None, "permute_slots")
    order = require_slots(order, len(sizes), "permute_slots")
    if len(order) != len(sizes):
        missing = min(set(range(len(sizes))) - set(order))
        raise ShapeError(f"permute_slots: order {order} has not every slot of sizes {sizes}: {missing} is missing")
    return slot_permutation(order, sizes, matching_dtype(dtype))


def slot_permutation(order: tuple[int, ...], sizes: tuple[int, ...], spec: ArraySpec) -> LinearOperator:
    """Return the permutation of slots with neighbours that stay together taken as one."""
    kept = [slot for slot in order if sizes[slot] != 1]
    runs: list[list[int]] = []
    for slot in kept:
        if runs and all(sizes[between] == 1 for between in range(runs[-1][-1] + 1, slot)) and slot > runs[-1][-1]:
            runs[-1].append(slot)
        else:
            runs.append([slot])
    if len(runs) <= 1 or 0 in sizes:
        return Identity(math.prod(sizes), spec)
    places = sorted(range(len(runs)), key=lambda k: runs[k][0])
    merged = tuple(math.prod(sizes[slot] for slot in runs[k]) for k in places)
    return SlotPermutation(tuple(places.index(k) for k in range(len(runs))), merged, spec)


def _slots(P: Any) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return order and sizes; of the commutation matrix too, which swaps two slots."""
    return (P.order, P.sizes) if isinstance(P, SlotPermutation) else ((1, 0), P.sizes[::-1])


def _refined(sizes: tuple[int, ...], other: tuple[int, ...]) -> list[list[int]] | None:
    """Return each size split where the other partition cuts it; None where a cut falls between.

    (6, 4) is split by (2, 3, 4) into [2, 3], [4], and (4, 2) by (2, 4) into [2, 2], [2].
    """
    ours, theirs = (list(itertools.accumulate(s, operator.mul, initial=1)) for s in (sizes, other))
    cuts = sorted({*ours, *theirs})
    if any(after % before for before, after in itertools.pairwise(cuts)):
        return None
    ends = list(itertools.pairwise(cuts))
    return [[b // a for a, b in ends if low <= a and b <= high] for low, high in itertools.pairwise(ours)]


@guard("the slots of the second, once permuted, and those of the first only refine each other")
def slots_agree(P: Any, Q: Any) -> bool:
    (order, sizes), (_, inner) = _slots(Q), _slots(P)
    return _refined(tuple(sizes[k] for k in order), inner) is not None


@matmul.rule(SlotPermutation, SlotPermutation, when=slots_agree, says="P Q permutes the slots by both orders")
@matmul.rule(SlotPermutation, Commutation, when=slots_agree, says="P K permutes the slots by both orders")
@matmul.rule(Commutation, SlotPermutation, when=slots_agree, says="K P permutes the slots by both orders")
@matmul.rule(Commutation, Commutation, when=slots_agree, says="K(m, n) K(p, q) permutes the slots by both orders")
def _(P: LinearOperator, Q: LinearOperator) -> LinearOperator:
    (first, sizes), (second, inner) = _slots(Q), _slots(P)
    between = tuple(sizes[k] for k in first)
    fine, blocks = _refined(between, inner), _refined(inner, between)
    assert fine is not None
    assert blocks is not None
    source = [fine[first.index(slot)] for slot in range(len(sizes))]  # the sizes of Q's slots, split
    starts = list(itertools.accumulate(map(len, source), initial=0))
    middle = [starts[slot] + i for slot in first for i in range(len(source[slot]))]
    ends = list(itertools.accumulate(map(len, blocks), initial=0))
    order = tuple(middle[k] for slot in second for k in range(ends[slot], ends[slot + 1]))
    return slot_permutation(order, tuple(itertools.chain.from_iterable(source)), common_spec(P.spec, Q.spec))


def _factor_groups(P: Any, K: Kronecker) -> list[tuple[LinearOperator, ...]] | None:
    """Return the factors of K that each slot of P permutes as one; None if a slot cuts a factor."""
    rows = [F.shape[0] for F in K.factors]
    blocks = common_blocks(_slots(P)[1], rows)
    if any(one.stop - one.start > 1 for one, _ in blocks) or 0 in K.shape:
        return None
    return [K.factors[two] for _, two in blocks]


@guard("every slot of the permutation is a run of whole factors")
def slots_of_factors(P: Any, K: Kronecker) -> bool:
    return _factor_groups(P, K) is not None


@matmul.rule(SlotPermutation, Kronecker, when=slots_of_factors, says="P (A ⊗ B) = (B ⊗ A) Q, by which P K Pᵀ = B ⊗ A")
@matmul.rule(Commutation, Kronecker, when=slots_of_factors, says="K(p, m) (A ⊗ B) = (B ⊗ A) K(q, n)")
def _(P: LinearOperator, K: Kronecker) -> LinearOperator:
    groups, (order, _) = _factor_groups(P, K), _slots(P)
    assert groups is not None
    columns = tuple(math.prod(F.shape[1] for F in group) for group in groups)
    permuted = kron(*(F for slot in order for F in groups[slot]))
    return matmul(permuted, slot_permutation(order, columns, P.spec))


@transpose.rule(SlotPermutation, says="Pᵀ permutes the slots back")
def _(P: SlotPermutation) -> SlotPermutation:
    sizes = tuple(P.sizes[slot] for slot in P.order)
    return SlotPermutation(tuple(P.order.index(slot) for slot in range(len(P.order))), sizes, P.spec)


@slogdet.rule(SlotPermutation, says="det P = Π (−1)^(n (a−1)(b−1)/4) over the slots a, b that pass each other")
def _(P: SlotPermutation) -> SlogdetResult:
    n, passing = P.shape[0], itertools.combinations(P.order, 2)
    pairs = [(P.sizes[i], P.sizes[j]) for i, j in passing if i > j]
    odd = sum(n * (a - 1) * (b - 1) // 4 for a, b in pairs) % 2
    return SlogdetResult(-1.0 if odd else 1.0, 0.0)


@guard("slots of equal size change places")
def sizes_kept(P: SlotPermutation) -> bool:
    return _kept(P.order, P.sizes)


@trace.rule(SlotPermutation, when=sizes_kept, says="tr P = Π n over the cycles of slots of size n")
def _(P: SlotPermutation) -> float:
    left, total = set(P.order), 1
    while left:
        total, slot = total * P.sizes[min(left)], min(left)
        while slot in left:
            left.remove(slot)
            slot = P.order[slot]
    return float(total)


@trace.rule(SlotPermutation, when=~sizes_kept, says="tr P counts the entries that stay")
def _(P: SlotPermutation) -> float:
    return float(_stays(P).sum())


def _stays(P: SlotPermutation) -> np.ndarray:
    require_bytes(P.shape[:1], 8, MAX_BYTES, "the diagonal", "entries(P, r, r) has the entries that are asked for")
    rows = np.arange(P.shape[0])
    return _sources(P, rows) == rows


def _sources(P: SlotPermutation, rows: np.ndarray) -> np.ndarray:
    """Return the column of the 1 in each of these rows."""
    places = split_index(rows, [P.sizes[slot] for slot in P.order])
    column = np.zeros_like(rows)
    for slot, size in enumerate(P.sizes):
        column = column * size + places[P.order.index(slot)]
    return column


@diagonal.rule(SlotPermutation, says="Pᵣᵣ = 1 for the entries that stay")
def _(P: SlotPermutation) -> Array:
    require_bytes(P.shape[:1], itemsize(P.dtype), MAX_BYTES, "the diagonal", "trace(P) needs no array for equal sizes")
    return truth_values(_stays(P), P.spec)


@entries.rule(SlotPermutation, says="P[r, c] = 1 where the slots of r are those of c, permuted")
def _(P: SlotPermutation, rows: np.ndarray, columns: np.ndarray) -> Array:
    return truth_values(_sources(P, rows) == columns, P.spec)
