"""Strang splitting: the flow of the linear part between two halves of that of the rest."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from otimes.errors import DTypeError
from otimes.pde.time.choice import by_exponentials
from otimes.pde.time.integrator import Integrator, Step
from otimes.pde.time.linear_part import LinearPart
from otimes.pde.time.problem import Problem


@dataclass(frozen=True, kw_only=True)
class Strang(Integrator):
    """Strang splitting, of order 2: half a step of u' = g(t, u), one of M u' = A u + f, half a step of u' = g(t, u).

    The linear step is one product of matrices along each axis, the cheapest of all methods, and keeps what it keeps:
    norms of quantum states, positivity, maxima. Boundary data reduce the order to 1 near the boundary, unless g
    vanishes there. The other settings are those of `Integrator`.

    Attributes
    ----------
    flow : callable, optional
        flow(t, h, u), the solution of u' = g(t, u) after a time h from u at t, where it is known in closed form; g may
        then be None. Without it a step of the classical Runge–Kutta method stands for it.

    References
    ----------
    Strang (1968), On the construction and comparison of difference schemes, SIAM J. Numer. Anal. 5, 506-517; Einkemmer
    & Ostermann (2015), Overcoming order reduction in diffusion-reaction splitting, SIAM J. Sci. Comput. 37.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> from otimes import pde
    >>> A = ox.kronsum([[0.0, 0.5], [0.5, 0.0]], [[0.0]])
    >>> V = np.array([[1.0], [3.0]])
    >>> phases = pde.Strang(step=0.01, flow=lambda t, h, u: np.exp(-1j * h * V) * u)
    >>> state = phases.solve(-1j * A, None, np.array([[1.0 + 0j], [0.0]]), 2.0).final
    >>> (abs(state[:, 0]) ** 2).round(4), float(np.linalg.norm(state).round(12))
    (array([0.8762, 0.1238]), 1.0)
    """

    flow: Callable[[float, float, np.ndarray], Any] | None = None

    order: ClassVar[int] = 2

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.flow is not None and not callable(self.flow):
            raise DTypeError(f"Strang: flow={self.flow!r} cannot be called; give a function flow(t, h, u)")

    def _linear_part(self, problem: Problem) -> LinearPart:
        return by_exponentials(problem.blocks)

    def _advance(self, problem: Problem, part: LinearPart, h: float) -> Step:
        exponential, response = part.rows(h, [[{(0, 1.0): 1}], [{(1, 1.0): 1}]])
        added = 0.0 if problem.rate is None else response([h * problem.rate])

        def advance(t: float, u: np.ndarray) -> np.ndarray:
            u = self._flow(problem, t, h / 2, u)
            u = exponential([u]) + added
            return self._flow(problem, t + h / 2, h / 2, u)

        return advance

    def _flow(self, problem: Problem, t: float, h: float, u: np.ndarray) -> np.ndarray:
        """Return the solution of u' = g(t, u) after a time h."""
        if self.flow is not None:
            return problem.checked(self.flow(t, h, problem.field(u)), "flow")
        first = problem.g(t, u)
        second = problem.g(t + h / 2, u + h / 2 * first)
        third = problem.g(t + h / 2, u + h / 2 * second)
        fourth = problem.g(t + h, u + h * third)
        return u + h / 6 * (first + 2 * second + 2 * third + fourth)
