"""What time stepping returns."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from otimes.pde.time.integrator import Integrator


@dataclass(frozen=True, slots=True)
class Trajectory:
    """The solution u at the times t, the number of steps taken, and an estimate of the largest relative error.

    `u` has the times in front of the axes of the state: `u[0]` is the initial state. `error` is None where the step was
    given: solve once more with half of it, or set rtol=.
    """

    t: np.ndarray
    u: np.ndarray
    steps: int
    error: float | None
    integrator: "Integrator" = field(repr=False)

    @property
    def final(self) -> np.ndarray:
        """The state at the last time."""
        return self.u[-1]

    def __repr__(self) -> str:
        name = type(self.integrator).__name__
        error = "" if self.error is None else f", error {self.error:.2g}"
        return (
            f"Trajectory({len(self.t)} times in [{self.t[0]:g}, {self.t[-1]:g}], {self.steps} steps of {name}{error})"
        )
