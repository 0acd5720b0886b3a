"""Alternating least squares: each factor in turn is the best for the others, so that the error never grows.

For one term this is the higher-order power method.
"""

import functools
import operator
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from otimes.core.checks import require_size
from otimes.errors import NonFiniteError, ShapeError
from otimes.factorization.multiway.cut import Cut, tensor_of
from otimes.factorization.sources.rearranged import Rearranged

Factors = list[np.ndarray]  # one matrix for each slot, with a column vec(F_k) for each term


@dataclass(frozen=True, kw_only=True)
class Alternating:
    """How alternating least squares are started and stopped.

    Parameters
    ----------
    starts : int
        The first is from singular vectors of the unfoldings (HOSVD), the second from nested singular vectors, the
        others are random.
    sweeps : int
        The most sweeps over all factors, of each start and of the matrix itself.
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
    """Factors with the error that they leave, and the errors before each sweep and after the last."""

    factors: Factors
    history: tuple[float, ...]

    @property
    def residual(self) -> float:
        """‖R − Σ left rightᵀ‖."""
        return self.history[-1]


def alternate(R: Rearranged, cut: Cut, factors: Factors, settings: Alternating) -> Fit:
    """Return what alternating least squares make of the factors."""
    residual, norm = R.residual_norms(*cut.sides(factors))
    rounding = 4 * float(np.finfo(factors[0].dtype).eps) * norm
    history = [residual]
    for _ in range(settings.sweeps):
        if history[-1] <= rounding:
            break
        swept = _swept(R, cut, factors)
        residual, _ = R.residual_norms(*cut.sides(swept))
        if residual >= history[-1]:  # only rounding is left
            break
        factors = swept
        history.append(residual)
        if history[-2] - residual <= settings.rtol * residual:
            break
    return Fit(factors, tuple(history))


def _swept(R: Rearranged, cut: Cut, factors: Factors) -> Factors:
    """Return the factors after one update of each; the matrix is multiplied with twice, however many there are.

    The product with the right-hand factors serves all updates of the left-hand ones, and the other way round.
    """
    h = len(cut.left)
    right = cut.sides(factors)[1]
    factors = _updated(R.product(right.conj()), factors[:h], factors[h:], cut.left) + factors[h:]
    left = cut.sides(factors)[0]
    factors = factors[:h] + _updated(R.T.product(left.conj()), factors[h:], factors[:h], cut.right)
    return balanced(factors)


def _updated(image: np.ndarray, factors: Factors, fixed: Factors, shapes: Any) -> Factors:
    """Return one side's factors, each in turn the best for all the others; the image is R times those fixed."""
    tensor, factors = tensor_of(image, shapes), list(factors)
    outside = [_gram(F) for F in fixed]
    for k in range(len(factors)):
        grams = outside + [_gram(F) for j, F in enumerate(factors) if j != k]
        normal = functools.reduce(operator.mul, grams)
        target = _contracted(tensor, factors, k).astype(normal.dtype)
        solution = np.linalg.lstsq(normal.T, target.T, rcond=None)[0].T
        factors[k] = solution.astype(image.dtype)
    return factors


def _gram(F: np.ndarray) -> np.ndarray:
    """Return Fᵀ conj(F) in double precision: normal equations square the condition."""
    wide = F.astype(np.result_type(F.dtype, np.float64))
    return wide.T @ wide.conj()


def _contracted(tensor: np.ndarray, factors: Factors, k: int) -> np.ndarray:
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
