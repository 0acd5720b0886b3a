"""Tucker: Σ G[r₁, …, r_N] A₁⁽ʳ¹⁾ ⊗ … ⊗ A_N⁽ʳᴺ⁾, a core that couples a few matrices on each slot."""

import math
from typing import Any

from otimes.core.algebra import add, conj, matmul, scale, to_dense, transpose, with_known
from otimes.core.array import (
    Array,
    ArraySpec,
    astype,
    common_spec,
    conjugate,
    inexact,
    itemsize,
    namespace,
    promoted,
    spec_of,
)
from otimes.core.array import zeros as dense_zeros
from otimes.core.checks import MAX_BYTES, as_array, product_text, require_bytes, shape_text
from otimes.core.facts import of_sum
from otimes.core.lapack import lapack
from otimes.core.operator import LinearOperator
from otimes.core.rules import guard
from otimes.core.tensors import matrix_of_slots
from otimes.core.truncation import kept, magnitude
from otimes.errors import ShapeError
from otimes.functions.diagonal import diagonal
from otimes.functions.norm import norm
from otimes.functions.recompress import RecompressResult, recompress
from otimes.functions.trace import trace
from otimes.operators.scalar_multiple import scaled_facts
from otimes.operators.slots.mode_products import multi_mode_product
from otimes.operators.slots.slots import (
    STACKED_ENTRIES,
    as_stacks,
    conforming,
    multiplied_stack,
    require_stacks,
    same_slots,
    square_slots,
    traces,
    unfolded,
)

Partition = tuple[tuple[int, int], ...]


