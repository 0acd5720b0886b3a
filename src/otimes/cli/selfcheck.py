"""The residual of an approximation, measured on fresh random vectors against the original matrix."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from otimes.errors import OtimesError

__all__ = ["SelfCheck", "self_check"]

VECTORS = 32


@dataclass(frozen=True)
class SelfCheck:
    """The relative error measured, with its standard error."""

    error: float
    standard_error: float
    vectors: int

    def sentence(self) -> str:
        """Say what was measured, in one line."""
        return f"measured on {self.vectors} fresh random vectors: error {self.error:.4g} ± {self.standard_error:.2g}"


def self_check(M: Any, F: Any) -> SelfCheck:
    """Measure ‖M − K‖ / ‖M‖ as ‖(M − K) X‖ / ‖M X‖ for Gaussian X, and compare with the error claimed.

    E‖A x‖² = ‖A‖² in the Frobenius norm for x with independent standard normal entries; the standard error of the
    ratio is that of its linearization.

    Shapes: M is m × n, X is n × 32.

    Cost: 32 products with M and with K.

    Raises
    ------
    OtimesError
        The measurement contradicts ``F.error`` by more than six standard errors.
    """
    X = np.random.default_rng().standard_normal((M.shape[1], VECTORS))
    target = M @ X
    residual = _squares(target - F.operator @ X)
    size = _squares(target)
    error = float(np.sqrt(residual.sum() / size.sum())) if size.any() else 0.0
    spread = float(np.std(residual - error**2 * size, ddof=1) / (size.mean() * np.sqrt(VECTORS))) if size.any() else 0.0
    standard_error = spread / (2 * error) if error else 0.0
    rounding = float(np.sqrt(np.finfo(np.result_type(M.dtype, np.float32)).eps))
    if abs(error - F.error) > 6 * standard_error + rounding:
        raise OtimesError(
            f"self-check failed: the factorization claims error {F.error:.4g}, {VECTORS} fresh random vectors measure "
            f"{error:.4g} ± {standard_error:.2g}; nothing was written"
        )
    return SelfCheck(error, standard_error, VECTORS)


def _squares(columns: np.ndarray) -> np.ndarray:
    """Return the squared 2-norm of each column."""
    return (np.abs(columns) ** 2).sum(axis=0)
