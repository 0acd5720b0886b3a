"""Initiators of Kronecker graphs: small matrices of probabilities, one for each level."""

import math
import numbers
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from otimes.errors import DTypeError, NonFiniteError, ShapeError, StructureError

MAX_NODES = 2**62  # whose numbers, and sums of two, are int64
MAX_LEVELS = 62  # of two nodes each


def read_initiators(initiator: ArrayLike | Sequence[ArrayLike], levels: int | None, name: str) -> list[np.ndarray]:
    """Return the matrix of each level: one matrix repeated, or those that are given.

    Parameters
    ----------
    initiator : (n0, n0), or a sequence of such matrices
    levels : int or None
        How often one matrix is repeated; None or its length for a sequence.
    name : str
        Of the function that asks, for its errors.
    """
    stack = _matrices(initiator, name)
    if stack is None:
        if levels is None or not is_whole(levels, 1):
            raise ShapeError(
                f"{name}: one initiator needs levels=, its Kronecker power, an integer ≥ 1; got {levels!r}"
            )
        theta = read_initiator(initiator, name)
        thetas = [theta] * min(int(levels), MAX_LEVELS + 1)
    else:
        thetas = [read_initiator(theta, name) for theta in stack]
        if not thetas or levels not in (None, len(thetas)):
            raise ShapeError(f"{name}: {len(thetas)} initiators, one for each level, and levels={levels}")
    if len(thetas) > MAX_LEVELS or math.prod(len(theta) for theta in thetas) > MAX_NODES:
        raise ShapeError(f"{name}: {_nodes_of(thetas, levels)} nodes are more than 2⁶²")
    return thetas


def is_whole(value: Any, least: int) -> bool:
    """Return whether a value is an integer of at least so much; 13.0 is one, True is none."""
    whole = isinstance(value, numbers.Integral) or (isinstance(value, numbers.Real) and float(value).is_integer())
    return whole and not isinstance(value, bool) and value >= least


def require_symmetric(thetas: Sequence[np.ndarray], name: str, hint: str) -> None:
    """Raise `StructureError` unless every level is symmetric, as it is for undirected graphs."""
    for theta in thetas:
        if not np.array_equal(theta, theta.T):
            raise StructureError(f"{name}: the initiator {theta.tolist()} is not symmetric; {hint}")


def _matrices(initiator: Any, name: str) -> Sequence[Any] | None:
    """Return the matrices of a sequence of them, or None for a single one."""
    if isinstance(initiator, np.ndarray) or not isinstance(initiator, Sequence):
        return list(initiator) if np.ndim(initiator) == 3 else None
    if not initiator:
        raise ShapeError(f"{name}: the initiator is empty; it is a matrix n0×n0 with n0 ≥ 2, or one for each level")
    return initiator if all(map(_is_matrix, initiator)) else None


def _is_matrix(part: Any) -> bool:
    """Return whether a part of a sequence is a matrix, and not a row of one."""
    if isinstance(part, np.ndarray):
        return part.ndim == 2
    return isinstance(part, Sequence) and all(isinstance(row, (Sequence, np.ndarray)) for row in part)


def _nodes_of(thetas: Sequence[np.ndarray], levels: int | None) -> str:
    """Say how many nodes there are, of a power or of different levels."""
    sizes = [len(theta) for theta in thetas]
    return f"{sizes[0]}^{levels or len(sizes)}" if len(set(sizes)) == 1 else " × ".join(map(str, sizes))


def read_initiator(theta: Any, name: str) -> np.ndarray:
    """Return the matrix of one level."""
    try:
        array = np.asarray(theta)
        array = array.astype(float, casting="unsafe" if array.dtype.kind == "O" else "same_kind")
    except (TypeError, ValueError):
        raise DTypeError(f"{name}: the initiator {theta!r} is no matrix of real numbers") from None
    if array.ndim != 2 or array.shape[0] != array.shape[1] or len(array) < 2:
        shape = "×".join(map(str, array.shape)) or "a scalar"
        raise ShapeError(f"{name}: the initiator is {shape}; it is square, n0×n0 with n0 ≥ 2")
    if not np.isfinite(array).all():
        raise NonFiniteError(f"{name}: the initiator {array.tolist()} has entries that are NaN or infinite")
    if array.min() < 0 or array.max() > 1:
        raise StructureError(
            f"{name}: the initiator {array.tolist()} has entries outside [0, 1]; they are probabilities"
        )
    if not array.any():
        raise StructureError(f"{name}: the initiator is zero, and has graphs without edges only")
    return array
