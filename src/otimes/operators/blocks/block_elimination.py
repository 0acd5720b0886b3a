"""Systems, determinants and inverses of a matrix of blocks: by substitution if it is triangular, else by elimination.

[A, B; C, D] is eliminated by its Schur complement S = D − C A⁻¹ B. A is the larger of the two diagonal blocks, or the
other one if that is singular. If both are, though the whole is not, small matrices are formed and large ones refused;
small ones are formed too where elimination, which exchanges no rows, would lose digits.
"""

import functools
import operator
from collections.abc import Callable
from typing import Any, NamedTuple

from otimes.core.algebra import add, matmul, scale
from otimes.core.array import Array, namespace
from otimes.core.operator import LinearOperator
from otimes.core.rules import Function, guard
from otimes.core.values import concatenated
from otimes.functions.eigvals import eigvals
from otimes.functions.inv import inv
from otimes.functions.norm import norm
from otimes.functions.slogdet import SlogdetResult, slogdet
from otimes.functions.solve import solve
from otimes.operators.blocks.block import Block, block
from otimes.operators.blocks.block_algebra import square_partition
from otimes.operators.blocks.block_diagonal import cut
from otimes.operators.blocks.elimination import first_of, refined, remainder, solved
from otimes.operators.kronecker.kronecker import each
from otimes.operators.zero import Zero


def _substitution_order(K: Block) -> list[int] | None:
    """Return the order in which unknowns follow from those before, down or up; None if neither does."""
    down = list(range(len(K.row_sizes)))
    for order in (down, down[::-1]):
        if all(isinstance(K.rows[i][j], Zero) for place, i in enumerate(order) for j in order[place + 1 :]):
            return order
    return None


@guard("rows and columns are cut at the same places, and the blocks on one side of the diagonal are zeros")
def block_triangular(K: Block) -> bool:
    return square_partition(K) and _substitution_order(K) is not None


@guard("rows and columns are cut at the same places, on both sides of the diagonal are blocks that are not zeros")
def block_full(K: Block) -> bool:
    return square_partition(K) and not block_triangular(K)


def _diagonal_blocks(K: Block) -> tuple[LinearOperator, ...]:
    return tuple(row[i] for i, row in enumerate(K.rows))


@solve.rule(Block, when=block_triangular, says="xᵢ = Aᵢᵢ⁻¹ (bᵢ − Σⱼ Aᵢⱼ xⱼ)", cite="GolubVanLoan2013")
def _(K: Block, B: Array) -> Array:
    sides = cut(B, K.row_sizes)
    found: dict[int, Array] = {}
    for i in _substitution_order(K) or ():
        for j in found:
            if not isinstance(K.rows[i][j], Zero):
                sides[i] = sides[i] - K.rows[i][j] @ found[j]
        found[i] = solve(K.rows[i][i], sides[i])
    return namespace(B).concat([found[i] for i in sorted(found)])


@slogdet.rule(Block, when=block_triangular, says="det [A, B; 0, D] = det(A) det(D)", cite="GolubVanLoan2013")
def _(K: Block) -> SlogdetResult:
    return _product(each(slogdet, _diagonal_blocks(K), what="diagonal block"))


@eigvals.rule(Block, when=block_triangular, says="λ([A, B; 0, D]) = λ(A) ∪ λ(D)", cite="GolubVanLoan2013")
def _(K: Block) -> Any:
    return concatenated(each(eigvals, _diagonal_blocks(K), what="diagonal block"))


@inv.rule(Block, when=block_triangular, says="[A, B; 0, D]⁻¹ = [A⁻¹, −A⁻¹ B D⁻¹; 0, D⁻¹]", cite="GolubVanLoan2013")
def _(K: Block) -> LinearOperator:
    inverses = each(inv, _diagonal_blocks(K), what="diagonal block")
    rows: dict[int, dict[int, LinearOperator]] = {}
    for i in _substitution_order(K) or ():
        done = list(rows)
        rows[i] = {i: inverses[i]}
        for j in done:
            terms = [
                matmul(K.rows[i][k], rows[k][j]) for k in done if j in rows[k] and not isinstance(K.rows[i][k], Zero)
            ]
            if terms:
                rows[i][j] = scale(matmul(inverses[i], functools.reduce(add, terms)), -1)
    return block([[rows[i].get(j) for j in sorted(rows)] for i in sorted(rows)])


