"""SciPy's methods on NumPy arrays, one column after another."""

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.sparse.linalg

from otimes.core.array import Array


def column_by_column(
    method: Callable[..., tuple[Array, int]],
    product: Callable[[Array], Array],
    inverse: Callable[[Array], Array],
    B: Array,
    X: Array,
    due: Array,
    **options: Any,
) -> tuple[Array, int]:
    """Return what `method` makes of each column of X, and the most products it took for one.

    `product` and `inverse`, of the operator and the preconditioner, are functions of a matrix of columns.
    """
    products = 0

    def counted(x: Array) -> Array:
        nonlocal products
        products += 1
        return product(x[:, None])[:, 0]

    n = B.shape[0]
    A, M = (
        scipy.sparse.linalg.LinearOperator((n, n), matvec=matvec, dtype=X.dtype)
        for matvec in (counted, lambda r: inverse(r[:, None])[:, 0])
    )
    columns, most = [], 0
    for b, x, limit in zip(B.T, X.T, due, strict=True):
        products = 0
        columns.append(method(A, b, x, M=M, rtol=0.0, atol=float(limit), **options)[0])
        most = max(most, products)
    return np.stack(columns, axis=1), most
