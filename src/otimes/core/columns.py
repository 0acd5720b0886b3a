"""A vector, a matrix of columns, or a batch of matrices: each reduced to one matrix of columns."""

import math
from collections.abc import Callable

from otimes.core.array import Array, namespace, reshape


def by_columns(apply: Callable[[Array], Array], x: Array) -> Array:
    """Return `apply`, a function of a matrix (n, k), for x of shape (n,), (n, k) or (…, n, k)."""
    if x.ndim == 2:
        return apply(x)
    if x.ndim == 1:
        return apply(x[:, None])[:, 0]
    *batch, n, k = x.shape
    permute = namespace(x).permute_dims
    columns = reshape(permute(x, (x.ndim - 2, *range(x.ndim - 2), x.ndim - 1)), (n, math.prod(batch) * k))
    result = apply(columns)
    return permute(reshape(result, (result.shape[0], *batch, k)), (*range(1, x.ndim - 1), 0, x.ndim - 1))
