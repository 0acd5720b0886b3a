"""Products of Kronecker products whose partitions differ but refine each other: fused block by block."""

import math

from otimes.core.algebra import matmul, to_dense
from otimes.core.operator import LinearOperator
from otimes.core.partitions import common_blocks
from otimes.core.rules import guard
from otimes.kernels.plan import FactorKind, kind_of, plan_product
from otimes.operators.dense import Dense
from otimes.operators.identity import Identity
from otimes.operators.kronecker.kronecker import Kronecker, kron
from otimes.operators.product import Product

Block = tuple[tuple[LinearOperator, ...], tuple[LinearOperator, ...]]  # the factors of either side that meet


def _meeting(K: Kronecker, L: Kronecker) -> list[Block]:
    """Return the factors of K and of L that meet, in the finest blocks that both partitions have."""
    columns, rows = [F.shape[1] for F in K.factors], [G.shape[0] for G in L.factors]
    if columns == rows or 0 in (*K.shape, *L.shape):  # factor meets factor: the mixed product as it stands
        return []
    return [(K.factors[one], L.factors[two]) for one, two in common_blocks(columns, rows)]


def _fused_kinds(block: Block) -> tuple[FactorKind, ...] | None:
    """Return what the planner sees of a block once it is multiplied; None if that would hold more entries."""
    left, right = block
    if all(isinstance(F, Identity) for F in left):
        return tuple(kind_of(G) for G in right)
    if all(isinstance(G, Identity) for G in right):
        return tuple(kind_of(F) for F in left)
    m, n = math.prod(F.shape[0] for F in left), math.prod(G.shape[1] for G in right)
    held = sum(F.size for F in (*left, *right))
    if m * n > held or not (len(left) == len(right) == 1 or all(isinstance(F, Dense) for F in (*left, *right))):
        return None
    return (FactorKind(m, n, "dense"),)


@guard("the factors meet in several common blocks of unequal partitions, which multiplied take no more flops")
def fused_blocks_are_cheaper(K: Kronecker, L: Kronecker) -> bool:
    blocks = _meeting(K, L)
    kinds = [_fused_kinds(block) for block in blocks]
    if len(blocks) < 2 or None in kinds:
        return False
    fused = tuple(kind for block in kinds if block is not None for kind in block)
    return plan_product(fused, 1).flops <= plan_product(K.kinds, 1).flops + plan_product(L.kinds, 1).flops


@matmul.rule(
    Kronecker,
    Kronecker,
    when=fused_blocks_are_cheaper,
    says="(A ⊗ B)(C ⊗ D ⊗ E) = A(C ⊗ D) ⊗ B E, where the sizes refine each other",
    cite="VanLoan2000",
)
def _(K: Kronecker, L: Kronecker) -> LinearOperator:
    return kron(*(_multiplied(kron(*left), kron(*right)) for left, right in _meeting(K, L)))


def _multiplied(A: LinearOperator, B: LinearOperator) -> LinearOperator:
    """Return the product of a block: by a rule, or formed, since it holds no more entries than its factors."""
    product = matmul(A, B)
    return Dense(to_dense(product, max_bytes=None)) if isinstance(product, Product) else product
