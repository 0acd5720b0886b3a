"""An operator as a SciPy sparse array."""

from typing import Any

import numpy as np
import scipy.sparse

from otimes.core.array import concrete, to_numpy
from otimes.core.checks import MAX_BYTES, require_bytes, shape_text
from otimes.core.rules import function
from otimes.errors import ShapeError, TooLarge

FORMATS = ("csr", "csc", "coo")
INDEX = np.dtype(np.int64).itemsize


@function()
def to_sparse(A: Any, format: str = "csr", *, max_bytes: int | None = MAX_BYTES) -> Any:
    """Return the operator as a SciPy sparse array, without forming it densely.

    nnz(A ⊗ B) = nnz(A) nnz(B). Entries of stored arrays that are zero are left out.

    Parameters
    ----------
    A : operator or array_like, (m, n)
    format : {"csr", "csc", "coo"}
    max_bytes : int or None
        Limit of the result in bytes (default 2 GiB); None lifts it.

    Returns
    -------
    scipy.sparse.csr_array, csc_array or coo_array, (m, n)
        With 64-bit indices where the size needs them. Arrays of other libraries are brought to NumPy.

    Raises
    ------
    TooLarge
        The entries would pass the limit, counted before they are made, or the indices 64 bits.
    NoRule
        No sparse form is known of a large operator.
    ShapeError
        An unknown format.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> L = ox.to_sparse(ox.kronsum([[2, -1], [-1, 2]], ox.eye(1000)))
    >>> L.shape, L.nnz, L.format
    ((2000, 2000), 4000, 'csr')
    """
    if format not in FORMATS:
        raise ShapeError(f"to_sparse: format={format!r} is not one of {', '.join(map(repr, FORMATS))}")
    if max(A.shape, default=0) >= 2**63:
        raise TooLarge(f"to_sparse: the indices of a {shape_text(A.shape)} operator pass 64 bits; use A @ x")
    result = to_sparse.dispatch(A, max_bytes=max_bytes)
    pointers = {"csr": A.shape[0] + 1, "csc": A.shape[1] + 1}.get(format, 0)
    require_bytes((pointers,), INDEX, max_bytes, f"format {format!r}, a pointer for each line,", "use format='coo'")
    return result.astype(concrete_numpy(A), copy=False).asformat(format)


@to_sparse.dense
def _(a: Any, max_bytes: int | None) -> Any:  # noqa: ARG001  what is formed already is smaller
    return scipy.sparse.coo_array(to_numpy(a))


def require_entries(count: int, A: Any, max_bytes: int | None) -> None:
    """Raise `TooLarge` if so many entries of A, with their indices, pass the limit."""
    require_bytes(
        (count,),
        concrete_numpy(A).itemsize + 2 * INDEX,
        max_bytes,
        f"the sparse form of {type(A).__name__} {shape_text(A.shape)} with {count} entries",
        "use A @ x, which does not form it, or raise max_bytes=",
    )


def concrete_numpy(A: Any) -> np.dtype:
    """Return the NumPy dtype of the entries of A, of whatever library."""
    return np.dtype(str(concrete(A.spec)).rpartition(".")[2])
