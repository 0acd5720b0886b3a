"""Differential operators on a tensor grid with zero boundary data, as Kronecker sums of one matrix per axis."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import scipy.sparse

import otimes as ox
from otimes.errors import StructureError
from otimes.pde.axis import Axis
from otimes.pde.boundary import Data, Faces, faces_of, lifted_sum
from otimes.pde.coefficients import at_sites, diffusivity_parts, is_field, number, per_axis
from otimes.pde.discretization import Form
from otimes.pde.fields import Fluxes, require_volumes
from otimes.pde.grid import Axes, axes_of, shape_of, weighted


def laplacian(axes: Axes) -> ox.LinearOperator:
    """Return the Laplacian of a tensor grid, with zero boundary data.

    Δ = L₁ ⊕ … ⊕ L_d with Lᵢ = −Mᵢ⁻¹ Kᵢ, the second derivative along an axis. `lift` is the part of the data.

    Parameters
    ----------
    axes : Axis or sequence of Axis
        Of n₁, …, n_d unknowns.

    Returns
    -------
    KroneckerSum, (n₁ ⋯ n_d, n₁ ⋯ n_d)
        It acts on fields in C order, `u.reshape(-1)`; dense matrices of n₁² + … + n_d² entries are kept, and a product
        costs 2 Σ nᵢ operations for each unknown. In the unit of u per unit of length squared.

    References
    ----------
    Lynch, Rice & Thomas (1964), Direct solution of partial difference equations by tensor product methods.

    Examples
    --------
    >>> import numpy as np
    >>> from otimes import pde
    >>> axes = [pde.Axis(20, (0, 1)), pde.Axis(30, (0, 2), bc="neumann")]
    >>> x, y = pde.mesh(axes)
    >>> u = x * (1 - x) + 0 * y
    >>> (pde.laplacian(axes) @ u.reshape(-1))[:3].round(8)
    array([-2., -2., -2.])
    """
    axes = axes_of(axes, "laplacian")
    return ox.kronsum(*(axis.strong(-axis.K) for axis in axes))


def diffusion(axes: Axes, coefficient: Any) -> ox.LinearOperator:
    """Return ∇·(a ∇) of a tensor grid, with zero boundary data.

    Parameters
    ----------
    axes : Axis or sequence of Axis
    coefficient : number, sequence, callable or array
        a > 0. One number or, in a list, one for each axis, or a function aᵢ(xᵢ) for each: Σᵢ ∂ᵢ(aᵢ ∂ᵢ). A function of
        all the coordinates, or an array of values on the cells, on axes of the schemes "fd2" and "cell": between two
        points a is the mean over the cells around the line, between two centres the harmonic mean.

    Returns
    -------
    LinearOperator, (n₁ ⋯ n_d, n₁ ⋯ n_d)
        A KroneckerSum as `laplacian` makes it, or of a field a sparse matrix of 2 d + 1 entries in a row.

    Raises
    ------
    StructureError
        A coefficient that is not positive, or that the scheme of an axis does not take.
    ShapeError
        Values of a wrong shape, or not one for each axis.

    Examples
    --------
    >>> import numpy as np
    >>> from otimes import pde
    >>> axes = [pde.Axis(20, scheme="cell"), pde.Axis(30, scheme="cell", bc="periodic")]
    >>> layers = pde.diffusion(axes, [lambda x: 1 + x, 2.0])
    >>> pores = pde.diffusion(axes, np.random.default_rng(0).uniform(1, 100, (20, 30)))
    >>> layers.shape == pores.shape
    True
    """
    axes = axes_of(axes, "diffusion")
    if not is_field(coefficient):
        a = diffusivity_parts(axes, coefficient, "diffusion: coefficient")
        matrices = (axis.matrix(axis.discretization.stiffness(part)) for axis, part in zip(axes, a, strict=True))
        return ox.kronsum(*(axis.strong(-K) for axis, K in zip(axes, matrices, strict=True)))
    volumes = scipy.sparse.diags_array(-1 / weighted(axes, 1.0).reshape(-1))
    return ox.aslinearoperator(volumes @ _fluxes(axes, coefficient, "diffusion").matrix())


def advection(axes: Axes, velocity: Any) -> ox.LinearOperator:
    """Return v · ∇ of a tensor grid, by central differences, with zero boundary data.

    Σᵢ vᵢ(xᵢ) ∂/∂xᵢ: each component of the velocity depends on its own coordinate alone.

    Parameters
    ----------
    axes : Axis or sequence of Axis
    velocity : number, or sequence of numbers or functions
        The same for every axis, or one component for each: a number, or a function of its coordinate.

    Returns
    -------
    KroneckerSum, (n₁ ⋯ n_d, n₁ ⋯ n_d)
        Of the same size and cost as `laplacian`, not symmetric.

    Raises
    ------
    ShapeError, StructureError
        Not one component for each axis, or a function of all coordinates.

    Examples
    --------
    >>> from otimes import pde
    >>> axes = [pde.Axis(8, (0, 1), bc="periodic", scheme="fd4"), pde.Axis(9, (0, 1), scheme="chebyshev")]
    >>> (0.1 * pde.laplacian(axes) - pde.advection(axes, (1.0, lambda y: y))).shape
    (56, 56)
    """
    axes = axes_of(axes, "advection")
    components = _velocity(axes, velocity, "advection")
    return ox.kronsum(*(axis.strong(v[:, None] * axis.D) for axis, v in zip(axes, components, strict=True)))


def helmholtz(axes: Axes, wavenumber: complex) -> ox.LinearOperator:
    """Return Δ + k² of a tensor grid, with zero boundary data.

    Parameters
    ----------
    axes : Axis or sequence of Axis
    wavenumber : number
        k, per unit of length; complex for media that absorb.

    Returns
    -------
    KroneckerSum, (n₁ ⋯ n_d, n₁ ⋯ n_d)
        Of the same size and cost as `laplacian`.

    Raises
    ------
    DTypeError, NonFiniteError, ShapeError
        The wavenumber is not one finite number.

    Examples
    --------
    >>> from otimes import pde
    >>> pde.helmholtz([pde.Axis(20, (0, 1)), pde.Axis(30, (0, 1))], 9.0).shape
    (504, 504)
    """
    axes = axes_of(axes, "helmholtz")
    first, *others = (axis.strong(-axis.K) for axis in axes)
    return ox.kronsum(first + number(wavenumber, "helmholtz: the wavenumber") ** 2 * np.eye(len(first)), *others)


def lift(axes: Axes, data: Data, *, coefficient: Any = 1.0, velocity: Any = 0.0, corners: str = "raise") -> np.ndarray:
    """Return the part of the boundary data in ∇·(a ∇u) − v · ∇u, the Laplacian if nothing else is said.

    With the operator A = diffusion(axes, a) − advection(axes, v), which knows of zero data only, it is A u + lift for
    the unknowns u.

    Parameters
    ----------
    axes : Axis or sequence of Axis
    data : dict
        {(axis, "low" or "high"): g} of faces whose data are not zero, in α u + β ∂u/∂n = g: a number, a function of all
        the coordinates, or an array of values on all points of the face.
    coefficient : number, sequence, callable or array
        a, as in `diffusion`.
    velocity : number, or sequence of numbers or functions
        v, as in `advection`.
    corners : {"raise", "first"}
        Where two faces meet that both prescribe u: an error unless they agree, or the value of the first axis.

    Returns
    -------
    array, (n₁, …, n_d)

    Raises
    ------
    StructureError
        Data of no face, or that contradict each other where faces meet.
    ShapeError, NonFiniteError
        Data of a wrong shape, or with NaN or infinity.

    Examples
    --------
    >>> from otimes import pde
    >>> axis = pde.Axis(5, (0, 1))
    >>> u = axis.x**2
    >>> pde.laplacian(axis) @ u + pde.lift(axis, {(0, "high"): 1.0})
    array([2., 2., 2.])
    """
    axes = axes_of(axes, "lift")
    faces = faces_of(axes, data, corners)
    total = -_transported(axes, velocity, faces)
    if is_field(coefficient):
        total = total + _fluxes(axes, coefficient, "lift").inflow(faces)
    else:
        a = diffusivity_parts(axes, coefficient, "lift: coefficient")
        total = total - lifted_sum(
            axes, [axis.discretization.stiffness(c) for axis, c in zip(axes, a, strict=True)], faces
        )
    for i, axis in enumerate(axes):
        total = ox.mode_product(total, axis.strong(np.eye(len(axis))), i)
    return total


def _velocity(axes: Sequence[Axis], velocity: Any, name: str) -> list[np.ndarray]:
    """Return each component at the unknowns of its axis."""
    if is_field(velocity):
        raise StructureError(
            f"{name}: a velocity that is a field makes no Kronecker sum; give a number, or in a list a number or a "
            f"function of its own coordinate for each of {len(axes)} axes"
        )
    return per_axis(axes, velocity, [axis.x for axis in axes], f"{name}: velocity")


def _transported(axes: Sequence[Axis], velocity: Any, faces: Faces) -> np.ndarray:
    """Return the part of the boundary data in the weak form of v · ∇u."""
    components = _velocity(axes, velocity, "lift")
    if not any(v.any() for v in components):
        return np.zeros(shape_of(axes))
    slopes = (axis.discretization.derivative() for axis in axes)
    forms = [
        Form(scipy.sparse.diags_array(v) @ s.rows, v[:, None] * s.data) for v, s in zip(components, slopes, strict=True)
    ]
    return lifted_sum(axes, forms, faces)


def _fluxes(axes: Sequence[Axis], coefficient: Any, name: str) -> Fluxes:
    """Return the finite volumes of a coefficient that is a field."""
    require_volumes(axes, f"{name}: the coefficient")
    return Fluxes(axes, [at_sites(axes, coefficient, f"{name}: coefficient")] * len(axes))
