"""The same operator with fewer numbers."""

from numbers import Real
from typing import Any, NamedTuple

from otimes.core.checks import require_size
from otimes.core.lapack import default_rtol
from otimes.core.rules import function
from otimes.errors import ShapeError


class RecompressResult(NamedTuple):
    """An approximation and its relative error ‖A − B‖_F / ‖A‖_F."""

    operator: Any
    error: float


@function()
def recompress(A: Any, *, rtol: float | None = None, rank: int | None = None) -> RecompressResult:
    """Return an operator in the format of A that stores fewer numbers, with its error; nothing is formed.

    The ranks, or the number of terms, are cut as far as ‖A − B‖_F ≤ rtol ‖A‖_F allows, and down to `rank` whatever the
    error, by singular value decompositions of the parts.

    Parameters
    ----------
    A : operator, (m, n)
        A tensor train, a Tucker operator, a CP operator of two slots, or a sum of Kronecker products of two factors; a
        single product stays as it is.
    rtol : float, optional
        The relative error allowed, in [0, 1); unstated, that of rounding.
    rank : int ≥ 1, optional
        The largest rank (the most terms) allowed.

    Returns
    -------
    RecompressResult
        (operator, error): the error made, which for d slots is at most √(d − 1) (trains) or √d (Tucker) times the
        least that these ranks allow, and the least for two slots.

    Raises
    ------
    NoRule
        A is in no such format.
    ShapeError
        rtol is not in [0, 1), or rank no integer ≥ 1.

    References
    ----------
    Oseledets (2011), Tensor-train decomposition.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> T = ox.to_tensor_train(ox.kronsum(np.eye(2), np.eye(3)))  # I ⊗ I twice, held with rank 2
    >>> B, error = ox.recompress(T)
    >>> T.ranks, B.ranks, error < 1e-14
    ((1, 2, 1), (1, 1, 1), True)
    """
    if rtol is not None and not (isinstance(rtol, Real) and 0 <= rtol < 1):
        raise ShapeError(f"recompress: rtol={rtol!r} must lie in [0, 1)")
    if rank is not None and require_size(rank, "rank") < 1:
        raise ShapeError("recompress: rank must be at least 1")
    return recompress.dispatch(A, rtol=default_rtol(A) if rtol is None else rtol, rank=rank)
