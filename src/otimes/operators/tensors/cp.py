"""CP: Σ_r w_r A₁⁽ʳ⁾ ⊗ … ⊗ A_N⁽ʳ⁾ with the matrices of each slot stacked in one array.

The same operator as a `KroneckerTerms` of arrays; products take the terms together.
"""

import functools
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
from otimes.functions.kronecker_terms import kronecker_terms
from otimes.functions.norm import norm
from otimes.functions.recompress import RecompressResult, recompress
from otimes.functions.trace import trace
from otimes.operators.dense import Dense
from otimes.operators.kronecker.kronecker import Kronecker
from otimes.operators.scalar_multiple import scaled_facts
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
from otimes.operators.terms.kronecker_terms import KroneckerTerms
from otimes.operators.zero import Zero

BLOCK_ENTRIES = 2**22  # of the arrays of one block of terms in a product


class CP(LinearOperator):
    """The operator of weights w (R,) and stacks A_k (R, m_k, n_k), the R matrices of slot k."""

    weights: Array
    stacks: tuple[Array, ...]

    def __init__(self, weights: Array, *stacks: Array):
        require_stacks(stacks, "CP operator")
        if weights.ndim != 1 or any(A.shape[0] != weights.shape[0] for A in stacks):
            held = ", ".join(str(A.shape[0]) for A in stacks)
            raise ShapeError(f"the weights have shape {shape_text(weights.shape)}, and the stacks hold {held} matrices")
        spec = common_spec(*map(spec_of, (weights, *stacks)), what="array")
        rows, columns = (math.prod(A.shape[axis] for A in stacks) for axis in (1, 2))
        stacks = tuple(astype(A, spec.dtype) for A in stacks)
        super().__init__((rows, columns), spec, weights=astype(weights, spec.dtype), stacks=stacks)

    @property
    def partition(self) -> tuple[tuple[int, int], ...]:
        """The shapes (m_k, n_k) of the slots."""
        return tuple((A.shape[1], A.shape[2]) for A in self.stacks)

    @property
    def rank(self) -> int:
        """The number of terms."""
        return self.weights.shape[0]

    @property
    def details(self) -> tuple[str, ...]:
        """The slots and the number of terms, for display."""
        return (product_text(list(self.partition)), f"{self.rank} terms")

    @property
    def rounding_size(self) -> int:
        """The sum of the larger sides of the unfolded stacks, which are what is decomposed."""
        return sum(max(self.rank, m * n) for m, n in self.partition)

    def _converted(self, spec: ArraySpec) -> "CP":
        return CP(astype(self.weights, spec.dtype), *(astype(A, spec.dtype) for A in self.stacks))

    def _matmat(self, X: Array) -> Array:
        """Return A X, block by block of the terms."""
        columns = X.shape[1]
        if 0 in (*self.shape, self.rank, columns):
            return dense_zeros((self.shape[0], columns), common_spec(self.spec, spec_of(X)))
        largest = math.prod(max(shape) for shape in self.partition) * columns
        step = max(1, BLOCK_ENTRIES // largest)
        starts = range(0, self.rank, step)
        return functools.reduce(
            lambda Y, Z: Y + Z, (self._terms_matmat(X, r, min(r + step, self.rank)) for r in starts)
        )

    def _terms_matmat(self, X: Array, start: int, stop: int) -> Array:
        """Return the terms start, …, stop − 1 times X.

        Y is (terms, n_k, …, n_N, columns, m₁, …, m_{k−1}) before slot k; the last slot is summed over the terms.
        """
        xp, columns = namespace(X), X.shape[1]
        *stacks, last = (promoted(A[start:stop, :, :], X).mT for A in self.stacks)
        weighted = promoted(self.weights[start:stop], X)[:, None, None] * last
        Y, terms, rest = X, 1, self.shape[1] * columns
        for A in stacks:
            r, n, m = A.shape
            rest //= n
            Y = xp.reshape(Y, (terms, n, rest)).mT @ A
            terms, rest = r, rest * m
        r, n, m = weighted.shape
        if not stacks:
            return xp.sum(weighted, axis=0).T @ X
        Y = xp.reshape(Y, (r * n, rest // n)).T @ xp.reshape(weighted, (r * n, m))
        return xp.reshape(Y, (columns, self.shape[0])).T


def cp(weights: Any, stacks: Any) -> CP:
    """Return the operator Σ_r w_r A₁⁽ʳ⁾ ⊗ … ⊗ A_N⁽ʳ⁾ of weights and a stack of matrices for each slot.

    Its entries, read in the order i₁ j₁ i₂ j₂ …, are the CP (Candecomp/Parafac) tensor of the matrices as vectors.

    Parameters
    ----------
    weights : array_like, (R,) or None
        None for ones.
    stacks : sequence of array_like, (R, m_k, n_k)

    Returns
    -------
    CP, (m₁ ⋯ m_N, n₁ ⋯ n_N)
        A product costs that of R Kronecker products, in one GEMM per slot.

    Raises
    ------
    ShapeError
        A stack has not three axes, or they and the weights differ in length.
    ArrayMixError
        Arrays of different libraries or devices.

    References
    ----------
    Kolda & Bader (2009), Tensor decompositions and applications, section 3.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> A = ox.cp([1.0, 2.0], [np.ones((2, 3, 3)), np.ones((2, 4, 5))])
    >>> A.shape, A.rank, float((A @ np.ones(15))[0])
    ((12, 15), 2, 45.0)
    """
    arrays = as_stacks(stacks, "CP operator")
    if weights is None:
        first = arrays[0]
        return CP(namespace(first).ones_like(first[:, 0, 0]), *arrays)
    return CP(as_array(weights, "the weights of the CP operator"), *arrays)


@guard(f"the slots conform one by one, and the stacks multiplied have at most {STACKED_ENTRIES} entries each")
def conforming_slots(A: CP, B: CP) -> bool:
    return conforming(A.stacks, B.stacks)


@guard("there are at least two slots")
def of_products(A: CP) -> bool:
    return len(A.stacks) > 1


@guard("there are at most two slots (for more no best approximation need exist)")
def two_slots(A: CP) -> bool:
    return len(A.stacks) <= 2


def combined(weights: Array, parts: list[Array]) -> Array:
    """Return Σ_r w_r u₁⁽ʳ⁾ ⊗ u₂⁽ʳ⁾ ⊗ … of vectors in the rows of arrays (R, q_k).

    It is Lᵀ M of the products L of the first and M of the last parts, cut where they are smallest, block by block of r.
    """
    count, sizes = weights.shape[0], [u.shape[1] for u in parts]
    cut = min(range(len(sizes)), key=lambda k: math.prod(sizes[:k]) + math.prod(sizes[k:]))
    step = max(1, BLOCK_ENTRIES // max(1, math.prod(sizes[:cut]) + math.prod(sizes[cut:])))

    def terms(start: int) -> Array:
        w, *rows = (a[start : min(start + step, count), ...] for a in (weights[:, None], *parts))
        left, right = functools.reduce(_row_products, rows[:cut], w), functools.reduce(_row_products, rows[cut:])
        return left.T @ right

    total = functools.reduce(lambda Y, Z: Y + Z, map(terms, range(0, max(1, count), step)))
    return namespace(total).reshape(total, (math.prod(sizes),))


def _row_products(u: Array, v: Array) -> Array:
    """Return the Kronecker products of the rows of two arrays."""
    return namespace(u).reshape(u[:, :, None] * v[:, None, :], (u.shape[0], u.shape[1] * v.shape[1]))


@to_dense.rule(CP, says="R(A) = Σ_r w_r vec(A₁⁽ʳ⁾) ∘ vec(A₂⁽ʳ⁾) ∘ ⋯", cite="KoldaBader2009")
def _(A: CP) -> Array:
    return matrix_of_slots(combined(A.weights, [unfolded(S) for S in A.stacks]), A.partition)


@transpose.rule(CP, says="(Σ w A ⊗ B)ᵀ = Σ w Aᵀ ⊗ Bᵀ")
def _(A: CP) -> CP:
    return CP(A.weights, *(S.mT for S in A.stacks))


@conj.rule(CP, says="conj(Σ w A ⊗ B) = Σ conj(w) conj(A) ⊗ conj(B)")
def _(A: CP) -> CP:
    return CP(conjugate(A.weights), *map(conjugate, A.stacks))


@scale.rule(CP, says="c Σ w A ⊗ B = Σ (c w) A ⊗ B")
def _(A: CP, c: Any) -> LinearOperator:
    return with_known(CP(c * A.weights, *A.stacks), scaled_facts(c, A))


@add.rule(CP, CP, when=same_slots, says="the terms of both")
def _(A: CP, B: CP) -> LinearOperator:
    spec = common_spec(A.spec, B.spec, what="term")
    pairs = zip((A.weights, *A.stacks), (B.weights, *B.stacks), strict=True)
    both = (namespace(S).concat([astype(S, spec.dtype), astype(T, spec.dtype)]) for S, T in pairs)
    return with_known(CP(*both), of_sum([A.facts, B.facts]))


@matmul.rule(CP, CP, when=conforming_slots, says="Σ w A ⊗ B · Σ v C ⊗ D = Σ Σ w v AC ⊗ BD")
def _(A: CP, B: CP) -> CP:
    spec = common_spec(A.spec, B.spec, what="factor")
    w, v = astype(A.weights, spec.dtype), astype(B.weights, spec.dtype)
    weights = namespace(w).reshape(w[:, None] * v[None, :], (A.rank * B.rank,))
    return CP(weights, *(multiplied_stack(S, T, spec) for S, T in zip(A.stacks, B.stacks, strict=True)))


@trace.rule(CP, when=square_slots, says="tr Σ w A ⊗ B = Σ w tr(A) tr(B)")
def _(A: CP) -> Any:
    return combined(A.weights, [traces(S)[:, None] for S in A.stacks])[0]


@diagonal.rule(CP, when=square_slots, says="diag(Σ w A ⊗ B) = Σ w diag(A) ⊗ diag(B)")
def _(A: CP) -> Array:
    require_bytes(A.shape[:1], itemsize(A.dtype), MAX_BYTES, "the diagonal", "trace(A) needs no array")
    return combined(A.weights, [namespace(S).linalg.diagonal(S) for S in A.stacks])


def orthogonal(A: CP) -> tuple[list[Array], list[Array]]:
    """Return Q_k with orthonormal columns (m n, q), and R_k (q, R), whose products are the matrices as columns."""
    dtype = inexact(A.dtype, A.spec.xp)
    Qs, Rs = zip(*(lapack("qr", astype(unfolded(S), dtype).T) for S in A.stacks), strict=True)
    return list(Qs), list(Rs)


@norm.rule(CP, says="‖A‖_F = ‖Σ_r w_r R₁⁽ʳ⁾ ∘ R₂⁽ʳ⁾ ∘ ⋯‖_F for U_k = Q_k R_k, slot by slot")
def _(A: CP, ord: Any) -> Any:
    if ord != "fro":
        return norm.fallback(A, ord=ord)
    if 0 in (*A.shape, A.rank):
        return 0.0
    _, (first, *others) = orthogonal(A)
    xp, C = namespace(first), first * astype(A.weights, first.dtype)
    *middle, last = others or [xp.ones_like(C[:1, :])]
    for R in middle:
        C = lapack("qr", xp.reshape(C[:, None, :] * R[None, :, :], (C.shape[0] * R.shape[0], A.rank)))[1]
    return norm(C @ last.T, "fro")


@recompress.rule(CP, when=two_slots, says="Q₁ (R₁ W R₂ᵀ) Q₂ᵀ with the inner matrix cut by its singular values")
def _(A: CP, rtol: float, rank: int | None) -> RecompressResult:
    if 0 in (*A.shape, A.rank):
        return RecompressResult(A, 0.0)
    xp, dtype = namespace(A.weights), inexact(A.dtype, A.spec.xp)
    weights = astype(A.weights, dtype)
    if len(A.stacks) == 1:
        total = xp.sum(weights[:, None, None] * A.stacks[0], axis=0)
        return RecompressResult(CP(xp.ones_like(weights[:1]), total[None, ...]), 0.0)
    Qs, Rs = orthogonal(A)
    U, S, Vh = lapack("svd", (Rs[0] * weights) @ Rs[1].T, full_matrices=False)
    count, cost = kept(S, magnitude(S), rtol**2, rank)
    stacks = ((Qs[0] @ U[:, :count]).T, Vh[:count, :] @ Qs[1].T)
    shaped = (xp.reshape(u, (count, m, n)) for u, (m, n) in zip(stacks, A.partition, strict=True))
    return RecompressResult(CP(astype(S[:count], dtype), *shaped), cost**0.5)


@kronecker_terms.rule(CP, when=of_products, says="its terms one by one")
def _(A: CP) -> LinearOperator:
    if not A.rank:
        return Zero(A.shape, A.spec)
    first, *others = A.stacks
    stacks = (A.weights[:, None, None] * first, *others)
    products = [Kronecker(*(Dense(S[r, :, :]) for S in stacks)) for r in range(A.rank)]
    return products[0] if len(products) == 1 else KroneckerTerms(*products)
