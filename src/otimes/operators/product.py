"""Product: A₁ A₂ ⋯ A_N, applied from the right."""

import functools
from typing import Any

import numpy as np

from otimes.core.algebra import conj, matmul, to_dense, transpose
from otimes.core.array import Array, astype, eye, namespace, zeros
from otimes.core.facts import every
from otimes.core.indexing import entries, submatrix
from otimes.core.operator import LinearOperator, gathered
from otimes.core.rules import guard, note, unrecorded
from otimes.functions.inv import inv
from otimes.functions.plan import plan
from otimes.functions.slogdet import SlogdetResult, slogdet
from otimes.functions.solve import solve
from otimes.kernels.chain import Link, Order, cheapest_order, order_text, right_to_left
from otimes.operators.dense import Dense

FORMED_ENTRIES = 2**22  # of an intermediate array while a product is formed, column by column if need be


class Product(LinearOperator):
    """A lazy product of operators whose sizes conform; `A @ B` makes it where no identity applies."""

    factors: tuple[LinearOperator, ...]

    def __init__(self, *factors: LinearOperator):
        factors, spec = gathered(factors, "factor")
        super().__init__(
            (factors[0].shape[0], factors[-1].shape[1]),
            spec,
            every((F.facts for F in factors), "unitary", "lower_triangular", "upper_triangular"),
            factors=factors,
        )

    @property
    def children(self) -> tuple[LinearOperator, ...]:
        """The factors."""
        return self.factors

    def _rebuilt(self, children: tuple[LinearOperator, ...]) -> "Product":
        return Product(*children)

    def _matmat(self, X: Array) -> Array:
        if X.shape[1] <= min(min(F.shape) for F in self.factors):  # nothing is cheaper than one after another
            return functools.reduce(lambda Y, F: F._matmat(Y), reversed(self.factors), X)
        chain = links(self, X.shape[1])
        _, order = cheapest_order(chain)
        note(lambda: order_of(chain))
        return _multiplied(order, (*self.factors, X), X.dtype)


def links(A: Product, columns: int) -> tuple[Link, ...]:
    """Return what the planner of chains sees of the factors and of X, with this many columns."""
    with unrecorded():
        ours = [Link(*F.shape, isinstance(F, Dense), plan(F, 1).flops) for F in A.factors]
    return (*ours, Link(A.shape[1], columns, True, 0))


def order_of(chain: tuple[Link, ...]) -> str:
    """Return how a chain is multiplied whose last link is an array, and what that takes."""
    cost, order = cheapest_order(chain)
    text = order_text(order, [*(f"A{i}" for i in range(1, len(chain))), "X"])
    if order == right_to_left(len(chain)):
        return f"the factors one after another, {text}"
    plain = sum(link.flops for link in chain[:-1]) * chain[-1].columns
    return f"re-associated by flops, {text}: {cost:,} flops against {plain:,} one after another"


def _multiplied(order: Order, items: tuple[Any, ...], dtype: Any) -> Any:
    """Return the product of operators and arrays in this order; arrays take the dtype of the result first."""
    if isinstance(order, int):
        item = items[order]
        return astype(item.array, dtype) if isinstance(item, Dense) else item
    left, right = (_multiplied(part, items, dtype) for part in order)
    if isinstance(left, LinearOperator):
        return left._matmat(right)
    return transpose(right)._matmat(left.mT).mT if isinstance(right, LinearOperator) else left @ right


@guard("every factor of the product is square")
def square_links(A: Product) -> bool:
    return all(F.square for F in A.factors)


@matmul.rule(LinearOperator, LinearOperator, says="A B, kept as a product")
def _(A: LinearOperator, B: LinearOperator) -> LinearOperator:
    left = A.factors if isinstance(A, Product) else (A,)
    right = B.factors if isinstance(B, Product) else (B,)
    product = Product(A, B) if len(left) == len(right) == 1 else _joined(left, right)
    note(lambda: _order_to_come(product))
    return product


def _order_to_come(A: LinearOperator) -> str:
    """Return in which order a product will be multiplied, or when that is decided; nothing if there is one only."""
    if not isinstance(A, Product) or not any(isinstance(F, Dense) for F in A.factors):
        return ""
    if not isinstance(A.factors[-1], Dense):
        return "the order is chosen by flops for each X, see otimes.plan(A, columns)"
    if len(A.factors) == 2:
        return ""
    return order_of(links(Product(*A.factors[:-1]), A.shape[1]))


def _joined(left: tuple, right: tuple) -> LinearOperator:
    """Return the product of two chains, with the two operators that meet multiplied if a rule does it."""
    meeting = matmul(left[-1], right[0])
    factors = meeting.factors if isinstance(meeting, Product) else (meeting,)
    if [*map(type, factors)] == [type(left[-1]), type(right[0])]:  # no rule did
        return Product(*left, *right)
    chain = [*left[:-1], *factors, *right[1:]]
    return functools.reduce(matmul, chain) if len(chain) < 3 else Product(*chain)


@to_dense.rule(Product, says="A B, multiplied out")
def _(A: Product) -> Array:
    tallest = max(F.shape[0] for F in A.factors)
    step = max(1, FORMED_ENTRIES // max(tallest, 1))
    *rest, last = A.factors
    if isinstance(last, Dense):
        A, X = Product(*rest), astype(last.array, A.dtype)
    else:
        X = eye(A.shape[1], A.spec)
    blocks = [A._matmat(X[:, j : min(j + step, X.shape[1])]) for j in range(0, X.shape[1], step)]
    return namespace(X).concat(blocks, axis=1) if blocks else zeros((A.shape[0], 0), A.spec)


@guard("some link of the chain is thinner than the product")
def thin_link(A: Product) -> bool:
    return min(F.shape[0] for F in A.factors[1:]) < min(A.shape)


@entries.rule(Product, when=thin_link, says="(U V)ᵢⱼ = Σₖ Uᵢₖ Vₖⱼ over the thinnest link")
def _(A: Product, rows: np.ndarray, columns: np.ndarray) -> Array:
    cut = min(range(1, len(A.factors)), key=lambda k: A.factors[k].shape[0])
    left, right = (part[0] if len(part) == 1 else Product(*part) for part in (A.factors[:cut], A.factors[cut:]))
    U, V = to_dense(submatrix(left, rows)), to_dense(submatrix(right, slice(None), columns)).mT
    return namespace(U).sum(U * V, axis=1, dtype=U.dtype)


@transpose.rule(Product, says="(A B)ᵀ = Bᵀ Aᵀ")
def _(A: Product) -> LinearOperator:
    return Product(*map(transpose, reversed(A.factors)))


@conj.rule(Product, says="conj(A B) = conj(A) conj(B)")
def _(A: Product) -> LinearOperator:
    return Product(*map(conj, A.factors))


@inv.rule(Product, when=square_links, says="(A B)⁻¹ = B⁻¹ A⁻¹")
def _(A: Product) -> LinearOperator:
    return functools.reduce(matmul, map(inv, reversed(A.factors)))


@solve.rule(Product, when=square_links, says="(A B)⁻¹ X = B⁻¹ (A⁻¹ X)")
def _(A: Product, B: Array) -> Array:
    return functools.reduce(lambda X, F: solve(F, X), A.factors, B)


@slogdet.rule(Product, when=square_links, says="det(A B) = det(A) det(B)")
def _(A: Product) -> SlogdetResult:
    signs, logs = zip(*map(slogdet, A.factors), strict=True)
    return SlogdetResult(functools.reduce(lambda s, t: s * t, signs), functools.reduce(lambda s, t: s + t, logs))
