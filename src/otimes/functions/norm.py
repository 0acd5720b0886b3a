"""Norms of operators."""

from typing import Any

import numpy as np
import scipy.linalg

from otimes.core.array import astype, inexact, namespace
from otimes.core.lapack import lapack
from otimes.core.rules import function
from otimes.errors import ShapeError

ORDERS = ("fro", "nuc", 2, -2, 1, -1, float("inf"), -float("inf"))


@function()
def norm(A: Any, ord: Any = "fro") -> Any:
    """Return a norm of the operator.

    ‖A ⊗ B‖ = ‖A‖ ‖B‖ for the Frobenius, nuclear, spectral (2), column-sum (1) and row-sum (inf) norms.

    Parameters
    ----------
    A : operator or array_like, (m, n)
    ord : {"fro", "nuc", 2, -2, 1, -1, inf, -inf} or None
        As in `numpy.linalg.norm` for matrices; None is "fro".

    Returns
    -------
    scalar

    Raises
    ------
    ShapeError
        An unknown order.

    References
    ----------
    Lancaster & Farahat (1972), Norms on direct sums and tensor products.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> float(ox.norm(ox.kron([[3.0, 4.0]], np.diag([1.0, 2.0])), 2))
    10.0
    """
    ord = "fro" if ord is None else ord
    if isinstance(ord, np.ndarray) or ord not in ORDERS:
        raise ShapeError(f"norm: ord={ord!r} is not one of {', '.join(map(repr, ORDERS))}")
    return norm.dispatch(A, ord=ord)


@norm.dense
def _(a: Any, ord: Any) -> Any:
    if 0 in a.shape and ord not in ("fro", "nuc"):
        return 0.0
    if namespace(a) is not np:
        return lapack("matrix_norm", a, ord=ord)
    if ord == "fro":
        a = astype(a, inexact(a.dtype))
        return scipy.linalg.norm(a.ravel(order="K"), check_finite=False)  # BLAS nrm2: squares that overflow do no harm
    return lapack("norm", a, ord=ord)
