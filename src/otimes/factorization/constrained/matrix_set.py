"""A set of matrices that a factor is asked to be in, and the step of an alternating iteration within it."""

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from otimes.factorization.shapes import Shape

if TYPE_CHECKING:
    from otimes.factorization.constrained.subspace import Subspace


class MatrixSet(ABC):
    """A closed set of matrices of one shape, known by its nearest points.

    With the other factors fixed, the error of a sum of terms is, as a function of one factor, the square of the
    distance to a target, times a weight: so the best factor of the set is the point of it that is nearest to the
    target. That holds for every closed set, convex or not.
    """

    name: str
    shape: Shape
    is_cone: ClassVar[bool] = True  # whether it contains c A for every A in it and c ≥ 0
    is_convex: ClassVar[bool] = True
    inherited: ClassVar[str] = ""  # when the nearest product to M has this structure without being asked

    @property
    @abstractmethod
    def span(self) -> "Subspace":
        """A subspace that contains the set: the relaxed problem there is solved exactly."""

    @abstractmethod
    def nearest(self, A: np.ndarray) -> np.ndarray:
        """Return the point of the set that is nearest to A in the Frobenius norm."""

    def sized(self, A: np.ndarray) -> np.ndarray:
        """Return a multiple of A that has the size of members of the set."""
        return A

    def step_weight(self, weight: np.ndarray) -> np.ndarray:
        """Return the weight of each entry in a distance that is nowhere below Σ weight |A − target|².

        Projections are known for equal weights only, so that this is the largest; its minimum then is no worse
        than where it was taken (majorization), and for equal weights it is the minimum itself.
        """
        return np.full_like(weight, weight.max())

    def update(self, columns: np.ndarray, normal: np.ndarray, moment: np.ndarray) -> np.ndarray:
        """Return the factors (row by row, in columns) after one step for each of them, which lowers the error.

        The error is, up to a constant, Σ_i a_iᴴ N_i a_i − 2 Re a_iᴴ c_i with a_i the i-th entries of all factors,
        N = `normal` (one R × R matrix for each i, or one for all) and c = `moment`.
        """
        columns = columns.copy()
        for r in range(columns.shape[1]):
            slope = moment[:, r] - (normal[:, r, :] * columns).sum(axis=1)
            weight = self.step_weight(normal[:, r, r].real)
            step = np.divide(slope, weight, out=np.zeros_like(slope), where=np.broadcast_to(weight > 0, slope.shape))
            columns[:, r] = self.nearest((columns[:, r] + step).reshape(self.shape)).ravel()
        return columns
