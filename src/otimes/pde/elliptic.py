"""Elliptic problems on a tensor grid, solved directly where they are separable and else by iterations."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

import otimes as ox
from otimes.errors import ShapeError, SingularError, StructureError
from otimes.pde.boundary import Data, Faces, extended, faces_of
from otimes.pde.coefficients import diffusivity_parts, is_field, number, potential_matrices
from otimes.pde.grid import Axes, axes_of, shape_of, weighted
from otimes.pde.separable import Separable, require_regular
from otimes.pde.varying import Varying

COMPATIBLE = (
    1e-8  # of the source that may remain in a problem that only has fluxes, relative to its integral in modulus
)


@dataclass(frozen=True, slots=True, eq=False)
class EllipticSolution:
    """A solution: u at the unknowns, and how it was found.

    Attributes
    ----------
    value : (n₁, …, n_d)
        u at the unknowns, `mesh(axes)`.
    iterations : int
        0 for a direct solution.
    problem : Elliptic
    right_side : (n₁, …, n_d)
        That of the weak form, with the boundary data in it.
    faces : list
        The boundary data of each axis on the points of its faces.
    """

    value: np.ndarray
    iterations: int
    problem: "Elliptic"
    right_side: np.ndarray
    faces: Faces

    @property
    def condition(self) -> float:
        """The ratio min |λ| / max |λ| of the operator, or of its preconditioner; errors of f grow up to its inverse."""
        return self.problem.inverse.condition

    @property
    def on_points(self) -> np.ndarray:
        """(N₁, …, N_d), u at all points, `mesh(axes, boundary=True)`: those with a given u included."""
        return extended(self.problem.axes, self.value, self.faces)

    @property
    def residual(self) -> float:
        """‖b − A u‖ / ‖b‖ of the discrete equations, computed when it is asked for."""
        b = self.right_side.reshape(-1)
        size = float(np.linalg.norm(b))
        return float(np.linalg.norm(b - self.problem.weak @ self.value.reshape(-1))) / (size or 1.0)


class Elliptic:
    """−∇·(a ∇u) + c u = f on a tensor grid, set up once and solved for any number of sources and boundary data.

    Parameters
    ----------
    axes : Axis or sequence of Axis
        With the boundary conditions.
    coefficient : number, sequence, callable or array
        a > 0. One number or, in a list, one for each axis, or a function aᵢ(xᵢ) for each: −Σᵢ ∂ᵢ(aᵢ ∂ᵢu), solved
        directly. A function of all the coordinates, or an array of values on the cells: solved by iterations, on axes
        of the schemes "fd2" and "cell".
    potential : number, sequence, callable or array
        c. A number, −k² for waves of wavenumber k, complex where they are absorbed; in a list a number or a function
        cᵢ(xᵢ) for each axis, whose sum it is: solved directly. Else a field, as for `coefficient`, at the unknowns.
    null : {"raise", "project"}
        What is done with a source that does not balance where u is determined up to a constant.

    Attributes
    ----------
    inverse : FastDiagonalization
        Of the weak form, or of the separable one nearest to it, by which iterations are preconditioned.
    weak : LinearOperator, (n, n)
        The weak form, which is symmetric but for Chebyshev axes.

    Raises
    ------
    SingularError
        A resonance: c is the negative of an eigenvalue, to rounding. Close to one there is a RuntimeWarning.
    StructureError, ShapeError, DTypeError, NonFiniteError
        Coefficients that are not positive, or of a wrong shape or kind; schemes that do not take fields.

    Notes
    -----
    Decomposing costs some 20 Σ nᵢ³ operations, a direct solution 4 Σ nᵢ for each unknown, and so does an iteration.

    References
    ----------
    Lynch, Rice & Thomas (1964), Direct solution of partial difference equations by tensor product methods; Concus &
    Golub (1973), Use of fast direct methods for the efficient numerical solution of nonseparable elliptic equations.

    Examples
    --------
    >>> import numpy as np
    >>> from otimes import pde
    >>> axes = [pde.Axis(24, (-1, 1), scheme="chebyshev"), pde.Axis(24, (-1, 1), scheme="chebyshev")]
    >>> waves = pde.Elliptic(axes, potential=-(9.0**2))  # Helmholtz's equation
    >>> u = waves.solve(lambda x, y: -np.exp(-10 * ((y - 1) ** 2 + (x - 0.5) ** 2)))
    >>> u.value.shape, u.residual < 1e-10
    ((22, 22), True)
    """

    def __init__(self, axes: Axes, *, coefficient: Any = 1.0, potential: Any = 0.0, null: str = "raise"):
        self.axes = axes_of(axes, "Elliptic")
        if null not in ("raise", "project"):
            raise StructureError(f'Elliptic: null={null!r} is neither "raise" nor "project"')
        self.null = null
        self.system = self._system(coefficient, potential)

    def _system(self, coefficient: Any, potential: Any) -> Separable | Varying:
        """Return the discrete equations."""
        if is_field(coefficient) or is_field(potential):
            return Varying(self.axes, coefficient, potential)
        a = diffusivity_parts(self.axes, coefficient, "Elliptic: coefficient")
        along_axes = isinstance(potential, (tuple, list))
        c = 0.0 if along_axes else number(potential, "the potential")
        potentials = [np.zeros(())] * len(self.axes)
        if along_axes:
            potentials = potential_matrices(self.axes, potential, "Elliptic: potential")
        system = Separable(self.axes, a, potentials, c)
        require_regular(system, c)
        return system

    @property
    def weak(self) -> ox.LinearOperator:
        """The weak form, (n, n)."""
        return self.system.weak

    @property
    def inverse(self) -> ox.FastDiagonalization:
        """The decomposition of the separable weak form."""
        return self.system.inverse

    def solve(
        self,
        f: Any,
        data: Data | None = None,
        *,
        corners: str = "raise",
        rtol: float = 1e-10,
        maxiter: int = 1000,
    ) -> EllipticSolution:
        """Return the solution for a source and boundary data.

        Parameters
        ----------
        f : number, callable or array
            A function of the coordinates, or values at the unknowns or at all points; with elements at all points.
        data : dict, optional
            {(axis, "low" or "high"): g} of faces whose data are not zero, as in `lift`.
        corners : {"raise", "first"}
            As in `lift`.
        rtol, maxiter : float, int
            Of the iterations, where coefficients are fields: the relative residual to reach, and how many at most.

        Returns
        -------
        EllipticSolution
            Where u is determined up to a constant, that of mean zero.

        Raises
        ------
        SingularError
            u is determined up to a constant, and the source and the fluxes of the data do not balance.
        NotConverged
            The iterations stopped before `rtol`.
        StructureError, ShapeError, DTypeError, NonFiniteError
            What is wrong with the source or the data.
        """
        faces = faces_of(self.axes, data, corners)
        b = weighted(self.axes, f)
        if data:
            b = b - self.system.lifted(faces)
        if self.system.free:
            b = self._balanced(b)
        value, iterations = self.system.solve(b, rtol, maxiter)
        return EllipticSolution(value, iterations, self, b, faces)

    def _balanced(self, b: np.ndarray) -> np.ndarray:
        """Return b without its mean source, which must be zero but for rounding unless it is to be taken off."""
        nulls = [axis.null[0] for axis in self.axes if axis.null is not None]
        total, size, measure = (contracted(nulls, field) for field in (b, np.abs(b), weighted(self.axes, 1.0)))
        if self.null == "raise" and abs(total) > COMPATIBLE * size:
            raise SingularError(
                f"no solution: ∫ f and the fluxes of the boundary data sum to {total:.6g} and must balance, to "
                f"{COMPATIBLE * size:.2g}: with Neumann or periodic conditions on all faces u is determined up to a "
                f"constant. null='project' takes the mean, {total / measure:.6g}, off f; a Dirichlet or Robin "
                "condition on a face, or a potential, makes u unique"
            )
        return b - weighted(self.axes, total / measure)

    def eigenpairs(self, k: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the k lowest eigenvalues of −∇·(a ∇u) + c u = λ u with zero boundary data, and their fields.

        Parameters
        ----------
        k : int

        Returns
        -------
        eigenvalues : (k,)
            In increasing order, exact for the grid where the problem is separable.
        fields : (k, n₁, …, n_d)
            With ∫ u² = 1, orthogonal; on Chebyshev axes of length 1.

        Raises
        ------
        ShapeError
            There are not so many.
        NotConverged
            Of coefficients that are fields, too rough ones.

        References
        ----------
        Knyazev (2001), Toward the optimal preconditioned eigensolver: LOBPCG, for coefficients that are fields.
        """
        if not hasattr(k, "__index__") or not 1 <= k <= self.weak.shape[0]:
            raise ShapeError(f"eigenpairs: k={k!r} must be an integer from 1 to {self.weak.shape[0]}, the unknowns")
        values, vectors = self.system.eigenpairs(k)
        return values, vectors.T.reshape(k, *shape_of(self.axes))


