"""The rearrangement R of a matrix as the algorithms see it: products and norms, read panel by panel."""

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any

import numpy as np
from scipy.linalg import get_blas_funcs

SIDE = 256  # a panel of 256 × 256 numbers stays in the second-level cache

Index = slice | np.ndarray  # the rows or columns of a panel


class Rearranged(ABC):
    """R(M / scale) in ``dtype``, known by panels that tile it; what knows more of itself overrides the rest."""

    dtype: np.dtype

    @property
    @abstractmethod
    def shape(self) -> tuple[int, int]:
        """m₁n₁ × m₂n₂."""

    @property
    @abstractmethod
    def T(self) -> Any:
        """Rᵀ, which is the rearrangement of the same matrix with its two factors exchanged."""

    @abstractmethod
    def panels(self, *, height: int = SIDE, width: int = SIDE) -> Iterator[tuple[Index, Index, np.ndarray]]:
        """Yield (rows, columns, panel) that tile R, all of about ``height · width`` numbers.

        With all rows asked for, each panel has them all. The next step may overwrite the panel; so may the caller.
        """

    @property
    def core(self) -> "Rearranged":
        """A matrix of the same singular values without the rows and columns of R that are known to vanish."""
        return self

    def lifted(self, left: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return singular vectors of the core (left, and right) as those of R."""
        return left, right

    @property
    def rest(self) -> float:
        """‖R‖ of what the core leaves out, 0 where it is exact."""
        return 0.0

    @property
    def work(self) -> int:
        """The numbers read by one product."""
        return math.prod(self.shape)

    def product(self, V: np.ndarray) -> np.ndarray:
        """Return R V."""
        total = np.zeros((self.shape[0], V.shape[1]), self.dtype)
        for rows, columns, panel in self.panels():
            total[rows] += panel @ V[columns]
        return total

    def adjoint_product(self, U: np.ndarray) -> np.ndarray:
        """Return Rᴴ U."""
        return self.T.product(U.conj()).conj()

    def residual_norms(self, left: np.ndarray, right: np.ndarray) -> tuple[float, float]:
        """Return ‖R − left rightᵀ‖ and ‖R‖ (Frobenius) in one pass; the difference is never formed whole."""
        residual = total = 0.0
        for rows, columns, panel in self.panels():
            total += sum_of_squares(panel)
            residual += sum_of_squares(less_product(panel, left[rows], right[columns]))
        return math.sqrt(residual), math.sqrt(total)

    def norm(self) -> float:
        """Return ‖R‖, which is ‖M / scale‖ (Frobenius)."""
        return math.sqrt(sum(sum_of_squares(panel) for _, _, panel in self.panels()))


def sum_of_squares(panel: np.ndarray) -> float:
    """Return ‖panel‖² (einsum, because the dot product of BLAS would start threads for so little)."""
    parts = (panel.real, panel.imag) if np.iscomplexobj(panel) else (panel,)
    return sum(float(np.einsum("ij,ij->i", part, part).sum(dtype=float)) for part in parts)


def less_product(panel: np.ndarray, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return panel − left rightᵀ in the memory of the panel: no temporary, which would take most of the time."""
    if not panel.flags.f_contiguous:
        return less_product(panel.T, right, left).T
    gemm = get_blas_funcs("gemm", (panel,))
    return gemm(-1, left, right, trans_b=True, beta=1, c=panel, overwrite_c=True)


def norm_of_product(X: np.ndarray, Y: np.ndarray) -> float:
    """Return ‖X Yᵀ‖ by the triangles of X and Y: nothing cancels, and nothing long is formed."""
    S: Any = np.linalg.qr(X, mode="r")
    T: Any = np.linalg.qr(Y, mode="r")
    return float(np.linalg.norm(S @ T.T))
