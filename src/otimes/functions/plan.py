"""The plan of a product."""

from typing import Any

from otimes.core.checks import require_size
from otimes.core.rules import function
from otimes.kernels.plan import Plan


@function()
def plan(A: Any, columns: int = 1) -> Plan:
    """Return how A @ X will be computed for X with this many columns: order, flops, bytes, peak memory.

    Parameters
    ----------
    A : operator or array_like, (m, n)
    columns : int
        Columns of X.

    Returns
    -------
    Plan
        Prints as a table; has `flops`, `bytes_moved`, `peak_bytes`, `steps`, `reason`. It is the plan
        that `A @ X` runs.

    Raises
    ------
    NoRule
        The operator is not a product of factors.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> ox.plan(ox.kron(np.ones((3, 3)), ox.eye(5)), columns=2).flops
    180
    """
    return plan.dispatch(A, columns=require_size(columns, "columns"))
