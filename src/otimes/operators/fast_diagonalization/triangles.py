"""Systems with T₁ ⊕ … ⊕ T_N for upper triangular or diagonal Tᵢ, solved backwards along the triangular axes."""

import functools
from typing import Any, NamedTuple

import numpy as np
import scipy.linalg

from otimes.core.array import Array
from otimes.core.lapack import solve_triangular
from otimes.errors import SingularError

Part = np.ndarray  # an upper triangular matrix, or the entries of a diagonal one


class Pivots(NamedTuple):
    """What stands in place of eigenvalues that are zero: of moduli up to `zero`, `instead`."""

    zero: float = -1.0
    instead: float = 1.0

    def regular(self, values: Array) -> Array:
        """Return the eigenvalues with zeros replaced."""
        return values if self.zero < 0 else np.where(abs(values) <= self.zero, self.instead, values)


def solve_triangles(parts: list[Part], C: Array, shift: Any, pivots: Pivots) -> Array:
    """Return the Y with (T₁ ⊕ … ⊕ T_N + shift I) Y = C for C of shape (n₁, …, n_N, k).

    Row i of a triangular axis, once those behind it are known, is a system with one axis less and Tᵢᵢ added to the
    shift. What is left in the end is diagonal, a division, or one triangular axis, a substitution: so the diagonal axes
    come last, all at once, and else the longest triangular one.
    """
    order = sorted(range(len(parts)), key=lambda i: (parts[i].ndim == 1, len(parts[i])))
    Y = _backwards([parts[i] for i in order], C.transpose(*order, C.ndim - 1), shift, pivots)
    return np.ascontiguousarray(Y.transpose(*np.argsort(order), C.ndim - 1))


def _backwards(parts: list[Part], C: Array, shift: Any, pivots: Pivots) -> Array:
    first, *rest = parts
    if first.ndim == 1:
        return C / pivots.regular(functools.reduce(np.add.outer, parts) + shift)[..., None]
    n = len(first)
    if not rest:
        shifted = first.copy() if np.can_cast(np.result_type(shift), first.dtype, "same_kind") else first + 0 * shift
        np.fill_diagonal(shifted, pivots.regular(np.diagonal(first) + shift))
        (trtrs,) = scipy.linalg.get_lapack_funcs(("trtrs",), (shifted, C))
        return trtrs(shifted, C)[0]
    Y = np.empty(C.shape, np.result_type(C, shift, *parts))
    flat = Y.reshape(n, -1)
    for i in reversed(range(n)):
        row = C[i] - (first[i, i + 1 :] @ flat[i + 1 :]).reshape(C[i].shape)
        Y[i] = _backwards(rest, row, shift + first[i, i], pivots)
    return Y


def coefficients(part: Part, places: np.ndarray) -> tuple[Array, Array]:
    """Return W and R, a column for each place: wᴴ T = t wᴴ and T r = t r for the eigenvalue t there."""
    n = len(part)
    if part.ndim == 1:
        columns = np.eye(n, dtype=part.dtype)[:, places]
        return columns, columns
    left, right = (np.zeros((n, len(places)), part.dtype) for _ in range(2))
    for column, j in enumerate(places.tolist()):
        right[j, column] = left[j, column] = 1
        rest = part - part[j, j] * np.eye(n, dtype=part.dtype)
        try:
            right[:j, column] = -solve_triangular(rest[:j, :j], part[:j, j : j + 1], lower=False)[:, 0]
            behind = solve_triangular(rest[j + 1 :, j + 1 :].T, part[j, j + 1 :, None], lower=True)
        except SingularError:
            raise SingularError("A is singular by a multiple eigenvalue of a triangle; give a shift=") from None
        left[j + 1 :, column] = -behind[:, 0].conj()
    return left, right
