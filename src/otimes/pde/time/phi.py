"""The functions φ_p of numbers, to rounding everywhere: what exponential integrators are made of."""

import math
from typing import Any

import numpy as np

from otimes.errors import DTypeError, ShapeError


def phi(p: int, z: Any) -> np.ndarray:
    """Return φ_p(z) for every entry of z: φ₀ = exp, φ_p(z) = ∫₀¹ exp((1 − s) z) sᵖ⁻¹ / (p − 1)! ds.

    φ_p(z) = Σ_j zʲ / (j + p)!, so that φ_p(0) = 1 / p!, and z φ_p+1(z) = φ_p(z) − 1 / p!.

    Where |z| ≤ p + 1 the series is summed, whose terms fall from the first on; elsewhere the recurrence divides by z,
    which amplifies no rounding there. At about 20 + 2 p operations an entry the relative error is a few eps.

    Parameters
    ----------
    p : int
        At least 0.
    z : array_like
        Real or complex.

    Returns
    -------
    numpy.ndarray of the shape of z
        Infinite where exp(z) overflows.

    Raises
    ------
    ShapeError
        p is no integer ≥ 0.
    DTypeError
        z has no numbers.

    References
    ----------
    Hochbruck & Ostermann (2010), Exponential integrators, Acta Numerica 19, section 2.

    Examples
    --------
    >>> from otimes import pde
    >>> pde.phi(1, [-2.0, 0.0, 2.0]).round(6)
    array([0.432332, 1.      , 3.194528])
    """
    if isinstance(p, bool) or not hasattr(p, "__index__") or p < 0:
        raise ShapeError(f"phi: p={p!r} must be an integer ≥ 0")
    z = np.asarray(z)
    if z.dtype.kind not in "iufc":
        raise DTypeError(f"phi: z must be numbers, not {z.dtype}")
    return phi_functions(z, int(p))[int(p)]


def phi_functions(z: np.ndarray, order: int) -> np.ndarray:
    """Return φ₀(z), …, φ_order(z), stacked in front of the axes of z."""
    z = z.astype(np.result_type(z.dtype, np.float32 if z.dtype.itemsize <= 2 else z.dtype, np.float16))
    z = z.astype(float) if z.dtype.kind in "iu" else z
    values = np.empty((order + 1, *z.shape), z.dtype)
    near = abs(z) <= order + 1
    values[:, near] = _by_series(z[near], order)
    values[:, ~near] = _by_recurrence(z[~near], order)
    return values


def _by_series(z: np.ndarray, order: int) -> np.ndarray:
    """Return them where |z| ≤ order + 1: the last by its series, the others downwards from it."""
    values = np.empty((order + 1, *z.shape), z.dtype)
    eps, terms, rest = float(np.finfo(z.dtype).eps), 1, 1.0
    while rest > eps / 16:  # of the term against the first, at the largest |z|
        rest *= (order + 1) / (order + terms)
        terms += 1
    total = np.ones_like(z)
    for j in range(terms, 0, -1):
        total = 1 + z / (order + j) * total
    values[order] = total / math.factorial(order)
    for p in range(order - 1, -1, -1):
        values[p] = z * values[p + 1] + 1 / math.factorial(p)
    values[0] = np.exp(z)
    return values


def _by_recurrence(z: np.ndarray, order: int) -> np.ndarray:
    """Return them where |z| > order + 1: upwards, φ_p+1 = (φ_p − 1 / p!) / z."""
    values = np.empty((order + 1, *z.shape), z.dtype)
    with np.errstate(over="ignore", invalid="ignore"):
        values[0] = np.exp(z)
        for p in range(order):
            values[p + 1] = (values[p] - 1 / math.factorial(p)) / z
    return values
