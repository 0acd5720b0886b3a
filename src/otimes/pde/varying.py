"""Problems whose coefficients are fields: conjugate gradients, preconditioned by the nearest separable problem."""

import math
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import scipy.sparse
import scipy.sparse.linalg

import otimes as ox
from otimes.errors import NotConverged, StructureError
from otimes.pde.axis import Axis
from otimes.pde.boundary import Faces
from otimes.pde.coefficients import at_sites, diffusivity_parts, is_field
from otimes.pde.fields import Fluxes, geometric_fit, require_volumes
from otimes.pde.grid import evaluated, open_mesh, shape_of, weighted
from otimes.pde.separable import mass_operators, weak_operator

EIGEN_RTOL, EIGEN_MAXITER = 1e-8, 200  # of residuals relative to the largest eigenvalue asked for
GUARD = 5  # at the least, vectors beyond those asked for, which make these converge


class Varying:
    """The finite volumes of −∇·(a ∇u) + c u with fields a on the cells and c at the unknowns.

    The preconditioner has a₁ ⊗ … ⊗ a_d in place of a, the nearest in the logarithm, and is solved directly, between
    scalings to the diagonal of the problem, by which the number of iterations hardly grows with a smooth contrast.

    References
    ----------
    Concus & Golub (1973), Use of fast direct methods for the efficient numerical solution of nonseparable elliptic
    equations, for the scaling.
    """

    def __init__(self, axes: Sequence[Axis], coefficient: Any, potential: Any):
        require_volumes(axes, "the coefficient or the potential")
        self.axes = axes
        c = evaluated(potential, [axis.x for axis in axes], "the potential")
        if c.dtype.kind == "c" or c.min() < 0:
            raise StructureError(
                "the potential must be real and not negative where coefficients are fields, for conjugate gradients; "
                "MINRES and GMRES take diffusion(…) + diag(V) otherwise"
            )
        a, parts, weights = _coefficients(axes, coefficient)
        self.fluxes = Fluxes(axes, a)
        reaction = weighted(axes, c)
        self.weak = ox.aslinearoperator(self.fluxes.matrix() + scipy.sparse.diags_array(reaction.reshape(-1)))
        stiffness = [axis.matrix(axis.discretization.stiffness(part)) for axis, part in zip(axes, parts, strict=True)]
        masses = mass_operators(axes, weights)
        self.free = all(axis.singular for axis in axes) and not reaction.any()
        volume = math.prod(float(ox.trace(M)) for M in masses)
        self.inverse = _definite(weak_operator(axes, stiffness, masses), float(reaction.sum()) / volume, self.free)
        ratio = ox.diagonal(self.weak) / ox.diagonal(self.inverse.operator)
        self.scaling = np.sqrt(ratio)[:, None]

    def lifted(self, faces: Faces) -> np.ndarray:
        """Return the part of the boundary data in the weak form."""
        return -self.fluxes.inflow(faces)

    def precondition(self, R: np.ndarray) -> np.ndarray:
        """Return S⁻¹ P⁻¹ S⁻¹ R for the separable P and the diagonal S that gives it the diagonal of A."""
        return self.inverse.solve(R / self.scaling) / self.scaling

    def solve(self, b: np.ndarray, rtol: float, maxiter: int) -> tuple[np.ndarray, int]:
        """Return the solution to a relative residual, and the number of iterations."""
        method = ox.CG(rtol=rtol, maxiter=maxiter, preconditioner=self.precondition)
        solution = method.solve(self.weak, b.reshape(-1)).checked()
        value = solution.value.reshape(shape_of(self.axes))
        if self.free:
            value = value - weighted(self.axes, value).sum() / weighted(self.axes, 1.0).sum()
        return value, solution.iterations

    def eigenpairs(self, k: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the k lowest eigenvalues, and vectors (n, k), by LOBPCG from those of the separable problem.

        It is done for W^(−½) A W^(−½) with the volumes W, whose vectors are orthogonal as such.
        """
        root = np.sqrt(weighted(self.axes, 1.0).reshape(-1))[:, None]
        count = min(k + max(GUARD, k // GUARD), self.weak.shape[0])
        start = self.inverse.eigenpairs(count)
        tolerance = EIGEN_RTOL * float(abs(start.eigenvalues[-1]))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # what was reached is looked at below
            values, vectors = scipy.sparse.linalg.lobpcg(
                lambda X: (self.weak @ (X / root)) / root,
                np.asarray(start.eigenvectors) * root,
                M=lambda R: self.precondition(R * root) * root,
                tol=tolerance,
                maxiter=EIGEN_MAXITER,
                largest=False,
            )
        order = np.argsort(values)[:k]
        values, vectors = values[order], vectors[:, order] / root
        residual = (self.weak @ vectors) / root - (root * vectors) * values
        reached = float(np.linalg.norm(residual, axis=0).max())
        if reached > 10 * tolerance:
            raise NotConverged(
                f"eigenpairs: LOBPCG reached residuals of {reached:.3g} in {EIGEN_MAXITER} iterations, and due was "
                f"{tolerance:.3g}; the coefficient is too rough for a separable preconditioner. Fewer eigenpairs, or "
                "eigsh of diffusion(…) by shift and invert, are other ways",
                (values, vectors),
            )
        return values, vectors


def _definite(P: ox.LinearOperator, shift: float, free: bool) -> ox.FastDiagonalization:
    """Return the decomposition of P + shift M, or for constants in its null space of P + λ₂ M."""
    if free:
        shift = float(ox.FastDiagonalization(P).eigenvalues(2)[1])
    return ox.FastDiagonalization(P, shift=shift)


def _coefficients(axes: Sequence[Axis], coefficient: Any) -> tuple[list[np.ndarray], list[np.ndarray], list]:
    """Return the fields a along each axis, and for the separable problem its parts, and the weights of its masses."""
    if is_field(coefficient):
        a = at_sites(axes, coefficient, "the coefficient")
        parts = geometric_fit(axes, a)
        return [a] * len(axes), parts, parts
    parts = diffusivity_parts(axes, coefficient, "the coefficient")
    shape = tuple(map(len, parts))
    return [np.broadcast_to(part, shape) for part in open_mesh(parts)], parts, [None] * len(axes)
