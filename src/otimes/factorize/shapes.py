"""Which shapes two factors of a matrix may have."""

import math
import operator
from collections.abc import Iterator
from typing import Any

from otimes.core.checks import shape_text
from otimes.errors import ShapeError

Shape = tuple[int, int]
Shapes = tuple[Shape, Shape]


def divisors(n: int) -> list[int]:
    """Return the divisors of n, ascending."""
    low = [d for d in range(1, math.isqrt(n) + 1) if n % d == 0]
    return low + [n // d for d in reversed(low) if d * d != n]


def admissible_shapes(shape: Shape) -> list[Shapes]:
    """Return every pair of factor shapes that multiply to m × n, save those with a 1 × 1 factor.

    Examples
    --------
    >>> from otimes.factorize import admissible_shapes
    >>> admissible_shapes((4, 3))
    [((1, 3), (4, 1)), ((2, 1), (2, 3)), ((2, 3), (2, 1)), ((4, 1), (1, 3))]
    """
    m, n = shape
    pairs = [((m1, n1), (m // m1, n // n1)) for m1 in divisors(m) for n1 in divisors(n)]
    return [pair for pair in pairs if (1, 1) not in pair]


def require_admissible(shape: Shape) -> list[Shapes]:
    """Return the admissible pairs, or raise `ShapeError` if there is none."""
    found = admissible_shapes(shape)
    if not found:
        raise ShapeError(
            f"a {shape_text(shape)} matrix has no two factors but the trivial ones with 1×1 "
            f"({_factorization(shape[0])}; {_factorization(shape[1])}); "
            "pad it or leave rows out so that a size is composite"
        )
    return found


def require_shapes(shapes: Any, shape: tuple[int, ...]) -> Shapes:
    """Return `shapes` as ((m₁, n₁), (m₂, n₂)), or raise `ShapeError` if they do not multiply to `shape`."""
    try:
        (m1, n1), (m2, n2) = ((_size(a), _size(b)) for a, b in shapes)
    except (TypeError, ValueError) as error:
        raise ShapeError(
            f"shapes must be two pairs of positive integers ((m1, n1), (m2, n2)), not {shapes!r}"
        ) from error
    m, n = shape
    wrong = [
        f"{a} · {b} {axis} are {a * b}, not {size} (row splits of {_splits(size)})".replace("row", axis[:-1])
        for axis, a, b, size in (("rows", m1, m2, m), ("columns", n1, n2, n))
        if a * b != size
    ]
    if wrong:
        raise ShapeError(f"{m1}×{n1} ⊗ {m2}×{n2} is not {m}×{n}: " + "; ".join(wrong))
    return (m1, n1), (m2, n2)


def _size(value: Any) -> int:
    size = operator.index(value)
    if size < 1 or isinstance(value, bool):
        raise ValueError
    return size


def _splits(n: int) -> str:
    """Return '1813 = 7·7·37: 1·1813, 7·259, 37·49, …'."""
    return f"{_factorization(n)}: " + ", ".join(f"{d}·{n // d}" for d in divisors(n))


def _factorization(n: int) -> str:
    primes = list(_primes(n))
    if n == 1:
        return "1"
    return f"{n} is prime" if len(primes) == 1 else f"{n} = {'·'.join(map(str, primes))}"


def _primes(n: int) -> Iterator[int]:
    p = 2
    while p * p <= n:
        while n % p == 0:
            yield p
            n //= p
        p += 1
    if n > 1:
        yield n


def stored_numbers(shapes: Shapes) -> int:
    """Return how many numbers one term of these shapes has: m₁ n₁ + m₂ n₂."""
    return sum(m * n for m, n in shapes)


def most_terms(shapes: Shapes) -> int:
    """Return the number of terms that represents any matrix: min(m₁ n₁, m₂ n₂)."""
    return min(m * n for m, n in shapes)


def useful_terms(shapes: Shapes) -> int:
    """Return the most terms that take fewer numbers than the matrix itself, at least one."""
    size = math.prod(m * n for m, n in shapes)
    return max(1, min(most_terms(shapes), (size - 1) // stored_numbers(shapes)))
