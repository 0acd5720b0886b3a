"""What vouches for an approximation: how its error is known, and a measurement that shares nothing with it."""

import math
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np

from otimes.core.operator import LinearOperator

PROBES = 4  # fresh vectors
_FRESH = 0x5EED  # set beside the user's seed: the probes are not the vectors that an algorithm started from

ErrorKind = Literal["exact", "bound", "estimate"]


@dataclass(frozen=True)
class Certificate:
    """How the error of an approximation is known, and what else was measured.

    Parameters
    ----------
    kind : "exact", "bound" or "estimate"
        Whether the error comes from the whole residual (right to roundoff), is at most what is said, or comes from a
        random sample.
    standard_error : float
        Of an estimate: its standard deviation over samples; 0 otherwise.
    seed : int, optional
        Of everything random in the result; the same seed gives the same result.
    probe_residual : float, optional
        ‖(M − K) X‖ / ‖M X‖ for four fresh Gaussian vectors X, by products with M itself: close to the error, from
        none of the steps that the error came from.
    gap : float, optional
        σ_R / σ_{R+1}. Where it is close to 1, the last terms are exchangeable for others as good: the sum is
        determined, up to the error, and its terms are not. Infinite if no term is left out.
    held_out_error : float, optional
        Relative error on the entries kept back, where entries were weighted or missing.
    entries_read : int, optional
        How many entries were asked for, where M is known by a function.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> F = ox.nearest_kronecker(np.diag([4.0, 2.0, 2.0, 1.1]), shapes=((2, 2), (2, 2)))
    >>> F.certificate.kind, round(F.certificate.gap)
    ('exact', 63)
    """

    kind: ErrorKind
    standard_error: float = 0.0
    seed: int | None = None
    probe_residual: float | None = None
    gap: float | None = None
    held_out_error: float | None = None
    entries_read: int | None = None


class _Source(Protocol):
    """What is approximated: M, known by products in `dtype`, its largest entries about `scale`."""

    @property
    def dtype(self) -> np.dtype: ...

    @property
    def scale(self) -> float: ...

    def product(self, X: np.ndarray) -> np.ndarray: ...


@dataclass(frozen=True, eq=False)
class Probes:
    """Fresh Gaussian vectors X, divided by the scale of M, and their images M X."""

    vectors: np.ndarray
    images: np.ndarray

    def residual(self, K: LinearOperator) -> float:
        """Return ‖(M − K) X‖ / ‖M X‖."""
        size = float(np.linalg.norm(self.images))
        return float(np.linalg.norm(self.images - K @ self.vectors)) / (size or 1.0)


def fresh_vectors(columns: int, *, scale: float, dtype: np.dtype, seed: int) -> np.ndarray:
    """Return a few Gaussian vectors, divided by the scale of what they are multiplied with."""
    fresh = np.random.default_rng([seed, _FRESH])
    return (fresh.standard_normal((columns, PROBES)) / scale).astype(dtype)


def probe_residual(source: _Source, K: LinearOperator, *, seed: int) -> float:
    """Return ‖(M − K) X‖ / ‖M X‖ for a few fresh Gaussian vectors X."""
    X = fresh_vectors(K.shape[1], scale=source.scale, dtype=source.dtype, seed=seed)
    return Probes(X, source.product(X)).residual(K)


def gap(last: float, following: float) -> float:
    """Return σ_R / σ_{R+1}; infinite where nothing is left out."""
    return float(last) / following if following > 0 else math.inf
