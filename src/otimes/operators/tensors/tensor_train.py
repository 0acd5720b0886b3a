"""TensorTrain: an operator on slots as a train of small cores, also called a matrix product operator.

A[i₁ … i_d, j₁ … j_d] = G₁[i₁, j₁] G₂[i₂, j₂] ⋯ G_d[i_d, j_d], a product of r_{k−1} × r_k matrices. A Kronecker product
is the train whose ranks are all 1. Rounding is in `tensor_train_rounding`, conversions in `tensor_train_conversions`.
"""

import functools
import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from otimes.core.algebra import add, conj, matmul, scale, to_dense, transpose, with_known
from otimes.core.array import (
    Array,
    ArraySpec,
    astype,
    common_spec,
    conjugate,
    itemsize,
    namespace,
    promoted,
    rows_of,
    spec_of,
)
from otimes.core.array import zeros as dense_zeros
from otimes.core.checks import MAX_BYTES, as_array, product_text, require_bytes, require_sequence, shape_text
from otimes.core.facts import of_sum
from otimes.core.operator import LinearOperator
from otimes.core.rules import guard
from otimes.core.tensors import matrix_of_slots
from otimes.errors import ShapeError
from otimes.functions.diagonal import diagonal
from otimes.functions.trace import trace
from otimes.operators.scalar_multiple import scaled_facts
from otimes.operators.slots.slots import in_blocks, places, same_slots, square_slots

MULTIPLIED_ENTRIES = 2**22  # of the cores of a product: beyond it the two trains are applied one after the other


class TensorTrain(LinearOperator):
    """The operator of cores G₁, …, G_d of shapes (r_{k−1}, m_k, n_k, r_k), with r₀ = r_d = 1."""

    cores: tuple[Array, ...]

    def __init__(self, *cores: Array):
        _require_train(cores)
        spec = common_spec(*map(spec_of, cores), what="core")
        rows, columns = (math.prod(G.shape[axis] for G in cores) for axis in (1, 2))
        super().__init__((rows, columns), spec, cores=tuple(astype(G, spec.dtype) for G in cores))

    @property
    def partition(self) -> tuple[tuple[int, int], ...]:
        """The shapes (m_k, n_k) of the slots."""
        return tuple((G.shape[1], G.shape[2]) for G in self.cores)

    @property
    def ranks(self) -> tuple[int, ...]:
        """The ranks r₀, …, r_d."""
        return (1, *(G.shape[3] for G in self.cores))

    @property
    def details(self) -> tuple[str, ...]:
        """The slots and ranks, for display."""
        return (product_text(list(self.partition)), f"rank {max(self.ranks)}")

    @property
    def rounding_size(self) -> int:
        """The sum of the larger sides of the unfolded cores, which are what is decomposed."""
        return sum(max(r * m * n, s) for r, m, n, s in (G.shape for G in self.cores))

    def _converted(self, spec: ArraySpec) -> "TensorTrain":
        return TensorTrain(*(astype(G, spec.dtype) for G in self.cores))

    def _matmat(self, X: Array) -> Array:
        """Return A X, core after core, without transposing anything.

        Before core k, Y is (r, n_k, …, n_d, columns, m₁, …, m_{k−1}): each step takes r and n_k away in front and puts
        m_k at the end, once for each next r, so that after the last one the axes stand in order.
        """
        columns = X.shape[1]
        if 0 in (*self.shape, columns):
            return dense_zeros((self.shape[0], columns), common_spec(self.spec, spec_of(X)))
        xp, Y, rest = namespace(X), X, self.shape[1] * columns
        for G in self.cores:
            r, m, n, s = G.shape
            rest //= n
            core = xp.reshape(xp.permute_dims(promoted(G, X), (3, 0, 2, 1)), (s, r * n, m))
            Y, rest = xp.reshape(Y, (1, r * n, rest)).mT @ core, rest * m
        return xp.reshape(Y, (columns, self.shape[0])).T


def tensor_train(cores: Any) -> TensorTrain:
    """Return the operator of a tensor train, also called a matrix product operator.

    A[i₁ … i_d, j₁ … j_d] = G₁[:, i₁, j₁, :] ⋯ G_d[:, i_d, j_d, :], with rows and columns numbered by rows
    (order "C"), as in a Kronecker product. `to_tensor_train` makes one of other operators, `recompress` lowers its
    ranks.

    Parameters
    ----------
    cores : sequence of array_like, (r_{k−1}, m_k, n_k, r_k)
        The first r₀ and the last r_d are 1. TensorLy's `TTMatrix` is such a sequence.

    Returns
    -------
    TensorTrain, (m₁ ⋯ m_d, n₁ ⋯ n_d)
        A product with a vector costs 2 r² n_k operations per entry and core.

    Raises
    ------
    ShapeError
        A core has not four axes, or the ranks of neighbours differ.
    ArrayMixError
        Cores of different array libraries or devices.

    References
    ----------
    Oseledets (2011), Tensor-train decomposition.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> T = ox.tensor_train([np.ones((1, 2, 3, 4)), np.ones((4, 5, 5, 1))])
    >>> T.shape, T.partition, T.ranks
    ((10, 15), ((2, 3), (5, 5)), (1, 4, 1))
    >>> float((T @ np.ones(15))[0])
    60.0
    """
    cores = require_sequence(cores, "the cores of a tensor train")
    return TensorTrain(*(as_array(G, f"core {k} of the tensor train") for k, G in enumerate(cores)))


