"""Partial differential equations on tensor grids, whose operators are Kronecker sums."""

from otimes.pde.axis import Axis
from otimes.pde.grid import mesh
from otimes.pde.operators import advection, diffusion, helmholtz, laplacian, lift

__all__ = ["Axis", "advection", "diffusion", "helmholtz", "laplacian", "lift", "mesh"]
