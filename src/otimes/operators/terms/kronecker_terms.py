"""KroneckerTerms: Σ_r F₁⁽ʳ⁾ ⊗ … ⊗ F_N⁽ʳ⁾, the normal form of sums of Kronecker products.

The exact solvers of such sums are in `kronecker_terms_spectra` and `kronecker_terms_schur`, the
conversions from arrays and between partitions in `kronecker_terms_construct`.
Throughout, all terms have one partition: slot i holds factors mᵢ × nᵢ.
"""

import functools
import itertools
from collections.abc import Callable, Iterable
from typing import Any

from otimes.core.algebra import add, conj, matmul, scale, transpose, with_known
from otimes.core.array import conjugate, is_array, is_integral
from otimes.core.facts import of_sum
from otimes.core.operator import LinearOperator, gathered
from otimes.core.rules import guard
from otimes.operators.identity import Identity
from otimes.operators.kronecker.kronecker import Kronecker, fused_is_cheaper, one_factor_differs
from otimes.operators.kronecker.same import same, unified
from otimes.operators.scalar_multiple import ScalarMultiple, scaled_facts
from otimes.operators.sum import Sum

Partition = tuple[tuple[int, int], ...]


class KroneckerTerms(Sum):
    """Σ_r F₁⁽ʳ⁾ ⊗ … ⊗ F_N⁽ʳ⁾, every term with factors of the same shapes.

    `kron(A, B) + kron(C, D)` makes it, and `kron_terms` makes it of arrays. The terms are `Kronecker` products or
    multiples of such. Factors that hold equal NumPy arrays are kept as one object, so that what is the same in several
    terms is known to be.
    """

    def __init__(self, *terms: LinearOperator):
        terms, spec = gathered(terms, "term")
        products: list[Any] = [bare(t) if spec.weak else bare(t).with_spec(spec) for t in terms]
        places = iter(unified(F for P in products for F in P.factors))
        factors = [tuple(itertools.islice(places, len(P.factors))) for P in products]
        if any(
            F is not G for t, row in zip(terms, factors, strict=True) for F, G in zip(bare(t).factors, row, strict=True)
        ):
            terms = tuple(
                scale(Kronecker(*row), scalar_of(t)).with_facts(t.facts) for row, t in zip(factors, terms, strict=True)
            )
        super().__init__(*terms)

    @property
    def partition(self) -> Partition:
        """The shapes ((m₁, n₁), …, (m_N, n_N)) of the factors of every term."""
        return partition_of(self.products[0])

    @property
    def products(self) -> tuple[Kronecker, ...]:
        """The Kronecker products, without their scalars."""
        return tuple(map(bare, self.terms))

    @property
    def scalars(self) -> tuple[Any, ...]:
        """The scalar before each product."""
        return tuple(map(scalar_of, self.terms))

    def slot(self, i: int) -> tuple[LinearOperator, ...]:
        """Return the factors that stand in slot i, one for each term."""
        return tuple(product.factors[i] for product in self.products)

    def _rebuilt(self, children: tuple[LinearOperator, ...]) -> "KroneckerTerms":
        return KroneckerTerms(*children)


def bare(term: Any) -> Kronecker:
    """Return the Kronecker product of a term without its scalar."""
    product: Any = term.operator if isinstance(term, ScalarMultiple) else term
    return product


def scalar_of(term: LinearOperator) -> Any:
    """Return the scalar before the product of a term."""
    return term.scalar if isinstance(term, ScalarMultiple) else 1


def partition_of(K: Kronecker) -> Partition:
    """Return the shapes of the factors."""
    return tuple(F.shape for F in K.factors)


def term(factors: Iterable[LinearOperator], *scalars: Any) -> LinearOperator:
    """Return the product of the factors, with their scalars and these in front; slots stay as they are."""
    factors = tuple(factors)
    inner = [F.scalar for F in factors if isinstance(F, ScalarMultiple)]
    product = Kronecker(*(F.operator if isinstance(F, ScalarMultiple) else F for F in factors))
    return functools.reduce(scale, [*inner, *scalars], product)


