"""What a scheme makes of an axis: matrices on its points, and how unknowns and boundary data give the values there.

On all N points of an axis u = E v + F g, with the n unknowns v and the data g of its two faces. A form is the weak
counterpart of a term of the equation, ∫ φᵢ (…) dx: its rows act on all points, and what it says of the data by
itself (a flux through the face) are two columns more. So the form of a term is R u + d g = (R E) v + (R F + d) g.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse

Matrix = Any  # a NumPy array or a SciPy sparse array


@dataclass(frozen=True, slots=True, eq=False)
class Form:
    """The rows of the unknowns, (n, N), and the columns of the two faces' data, (n, 2)."""

    rows: Matrix
    data: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class Discretization:
    """An axis as its scheme sees it.

    Attributes
    ----------
    points : (N,)
        All points, in increasing order.
    unknowns : slice
        Those of the points that are solved for.
    extension : (N, n)
        E, the values on all points from the unknowns.
    data_extension : (N, 2)
        F, the part of the data in them.
    sites : (m,) or (m + 2,)
        Where coefficients are evaluated: points, or the centres of m cells and before and after them both ends.
    cells : slice
        Those of the sites that are points or centres.
    widths : (m,)
        The parts of the axis that these stand for.
    mass, stiffness : callable
        The forms of c u and of −(c u′)′, of the coefficient c at the sites (None for 1).
    derivative : callable
        The form of u′.
    """

    points: np.ndarray
    unknowns: slice
    extension: Matrix
    data_extension: np.ndarray
    sites: np.ndarray
    cells: slice
    widths: np.ndarray
    mass: Callable[[np.ndarray | None], Form]
    stiffness: Callable[[np.ndarray | None], Form]
    derivative: Callable[[], Form]


CELLS = slice(1, -1)  # of the sites that have both ends beside them


def centres_and_ends(vertices: np.ndarray) -> np.ndarray:
    """Return the centres of the cells between vertices, and both ends."""
    return np.concatenate([vertices[:1], (vertices[:-1] + vertices[1:]) / 2, vertices[-1:]])


def dense(matrix: Matrix) -> np.ndarray:
    """Return the matrix as a NumPy array."""
    return matrix.toarray() if scipy.sparse.issparse(matrix) else matrix


def no_data(rows: Matrix) -> Form:
    """Return the form that takes no data by itself."""
    return Form(rows, np.zeros((rows.shape[0], 2)))


def selection(n: int, unknowns: slice) -> Matrix:
    """Return the matrix that puts unknowns among n points, with zeros at the others."""
    return diagonal_of(np.ones(len(range(n)[unknowns])), n, unknowns.start).T


def lumped(weights: np.ndarray, unknowns: slice) -> Form:
    """Return the form of a mass matrix that is diagonal, of the weights of all points."""
    return no_data(diagonal_of(weights[unknowns], len(weights), unknowns.start))


def diagonal_of(values: np.ndarray, columns: int, start: int) -> Matrix:
    """Return the matrix with values on the diagonal that begins at a column."""
    m = len(values)
    return scipy.sparse.csr_array((values, np.arange(start, start + m), np.arange(m + 1)), shape=(m, columns))


def tridiagonal(diagonal: np.ndarray, beside: np.ndarray) -> Matrix:
    """Return the symmetric matrix with these diagonals; n entries beside the main one close the circle."""
    n = len(diagonal)
    i = np.arange(n)
    j = (i[: len(beside)] + 1) % n
    k = i[: len(beside)]
    rows, columns = np.concatenate([i, k, j]), np.concatenate([i, j, k])
    return scipy.sparse.csr_array((np.concatenate([diagonal, beside, beside]), (rows, columns)), shape=(n, n))
