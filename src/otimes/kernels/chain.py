"""In which order A₁ A₂ ⋯ A_N X is multiplied: the matrix chain with operators among the matrices.

A stretch of the chain may be multiplied out into an array once one of its members is an array; an operator is
applied to arrays only, from the left or from the right.
"""

import functools
import math
from typing import NamedTuple

Order = int | tuple["Order", "Order"]  # the place of a factor, or what is multiplied first on either side


class Link(NamedTuple):
    """What the chain sees of a factor: its sizes, whether it is an array, its flops for one column and for one row."""

    rows: int
    columns: int
    formed: bool
    flops: int


def right_to_left(count: int) -> Order:
    """Return the order that applies one factor after another to the last."""
    order: Order = count - 1
    for place in reversed(range(count - 1)):
        order = (place, order)
    return order


@functools.lru_cache(maxsize=512)
def cheapest_order(links: tuple[Link, ...]) -> tuple[int, Order]:
    """Return the fewest flops for the product of the links, the last of them an array, and the order that takes them.

    Dynamic programming over stretches of the chain, O(N³); of equal costs the one from the right is taken.
    """
    n = len(links)
    best: dict[tuple[int, int], tuple[float, Order]] = {}
    for i, link in enumerate(links):
        best[i, i + 1] = (0 if link.formed else math.inf, i)
    for length in range(2, n + 1):
        for i in range(n - length + 1):
            j = i + length
            choices = [_joined(links, best, i, s, j) for s in range(i + 1, j)]
            best[i, j] = min(choices, key=lambda choice: choice[0])
    cost, order = best[0, n]
    return int(cost), order


def _joined(links: tuple[Link, ...], best: dict, i: int, s: int, j: int) -> tuple[float, Order]:
    """Return the cost and order of the stretch i … j − 1 with its last product between s − 1 and s."""
    (left, first), (right, second) = best[i, s], best[s, j]
    m, k, n = links[i].rows, links[s].rows, links[j - 1].columns
    if s == i + 1 and not links[i].formed:
        return links[i].flops * n + right, (first, second)
    if j == s + 1 and not links[s].formed:
        return left + links[s].flops * m, (first, second)
    return left + right + 2 * m * k * n, (first, second)


def order_text(order: Order, names: list[str]) -> str:
    """Return the order as text: '(A₁ A₂) X'."""
    if isinstance(order, int):
        return names[order]
    texts = (order_text(part, names) for part in order)
    return " ".join(text if isinstance(part, int) else f"({text})" for part, text in zip(order, texts, strict=True))
