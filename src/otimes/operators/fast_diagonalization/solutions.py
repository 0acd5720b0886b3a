"""Solutions of a decomposed Kronecker sum, and what a singular one does with right-hand sides it does not reach."""

import functools
import math
import warnings
from typing import Any, NamedTuple

import numpy as np
import scipy.linalg

from otimes.core.array import Array, adjoint, as_float, namespace
from otimes.core.indexing import split_index, submatrix
from otimes.errors import SingularError
from otimes.operators.fast_diagonalization.pairs import single_if
from otimes.operators.fast_diagonalization.triangles import Pivots, null_vectors, solve_triangles
from otimes.operators.kronecker.khatri_rao import columnwise

REFINED = 1e4  # κ(left) κ(right) of the bases from which a solution is improved by that of its residual


class NullSpace(NamedTuple):
    """The coefficients of null vectors: W of left ones and R of right ones, (n, nullity), and the lengths of U ᴴ W."""

    left: Array
    right: Array
    lengths: Array

    def without(self, Y: Array) -> Array:
        """Return Y (batch, n, k) without its component in R, along the range: Y − R (Wᴴ R)⁻¹ Wᴴ Y."""
        W = adjoint(self.left)
        return Y - self.right @ np.linalg.solve(W @ self.right, W @ Y)


def solved(F: Any, B: Array) -> Array:
    """Return the solution for an array (batch, n, k), improved once where the bases are ill-conditioned."""
    X = _solved_once(F, B, refuse=F.null == "raise")
    if math.prod(F.basis_conditions) > REFINED:
        X = X + _solved_once(F, B - F.operator @ X, refuse=False)
    return X


def _solved_once(F: Any, B: Array, refuse: bool) -> Array:
    Y = F.left @ B
    if "schur" in F.methods:
        return F.real_for(F.right @ _by_triangles(F, Y, B if refuse else None), B)
    null = F.extent.null
    if len(null) and refuse:
        _require_reached(F, Y[:, null], _lengths(F, [None] * len(F.grid)), B)
    with np.errstate(divide="ignore", invalid="ignore"):
        Y = F.spectrum.transform(Y, lambda block, values: block / values)
    if len(null):
        Y[:, null] = 0
    return F.real_for(F.right @ Y, B)


def _by_triangles(F: Any, Y: Array, B: Array | None) -> Array:
    """Return the solution of the triangular sum for Y (batch, n, k); of a B that is given the reach is checked."""
    batch, n, k = Y.shape
    if not Y.size:
        return Y
    parts = [p.values if p.triangle is None else p.triangle for p in F.pencils]
    parts = [part.astype(single_if(F.operator.dtype, part.dtype)) for part in parts]
    null = _null_space(F, parts) if F.nullity else None
    if null is not None and B is not None:
        _require_reached(F, adjoint(null.left) @ Y, null.lengths, B)
    C = (Y if null is None else null.without(Y)).transpose(1, 0, 2).reshape(*F.grid, batch * k)
    pivots = Pivots() if null is None else Pivots(F.rtol * F.extent.largest, F.extent.largest)
    solution = solve_triangles(parts, _probed(C), F.shift, pivots)
    _warn_of_growth(F, float(np.linalg.norm(solution[..., -1])))
    solution = solution[..., :-1].reshape(n, batch, k).transpose(1, 0, 2)
    return solution if null is None else null.without(solution)


def _probed(C: Array) -> Array:
    """Return C with a column beside it that is random, the same in each call, and has length 1."""
    probe = np.random.default_rng(0).standard_normal((*C.shape[:-1], 1))
    return np.concatenate([C, (probe / np.linalg.norm(probe)).astype(C.real.dtype)], axis=-1)


def _warn_of_growth(F: Any, growth: float) -> None:
    """Warn, as SciPy's `solve` does, where the growth of a random vector says that the sum is nearly singular."""
    condition = growth * F.extent.largest
    if not condition * sum(F.grid) * F.eps < 1 and not F.nullity:
        message = f"{F!r}: condition about {condition:.3g}; the result may not be accurate"
        warnings.warn(message, scipy.linalg.LinAlgWarning, stacklevel=4)


def _null_space(F: Any, parts: list[np.ndarray]) -> NullSpace:
    vectors = [null_vectors(part, at) for part, at in zip(parts, split_index(F.extent.null, list(F.grid)), strict=True)]
    left, right = (columnwise([pair[side] for pair in vectors]) for side in (0, 1))
    return NullSpace(left, right, _lengths(F, [W for W, _ in vectors]))


def _lengths(F: Any, vectors: list[Array | None]) -> Array:
    """Return the lengths of the left null vectors Uᴴ W, those of unit coefficients where W is None."""
    lengths: list[Array] = []
    for pencil, index, W in zip(F.pencils, split_index(F.extent.null, list(F.grid)), vectors, strict=True):
        rows = submatrix(pencil.left, index, slice(None))._form() if W is None else adjoint(W) @ pencil.left
        lengths.append(namespace(rows).linalg.vector_norm(rows, axis=1))
    return functools.reduce(lambda u, v: u * v, lengths)


def _require_reached(F: Any, components: Array, lengths: Array, B: Array) -> None:
    """Raise `SingularError` unless B has no component outside the range, but for rounding.

    These components are wᴴ b for the left null vectors w; a b that was computed as a product has them by rounding of
    the size of ‖A‖ ‖x‖, which is up to κ(A) ‖b‖.
    """
    xp = namespace(B)
    sizes = xp.linalg.vector_norm(B, axis=1)[:, None]
    parts = abs(components) / (lengths[:, None] * xp.where(sizes > 0, sizes, xp.ones_like(sizes)))
    largest, allowed = as_float(parts.max()), min(F.rtol / F.condition, F.eps**0.5)
    if largest > allowed:
        raise SingularError(
            f"A is singular: {F.nullity} of {F.spectrum.size} eigenvalues are zero, to {F.rtol:.2g} of the largest, "
            f"and b has {largest:.3g} of its length along their left null vectors, where rounding would leave "
            f"{allowed:.2g}. null='project' takes that part away; a shift= makes A regular"
        )
