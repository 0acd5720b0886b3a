"""The residual of an approximation, measured on fresh random vectors against the original matrix."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from otimes.errors import OtimesError

__all__ = ["SelfCheck", "self_check"]

VECTORS = 32
ENTRIES_AT_A_TIME = 2**20


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
    from the spread over the columns of X. All is computed in double precision and relative to the largest entry of M,
    so that no square leaves the range of numbers.

    Shapes: M is m × n, X is n × 32.

    Cost: 32 products with M and with K, and one pass over M.

    Raises
    ------
    OtimesError
        The measurement contradicts ``F.error``, as ``F.certificate`` says it is to be read, by six standard errors.
    """
    X = np.random.default_rng().standard_normal((M.shape[1], VECTORS))
    root = _root_of_scale(M)
    product, size = _product_and_norm(M, X, root)
    squares = (np.abs(product - F.operator @ (X / root) / root) ** 2).sum(axis=0) / (size or 1.0) ** 2
    error = float(np.sqrt(squares.mean()))
    standard_error = float(squares.std(ddof=1) / (2 * error * np.sqrt(VECTORS))) if error else 0.0
    rounding = float(np.sqrt(np.finfo(np.result_type(M.dtype, np.float32)).eps))
    excess = error - F.error if F.certificate.kind == "bound" else abs(error - F.error)
    if not excess <= 6 * math.hypot(standard_error, F.certificate.standard_error) + rounding:  # NaN must not pass
        raise OtimesError(
            f"self-check failed: the factorization claims error {F.error:.4g}, {VECTORS} fresh random vectors measure "
            f"{error:.4g} ± {standard_error:.2g}; nothing was written"
        )
    return SelfCheck(error, standard_error, VECTORS)


def _root_of_scale(M: Any) -> float:
    """Return the power of two whose square is close to the largest entry of M: the scale of each of two factors."""
    values = M.data if sparse.issparse(M) else M
    parts = (values.real, values.imag) if np.iscomplexobj(values) else (values,)
    largest = max((max(float(part.max()), -float(part.min())) for part in parts if part.size), default=0.0)
    return 2.0 ** (math.frexp(largest)[1] // 2)


def _product_and_norm(M: Any, X: np.ndarray, root: float) -> tuple[np.ndarray, float]:
    """Return M X / root² and ‖M‖ / root², converting a few rows of M at a time."""
    dtype = np.result_type(M.dtype, np.float64)
    step = max(1, ENTRIES_AT_A_TIME // M.shape[1])
    products, norms = [], []
    for start in range(0, M.shape[0], step):
        block = M[start : start + step].astype(dtype) / root / root
        products.append(block @ X)
        norms.append(np.linalg.norm(block.data if sparse.issparse(block) else block))
    return np.concatenate(products), float(np.linalg.norm(norms))
