"""Solutions of a decomposed Kronecker sum, and what a singular one does with right-hand sides it does not reach."""

import math
import warnings
from typing import Any

import numpy as np
import scipy.linalg

from otimes.core.array import Array
from otimes.operators.fast_diagonalization.null_space import Triangular, require_reached
from otimes.operators.fast_diagonalization.pairs import single_if
from otimes.operators.fast_diagonalization.triangles import Pivots, solve_triangles

REFINED = 1e6  # κ(left) κ(right) of the bases from which ten digits are not certain, and the residual is solved for too


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
        require_reached(F, Y[:, null], B)
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
    null = Triangular(F, parts) if F.nullity else None
    if null is not None and B is not None:
        require_reached(F, null.components(Y), B)
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