def _require_train(cores: tuple) -> None:
    """Raise `ShapeError` unless the cores make a train."""
    if not cores:
        raise ShapeError("a tensor train has at least one core; the empty one would be otimes.eye(1)")
    for k, G in enumerate(cores):
        if G.ndim != 4:
            raise ShapeError(
                f"core {k} of the tensor train has shape {shape_text(G.shape)}; "
                "it must have four axes, (rank before, rows, columns, rank after)"
            )
    ranks = [1, *(G.shape[3] for G in cores)]
    for k, (G, rank) in enumerate(zip(cores, ranks, strict=False)):
        if G.shape[0] != rank:
            before = f"core {k - 1} ends with rank {rank}" if k else "a train begins with rank 1"
            raise ShapeError(f"core {k} of the tensor train is {shape_text(G.shape)}, and {before}")
    if ranks[-1] != 1:
        raise ShapeError(f"a train ends with rank 1, and its last core is {shape_text(cores[-1].shape)}")


@guard(f"the slots conform one by one, and the multiplied cores have at most {MULTIPLIED_ENTRIES} entries")
def conforming_slots(S: TensorTrain, T: TensorTrain) -> bool:
    if [n for _, n in S.partition] != [m for m, _ in T.partition]:
        return False
    pairs = zip(S.cores, T.cores, strict=True)
    entries = sum(math.prod((*G.shape[:2], G.shape[3], H.shape[0], *H.shape[2:])) for G, H in pairs)
    return entries <= MULTIPLIED_ENTRIES


@to_dense.rule(TensorTrain, says="A[i, j] = G₁[i₁, j₁] ⋯ G_d[i_d, j_d]", cite="Oseledets2010")
def _(T: TensorTrain) -> Array:
    xp = namespace(T.cores[0])
    parts = [xp.reshape(G, (G.shape[0], G.shape[1] * G.shape[2], G.shape[3])) for G in T.cores]
    return matrix_of_slots(_contracted(parts), T.partition)


def _contracted(parts: list[Array]) -> Array:
    """Return the vector P₁[i₁] ⋯ P_d[i_d] of a train (r, q, s): L M of the first and the last, cut where smallest."""
    ranks, sizes, xp = [P.shape[0] for P in parts], [P.shape[1] for P in parts], namespace(parts[0])
    cut = min(range(len(parts)), key=lambda k: ranks[k] * (math.prod(sizes[:k]) + math.prod(sizes[k:])))
    left = xp.ones((1, 1), dtype=parts[0].dtype, device=spec_of(parts[0]).device)
    right = left
    for P in parts[:cut]:
        r, q, s = P.shape
        left = xp.reshape(left @ xp.reshape(P, (r, q * s)), (left.shape[0] * q, s))
    for P in reversed(parts[cut:]):
        r, q, s = P.shape
        right = xp.reshape(xp.reshape(P, (r * q, s)) @ right, (r, q * right.shape[1]))
    return xp.reshape(left @ right, (math.prod(sizes),))


@transpose.rule(TensorTrain, says="the core of Aᵀ is Gₖ[iₖ, jₖ] with iₖ, jₖ exchanged", cite="Oseledets2010")
def _(T: TensorTrain) -> TensorTrain:
    return TensorTrain(*(namespace(G).permute_dims(G, (0, 2, 1, 3)) for G in T.cores))


@conj.rule(TensorTrain, says="the cores of conj(A) are conj(Gₖ)")
def _(T: TensorTrain) -> TensorTrain:
    return TensorTrain(*map(conjugate, T.cores))


@scale.rule(TensorTrain, says="c A has the cores c G₁, G₂, …")
def _(T: TensorTrain, c: Any) -> LinearOperator:
    return with_known(TensorTrain(c * T.cores[0], *T.cores[1:]), scaled_facts(c, T))


@add.rule(TensorTrain, TensorTrain, when=same_slots, says="ranks add: A + B has blocks of both", cite="Oseledets2011")
def _(S: TensorTrain, T: TensorTrain) -> LinearOperator:
    return with_known(_sum(S, T), of_sum([S.facts, T.facts]))


