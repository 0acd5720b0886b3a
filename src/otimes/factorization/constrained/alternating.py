"""Alternating iteration: one factor of all terms after the other, each by its best point in its set."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from otimes.factorization.constrained.matrix_set import MatrixSet
from otimes.factorization.multiway.alternating import Alternating

Sets = tuple[MatrixSet, MatrixSet]
Terms = tuple[np.ndarray, np.ndarray]  # the factors of all terms, row by row in columns


class Problem(Protocol):
    """‖M − Σ A_r ⊗ B_r‖, weighted or not, known to one factor at a time."""

    @property
    def T(self) -> "Problem":
        """The same with the factors exchanged."""
        ...

    def equations(self, fixed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the normal matrices and moments of the first factors, given the second ones in columns."""
        ...

    def error(self, left: np.ndarray, right: np.ndarray) -> float:
        """Return the relative error, measured on the residual."""
        ...


@dataclass(frozen=True)
class Fit:
    """Factors in columns, the error after each sweep, and whether the last one still changed them."""

    left: np.ndarray
    right: np.ndarray
    history: tuple[float, ...]
    converged: bool

    @property
    def error(self) -> float:
        """Relative error of these factors."""
        return self.history[-1]

    @property
    def sweeps(self) -> int:
        """How many there were."""
        return len(self.history) - 1


def alternate(problem: Problem, sets: Sets, start: Terms, settings: Alternating, *, bound: float) -> Fit:
    """Return the factors to which alternating updates lead; the error never rises, and is nowhere below the bound.

    Each sweep begins beyond the last one, by a share of its step that grows while that pays; where the error rises,
    the sweep is done again from where the last one ended, which cannot raise it.
    """
    reached = balanced(sets, start)
    history, beyond, ahead = [problem.error(*reached)], reached, 0.5
    converged = history[-1] <= bound
    for _ in range(settings.sweeps):
        if converged:
            break
        left = sets[0].update(beyond[0], *problem.equations(beyond[1]))
        further = left + ahead * (left - reached[0]) if beyond is not reached else left
        right = sets[1].update(beyond[1], *problem.T.equations(further))
        error = problem.error(left, right)
        if error > history[-1]:
            converged = beyond is reached  # no step lowers the error any more
            beyond, ahead = reached, ahead / 2
            continue
        beyond = left + ahead * (left - reached[0]), right + ahead * (right - reached[1])
        reached, ahead = (left, right), min(1.0, 1.1 * ahead)
        converged = error <= bound or history[-1] - error <= settings.rtol * error
        history.append(error)
    left, right = balanced(sets, reached)
    return Fit(left, right, tuple(history), converged)


def balanced(sets: Sets, terms: Terms) -> Terms:
    """Return the same terms with ‖A_r‖ = ‖B_r‖, where both sets allow it, largest first."""
    left, right = terms
    sizes = np.linalg.norm(left, axis=0), np.linalg.norm(right, axis=0)
    if all(one.is_cone for one in sets):
        both = (sizes[0] > 0) & (sizes[1] > 0)
        ratio = np.sqrt(np.divide(sizes[1], sizes[0], out=np.ones_like(sizes[0]), where=both))
        left, right = left * ratio, right / ratio
    order = np.argsort(-sizes[0] * sizes[1], kind="stable")
    return left[:, order], right[:, order]
