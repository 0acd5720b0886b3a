"""Iterative methods, asked for by name: what an operator does to vectors is all they use of it."""

from otimes.solvers.cg import CG
from otimes.solvers.gmres import GMRES
from otimes.solvers.iterative import Solution
from otimes.solvers.lsmr import LSMR
from otimes.solvers.minres import MINRES

__all__ = ["CG", "GMRES", "LSMR", "MINRES", "Solution"]
