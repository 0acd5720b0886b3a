"""The plan of a product."""

from typing import Any

from otimes.core.checks import require_size
from otimes.core.rules import function
from otimes.kernels.composite import CompositePlan
from otimes.kernels.plan import Plan


@function()
def plan(A: Any, columns: int = 1) -> Plan | CompositePlan:
    """Return how A @ X will be computed for X with this many columns: order, flops, bytes, peak memory.

    Parameters
    ----------
    A : operator or array_like, (m, n)
    columns : int
        Columns of X.

    Returns
    -------
    Plan or CompositePlan
        Prints as a table or a tree; has `flops`, `dense_flops`, `bytes_moved`, `peak_bytes`, `reason`. Of a Kronecker
        product it has the `steps` that `A @ X` runs; of an operator made of others the plans of its `parts`, and for
        a chain of factors the order in which they are multiplied.

    Raises
    ------
    ShapeError
        `columns` is not an integer ≥ 0.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> ox.plan(ox.kron(np.ones((3, 3)), ox.eye(5)), columns=2).flops
    180
    """
    return plan.dispatch(A, columns=require_size(columns, "columns"))
