"""What vouches for an approximation: how its error is known, and a measurement that shares nothing with it."""

import math
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np

from otimes.core.operator import LinearOperator

_PROBES = 4
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


def probe_residual(source: _Source, K: LinearOperator, *, seed: int) -> float:
    """Return ‖(M − K) X‖ / ‖M X‖ for a few fresh Gaussian vectors X."""
    fresh = np.random.default_rng([seed, _FRESH])
    X = (fresh.standard_normal((K.shape[1], _PROBES)) / source.scale).astype(source.dtype)
    image = source.product(X)
    size = float(np.linalg.norm(image))
    return float(np.linalg.norm(image - K @ X)) / (size or 1.0)


def gap(last: float, following: float) -> float:
    """Return σ_R / σ_{R+1}; infinite where nothing is left out."""
    return float(last) / following if following > 0 else math.inf
