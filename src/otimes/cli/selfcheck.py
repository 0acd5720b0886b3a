"""The residual of an approximation, measured on fresh random vectors against the original matrix."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

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
    """Measure ‖M − K‖ / ‖M‖ by ‖(M − K) X‖ for Gaussian X, and compare with the error claimed.

    E‖A x‖² = ‖A‖² in the Frobenius norm for x with independent standard normal entries; the standard error comes
    from the spread over the columns of X.

    Shapes: M is m × n, X is n × 32.

    Cost: 32 products with M and with K, and one pass over M.

    Raises
    ------
    OtimesError
        The measurement contradicts ``F.error`` by more than six standard errors.
    """
    X = np.random.default_rng().standard_normal((M.shape[1], VECTORS))
    size = float(np.linalg.norm(M.data if sparse.issparse(M) else M)) or 1.0
    squares = (np.abs(M @ X - F.operator @ X) ** 2).sum(axis=0) / size**2
    error = float(np.sqrt(squares.mean()))
    standard_error = float(squares.std(ddof=1) / (2 * error * np.sqrt(VECTORS))) if error else 0.0
    rounding = float(np.sqrt(np.finfo(np.result_type(M.dtype, np.float32)).eps))
    if abs(error - F.error) > 6 * standard_error + rounding:
        raise OtimesError(
            f"self-check failed: the factorization claims error {F.error:.4g}, {VECTORS} fresh random vectors measure "
            f"{error:.4g} ± {standard_error:.2g}; nothing was written"
        )
    return SelfCheck(error, standard_error, VECTORS)
