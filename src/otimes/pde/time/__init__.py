"""Evolution in time: exponentials of Kronecker sums, φ-functions, and exponential integrators."""

from otimes.pde.time.evolve import evolve, phi_combination, phi_multiply
from otimes.pde.time.exponential_runge_kutta import ExponentialRungeKutta, Tableau
from otimes.pde.time.integrator import Integrator
from otimes.pde.time.methods import ETD1, ETD2RK, ETD3RK, ETDRK4, HochbruckOstermann4
from otimes.pde.time.phi import phi
from otimes.pde.time.progress import progress_bar
from otimes.pde.time.strang import Strang
from otimes.pde.time.trajectory import Trajectory

__all__ = [
    "ETD1",
    "ETD2RK",
    "ETD3RK",
    "ETDRK4",
    "ExponentialRungeKutta",
    "HochbruckOstermann4",
    "Integrator",
    "Strang",
    "Tableau",
    "Trajectory",
    "evolve",
    "phi",
    "phi_combination",
    "phi_multiply",
    "progress_bar",
]