class Tucker(LinearOperator):
    """The operator of a core G (r₁, …, r_N) and stacks A_k (r_k, m_k, n_k), the r_k matrices of slot k."""

    core: Array
    stacks: tuple[Array, ...]

    def __init__(self, core: Array, *stacks: Array):
        require_stacks(stacks, "Tucker operator")
        if tuple(core.shape) != tuple(A.shape[0] for A in stacks):
            held = ", ".join(str(A.shape[0]) for A in stacks)
            raise ShapeError(f"the core is {shape_text(core.shape)}, and the stacks hold {held} matrices")
        spec = common_spec(*map(spec_of, (core, *stacks)), what="array")
        rows, columns = (math.prod(A.shape[axis] for A in stacks) for axis in (1, 2))
        stacks = tuple(astype(A, spec.dtype) for A in stacks)
        super().__init__((rows, columns), spec, core=astype(core, spec.dtype), stacks=stacks)

    @property
    def partition(self) -> Partition:
        """The shapes (m_k, n_k) of the slots."""
        return tuple((A.shape[1], A.shape[2]) for A in self.stacks)

    @property
    def ranks(self) -> tuple[int, ...]:
        """The shape of the core."""
        return tuple(self.core.shape)

    @property
    def details(self) -> tuple[str, ...]:
        """The slots and ranks, for display."""
        return (product_text(list(self.partition)), f"core {shape_text(self.ranks)}")

    @property
    def rounding_size(self) -> int:
        """The sum of the larger sides of what is decomposed: the unfolded stacks and the core."""
        return sum(max(r, m * n, math.prod(self.ranks) // max(r, 1)) for r, m, n in (A.shape for A in self.stacks))

    def _converted(self, spec: ArraySpec) -> "Tucker":
        return Tucker(astype(self.core, spec.dtype), *(astype(A, spec.dtype) for A in self.stacks))

    def _matmat(self, X: Array) -> Array:
        """Return A X: some slots with all their matrices, the core, then the other slots, summed over theirs.

        Y is (ranks, n_k, …, n_N, columns, m₁, …, m_{k−1}) before slot k.
        """
        columns = X.shape[1]
        if 0 in (*self.shape, *self.ranks, columns):
            return dense_zeros((self.shape[0], columns), common_spec(self.spec, spec_of(X)))
        xp, split = namespace(X), _split(self.ranks, self.partition)
        stacks = [promoted(A, X).mT for A in self.stacks]
        Y, ranks, rest = X, 1, self.shape[1] * columns
        for A in stacks[:split]:
            r, n, m = A.shape
            rest //= n
            Y = xp.reshape(Y, (ranks, 1, n, rest)).mT @ A
            ranks, rest = ranks * r, rest * m
        core = xp.reshape(promoted(self.core, X), (ranks, math.prod(self.ranks) // ranks))
        Y, ranks = core.T @ xp.reshape(Y, (ranks, rest)), core.shape[1]
        for A in stacks[split:]:
            r, n, m = A.shape
            ranks, rest = ranks // r, rest // n
            turned = xp.permute_dims(xp.reshape(Y, (r, ranks, n, rest)), (0, 2, 1, 3))
            Y = xp.reshape(turned, (r * n, ranks * rest)).T @ xp.reshape(A, (r * n, m))
            rest *= m
        return xp.reshape(Y, (columns, self.shape[0])).T


def _split(ranks: tuple[int, ...], partition: Partition) -> int:
    """Return before which slot the core is to be multiplied in, for the fewest operations."""
    return min(range(len(ranks) + 1), key=lambda split: multiplications(ranks, partition, split))


def multiplications(ranks: tuple[int, ...], partition: Partition, split: int) -> int:
    """Return how many multiplications a product with a vector takes, the core multiplied in before slot `split`."""
    slots = [(max(r, 1), m, max(n, 1)) for r, (m, n) in zip(ranks, partition, strict=True)]
    total, entries = 0, math.prod(n for _, n in partition)
    for r, m, n in slots[:split]:
        total, entries = total + entries * r * m, entries // n * r * m
    before, after = (math.prod(r for r, _, _ in part) for part in (slots[:split], slots[split:]))
    total, entries = total + entries * after, entries // before * after
    for r, m, n in slots[split:]:
        total, entries = total + entries * m, entries // (r * n) * m
    return total


def tucker(core: Any, stacks: Any) -> Tucker:
    """Return the operator Σ G[r₁, …, r_N] A₁⁽ʳ¹⁾ ⊗ … ⊗ A_N⁽ʳᴺ⁾ of a core and a stack of matrices for each slot.

    Its entries, read in the order i₁ j₁ i₂ j₂ …, are the Tucker tensor G ×₁ U₁ ×₂ ⋯ with U_k (m_k n_k, r_k) the
    matrices of slot k as columns.

    Parameters
    ----------
    core : array_like, (r₁, …, r_N)
    stacks : sequence of array_like, (r_k, m_k, n_k)

    Returns
    -------
    Tucker, (m₁ ⋯ m_N, n₁ ⋯ n_N)
        A product applies every matrix once where the ranks are small, never a term of the sum alone.

    Raises
    ------
    ShapeError
        A stack has not three axes, or the core not their lengths as its shape.
    ArrayMixError
        Arrays of different libraries or devices.

    References
    ----------
    Tucker (1966), Some mathematical notes on three-mode factor analysis.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> A = ox.tucker(np.eye(2), [np.ones((2, 3, 3)), np.ones((2, 4, 5))])  # two terms
    >>> A.shape, A.ranks, float((A @ np.ones(15))[0])
    ((12, 15), (2, 2), 30.0)
    """
    arrays = as_stacks(stacks, "Tucker operator")
    return Tucker(as_array(core, "the core of the Tucker operator"), *arrays)


@guard(f"the slots conform one by one, and the core and stacks multiplied have at most {STACKED_ENTRIES} entries each")
def conforming_slots(A: Tucker, B: Tucker) -> bool:
    return conforming(A.stacks, B.stacks) and math.prod(A.ranks) * math.prod(B.ranks) <= STACKED_ENTRIES


@to_dense.rule(Tucker, says="R(A) = G ×₁ U₁ ×₂ U₂ ⋯", cite="KoldaBader2009")
def _(A: Tucker) -> Array:
    return matrix_of_slots(multi_mode_product(A.core, [unfolded(S).T for S in A.stacks]), A.partition)


@transpose.rule(Tucker, says="Aᵀ has the stacks A_kᵀ")
def _(A: Tucker) -> Tucker:
    return Tucker(A.core, *(S.mT for S in A.stacks))


@conj.rule(Tucker, says="conj(A) has the core conj(G) and the stacks conj(A_k)")
def _(A: Tucker) -> Tucker:
    return Tucker(conjugate(A.core), *map(conjugate, A.stacks))


@scale.rule(Tucker, says="c A has the core c G")
def _(A: Tucker, c: Any) -> LinearOperator:
    return with_known(Tucker(c * A.core, *A.stacks), scaled_facts(c, A))


@add.rule(Tucker, Tucker, when=same_slots, says="ranks add: the core is that of A beside that of B")
def _(A: Tucker, B: Tucker) -> LinearOperator:
    spec = common_spec(A.spec, B.spec, what="term")
    xp, core = namespace(A.core), astype(A.core, spec.dtype)
    other = astype(B.core, spec.dtype)
    for axis, (r, s) in enumerate(zip(A.ranks, B.ranks, strict=True)):  # each padded, to be added
        after = tuple(s if k == axis else n for k, n in enumerate(core.shape))
        before = tuple(r if k == axis else n for k, n in enumerate(other.shape))
        core = xp.concat([core, dense_zeros(after, spec)], axis=axis)
        other = xp.concat([dense_zeros(before, spec), other], axis=axis)
    pairs = zip(A.stacks, B.stacks, strict=True)
    stacks = (xp.concat([astype(S, spec.dtype), astype(T, spec.dtype)]) for S, T in pairs)
    return with_known(Tucker(core + other, *stacks), of_sum([A.facts, B.facts]))


@matmul.rule(Tucker, Tucker, when=conforming_slots, says="ranks multiply: the core is G ⊗ H, the stacks A_k⁽ʳ⁾ B_k⁽ˢ⁾")
def _(A: Tucker, B: Tucker) -> Tucker:
    spec = common_spec(A.spec, B.spec, what="factor")
    G, H = astype(A.core, spec.dtype), astype(B.core, spec.dtype)
    pairs = list(zip(A.ranks, B.ranks, strict=True))
    xp = namespace(G)
    left = xp.reshape(G, tuple(size for r, _ in pairs for size in (r, 1)))
    right = xp.reshape(H, tuple(size for _, s in pairs for size in (1, s)))
    core = xp.reshape(left * right, tuple(r * s for r, s in pairs))
    return Tucker(core, *(multiplied_stack(S, T, spec) for S, T in zip(A.stacks, B.stacks, strict=True)))


@trace.rule(Tucker, when=square_slots, says="tr A = G ×₁ tr(A₁) ×₂ tr(A₂) ⋯")
def _(A: Tucker) -> Any:
    return multi_mode_product(A.core, [traces(S)[None, :] for S in A.stacks])[(0,) * len(A.stacks)]


@diagonal.rule(Tucker, when=square_slots, says="diag(A) = vec(G ×₁ diag(A₁) ×₂ diag(A₂) ⋯)")
def _(A: Tucker) -> Array:
    require_bytes(A.shape[:1], itemsize(A.dtype), MAX_BYTES, "the diagonal", "trace(A) needs no array")
    xp = namespace(A.core)
    return xp.reshape(multi_mode_product(A.core, [xp.linalg.diagonal(S).T for S in A.stacks]), (-1,))


def orthogonal(A: Tucker) -> tuple[Array, list[Array]]:
    """Return a core, and for each slot orthonormal columns (m n, q), of the same operator."""
    dtype = inexact(A.dtype, A.spec.xp)
    Qs, Rs = zip(*(lapack("qr", astype(unfolded(S), dtype).T) for S in A.stacks), strict=True)
    return multi_mode_product(astype(A.core, dtype), Rs), list(Qs)


@norm.rule(Tucker, says="‖A‖_F = ‖G ×₁ R₁ ×₂ R₂ ⋯‖_F for U_k = Q_k R_k", cite="KoldaBader2009")
def _(A: Tucker, ord: Any) -> Any:
    if ord != "fro":
        return norm.fallback(A, ord=ord)
    if 0 in (*A.shape, *A.ranks):
        return 0.0
    core = orthogonal(A)[0]
    return norm(namespace(core).reshape(core, (1, -1)), "fro")


@recompress.rule(
    Tucker, says="for each slot, G by the first left singular vectors of its unfolding", cite="VannieuwenhovenEtAl2012"
)
def _(A: Tucker, rtol: float, rank: int | None) -> RecompressResult:
    """Cut the ranks one after the other; each projection commutes with the others, so that the errors' squares add."""
    if 0 in (*A.shape, *A.ranks):
        return RecompressResult(A, 0.0)
    core, Qs = orthogonal(A)
    xp, size, spent, stacks = namespace(core), magnitude(core), 0.0, []
    for k, (Q, (m, n)) in enumerate(zip(Qs, A.partition, strict=True)):
        turned = xp.moveaxis(core, k, 0)
        U, S, Vh = lapack("svd", xp.reshape(turned, (turned.shape[0], -1)), full_matrices=False)
        count, cost = kept(S, size, rtol**2 / len(Qs), rank)
        spent += cost
        cut = S[:count, None] * Vh[:count, :]
        core = xp.moveaxis(xp.reshape(cut, (count, *turned.shape[1:])), 0, k)
        stacks.append(xp.reshape((Q @ U[:, :count]).T, (count, m, n)))
    return RecompressResult(Tucker(core, *stacks), spent**0.5)
