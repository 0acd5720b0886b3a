"""Partial differential equations on tensor grids, whose operators are Kronecker sums."""

from otimes.pde.axis import Axis
from otimes.pde.elliptic import Elliptic, EllipticSolution, poisson
from otimes.pde.grid import mesh
from otimes.pde.operators import advection, diffusion, helmholtz, laplacian, lift
from otimes.pde.time import (
    ETD1,
    ETD2RK,
    ETD3RK,
    ETDRK4,
    ExponentialRungeKutta,
    HochbruckOstermann4,
    Integrator,
    Strang,
    Tableau,
    Trajectory,
    evolve,
    phi,
    phi_combination,
    phi_multiply,
    progress_bar,
)

__all__ = [
    "ETD1",
    "ETD2RK",
    "ETD3RK",
    "ETDRK4",
    "Axis",
    "Elliptic",
    "EllipticSolution",
    "ExponentialRungeKutta",
    "HochbruckOstermann4",
    "Integrator",
    "Strang",
    "Tableau",
    "Trajectory",
    "advection",
    "diffusion",
    "evolve",
    "helmholtz",
    "laplacian",
    "lift",
    "mesh",
    "phi",
    "phi_combination",
    "phi_multiply",
    "poisson",
    "progress_bar",
]