def _sum(S: TensorTrain, T: TensorTrain) -> TensorTrain:
    if len(S.cores) == 1:
        return TensorTrain(S.cores[0] + T.cores[0])
    concat, spec = namespace(S.cores[0]).concat, common_spec(S.spec, T.spec, what="term")
    cores, last = [], len(S.cores) - 1
    for k, (G, H) in enumerate(_pairs(S, T, spec)):
        if k in (0, last):
            cores.append(concat([G, H], axis=0 if k else 3))
            continue
        beside, below = ((r, *G.shape[1:3], s) for r, s in ((G.shape[0], H.shape[3]), (H.shape[0], G.shape[3])))
        upper = concat([G, dense_zeros(beside, spec)], axis=3)
        cores.append(concat([upper, concat([dense_zeros(below, spec), H], axis=3)], axis=0))
    return TensorTrain(*cores)


@matmul.rule(
    TensorTrain,
    TensorTrain,
    when=conforming_slots,
    says="ranks multiply: Σₗ G[i, l] ⊗ H[l, j]",
    cite="Oseledets2010",
)
def _(S: TensorTrain, T: TensorTrain) -> TensorTrain:
    pairs = _pairs(S, T, common_spec(S.spec, T.spec, what="factor"))
    return TensorTrain(*(_multiplied(G, H) for G, H in pairs))


def _pairs(S: TensorTrain, T: TensorTrain, spec: ArraySpec) -> Iterator[tuple[Array, Array]]:
    """Yield the cores of two trains slot by slot, in the dtype of the spec."""
    for G, H in zip(S.cores, T.cores, strict=True):
        yield astype(G, spec.dtype), astype(H, spec.dtype)


def _multiplied(G: Array, H: Array) -> Array:
    """Return Σₗ G[a, i, l, b] H[c, l, j, d] as a core ((a c), i, j, (b d))."""
    (a, i, inner, b), (c, _, j, d), xp = G.shape, H.shape, namespace(G)
    left = xp.reshape(xp.permute_dims(G, (0, 1, 3, 2)), (a * i * b, inner))
    right = xp.reshape(xp.permute_dims(H, (1, 0, 2, 3)), (inner, c * j * d))
    product = xp.reshape(left @ right, (a, i, b, c, j, d))
    return xp.reshape(xp.permute_dims(product, (0, 3, 1, 4, 2, 5)), (a * c, i, j, b * d))


@trace.rule(TensorTrain, when=square_slots, says="tr A = Πₖ Σᵢ Gₖ[i, i]", cite="Oseledets2010")
def _(T: TensorTrain) -> Any:
    xp = namespace(T.cores[0])
    sums = (xp.linalg.trace(xp.permute_dims(G, (0, 3, 1, 2))) for G in T.cores)
    return functools.reduce(lambda v, M: v @ M, sums)[0, 0]


@diagonal.rule(TensorTrain, when=square_slots, says="diag(A)[i] = G₁[i₁, i₁] ⋯ G_d[i_d, i_d]", cite="Oseledets2010")
def _(T: TensorTrain) -> Array:
    _require_listed(T)
    xp = namespace(T.cores[0])
    diagonals = (xp.linalg.diagonal(xp.permute_dims(G, (0, 3, 1, 2))) for G in T.cores)
    return _contracted([xp.permute_dims(d, (0, 2, 1)) for d in diagonals])


@diagonal.rule(TensorTrain, when=~square_slots, says="G₁[i₁, j₁] ⋯ G_d[i_d, j_d], r split by rows, columns")
def _(T: TensorTrain) -> Array:
    _require_listed(T)
    return entries_at(T, *[np.arange(min(T.shape))] * 2) if min(T.shape) else dense_zeros((0,), T.spec)


def entries_at(T: TensorTrain, rows: np.ndarray, columns: np.ndarray) -> Array:
    """Return A[rows, columns] for index arrays of one length, block by block of them."""
    return in_blocks(functools.partial(_gathered, T), rows, columns, max(G.shape[0] * G.shape[3] for G in T.cores))


def _gathered(T: TensorTrain, rows: np.ndarray, columns: np.ndarray) -> Array:
    xp = namespace(T.cores[0])
    Y = xp.ones((len(rows), 1, 1), dtype=T.dtype, device=T.spec.device)
    for G, (i, j) in zip(T.cores, places(T, rows, columns), strict=True):
        r, m, n, s = G.shape
        Y = Y @ rows_of(xp.reshape(xp.permute_dims(G, (1, 2, 0, 3)), (m * n, r, s)), i * n + j)
    return Y[:, 0, 0]


def _require_listed(T: TensorTrain) -> None:
    require_bytes((min(T.shape),), itemsize(T.dtype), MAX_BYTES, "the diagonal", "trace(A) needs no array")
