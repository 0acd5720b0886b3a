"""Axis: one direction of a tensor grid, discretized."""

from typing import Any

import numpy as np
import scipy.linalg
import scipy.sparse

from otimes.errors import DTypeError, NonFiniteError, ShapeError, StructureError, TooLarge
from otimes.pde import fourth_order
from otimes.pde.cells import cell_scheme
from otimes.pde.chebyshev import SMALLEST as CHEBYSHEV_SMALLEST
from otimes.pde.chebyshev import chebyshev_scheme
from otimes.pde.conditions import Pair, conditions_of
from otimes.pde.discretization import Discretization, Form, dense
from otimes.pde.vertices import vertex_scheme

SCHEMES = ("fd2", "fd4", "cell", "chebyshev", "fem1")
LARGEST = 16_384  # points: beyond, the matrix of one axis passes 2 GiB


class Axis:
    """One direction of a tensor grid: its points, a boundary condition on each face, and a scheme.

    The scheme makes a pair of n × n matrices, K of −d²/dx² in weak form and the mass matrix M, so that −M⁻¹ K is the
    second derivative at the n unknowns. K and M are symmetric, but for Chebyshev's.

    Parameters
    ----------
    points : int or array_like
        How many equally spaced points there are, or their coordinates in increasing order. Both ends count. The scheme
        "cell" has so many cells, or these faces of cells. On a periodic axis the high end, which is the low one again,
        is not counted, but it is among the coordinates. At most 16384.
    bounds : (low, high), optional
        With a number of points; (0, 1) if left out.
    bc : str or tuple
        "dirichlet", "neumann", ("robin", α, β), or a pair of these for the low and the high face, or "periodic":
        u, ∂u/∂n or α u + β ∂u/∂n is given there, with n pointing outwards. What is given are data of a problem,
        zero unless said otherwise. Points at which u is given are not unknowns.
    scheme : {"fd2", "fd4", "cell", "chebyshev", "fem1"}
        Differences of order 2 on any points, or of order 4 on equally spaced ones; finite volumes on any cells;
        collocation on Chebyshev points; linear finite elements with their mass matrix on any points.

    Attributes
    ----------
    weights : (n,)
        Of the integral over the axis, M 1: the part of the axis that belongs to an unknown. On a Chebyshev axis, whose
        equations hold at points and have M = I, they are ones, which integrate nothing.
    conditions : pair of Condition, or None
        On the low and the high face; None on a periodic axis.

    Raises
    ------
    ShapeError
        Too few points, coordinates that do not increase, or bounds that do not.
    StructureError
        An unknown condition or scheme, or a scheme that is not for such points or conditions.
    NonFiniteError, DTypeError, TooLarge
        Coordinates that are NaN, infinite or not real; more points than one axis may have.

    Examples
    --------
    >>> import numpy as np
    >>> from otimes import pde
    >>> axis = pde.Axis(5, (0, 1), bc=("dirichlet", "neumann"))
    >>> axis.x  # the unknowns: u is given at 0
    array([0.25, 0.5 , 0.75, 1.  ])
    >>> np.linalg.solve(axis.K, axis.M @ np.ones(4))  # −u″ = 1, u(0) = 0, u′(1) = 0
    array([0.21875, 0.375  , 0.46875, 0.5    ])
    """

    def __init__(
        self, points: Any, bounds: tuple[float, float] | None = None, *, bc: Any = "dirichlet", scheme: str = "fd2"
    ):
        if scheme not in SCHEMES:
            raise StructureError(f"Axis: scheme={scheme!r} is none of {', '.join(map(repr, SCHEMES))}")
        self.scheme = scheme
        self.conditions: Pair | None = conditions_of(bc)
        ends = _ends(points, bounds, self.conditions is None or scheme == "cell")
        self.bounds = (float(ends[0]), float(ends[-1]))
        self.discretization: Discretization = self._discretized(ends, coordinates=not is_count(points))
        self.weights = self.row_sums(self.discretization.mass(None))

    def _discretized(self, ends: np.ndarray, coordinates: bool) -> Discretization:
        """Return what the scheme makes of the ends of the cells, or of what stands for them."""
        count, conditions = len(ends), self.conditions
        if self.scheme == "chebyshev":
            if coordinates or conditions is None:
                instead = "give their number" if coordinates else '"fd2" and "fd4" take periodic axes'
                raise StructureError(f'Axis: scheme="chebyshev" has points of its own, which no period has; {instead}')
            _require_points(count, CHEBYSHEV_SMALLEST, self.scheme)
            return chebyshev_scheme(count, *self.bounds, conditions)
        if self.scheme == "fd4":
            h = gaps(ends)
            if np.ptp(h):
                raise StructureError(
                    'Axis: scheme="fd4" takes equally spaced points; "fd2", "cell" and "fem1" take any'
                )
            points = ends if conditions else ends[:-1]
            _require_points(len(points), fourth_order.SMALLEST, self.scheme)
            return fourth_order.fourth_order_scheme(points, float(h[0]), conditions)
        if self.scheme == "cell":
            _require_points(count - 1, 1 if conditions else 3, self.scheme, "cells")
            return cell_scheme(ends, gaps(ends), conditions)
        given = sum(c.essential for c in conditions) if conditions else 0
        _require_points(count - (conditions is None), max(2, given + 1) if conditions else 3, self.scheme)
        return vertex_scheme(ends, gaps(ends), conditions, consistent=self.scheme == "fem1")

    @property
    def points(self) -> np.ndarray:
        """(N,), the coordinates of all points, those with a given value included."""
        return self.discretization.points

    @property
    def unknowns(self) -> slice:
        """Which of the points are solved for."""
        return self.discretization.unknowns

    @property
    def x(self) -> np.ndarray:
        """(n,), the coordinates of the unknowns."""
        return self.points[self.unknowns]

    def __len__(self) -> int:
        return len(self.x)

    @property
    def K(self) -> np.ndarray:
        """(n, n), the weak form of −d²/dx² with zero data on both faces."""
        return self.matrix(self.discretization.stiffness(None))

    @property
    def M(self) -> np.ndarray:
        """(n, n), the mass matrix, ∫ φᵢ φⱼ dx or its counterpart; diagonal but for "fem1"."""
        return self.matrix(self.discretization.mass(None))

    @property
    def D(self) -> np.ndarray:
        """(n, n), the weak form of d/dx with zero data on both faces: M⁻¹ D is the first derivative."""
        return self.matrix(self.discretization.derivative())

    @property
    def lumped(self) -> bool:
        """Whether the mass matrix is diagonal."""
        return self.scheme != "fem1"

    @property
    def singular(self) -> bool:
        """Whether K has a null vector: the condition on both faces admits constants."""
        return self.conditions is None or all(c.admits_constants for c in self.conditions)

    @property
    def null(self) -> tuple[np.ndarray, np.ndarray] | None:
        """The left and the right null vector of K, ones on the right, or None for a nonsingular K."""
        if not self.singular:
            return None
        ones = np.ones(len(self))
        if self.scheme != "chebyshev":
            return ones, ones
        left = scipy.linalg.svd(self.K)[0][:, -1]
        return left / left.sum(), ones

    def strong(self, matrix: np.ndarray) -> np.ndarray:
        """Return M⁻¹ A of a vector or a matrix A (n, k): from the weak form of a term to the term itself."""
        if self.lumped:
            return (matrix.T / self.weights).T
        return scipy.linalg.solve(self.M, matrix, assume_a="pos")

    def matrix(self, form: Form) -> np.ndarray:
        """Return the n × n matrix of a form, of the unknowns alone."""
        return dense(form.rows @ self.discretization.extension)

    def row_sums(self, form: Form) -> np.ndarray:
        """Return the sums of the rows of a form: the diagonal of a lumped mass matrix."""
        return np.asarray(form.rows.sum(axis=1)).reshape(-1)

    def boundary(self, form: Form) -> np.ndarray:
        """Return the n × 2 matrix of a form, of the data of the low and the high face."""
        return dense(form.rows @ self.discretization.data_extension) + form.data

    def __repr__(self) -> str:
        faces = "periodic" if self.conditions is None else ", ".join(map(str, self.conditions))
        return f"Axis({len(self)} unknowns in [{self.bounds[0]:g}, {self.bounds[1]:g}], {faces}, {self.scheme})"


