"""Alternating least squares: each factor in turn becomes the best for the others, so that the error falls.

For one term this is the higher-order power method. Sweeps are extrapolated as in accelerated gradient methods: A. M. S.
Ang, J. E. Cohen, N. Gillis, L. T. K. Hien, Accelerating block coordinate descent for nonnegative tensor factorization,
Numer. Linear Algebra Appl. 28 (2021) e2373.
"""

import functools
import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from otimes.core.checks import require_size
from otimes.errors import NonFiniteError, ShapeError
from otimes.factorization.multiway.cut import Cut, products, tensor_of
from otimes.factorization.shapes import Shapes
from otimes.factorization.sources.rearranged import Rearranged

Factors = list[np.ndarray]  # one matrix for each slot, with a column vec(F_k) for each term


@dataclass(frozen=True, kw_only=True)
class Alternating:
    """How alternating least squares are started and stopped.

    Parameters
    ----------
    starts : int
        The first is from singular vectors of the unfoldings (HOSVD), the second from nested singular vectors, the
        others are random. Each takes a tenth of the sweeps, and the best goes on.
    sweeps : int
        The most sweeps over all factors, or steps of all factors at once.
    rtol : float
        A sweep that lowers the error by less than this part of it is the last.

    Raises
    ------
    ShapeError
        There is no start or no sweep.
    NonFiniteError
        `rtol` is not in [0, 1).

    Examples
    --------
    >>> import otimes as ox
    >>> ox.Alternating(starts=10)
    Alternating(starts=10, sweeps=500, rtol=1e-08)
    """

    starts: int = 5
    sweeps: int = 500
    rtol: float = 1e-8

    def __post_init__(self) -> None:
        for name in ("starts", "sweeps"):
            if require_size(getattr(self, name), name) < 1:
                raise ShapeError(f"{name}=0: alternating least squares need at least one")
        if not 0 <= self.rtol < 1:
            raise NonFiniteError(f"rtol={self.rtol} must lie in [0, 1)")


@dataclass(frozen=True)
class Fit:
    """Factors with the error that they leave, and that after each sweep before; whether further sweeps gain nothing."""

    factors: Factors
    history: tuple[float, ...]
    settled: bool

    @property
    def residual(self) -> float:
        """‖R − Σ left rightᵀ‖."""
        return self.history[-1]

    def followed_by(self, other: "Fit") -> "Fit":
        """Return the other fit with these errors before its own, as far as they are larger."""
        before = itertools.takewhile(lambda residual: residual > other.history[0], self.history)
        return replace(other, history=(*before, *other.history))


def alternate(R: Rearranged, cut: Cut, factors: Factors, settings: Alternating) -> Fit:
    """Return what alternating least squares make of the factors.

    A sweep starts ahead of the factors, by a part of what the last one has changed, since plain sweeps take thousands
    of small steps where terms are nearly parallel. A sweep that does not lower the error is done again without.
    """
    norm, eps = R.norm(), float(np.finfo(R.dtype).eps)
    factors, residual = _swept(R, cut, factors, settings, norm)
    previous, momentum, history = factors, 0.5, [residual]
    settled = residual <= 4 * eps * norm
    while len(history) < settings.sweeps and not settled:
        ahead = [F + momentum * (F - G) for F, G in zip(factors, previous, strict=True)]
        swept, reached = _swept(R, cut, ahead, settings, norm)
        momentum = min(1.0, 1.05 * momentum) if reached < residual else 0.7 * momentum
        if reached >= residual:
            swept, reached = _swept(R, cut, factors, settings, norm)
        if reached >= residual:  # only rounding is left
            return Fit(factors, tuple(history), settled=True)
        settled = residual - reached <= settings.rtol * reached or reached <= 4 * eps * norm
        previous, factors, residual = factors, swept, reached
        history.append(residual)
    return Fit(factors, tuple(history), settled)


def _swept(R: Rearranged, cut: Cut, factors: Factors, settings: Alternating, norm: float) -> tuple[Factors, float]:
    """Return the factors after one update of each, and the error that they leave.

    R is multiplied with twice, however many factors there are: the product with those after the cut serves the
    updates of all before it, and the other way round. The error is (‖R‖² − ‖Σ left rightᵀ‖²)^½; where rounding in this
    difference could hide what a sweep gains, the residual is measured, which takes one more pass over R.
    """
    h = len(cut.left)
    before, after = factors[:h], factors[h:]
    before, _ = _updated(R.product(products(after, cut.right).conj()), before, after, cut.left)
    after, captured = _updated(R.T.product(products(before, cut.left).conj()), after, before, cut.right)
    swept, square = balanced(before + after), norm**2 - captured
    if settings.rtol * square <= np.finfo(R.dtype).eps * norm**2:
        return swept, R.residual_norms(*cut.sides(swept))[0]
    return swept, math.sqrt(square)


def _updated(image: np.ndarray, factors: Factors, fixed: Factors, shapes: Shapes) -> tuple[Factors, float]:
    """Return one side's factors, each in turn the best for all the others; the image is R times those fixed.

    The number is ⟨R, Σ left rightᵀ⟩, which is ‖Σ left rightᵀ‖² since the last factor is a projection.
    """
    tensor, factors = tensor_of(image, shapes), list(factors)
    outside, captured = [gram(F) for F in fixed], 0.0
    for k in range(len(factors)):
        normal = functools.reduce(np.multiply, [*outside, *(gram(F) for j, F in enumerate(factors) if j != k)])
        target = contracted(tensor, factors, k).astype(normal.dtype)
        solution = np.linalg.lstsq(normal.T, target.T, rcond=None)[0].T
        factors[k], captured = solution.astype(image.dtype), float(np.vdot(solution, target).real)
    return factors, captured


def gram(F: np.ndarray) -> np.ndarray:
    """Return Fᵀ conj(F) in double precision: normal equations square the condition."""
    wide = F.astype(np.result_type(F.dtype, np.float64))
    return wide.T @ wide.conj()


def contracted(tensor: np.ndarray, factors: Factors, k: int) -> np.ndarray:
    """Return the tensor times the conjugate factors of all slots but k, term by term: (m_k n_k, R)."""
    for j in reversed(range(len(factors))):
        if j != k:
            tensor = np.einsum("...jr,jr->...r", np.moveaxis(tensor, j, -2), factors[j].conj())
    return tensor


def balanced(factors: Sequence[np.ndarray]) -> Factors:
    """Return factors of the same products, all of one norm in each term; of a term that vanishes all vanish."""
    norms = np.array([np.linalg.norm(F, axis=0) for F in factors])
    common = np.exp(np.log(norms, where=norms > 0, out=np.full_like(norms, -np.inf)).mean(axis=0))
    return [F * (common / np.where(norm > 0, norm, 1)) for F, norm in zip(factors, norms, strict=True)]
