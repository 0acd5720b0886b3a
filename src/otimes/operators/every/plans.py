"""The plan of every operator: of a product of factors what its kernel runs, else its own flops and its parts' plans."""

import math
from collections.abc import Callable
from typing import Any

from otimes.core.array import itemsize
from otimes.core.operator import LinearOperator
from otimes.core.rules import guard
from otimes.functions.plan import plan
from otimes.kernels.chain import cheapest_order, right_to_left
from otimes.kernels.composite import CompositePlan
from otimes.kernels.plan import Plan
from otimes.kernels.product import plan_of
from otimes.operators.diagonal import Diagonal
from otimes.operators.identity import Identity
from otimes.operators.index_maps.permutation import Commutation, Permutation
from otimes.operators.index_maps.vech import Duplication, Elimination
from otimes.operators.kronecker.kronecker import Kronecker, kron
from otimes.operators.kronecker.kronecker_sum import KroneckerSum
from otimes.operators.product import Product, links, order_of
from otimes.operators.scalar_multiple import ScalarMultiple
from otimes.operators.shifted import Shifted
from otimes.operators.slots.slot_permutation import SlotPermutation
from otimes.operators.sparse import Sparse
from otimes.operators.sum import Sum
from otimes.operators.tensors.cp import CP
from otimes.operators.tensors.tensor_train import TensorTrain
from otimes.operators.tensors.tucker import Tucker, multiplications
from otimes.operators.toeplitz.circulant import Circulant
from otimes.operators.toeplitz.toeplitz import Toeplitz
from otimes.operators.transforms.fourier import Fourier, Hartley
from otimes.operators.transforms.haar import Haar
from otimes.operators.transforms.trigonometric import TrigonometricTransform
from otimes.operators.zero import Zero


def composite(A: Any, columns: int, flops: int, parts: Any, reason: str) -> CompositePlan:
    """Return the plan of A: flops of its own for all columns, and its parts' plans."""
    return CompositePlan(type(A).__name__, A.shape, columns, flops, tuple(parts), reason, itemsize(A.dtype))


def _own(kinds: tuple[type, ...], says: str, per_column: Callable[[Any], int]) -> None:
    """Register one rule for operators without parts, by their flops for one column."""

    def rule(A: LinearOperator, columns: int) -> CompositePlan:
        return composite(A, columns, per_column(A) * columns, (), says)

    for kind in kinds:
        plan.rule(kind, says=says)(rule)


def transform_flops(n: int) -> int:
    """Return the flops of a fast transform of n entries, 5 n log₂ n."""
    return math.ceil(5 * n * math.log2(n)) if n > 1 else 0


MOVING = (Identity, Zero, Permutation, Commutation, SlotPermutation, Duplication, Elimination)
TRANSFORMS = (Fourier, Hartley, TrigonometricTransform)
_own(MOVING, "entries are moved, none is computed", lambda _: 0)
_own((Diagonal,), "one multiplication for each entry", lambda D: D.shape[0])
_own((Sparse,), "two flops for each stored entry", lambda A: 2 * int(A.matrix.nnz))
_own((Haar,), "sums and differences, n of them halving", lambda A: 4 * A.shape[0])
_own(TRANSFORMS, "a fast transform, 5 n log₂ n", lambda A: transform_flops(A.shape[0]))
_own((Circulant,), "two fast transforms, that of the column once", lambda A: 3 * transform_flops(A.shape[0]))
_own((Toeplitz,), "fast transforms of the padded grid", lambda A: 3 * transform_flops(math.prod(A.coefficients.shape)))


@plan.rule(Kronecker, says="factor by factor")
def _(K: Kronecker, columns: int) -> Plan:
    return plan_of(K.kinds, columns, K.spec)


@guard("A is made of other operators")
def has_parts(A: LinearOperator) -> bool:
    return bool(A.children)


@plan.rule(LinearOperator, when=has_parts, says="the products of its parts, and their sum")
def _(A: LinearOperator, columns: int) -> CompositePlan:
    parts = [plan(child, columns) for child in A.children]
    return composite(A, columns, A.shape[0] * columns, parts, "the products of its parts, one after another")


@plan.rule(LinearOperator, when=~has_parts, says="its own product, counted as if it were formed")
def _(A: LinearOperator, columns: int) -> CompositePlan:
    return composite(A, columns, 2 * A.size * columns, (), "its own product, counted as if it were formed")


@plan.rule(Sum, says="the terms' products, added")
def _(A: Sum, columns: int) -> CompositePlan:
    parts = [plan(term, columns) for term in A.terms]
    return composite(A, columns, (len(parts) - 1) * A.shape[0] * columns, parts, "the terms' products, added")


@plan.rule(ScalarMultiple, says="c (A X)")
def _(A: ScalarMultiple, columns: int) -> CompositePlan:
    return composite(A, columns, A.shape[0] * columns, [plan(A.operator, columns)], "the product, scaled")


@plan.rule(Shifted, says="A X + c X")
def _(A: Shifted, columns: int) -> CompositePlan:
    return composite(A, columns, 2 * A.shape[0] * columns, [plan(A.operator, columns)], "the product, and c X added")


@plan.rule(KroneckerSum, says="(A ⊗ I) X + (I ⊗ B) X")
def _(A: KroneckerSum, columns: int) -> CompositePlan:
    sizes, parts = [F.shape[0] for F in A.factors], []
    for i, F in enumerate(A.factors):
        left, right = (Identity(math.prod(part), A.spec) for part in (sizes[:i], sizes[i + 1 :]))
        parts.append(plan(kron(left, F, right), columns))
    return composite(A, columns, (len(parts) - 1) * A.shape[0] * columns, parts, "every axis by its factor, added")


@plan.rule(TensorTrain, says="core after core")
def _(A: TensorTrain, columns: int) -> CompositePlan:
    flops, entries = 0, A.shape[1] * columns
    for core in A.cores:
        r, m, n, s = core.shape
        entries = entries // max(r * n, 1) * m * s
        flops += 2 * r * n * entries
    return composite(A, columns, flops, (), "core after core, each by one GEMM")


@plan.rule(Tucker, says="slot after slot, the core among them")
def _(A: Tucker, columns: int) -> CompositePlan:
    splits = range(len(A.ranks) + 1)
    flops = 2 * columns * min(multiplications(A.ranks, A.partition, split) for split in splits)
    return composite(A, columns, flops, (), "slot after slot, the core among them where that takes the fewest flops")


@plan.rule(CP, says="slot after slot, the terms together")
def _(A: CP, columns: int) -> CompositePlan:
    flops, entries = 0, A.shape[1] * A.rank * columns
    for m, n in A.partition:
        flops, entries = flops + 2 * entries * m, entries // max(n, 1) * m
    return composite(A, columns, flops, (), "slot after slot, the terms together")


@plan.rule(Product, says="the chain in the order of the fewest flops")
def _(A: Product, columns: int) -> CompositePlan:
    chain = links(A, columns)
    cost, order = cheapest_order(chain)
    one_after_another = order == right_to_left(len(chain))
    own, parts = (0, [plan(F, columns) for F in A.factors]) if one_after_another else (cost, ())
    return composite(A, columns, own, parts, order_of(chain))
