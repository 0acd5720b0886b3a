"""Exponential Runge–Kutta methods: a table of φ-functions each, and the one step that all of them make.

With G_i = g(t + c_i h, U_i) the stages are U_i = exp(c_i h A) u + h Σ_j<i a_ij(h A) G_j, and the step is
exp(h A) u + h Σ_i b_i(h A) G_i. The functions a_ij and b_i are combinations of φ_p(c h A).
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from otimes.pde.time.integrator import Integrator, Step
from otimes.pde.time.linear_part import LinearPart, Row
from otimes.pde.time.problem import Problem


@dataclass(frozen=True)
class Tableau:
    """The nodes c, and a row of combinations for each stage but the first, and for the step: of u, h G₁, h G₂."""

    nodes: tuple[float, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, kw_only=True)
class ExponentialRungeKutta(Integrator):
    """An exponential Runge–Kutta method; the settings are those of `Integrator`."""

    tableau: ClassVar[Tableau]

    def _advance(self, problem: Problem, part: LinearPart, h: float) -> Step:
        *stages, step = part.rows(h, self.tableau.rows)
        rate = 0.0 if problem.rate is None else part.forward(problem.rate)

        def rates(t: float, x: np.ndarray) -> np.ndarray:
            return h * (part.forward(problem.g(t, part.backward(x))) + rate)

        def advance(t: float, x: np.ndarray) -> np.ndarray:
            vectors = [x, rates(t, x)]
            for c, stage in zip(self.tableau.nodes[1:], stages, strict=True):
                vectors.append(rates(t + c * h, stage(vectors)))
            return step(vectors)

        return advance