def terms_of(A: LinearOperator) -> tuple[LinearOperator, ...]:
    """Return the terms of a sum of Kronecker products, of a single product or of a multiple of it; else none."""
    if isinstance(A, KroneckerTerms):
        return A.terms
    return (A,) if isinstance(bare(A), Kronecker) else ()


def once(function: Callable[..., LinearOperator]) -> Callable[..., LinearOperator]:
    """Return the function as one that remembers its results, so that factors that are one object stay one."""
    results: dict[tuple[int, ...], LinearOperator] = {}

    def call(*operands: LinearOperator) -> LinearOperator:
        key = tuple(map(id, operands))
        if key not in results:
            results[key] = function(*operands)
        return results[key]

    return call


def mapped(K: KroneckerTerms, function: Callable[[LinearOperator], LinearOperator]) -> list[Kronecker]:
    """Return the products with a function of their factors."""
    image = once(function)
    return [Kronecker(*map(image, product.factors)) for product in K.products]


def common_partition(terms: Iterable[LinearOperator]) -> Partition | None:
    """Return the one partition to which all terms can be brought by splitting identities only, or None."""
    partitions = {partition_of(bare(t)) for t in terms}
    if len(partitions) == 1:
        return partitions.pop()
    if any(0 in shape or shape == (1, 1) for partition in partitions for shape in partition):
        return None  # their places in the product are not told apart by the sizes before them
    cuts = sorted({cut for partition in partitions for cut in _cuts(partition)})
    return tuple((m // below_m, n // below_n) for (below_m, below_n), (m, n) in itertools.pairwise([(1, 1), *cuts]))


def _cuts(partition: Partition) -> list[tuple[int, int]]:
    """Return the rows and columns of the product of the first 1, 2, … factors."""
    return list(itertools.accumulate(partition, lambda a, b: (a[0] * b[0], a[1] * b[1])))


def _refined(product: Kronecker, partition: Partition) -> Kronecker | None:
    """Return the product with identities split so that it has this partition, or None."""
    if partition_of(product) == partition:
        return product
    shapes, factors = list(partition), []
    for F in product.factors:
        rows, columns, taken = 1, 1, list[tuple[int, int]]()
        while shapes and (rows, columns) != F.shape:
            m, n = shapes.pop(0)
            rows, columns, taken = rows * m, columns * n, [*taken, (m, n)]
        if taken == [F.shape]:
            factors.append(F)
        elif isinstance(F, Identity) and rows == F.shape[0] and all(m == n for m, n in taken):
            factors += [Identity(m, F.spec) for m, _ in taken]
        else:
            return None
    return None if shapes else Kronecker(*factors)


def aligned(*terms: LinearOperator) -> list[LinearOperator] | None:
    """Return the terms in one partition, identities split where that makes it one; None where it does not."""
    partition = common_partition(terms)
    refined = [_refined(bare(t), partition) for t in terms] if partition else [None]
    if None in refined:
        return None
    return [scale(P, scalar_of(t)) for P, t in zip(refined, terms, strict=True)]


def joined(terms: Iterable[LinearOperator]) -> LinearOperator:
    """Return the sum of terms of one partition; those that differ in no factor, or in one, are taken together."""
    kept: list[LinearOperator] = []
    for new in terms:
        for i, old in enumerate(kept):
            if (merged := _merged(old, new)) is not None:
                kept[i] = merged
                break
        else:
            kept.append(new)
    return kept[0] if len(kept) == 1 else KroneckerTerms(*kept)


def _merged(A: LinearOperator, B: LinearOperator) -> LinearOperator | None:
    """Return the sum of two terms as one, or None where it takes two."""
    K, L = bare(A), bare(B)
    pairs = list(zip(K.factors, L.factors, strict=True))
    differing = list(itertools.islice((i for i, (F, G) in enumerate(pairs) if not same(F, G)), 2))
    if not differing:
        return _multiple(K, scalar_of(A), scalar_of(B))
    if len(differing) != 1 or A is not K or B is not L:
        return None
    return term(add(F, G) if i in differing else F for i, (F, G) in enumerate(pairs))


def _multiple(K: Kronecker, c: Any, d: Any) -> LinearOperator | None:
    """Return (c + d) K; None for integers, whose multiples may wrap, for scalars that are arrays, and for c + d = 0."""
    if is_integral(K.spec.dtype) or is_array(c) or is_array(d) or c + d == 0:
        return None
    return scale(K, c + d)


@guard("both are sums of Kronecker products of one partition, which splits identities only")
def of_one_partition(A: LinearOperator, B: LinearOperator) -> bool:
    terms = (*terms_of(A), *terms_of(B))
    return bool(terms_of(A) and terms_of(B)) and aligned(*terms) is not None


@guard("all inner sizes conform, slot by slot, and the product has no more terms and takes no more flops than both")
def multiplied_is_cheaper(A: LinearOperator, B: LinearOperator) -> bool:
    left, right = [[bare(t) for t in terms_of(X)] for X in (A, B)]
    return len(left) * len(right) <= len(left) + len(right) and all(
        fused_is_cheaper(K, L) for K, L in itertools.product(left, right)
    )


def _sum(A: LinearOperator, B: LinearOperator) -> LinearOperator:
    total = joined(aligned(*terms_of(A), *terms_of(B)) or ())
    return with_known(total, of_sum([A.facts, B.facts]))


for left, right in itertools.product((KroneckerTerms, Kronecker, ScalarMultiple), repeat=2):
    pair = (left, right) == (Kronecker, Kronecker)
    add.rule(
        left, right, when=of_one_partition & ~one_factor_differs if pair else of_one_partition, says="Σ A ⊗ B + Σ C ⊗ D"
    )(_sum)


@scale.rule(KroneckerTerms, says="c Σ A ⊗ B = Σ (c A) ⊗ B")
def _(K: KroneckerTerms, c: Any) -> LinearOperator:
    return with_known(KroneckerTerms(*(scale(t, c) for t in K.terms)), scaled_facts(c, K))


@transpose.rule(KroneckerTerms, says="(Σ A ⊗ B)ᵀ = Σ Aᵀ ⊗ Bᵀ", cite="VanLoan2000")
def _(K: KroneckerTerms) -> LinearOperator:
    return KroneckerTerms(*map(scale, mapped(K, transpose), K.scalars))


@conj.rule(KroneckerTerms, says="conj(Σ A ⊗ B) = Σ conj(A) ⊗ conj(B)")
def _(K: KroneckerTerms) -> LinearOperator:
    return KroneckerTerms(*map(scale, mapped(K, conj), map(conjugate, K.scalars)))


@matmul.rule(KroneckerTerms, KroneckerTerms, when=multiplied_is_cheaper, says="Σ A ⊗ B · Σ C ⊗ D = Σ Σ AC ⊗ BD")
@matmul.rule(KroneckerTerms, Kronecker, when=multiplied_is_cheaper, says="(Σ A ⊗ B)(C ⊗ D) = Σ AC ⊗ BD")
@matmul.rule(Kronecker, KroneckerTerms, when=multiplied_is_cheaper, says="(A ⊗ B) Σ C ⊗ D = Σ AC ⊗ BD")
def _(A: LinearOperator, B: LinearOperator) -> LinearOperator:
    multiply = once(matmul)
    return joined(
        term(map(multiply, bare(s).factors, bare(t).factors), scalar_of(s), scalar_of(t))
        for s, t in itertools.product(terms_of(A), terms_of(B))
    )
