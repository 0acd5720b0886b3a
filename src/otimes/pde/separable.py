"""Separable problems: Kronecker sums of one pair of matrices per axis, decomposed once."""

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

import otimes as ox
from otimes.errors import SingularError
from otimes.pde.axis import Axis
from otimes.pde.boundary import Faces, lifted_sum

EPS = float(np.finfo(float).eps)
NEAR = 1e-6  # |λ + c| / |c| below which a warning is due


def mass_operators(axes: Sequence[Axis], weights: Sequence[np.ndarray | None]) -> list[Any]:
    """Return the mass matrix of each axis, weighted by a coefficient or not, in the cheapest form."""
    found: list[Any] = []
    for axis, c in zip(axes, weights, strict=True):
        if axis.lumped:
            found.append(ox.diag(axis.weights if c is None else axis.row_sums(axis.discretization.mass(c))))
        else:
            found.append(axis.matrix(axis.discretization.mass(c)))
    return found


def weak_operator(axes: Sequence[Axis], stiffness: Sequence[np.ndarray], masses: Sequence[Any]) -> ox.LinearOperator:
    """Return Σᵢ M₁ ⊗ … ⊗ Kᵢ ⊗ … ⊗ M_d."""
    plain = all(axis.scheme == "chebyshev" for axis in axes)
    return ox.kronsum(*stiffness, masses=None if plain else masses)


class Separable:
    """The weak form of −Σᵢ ∂ᵢ(aᵢ ∂ᵢu) + (Σᵢ cᵢ + c) u, with aᵢ and cᵢ functions of their own coordinate."""

    def __init__(self, axes: Sequence[Axis], a: Sequence[np.ndarray], potentials: Sequence[np.ndarray], c: complex):
        self.axes = axes
        self.forms = [axis.discretization.stiffness(values) for axis, values in zip(axes, a, strict=True)]
        stiffness = [axis.matrix(form) + V for axis, form, V in zip(axes, self.forms, potentials, strict=True)]
        bare = weak_operator(axes, stiffness, mass_operators(axes, [None] * len(axes)))
        self.free = all(axis.singular for axis in axes) and not c and not any(V.any() for V in potentials)
        self.inverse = ox.FastDiagonalization(bare, shift=c, null="project", rtol=_zero(axes))
        self.weak = self.inverse.operator

    def lifted(self, faces: Faces) -> np.ndarray:
        """Return the part of the boundary data in the weak form."""
        return lifted_sum(self.axes, self.forms, faces)

    def solve(self, b: np.ndarray, rtol: float, maxiter: int) -> tuple[np.ndarray, int]:  # noqa: ARG002  direct
        """Return the solution, and no iterations."""
        return self.inverse.solve(b), 0

    def eigenpairs(self, k: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the k lowest eigenvalues, and vectors (n, k)."""
        values, vectors = self.inverse.eigenpairs(k)
        return values, np.asarray(vectors)


def _zero(axes: Sequence[Axis]) -> float | None:
    """Return |λ| / max |λ| of a zero: with diagonal masses these, however unequal, leave no more than the sizes do."""
    return sum(map(len, axes)) * EPS if all(axis.lumped and axis.scheme != "chebyshev" for axis in axes) else None


def require_regular(system: Separable, c: complex) -> None:
    """Raise where more eigenvalues are zero than are due, and warn where c is close to making one zero."""
    inverse = system.inverse
    wave = bool(np.isreal(c) and np.real(c) < 0)
    if inverse.nullity > system.free:
        cause = (
            f"a resonance at the wavenumber {abs(c) ** 0.5:.15g}; another, or a complex one, is regular"
            if wave
            else "points that are spaced too unevenly for double precision, a potential that is the negative of an "
            "eigenvalue, or a Robin condition of α and β with opposite signs"
        )
        raise SingularError(
            f"the problem is singular, with {inverse.nullity} eigenvalues that are zero to rounding: {cause}"
        )
    if wave:
        nearest = complex(inverse.eigenvalues(1, sigma=0.0)[0])
        if abs(nearest) < NEAR * abs(c):
            warnings.warn(
                f"near resonance: the wavenumber squared, {-np.real(c):.12g}, is {abs(nearest):.3g} from an eigenvalue "
                f"of the grid, which multiplies errors of f by up to {1 / inverse.condition:.2g}",
                RuntimeWarning,
                stacklevel=4,
            )
