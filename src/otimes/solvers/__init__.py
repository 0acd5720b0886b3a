"""Iterative methods and stochastic estimates: never used unasked, and of an operator they use products only."""

from otimes.solvers.cg import CG
from otimes.solvers.diagonal_estimate import diagonal_estimate
from otimes.solvers.gmres import GMRES
from otimes.solvers.iterative import Solution
from otimes.solvers.logdet_estimate import logdet_estimate
from otimes.solvers.lsmr import LSMR
from otimes.solvers.minres import MINRES
from otimes.solvers.probes import Estimate
from otimes.solvers.trace_estimate import trace_estimate

__all__ = [
    "CG",
    "GMRES",
    "LSMR",
    "MINRES",
    "Estimate",
    "Solution",
    "diagonal_estimate",
    "logdet_estimate",
    "trace_estimate",
]