def contracted(vectors: Sequence[np.ndarray], field: np.ndarray) -> Any:
    """Return (v₁ ⊗ … ⊗ v_d)ᵀ of a field."""
    return functools.reduce(lambda rest, v: np.tensordot(v, rest, 1), vectors, field)


def poisson(
    axes: Axes, f: Any, data: Data | None = None, *, null: str = "raise", corners: str = "raise"
) -> EllipticSolution:
    """Solve Poisson's equation −Δu = f on a tensor grid, directly.

    Parameters
    ----------
    axes : Axis or sequence of Axis
        With the boundary conditions.
    f : number, callable or array
        The source: a function of the coordinates, or values at the unknowns or at all points.
    data : dict, optional
        {(axis, "low" or "high"): g} of faces whose data are not zero: a number, a function of the coordinates, or an
        array of values on all points of the face.
    null : {"raise", "project"}
        Where all faces are Neumann's or periodic, what is done with a source that does not balance.
    corners : {"raise", "first"}
        Where faces meet that both prescribe u, and differ.

    Returns
    -------
    EllipticSolution
        u at the unknowns is its `value`, u at all points `on_points`. It costs some 20 Σ nᵢ³ + 4 Σ nᵢ · n operations
        and three vectors.

    See Also
    --------
    Elliptic : the same for more sources, with coefficients and potentials.

    References
    ----------
    Lynch, Rice & Thomas (1964), Direct solution of partial difference equations by tensor product methods.

    Examples
    --------
    >>> import numpy as np
    >>> from otimes import pde
    >>> stretched = np.sinh(np.linspace(-2, 2, 40)) / np.sinh(2)
    >>> axes = [pde.Axis(stretched), pde.Axis(50, (0, 1), bc=("neumann", ("robin", 1, 1)))]
    >>> solution = pde.poisson(axes, lambda x, y: np.exp(x) * y, {(0, "high"): lambda x, y: y**2 + 1})
    >>> solution.value.shape, solution.on_points.shape, solution.residual < 1e-10
    ((38, 50), (40, 50), True)
    """
    return Elliptic(axes, null=null).solve(f, data, corners=corners)
