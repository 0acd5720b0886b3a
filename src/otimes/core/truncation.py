"""How many singular values to keep."""

import numpy as np

from otimes.core.array import Array, to_numpy
from otimes.core.tracing import traced
from otimes.errors import DTypeError


def magnitude(x: Array) -> float:
    """Return ‖x‖_F, of entries whose squares may overflow or vanish too."""
    if traced(x):
        raise DTypeError("ranks depend on the values of entries, which are not known while JAX traces; do it before")
    sizes = np.abs(to_numpy(x)).astype(np.float64)
    largest = float(sizes.max(initial=0.0))
    return largest * float(np.linalg.norm(sizes / largest)) if largest else 0.0


def kept(values: Array, size: float, allowed: float, rank: int | None) -> tuple[int, float]:
    """Return how many of descending singular values to keep, at least one, and what that costs.

    The cost is the sum of the squares of the others relative to size², and at most `allowed` unless `rank` asks for
    fewer values than that takes.
    """
    if not size:
        return 1, 0.0
    squares = (to_numpy(values).astype(np.float64) / size) ** 2
    tails = np.append(np.cumsum(squares[::-1])[::-1], 0.0)  # of keeping 0, 1, 2, …
    count = max(1, int((tails > allowed).sum()))
    count = min(count, rank or count)
    return count, float(tails[count])
