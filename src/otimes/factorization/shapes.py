"""Which shapes the factors of a matrix may have."""

import math
import operator
from collections import Counter
from collections.abc import Iterator
from typing import Any

from otimes.core.checks import product_text, require_size, shape_text
from otimes.errors import ShapeError

Shape = tuple[int, int]
Shapes = tuple[Shape, ...]

MOST_SHAPES = 100_000


def divisors(n: int) -> list[int]:
    """Return the divisors of n, ascending."""
    low = [d for d in range(1, math.isqrt(n) + 1) if n % d == 0]
    return low + [n // d for d in reversed(low) if d * d != n]


def admissible_shapes(shape: Shape, *, factors: int = 2) -> list[Shapes]:
    """Return the shapes of every so many factors that multiply to m × n, save those with a 1 × 1 factor.

    Parameters
    ----------
    shape : (m, n)
        Shape of the matrix.
    factors : int
        Number of factors, at least two.

    Returns
    -------
    list of ((m₁, n₁), (m₂, n₂), …)

    Raises
    ------
    ShapeError
        There is none, as for a vector of prime length, or there are more than 100,000.

    Examples
    --------
    >>> from otimes.factorization import admissible_shapes
    >>> admissible_shapes((4, 3))
    [((1, 3), (4, 1)), ((2, 1), (2, 3)), ((2, 3), (2, 1)), ((4, 1), (1, 3))]
    >>> admissible_shapes((4, 3), factors=3)
    [((1, 3), (2, 1), (2, 1)), ((2, 1), (1, 3), (2, 1)), ((2, 1), (2, 1), (1, 3))]
    """
    if require_size(factors, "factors") < 2:
        raise ShapeError(f"factors={factors}: a Kronecker product has at least two")
    m, n = shape
    count = _ordered_count(m, factors) * _ordered_count(n, factors)
    if count > MOST_SHAPES:
        raise ShapeError(
            f"{factors} factors of a {shape_text(shape)} matrix may have {count:,} shapes, and more than "
            f"{MOST_SHAPES:,} are not compared: find two factors first, and then those of each"
        )
    columns = list(ordered_products(n, factors))
    every = (tuple(zip(a, b, strict=True)) for a in ordered_products(m, factors) for b in columns)
    admissible = [shapes for shapes in every if (1, 1) not in shapes]
    if not admissible:
        number = "two" if factors == 2 else factors
        raise ShapeError(
            f"a {shape_text(shape)} matrix has no {number} factors but the trivial ones with 1×1 "
            f"({factorization(m)}; {factorization(n)}); pad it, or leave some of it out, so that a size is composite"
        )
    return admissible


def ordered_products(n: int, count: int) -> Iterator[tuple[int, ...]]:
    """Yield every tuple of so many integers ≥ 1 that multiply to n, in lexicographic order."""
    if count == 1:
        yield (n,)
        return
    for d in divisors(n):
        yield from ((d, *rest) for rest in ordered_products(n // d, count - 1))


def _ordered_count(n: int, count: int) -> int:
    """Return how many `ordered_products` there are: each prime power is spread over the places."""
    powers = Counter(prime_factors(n)).values()
    return math.prod(math.comb(power + count - 1, count - 1) for power in powers)


def require_shapes(shapes: Any, shape: tuple[int, ...]) -> Shapes:
    """Return `shapes` as ((m₁, n₁), (m₂, n₂), …), or raise `ShapeError` if they do not multiply to `shape`."""
    try:
        found = tuple((_size(a), _size(b)) for a, b in shapes)
    except (TypeError, ValueError) as error:
        raise _no_shapes(shapes) from error
    if len(found) < 2:
        raise _no_shapes(shapes)
    wrong = [
        f"{size} {axis}s are not {'·'.join(map(str, sizes))} = {math.prod(sizes)} ({_splits(size, axis, len(sizes))})"
        for axis, sizes, size in zip(("row", "column"), zip(*found, strict=True), shape, strict=True)
        if math.prod(sizes) != size
    ]
    if wrong:
        raise ShapeError(f"{product_text(list(found))} is not {shape_text(shape)}: {'; '.join(wrong)}")
    return found


def require_pair(shapes: Any, shape: tuple[int, ...]) -> Shapes:
    """Return `shapes` as ((m₁, n₁), (m₂, n₂)), or raise `ShapeError`."""
    pair = require_shapes(shapes, shape)
    if len(pair) > 2:
        raise ShapeError(f"shapes of two factors are needed here, and {product_text(list(pair))} are {len(pair)}")
    return pair


def _no_shapes(shapes: Any) -> ShapeError:
    return ShapeError(
        f"shapes must be two or more pairs of positive integers ((m1, n1), (m2, n2), …), not {shapes!r:.200}"
    )


def _size(value: Any) -> int:
    size = operator.index(value)
    if size < 1 or isinstance(value, bool):
        raise ValueError
    return size


def _splits(n: int, axis: str, count: int) -> str:
    """Return '1813 = 7·7·37', for two factors with '; row splits 1·1813, 7·259, 37·49, …'."""
    pairs = ", ".join(f"{d}·{n // d}" for d in divisors(n))
    return f"{factorization(n)}; {axis} splits {pairs}" if count == 2 else factorization(n)


def factorization(n: int) -> str:
    """Return '1813 = 7·7·37', or '37 is prime'."""
    primes = list(prime_factors(n))
    if n == 1:
        return "1"
    return f"{n} is prime" if len(primes) == 1 else f"{n} = {'·'.join(map(str, primes))}"


def prime_factors(n: int) -> Iterator[int]:
    """Yield the prime factors of n, ascending, each as often as it divides n."""
    p = 2
    while p * p <= n:
        while n % p == 0:
            yield p
            n //= p
        p += 1
    if n > 1:
        yield n


def require_terms(terms: int | None, shapes: Shapes) -> int | None:
    """Return the number of terms, or raise `ShapeError` if the shapes do not admit it."""
    most = most_terms(shapes)
    if terms is not None and not 1 <= require_size(terms, "terms") <= most:
        sizes = ", ".join(f"{m}·{n}" for m, n in shapes)
        raise ShapeError(
            f"terms={terms}: {product_text(list(shapes))} admits 1 to {most} terms ({sizes} multiplied, without the "
            "largest): so many represent any matrix"
        )
    return terms


def most_factors(shape: Shape) -> int:
    """Return into how many factors, none of them 1 × 1, a matrix may be cut: one for each prime of its sizes."""
    return sum(len(list(prime_factors(size))) for size in shape)


def is_outer_product(shapes: Shapes, shape: Shape) -> bool:
    """Whether A ⊗ B is a column times a row, so that a sum of them is an ordinary matrix of low rank."""
    m, n = shape
    return m > 1 < n and sorted(shapes) == [(1, n), (m, 1)]


def is_column_before_row(first: Shape, second: Shape) -> bool:
    """Whether the product of factors of these shapes is that of a row before a column too: b ⊗ a = a ⊗ b."""
    return first[1] == second[0] == 1 and first[0] > 1 < second[1]


def stored_numbers(shapes: Shapes) -> int:
    """Return how many numbers one term of these shapes has: m₁ n₁ + m₂ n₂ + …."""
    return sum(m * n for m, n in shapes)


def most_terms(shapes: Shapes) -> int:
    """Return a number of terms that represents any matrix: the m_k n_k multiplied, without the largest."""
    sizes = [m * n for m, n in shapes]
    return math.prod(sizes) // max(sizes)


def useful_terms(shapes: Shapes) -> int:
    """Return the most terms that take fewer numbers than the matrix itself, at least one."""
    size = math.prod(m * n for m, n in shapes)
    return max(1, min(most_terms(shapes), (size - 1) // stored_numbers(shapes)))
