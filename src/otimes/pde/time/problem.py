"""A semilinear initial value problem, read and checked."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from otimes.errors import DTypeError, NonFiniteError, ShapeError
from otimes.pde.time.factors import grid_text
from otimes.pde.time.state import Blocks, blocks_of, common_dtype, read_field, without_mass


@dataclass(frozen=True)
class Problem:
    """u' = M⁻¹ A u + rate + g(t, u) for vectors u, from u0 at the first of the times."""

    blocks: Blocks
    given: Callable[[float, np.ndarray], Any] | None
    u0: np.ndarray
    shape: tuple[int, ...]
    times: np.ndarray
    rate: np.ndarray | None
    dtype: np.dtype
    name: str

    def field(self, u: np.ndarray) -> np.ndarray:
        """Return a vector as the user's functions see it: in the shape of u0, not to be written to."""
        view = u.reshape(self.shape)
        view.flags.writeable = False
        return view

    def checked(self, value: Any, what: str) -> np.ndarray:
        """Return what a user's function gave as a vector."""
        array = np.asarray(value)
        if array.shape != self.shape:
            raise ShapeError(
                f"{self.name}: {what} returned {grid_text(array.shape)} for a state {grid_text(self.shape)}; it must "
                "return an array of that shape"
            )
        if array.dtype.kind not in "iufc" or (array.dtype.kind == "c" and self.dtype.kind != "c"):
            raise DTypeError(
                f"{self.name}: {what} returned {array.dtype} for a state of {self.dtype}"
                + ("; give u0 as a complex array" if array.dtype.kind == "c" else "")
            )
        return array.reshape(-1).astype(self.dtype, copy=False)

    def g(self, t: float, u: np.ndarray) -> np.ndarray:
        """Return g(t, u) for a vector."""
        assert self.given is not None
        return self.checked(self.given(t, self.field(u)), "g")


def read_problem(method: Any, A: Any, g: Any, u0: Any, t: Any, source: Any) -> Problem:
    """Return the problem of given arguments of `solve`."""
    name = type(method).__name__
    blocks = blocks_of(A, name)
    if not callable(g) and not (g is None and getattr(method, "flow", None) is not None):
        raise DTypeError(f"{name}: g must be a function g(t, u), not {type(g).__name__}; without one use evolve")
    u0 = read_field(blocks, u0, f"{name}: u0")
    rate = None
    if source is not None:
        source = read_field(blocks, source, f"{name}: source")
        rate = without_mass(blocks, source.reshape(-1))
    dtype = common_dtype(blocks, u0, *([] if rate is None else [rate]))
    return Problem(blocks, g, u0.reshape(-1), u0.shape, _times(t, name), rate, dtype, name)


def _times(t: Any, name: str) -> np.ndarray:
    """Return increasing times, at least two."""
    times = np.asarray(t)
    if times.dtype.kind not in "iuf" or times.ndim > 1:
        raise ShapeError(f"{name}: t={t!r:.60} must be a final time, or a 1-D array of increasing real ones")
    times = np.atleast_1d(times).astype(float)
    times = np.concatenate([[0.0], times]) if np.ndim(t) == 0 else times
    if not np.isfinite(times).all():
        raise NonFiniteError(f"{name}: t has times that are NaN or infinite")
    if len(times) < 2 or (np.diff(times) <= 0).any():
        raise ShapeError(
            f"{name}: t={t!r:.60} must increase from the time of u0 on; backwards in time solve u' = −F(u)"
        )
    return times
