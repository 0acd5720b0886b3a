"""`circulant_preconditioner`: a circulant near a Toeplitz operator, for iterative solvers."""

from typing import Any

import numpy as np

from otimes.core.algebra import with_known
from otimes.core.array import Array, astype, inexact, namespace, reshape, spec_of
from otimes.core.convert import aslinearoperator
from otimes.core.facts import every
from otimes.errors import ShapeError, StructureError
from otimes.operators.toeplitz.circulant import Circulant
from otimes.operators.toeplitz.toeplitz import Toeplitz, square_levels

KINDS = ("chan", "strang")


def circulant_preconditioner(T: Any, kind: str = "chan") -> Circulant:
    """Return the circulant of a Toeplitz operator's size that T. Chan or G. Strang put in its place.

    On each level, c[k] = w[k] t[k] + (1 − w[k]) t[k − n]. T. Chan's weights w[k] = 1 − k/n give the circulant nearest
    to T in the Frobenius norm; Strang's, 1 for k < n/2 and 0 for k > n/2, copy the central diagonals.

    Parameters
    ----------
    T : Toeplitz, (n, n)
        Of square levels.
    kind : {"chan", "strang"}
        Chan's is positive definite whenever T is, and known to be if T is known to be; Strang's need not be.

    Returns
    -------
    Circulant, (n, n)
        Of the same levels; to solve with it costs O(n log n) operations.

    Raises
    ------
    StructureError
        T is no Toeplitz operator, or its levels are not square.
    ShapeError
        The kind is unknown.

    References
    ----------
    Chan & Jin (2007), An Introduction to Iterative Toeplitz Solvers, chapters 2 and 5.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> T = ox.assume(ox.toeplitz(0.9 ** np.arange(1000.0)), "positive_definite")
    >>> P = ox.circulant_preconditioner(T)
    >>> b = np.ones(1000)
    >>> solution = ox.CG(rtol=1e-10, preconditioner=P).solve(T, b)
    >>> solution.converged, solution.iterations < 20
    (True, True)
    """
    T = aslinearoperator(T)
    if not isinstance(T, Toeplitz) or not square_levels(T):
        raise StructureError(
            f"circulant_preconditioner: {type(T).__name__} {T.shape[0]}×{T.shape[1]} is no Toeplitz operator of "
            "square levels; otimes.toeplitz and otimes.multilevel_toeplitz make such"
        )
    if kind not in KINDS:
        raise ShapeError(f"circulant_preconditioner: kind={kind!r} is neither 'chan' nor 'strang'")
    c = astype(T.coefficients, inexact(T.dtype, T.spec.xp))
    for axis, n in enumerate(T.rows):
        c = _periodic(c, axis, n, kind)
    kept = ("symmetric", "hermitian") + (("positive_semidefinite", "positive_definite") if kind == "chan" else ())
    return with_known(Circulant(c), every([T.facts], *kept))


def _periodic(t: Array, axis: int, n: int, kind: str) -> Array:
    """Return c along an axis of 2 n − 1 lags."""
    xp, k = namespace(t), np.arange(n)
    weights = 1 - k / max(n, 1) if kind == "chan" else np.where(2 * k == n, 0.5, np.where(2 * k < n, 1.0, 0.0))
    shape = tuple(n if i == axis else 1 for i in range(t.ndim))
    device = spec_of(t).device
    w = reshape(astype(xp.asarray(weights, device=device), xp.abs(t).dtype), shape)
    near, far = (xp.take(t, xp.asarray(i, device=device), axis=axis) for i in (k + n - 1, np.maximum(k - 1, 0)))
    return w * near + (1 - w) * far