def is_count(points: Any) -> bool:
    """Whether it is a number of points, and not their coordinates."""
    return isinstance(points, (int, np.integer)) and not isinstance(points, bool)


def gaps(ends: np.ndarray) -> np.ndarray:
    """Return the distances of neighbours; those that are equal up to the rounding of the coordinates, as equal."""
    h = np.diff(ends)
    rounding = 4 * np.finfo(float).eps * np.abs(ends).max()
    return np.full_like(h, (ends[-1] - ends[0]) / len(h)) if np.ptp(h) <= rounding else h


def _ends(points: Any, bounds: tuple[float, float] | None, by_cells: bool) -> np.ndarray:
    """Return the given coordinates, or equally spaced ones, where a number `by_cells` does not count the last."""
    if is_count(points):
        count = int(points)
        _require_points(count, 1 if by_cells else 2, "any")
        low, high = _bounds((0.0, 1.0) if bounds is None else bounds)
        return np.linspace(low, high, count + by_cells)
    if bounds is not None:
        raise ShapeError("Axis: coordinates have bounds of their own; give them alone, or a number of points")
    coordinates = _real(points, "Axis: the coordinates")
    if coordinates.ndim != 1:
        raise ShapeError(f"Axis: the coordinates have shape {coordinates.shape}; give an integer or a 1-D array")
    _require_points(len(coordinates), 2, "any", "coordinates")
    falls = np.flatnonzero(np.diff(coordinates) <= 0)
    if len(falls):
        i = int(falls[0])
        raise ShapeError(
            f"Axis: the coordinates must increase, and x[{i + 1}] = {coordinates[i + 1]:g} follows "
            f"x[{i}] = {coordinates[i]:g}; np.unique(x) sorts them"
        )
    return coordinates


def _bounds(bounds: Any) -> np.ndarray:
    ends = _real(bounds, "Axis: bounds")
    if ends.shape != (2,) or not ends[0] < ends[1]:
        raise ShapeError(f"Axis: bounds={bounds!r} must be (low, high) with low < high")
    return ends


def _real(x: Any, what: str) -> np.ndarray:
    """Return an array of finite real numbers."""
    try:
        array = np.asarray(x)
    except ValueError as error:
        raise ShapeError(f"{what} are ragged: {x!r:.60}") from error
    if array.dtype.kind not in "iuf":
        raise DTypeError(f"{what} must be real numbers, and are of dtype {array.dtype}")
    if not np.isfinite(array).all():
        raise NonFiniteError(
            f"{what} have an entry that is NaN or infinite, the first at {np.isfinite(array).argmin()}"
        )
    return array.astype(float)


def _require_points(count: int, least: int, scheme: str, what: str = "points") -> None:
    """Raise unless one axis can have so many."""
    if count < least:
        raise ShapeError(f"Axis: {count} {what}; scheme {scheme!r} needs at least {least} with these conditions")
    if count > LARGEST:
        raise TooLarge(f"Axis: {count} {what}, above the limit of {LARGEST}: one axis has dense n × n matrices")
