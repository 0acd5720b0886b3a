"""The null vectors of a singular Kronecker sum, and the right-hand sides that it reaches."""

import functools
import math
from typing import Any

import numpy as np

from otimes.core.algebra import to_dense
from otimes.core.array import Array, adjoint, as_float, namespace
from otimes.core.indexing import split_index, submatrix
from otimes.core.operator import LinearOperator
from otimes.errors import SingularError
from otimes.operators.dense import Dense
from otimes.operators.fast_diagonalization.pairs import in_precision_of
from otimes.operators.fast_diagonalization.triangles import coefficients
from otimes.operators.kronecker.khatri_rao import columnwise, khatri_rao


def places_of(F: Any) -> list[np.ndarray]:
    """Return the place on each axis of every eigenvalue that is zero."""
    return split_index(F.extent.null, list(F.grid))


def null_vectors(F: Any) -> tuple[LinearOperator, LinearOperator]:
    """Return the left and the right null vectors, operators (n, nullity): products of vectors of the axes."""
    left, right = ([Dense(V) for V in side] for side in zip(*_of_axes(F), strict=True))
    return tuple(khatri_rao(*(in_precision_of(F.operator, V) for V in side)) for side in (left, right))


def _of_axes(F: Any) -> list[tuple[Array, Array]]:
    """Return for each axis the left and the right vectors of which the null vectors are products."""
    found: list[tuple[Array, Array]] = []
    for pencil, at in zip(F.pencils, places_of(F), strict=True):
        if pencil.triangle is None:
            U, V = submatrix(pencil.left, at, slice(None)), submatrix(pencil.right, slice(None), at)
            found.append((adjoint(to_dense(U)), to_dense(V)))
        else:
            W, R = coefficients(pencil.triangle, at)
            found.append((adjoint(to_dense(pencil.left)) @ W, to_dense(pencil.right) @ R))
    return found


class Triangular:
    """The null vectors W and R, (n, nullity), of the triangular sum."""

    def __init__(self, F: Any, parts: list[np.ndarray]):
        vectors = [coefficients(part, at) for part, at in zip(parts, places_of(F), strict=True)]
        self.left, self.right = (columnwise([pair[side] for pair in vectors]) for side in (0, 1))

    def components(self, Y: Array) -> Array:
        """Return Wᴴ Y for Y (batch, n, k)."""
        return adjoint(self.left) @ Y

    def without(self, Y: Array) -> Array:
        """Return Y less its component in R, along the range: Y − R (Wᴴ R)⁻¹ Wᴴ Y."""
        return Y - self.right @ np.linalg.solve(self.components(self.right), self.components(Y))


def require_reached(F: Any, components: Array, B: Array) -> None:
    """Raise `SingularError` unless B has no component outside the range, but for rounding.

    These components are wᴴ b for the left null vectors w; a b that was computed as a product has them by rounding of
    the size of ‖A‖ ‖x‖, which is up to κ(A) ‖b‖.
    """
    if 0 in components.shape:
        return
    xp = namespace(B)
    lengths = functools.reduce(lambda u, v: u * v, (xp.linalg.vector_norm(W, axis=0) for W, _ in _of_axes(F)))
    sizes = xp.linalg.vector_norm(B, axis=1)[:, None]
    parts = abs(components) / (lengths[:, None] * xp.where(sizes > 0, sizes, xp.ones_like(sizes)))
    largest, allowed = as_float(parts.max()), min(F.rtol / F.condition, math.sqrt(F.eps))
    if largest > allowed:
        raise SingularError(
            f"A is singular: {F.nullity} of {F.spectrum.size} eigenvalues are zero, to {F.rtol:.2g} of the largest, "
            f"and b has {largest:.3g} of its length along their left null vectors, where rounding would leave "
            f"{allowed:.2g}. null='project' takes that part away; a shift= makes A regular"
        )
