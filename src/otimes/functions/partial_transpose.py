"""The partial transpose."""

from typing import Any

from otimes.core.array import namespace
from otimes.core.checks import require_square
from otimes.core.convert import aslinearoperator
from otimes.core.partitions import require_sizes, require_slots
from otimes.core.rules import function


@function()
def partial_transpose(A: Any, slots: Any, sizes: Any) -> Any:
    """Return A transposed on some slots of a product: A ⊗ Bᵀ for A ⊗ B and the second.

    A state whose partial transpose has a negative eigenvalue is entangled. It is QuTiP's `partial_transpose` and
    quimb's `partial_transpose`.

    Parameters
    ----------
    A : operator or array_like, (n, n)
    slots : int or sequence of int
        Those transposed.
    sizes : sequence of int
        Of all slots; they multiply to n.

    Returns
    -------
    LinearOperator, (n, n)

    Raises
    ------
    ShapeError
        A is not square, the sizes do not multiply to n, or a slot is out of range or repeated.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> bell = np.array([1, 0, 0, 1]) / 2**0.5
    >>> np.linalg.eigvalsh(np.asarray(ox.partial_transpose(np.outer(bell, bell), 1, (2, 2)))).round(12)
    array([-0.5,  0.5,  0.5,  0.5])
    """
    require_square(A, "partial_transpose")
    sizes = require_sizes(sizes, A.shape[0], "partial_transpose")
    slots = require_slots(slots, len(sizes), "partial_transpose")
    return partial_transpose.dispatch(A, slots=slots, sizes=sizes) if slots else A


@partial_transpose.dense
def _(a: Any, slots: tuple[int, ...], sizes: tuple[int, ...]) -> Any:
    xp, d = namespace(a), len(sizes)
    axes = [slot + d if slot in slots else slot for slot in range(d)]
    axes += [slot if slot in slots else slot + d for slot in range(d)]
    return aslinearoperator(xp.reshape(xp.permute_dims(xp.reshape(a, (*sizes, *sizes)), tuple(axes)), a.shape))
