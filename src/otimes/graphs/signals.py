"""Signals on graphs: arrays with an axis for every factor, or one for all nodes."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from otimes.errors import DTypeError, NonFiniteError, ShapeError

Restore = Callable[[np.ndarray], np.ndarray]


def as_columns(x: Any, shape: tuple[int, ...], what: str) -> tuple[np.ndarray, Restore]:
    """Return a signal as columns (n, k), and the function that gives such columns the signal's shape."""
    x = as_signal(x, what)
    size = math.prod(shape)
    if x.shape[: len(shape)] != shape and x.shape[:1] != (size,):
        raise ShapeError(f"{what} is {_text(x.shape)}; {_mismatch(x.shape, shape)}")
    return x.reshape(size, -1 if size else 0), lambda columns: columns.reshape(x.shape)


def as_signal(x: Any, what: str) -> np.ndarray:
    """Return an array of finite numbers."""
    x = np.asarray(x)
    if x.dtype.kind not in "biufc":
        raise DTypeError(f"{what} has dtype {x.dtype}; it must hold numbers")
    if not np.isfinite(x).all():
        raise NonFiniteError(f"{what} has entries that are NaN or infinite; otimes.graphs.smooth takes missing values")
    return x.astype(np.result_type(x.dtype, np.float32)) if x.dtype.kind in "biu" else x


def _mismatch(given: tuple[int, ...], shape: tuple[int, ...]) -> str:
    """Say which axis is wrong, and what would be right."""
    due = f"a signal on the graph is {_text(shape)} or ({math.prod(shape)},), with further axes for further signals"
    if len(given) >= len(shape) > 1:
        axis = next(i for i, (a, b) in enumerate(zip(given, shape, strict=False)) if a != b)
        return f"axis {axis} has {given[axis]} entries and factor {axis} has {shape[axis]} nodes: {due}"
    return due


def _text(shape: tuple[int, ...]) -> str:
    return f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"