class _Quarters(NamedTuple):
    """[A, B; C, D], or [D, C; B, A] of it where `turned`."""

    A: LinearOperator
    B: LinearOperator
    C: LinearOperator
    D: LinearOperator
    turned: bool

    def split(self, X: Array) -> list[Array]:
        """Return the rows of X that belong to A and to D."""
        if not self.turned:
            return cut(X, (self.A.shape[0], self.D.shape[0]))
        return cut(X, (self.D.shape[0], self.A.shape[0]))[::-1]

    def join(self, *parts: Any) -> list:
        """Return the parts that belong to A and to D in the order of the whole."""
        return [*parts[::-1]] if self.turned else [*parts]


def _quarters(K: Block) -> list[_Quarters]:
    """Return the matrix as two by two blocks, seen from either corner, the larger block to eliminate first."""
    (A, *right), *below = K.rows
    B, C, D = block([right]), block([row[:1] for row in below]), block([row[1:] for row in below])
    seen = [_Quarters(A, B, C, D, False), _Quarters(D, C, B, A, True)]
    return sorted(seen, key=lambda quarters: -quarters.A.shape[0])


def _eliminated(function: Function, K: Block, use: Callable[[_Quarters], Any], **options: Any) -> Any:
    """Return `use` of the first quarters whose A is regular to working precision, and rules suffice for the rest."""
    ways = (functools.partial(use, quarters) for quarters in _quarters(K) if not isinstance(quarters.A, Zero))
    return first_of(ways, function, K, **options)


def _complement(K: Block, quarters: _Quarters) -> tuple[LinearOperator, LinearOperator]:
    """Return A⁻¹ B and the Schur complement S = D − C A⁻¹ B, formed if it is small."""
    A, B, C, D, _ = quarters
    Y = solved(A, B)
    return Y, remainder(add(D, scale(matmul(C, Y), -1)), K, lambda: norm(K))


@solve.rule(Block, when=block_full, says="x₂ = S⁻¹ (b₂ − C A⁻¹ b₁), x₁ = A⁻¹ (b₁ − B x₂)", cite="GolubVanLoan2013")
def _(K: Block, B: Array) -> Array:
    def use(quarters: _Quarters) -> Array:
        Y, S = _complement(K, quarters)

        def once(b: Array) -> Array:
            first, second = quarters.split(b)
            y = solve(quarters.A, first)
            x = solve(S, second - quarters.C @ y)
            return namespace(b).concat(quarters.join(y - Y @ x, x))

        return refined(once, K, B)

    return _eliminated(solve, K, use, B=B)


@slogdet.rule(Block, when=block_full, says="det [A, B; C, D] = det(A) det(D − C A⁻¹ B)", cite="GolubVanLoan2013")
def _(K: Block) -> SlogdetResult:
    def use(quarters: _Quarters) -> SlogdetResult:
        _, S = _complement(K, quarters)
        return _product([slogdet(quarters.A), slogdet(S)])

    return _eliminated(slogdet, K, use)


@inv.rule(
    Block,
    when=block_full,
    says="[A, B; C, D]⁻¹ = [A⁻¹ + Y S⁻¹ Z, −Y S⁻¹; −S⁻¹ Z, S⁻¹] with Y = A⁻¹ B, Z = C A⁻¹",
    cite="GolubVanLoan2013",
)
def _(K: Block) -> LinearOperator:
    def use(quarters: _Quarters) -> LinearOperator:
        Y, S = _complement(K, quarters)
        A, T = inv(quarters.A), inv(S)
        Z = matmul(quarters.C, A)
        right, below = scale(matmul(Y, T), -1), scale(matmul(T, Z), -1)
        first, second = (add(A, scale(matmul(Y, below), -1)), right), (below, T)
        return block([quarters.join(*row) for row in quarters.join(first, second)])

    return _eliminated(inv, K, use)


def _product(parts: list[SlogdetResult]) -> SlogdetResult:
    """Return the sign and logarithm of a product of determinants."""
    signs, logs = zip(*parts, strict=True)
    return SlogdetResult(functools.reduce(operator.mul, signs), functools.reduce(operator.add, logs))
