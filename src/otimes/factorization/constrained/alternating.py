"""Alternating iteration: one factor of all terms after the other, each by its best point in its set."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from otimes.core.threads import PAYING_COLUMNS, one_thread
from otimes.factorization.constrained.matrix_set import MatrixSet
from otimes.factorization.multiway.alternating import Alternating
from otimes.factorization.multiway.cut import Cut, tensor_of
from otimes.factorization.shapes import Shapes

Sets = tuple[MatrixSet, ...]
Terms = tuple[np.ndarray, ...]  # for each slot its factors in all terms, row by row in columns


class PairProblem(Protocol):
    """‖R − Σ left rightᵀ‖, weighted or not, known to one side at a time."""

    @property
    def T(self) -> "PairProblem":
        """The same with the sides exchanged."""
        ...

    def equations(self, fixed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the normal matrices (one for each entry, or one for all) and moments of the left, given the right."""
        ...

    def error(self, left: np.ndarray, right: np.ndarray) -> float:
        """Return the relative error, measured on the residual."""
        ...


@dataclass(frozen=True)
class Problem:
    """The same for N factors, those before and after a cut multiplied to a side."""

    pair: PairProblem
    cut: Cut

    def equations(self, k: int, factors: Terms) -> tuple[np.ndarray, np.ndarray]:
        """Return the normal matrices and moments of the factors of slot k, given the others."""
        left, right = self.cut.sides(factors)
        h = len(self.cut.left)
        if k < h:
            return _of_slot(k, factors[:h], self.cut.left, *self.pair.equations(right))
        return _of_slot(k - h, factors[h:], self.cut.right, *self.pair.T.equations(left))

    def error(self, factors: Terms) -> float:
        """Return the relative error, measured on the residual."""
        return self.pair.error(*self.cut.sides(factors))


def _of_slot(
    k: int, side: Sequence[np.ndarray], shapes: Shapes, normal: np.ndarray, moment: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return normal matrices and moments of one factor from those of its side."""
    terms = moment.shape[1]
    if len(side) == 1:
        return normal, moment
    pairs = [(F.conj()[:, :, None] * F[:, None, :]).reshape(len(F), -1) for F in side]
    moment = _contracted(tensor_of(moment, shapes), [F.conj() for F in side], k)
    if len(normal) > 1:
        normal = _contracted(tensor_of(normal.reshape(len(normal), -1), shapes), pairs, k)
        return normal.reshape(-1, terms, terms), moment
    others = (pair.sum(axis=0).reshape(terms, terms) for j, pair in enumerate(pairs) if j != k)
    return np.prod([normal[0], *others], axis=0)[None], moment


def _contracted(tensor: np.ndarray, columns: list[np.ndarray], k: int) -> np.ndarray:
    """Return the tensor times the columns in all axes but k, term by term."""
    for j in reversed(range(len(columns))):
        if j != k:
            tensor = np.einsum("...jr,jr->...r", np.moveaxis(tensor, j, -2), columns[j])
    return tensor


@dataclass(frozen=True)
class Fit:
    """Factors, the error after each sweep, and whether the last one brought nothing more."""

    factors: Terms
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

    @property
    def terms(self) -> int:
        """How many there are."""
        return self.factors[0].shape[1]


def alternate(problem: Problem, sets: Sets, start: Terms, settings: Alternating, *, bound: float) -> Fit:
    """Return the factors to which alternating updates lead; the error never rises, and is nowhere below the bound.

    Each sweep begins beyond the last one, by a share of its step that grows while that pays; where the error rises,
    the sweep is done again from where the last one ended, which cannot raise it.
    """
    with one_thread(max(max(one.shape) for one in sets) < PAYING_COLUMNS):
        return _alternated(problem, sets, balanced(sets, start), settings, bound)


def _alternated(problem: Problem, sets: Sets, reached: Terms, settings: Alternating, bound: float) -> Fit:
    history, beyond, ahead = [problem.error(reached)], reached, 0.5
    converged = history[-1] <= bound
    for _ in range(settings.sweeps):
        if converged:
            break
        swept = _swept(problem, sets, beyond, reached, 0.0 if beyond is reached else ahead)
        error = problem.error(swept)
        if error > history[-1]:
            converged = beyond is reached  # no step lowers the error any more
            beyond, ahead = reached, ahead / 2
            continue
        beyond = tuple(F + ahead * (F - G) for F, G in zip(swept, reached, strict=True))
        reached, ahead = swept, min(1.0, 1.1 * ahead)
        converged = error <= bound or history[-1] - error <= settings.rtol * error
        history.append(error)
    return Fit(balanced(sets, reached), tuple(history), converged)


def _swept(problem: Problem, sets: Sets, factors: Terms, before: Terms, ahead: float) -> Terms:
    """Return an update of each factor; the next ones see it this share of its step farther."""
    seen, swept = list(factors), []
    for k, one in enumerate(sets):
        F = one.update(factors[k], *problem.equations(k, tuple(seen)))
        seen[k] = F + ahead * (F - before[k])
        swept.append(F)
    return tuple(swept)


def balanced(sets: Sets, factors: Terms) -> Terms:
    """Return the same terms, largest first, with the factors of one norm whose sets allow it."""
    sizes = np.array([np.linalg.norm(F, axis=0) for F in factors])
    order = np.argsort(-sizes.prod(axis=0), kind="stable")
    cones = np.array([one.is_cone for one in sets])
    if cones.sum() > 1 and (sizes > 0).all():
        shares = np.ones_like(sizes)
        shares[cones] = np.exp(np.log(sizes[cones]).mean(axis=0)) / sizes[cones]
        factors = tuple(F * share.astype(F.real.dtype) for F, share in zip(factors, shares, strict=True))
    return tuple(F[:, order] for F in factors)
