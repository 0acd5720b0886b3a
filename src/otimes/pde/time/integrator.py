"""What the integrators share: their settings, the loop over steps, and the control of the error."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from otimes.errors import DTypeError, NonFiniteError, NotConverged, ShapeError
from otimes.pde.time.choice import linear_part
from otimes.pde.time.linear_part import LinearPart
from otimes.pde.time.problem import Problem, read_problem
from otimes.pde.time.trajectory import Trajectory

HALVINGS = 20  # of the step, for rtol=
SAME_STEP = 1e-14  # relative difference of two steps that share their φ-functions

Step = Callable[[float, np.ndarray], np.ndarray]  # (t, coordinates) ↦ coordinates at t + h


@dataclass(frozen=True, kw_only=True)
class Integrator:
    """The settings of a one-step method for M u' = A u + f + M g(t, u).

    Attributes
    ----------
    step : float
        The longest time step: each interval between two times asked for is cut into equal steps not above it.
    rtol : float, optional
        Halve the step, from `step` on, until the estimated error of the solution is below rtol: the largest over all
        times and points, against the largest entry. It is estimated from the last solutions, without faith in the
        order of the method, which stiffness and boundaries reduce.
    progress : callable, optional
        Called with the number of steps done and of all steps, after each; see `progress_bar`.
    """

    step: float
    rtol: float | None = None
    progress: Callable[[int, int], Any] | None = None

    order: ClassVar[int]

    def __post_init__(self) -> None:
        for name in ("step", "rtol"):
            value = getattr(self, name)
            if name == "rtol" and value is None:
                continue
            if not (isinstance(value, (int, float, np.number)) and 0 < value < math.inf):
                raise ShapeError(f"{type(self).__name__}: {name}={value!r} must be a number > 0")
        if self.progress is not None and not callable(self.progress):
            raise DTypeError(f"{type(self).__name__}: progress={self.progress!r} cannot be called")

    def solve(self, A: Any, g: Any, u0: Any, t: Any, *, source: Any = None) -> Trajectory:
        """Return the solution of M u' = A u + f + M g(t, u) from u0.

        Parameters
        ----------
        A : operator or array_like, (n, n)
            The stiff linear part, as in `evolve`: a Kronecker sum, with masses or without, or `ox.block_diag` of one
            for each component of a system.
        g : callable
            g(t, u) for a state u of the shape of u0, an array of its shape: what is left of u' at every point.
        u0 : array_like, (n₁, …, n_N), (components, n₁, …, n_N) or (n,)
        t : float or array_like, (m,)
            The times of which the solution is wanted, increasing; the first is that of u0. One number T is (0, T).
        source : array_like of the shape of u0, optional
            f, constant in time, in the weak form of A: what `lift` makes of boundary data.

        Returns
        -------
        Trajectory
            u of shape (m, …) at the times t.

        Raises
        ------
        ShapeError
            u0, source or what g returns is not on the grid of A; times do not increase.
        NonFiniteError
            NaN or infinite entries, given or reached: the solution blows up, or the step is too long for g.
        NotConverged
            rtol is not met after 20 halvings; what was reached is error.solution.
        DTypeError
            g is no function, or returns complex values for a real state.
        StructureError, TooLarge
            As in `evolve`.
        """
        problem = read_problem(self, A, g, u0, t, source)
        part = self._linear_part(problem)
        return self._run(problem, part, self.step) if self.rtol is None else self._refined(problem, part, self.rtol)

    def _refined(self, problem: Problem, part: LinearPart, rtol: float) -> Trajectory:
        """Return the solution with the first step, of those halved, whose estimated error is below rtol."""
        step, last = min(self.step, float(np.diff(problem.times).max())), math.inf
        solution = self._run_unless_it_overflows(problem, part, step)
        for _ in range(HALVINGS):
            step /= 2
            finer = self._run_unless_it_overflows(problem, part, step)
            if finer is not None and solution is not None:
                difference = _relative(finer.u - solution.u, finer.u)
                error = difference / max(last / difference - 1, 1) if 0 < difference < last < math.inf else difference
                finer, last = replace(finer, error=error), difference
                if error <= rtol:
                    return finer
            solution = finer
        reached = (
            "no step gave a finite solution" if solution is None else f"the estimated error is {solution.error:.3g}"
        )
        raise NotConverged(
            f"{type(self).__name__}: {reached} after {HALVINGS} halvings of the step, and rtol={rtol:g} was asked for; "
            "what was reached is error.solution",
            solution,
        )

    def _run_unless_it_overflows(self, problem: Problem, part: LinearPart, longest: float) -> Trajectory | None:
        """Return the solution, or None where the step is so long that it is not finite."""
        try:
            with np.errstate(over="ignore", invalid="ignore"):
                return self._run(problem, part, longest)
        except NonFiniteError:
            return None

    def _linear_part(self, problem: Problem) -> LinearPart:
        """Return the linear part in the coordinates the method computes in."""
        return linear_part(problem.blocks, problem.dtype)

    def _advance(self, problem: Problem, part: LinearPart, h: float) -> Step:
        """Return the map of one step of length h."""
        raise NotImplementedError(f"{type(self).__name__} does not say how it steps: define _advance")

    def _run(self, problem: Problem, part: LinearPart, longest: float) -> Trajectory:
        """Return the solution with steps of at most a given length."""
        times = problem.times
        counts = [max(1, math.ceil(width / longest * (1 - 1e-12))) for width in np.diff(times).tolist()]
        u = np.empty((len(times), problem.u0.size), problem.dtype)
        u[0], x, done, h = problem.u0, part.forward(problem.u0.astype(problem.dtype)), 0, 0.0
        for i, count in enumerate(counts):
            width = float(times[i + 1] - times[i])
            if not math.isclose(width / count, h, rel_tol=SAME_STEP):
                h = width / count
                advance = self._advance(problem, part, h)
            for k in range(count):
                x = advance(float(times[i]) + k * h, x)
                done += 1
                if not np.isfinite(x).all():
                    raise NonFiniteError(
                        f"{type(self).__name__}: the solution is not finite at t = {times[i] + (k + 1) * h:.6g}, after "
                        f"{done} steps of {h:.3g}: it blows up, or the step is too long for g"
                    )
                if self.progress is not None:
                    self.progress(done, sum(counts))
            u[i + 1] = part.backward(x)
        return Trajectory(times, u.reshape(len(times), *problem.shape), done, None, self)


def _relative(difference: np.ndarray, u: np.ndarray) -> float:
    """Return the largest entry of a difference against the largest of u."""
    largest = float(abs(u).max(initial=0))
    return float(abs(difference).max(initial=0)) / largest if largest else 0.0
