"""The partial trace."""

import math
from typing import Any

from otimes.core.array import namespace
from otimes.core.checks import require_square
from otimes.core.convert import aslinearoperator
from otimes.core.partitions import require_sizes, require_slots
from otimes.core.rules import function


@function()
def partial_trace(A: Any, slots: Any, sizes: Any) -> Any:
    """Return the trace of A over some slots of a product, an operator on the others.

    tr₂(A ⊗ B) = tr(B) A. In quantum computing it traces out subsystems; QuTiP's `ptrace(sel)` and quimb's
    `ptrace(dims, keep)` name the slots that are kept instead.

    Parameters
    ----------
    A : operator or array_like, (n, n)
    slots : int or sequence of int
        Those traced over, in any order.
    sizes : sequence of int
        Of all slots; they multiply to n.

    Returns
    -------
    LinearOperator, (m, m)
        m is the product of the sizes that are left, in their order; 1 if none is.

    Raises
    ------
    ShapeError
        A is not square, the sizes do not multiply to n, or a slot is out of range or repeated.

    References
    ----------
    Van Loan (2000), section 1.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> K = ox.kron([[1, 2], [3, 4]], np.eye(5, dtype=int))
    >>> np.asarray(ox.partial_trace(K, 1, (2, 5)))
    array([[ 5, 10],
           [15, 20]])
    """
    require_square(A, "partial_trace")
    sizes = require_sizes(sizes, A.shape[0], "partial_trace")
    slots = require_slots(slots, len(sizes), "partial_trace")
    return partial_trace.dispatch(A, slots=slots, sizes=sizes) if slots else A


@partial_trace.dense
def _(a: Any, slots: tuple[int, ...], sizes: tuple[int, ...]) -> Any:
    xp, d = namespace(a), len(sizes)
    kept = [slot for slot in range(d) if slot not in slots]
    m, t = (math.prod(sizes[slot] for slot in chosen) for chosen in (kept, slots))
    axes = (*kept, *(d + slot for slot in kept), *slots, *(d + slot for slot in slots))
    grid = xp.permute_dims(xp.reshape(a, (*sizes, *sizes)), axes)
    return aslinearoperator(xp.linalg.trace(xp.reshape(grid, (m, m, t, t)), dtype=a.dtype))
