"""Every boundary check: what comes in from users is looked at here, once, and kernels stay bare."""

import math
from typing import Any

import numpy as np

from otimes.core.array import (
    Array,
    astype,
    common_spec,
    concrete,
    is_array,
    itemsize,
    numpy_spec,
    require_numeric,
    spec_of,
    to_numpy,
)
from otimes.errors import DTypeError, NonFiniteError, ShapeError, TooLarge

MAX_BYTES = 2**31  # the default limit of dense results: 2 GiB
MOST_BYTES = 2**63 - 1  # that an array may have
MANY_ROWS = 2**20  # with fewer no array that there is makes a result beyond that
_UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")


def shape_text(shape: tuple[int, ...]) -> str:
    """Return '3×4'; '(3,)' for one axis and '()' for none."""
    return "×".join(map(str, shape)) if len(shape) > 1 else str(tuple(shape))


def product_text(shapes: list[tuple[int, int]]) -> str:
    """Return '3×4 ⊗ 5×6', of many factors the first few and the last."""
    texts = [shape_text(shape) for shape in shapes]
    return " ⊗ ".join(texts if len(texts) <= 8 else [*texts[:4], f"… {len(texts) - 5} more …", texts[-1]])


def bytes_text(count: int) -> str:
    """Return the count in binary units with three digits: '1.91 MiB'."""
    if count.bit_length() > 1000:  # beyond floats
        return f"2^{count.bit_length() - 1} B"
    step = min(len(_UNITS) - 1, max(0, (count.bit_length() - 1) // 10))
    return f"{count / 1024**step:.3g} {_UNITS[step]}"


def require_product_shapes(A: Any, B: Any) -> None:
    """Raise `ShapeError` unless A @ B conforms."""
    if A.shape[1] != B.shape[0]:
        raise ShapeError(
            f"A @ B: A is {shape_text(A.shape)} and B is {shape_text(B.shape)}; "
            f"A has {A.shape[1]} columns and B has {B.shape[0]} rows{_transpose_hint(A, B)}"
        )


def _transpose_hint(A: Any, B: Any) -> str:
    if A.shape[1] == B.shape[1]:
        return "; A @ B.T would conform"
    return "; A.T @ B would conform" if A.shape[0] == B.shape[0] else ""


def require_same_shape(A: Any, B: Any) -> None:
    """Raise `ShapeError` unless A + B conforms (operators do not broadcast)."""
    if A.shape != B.shape:
        raise ShapeError(f"A + B: A is {shape_text(A.shape)} and B is {shape_text(B.shape)}; they must be equal")


def require_square(A: Any, name: str, instead: str = "") -> None:
    """Raise `ShapeError` unless A is square."""
    if len(A.shape) > 2:
        raise ShapeError(f"{name}(A): A is a batch of operators, {shape_text(A.shape)}; give one of them at a time")
    if A.shape[0] != A.shape[1]:
        hint = f"; {instead}" if instead else ""
        raise ShapeError(f"{name}(A): A is {shape_text(A.shape)}, and {name} needs a square operator{hint}")


def require_square_factors(factors: tuple, name: str) -> None:
    """Raise `ShapeError`, naming the position, unless every factor is square."""
    for position, factor in enumerate(factors):
        if factor.shape[0] != factor.shape[1]:
            raise ShapeError(f"{name}: factor {position} is {shape_text(factor.shape)}; every factor must be square")


def require_size(size: Any, name: str) -> int:
    """Return the size as an int ≥ 0, else raise `ShapeError`."""
    if isinstance(size, bool) or not hasattr(size, "__index__") or int(size) < 0:
        raise ShapeError(f"{name} must be an integer ≥ 0, not {size!r}")
    return int(size)


def require_sequence(x: Any, what: str) -> list:
    """Return the members of a list, a tuple or the like, else raise `ShapeError`."""
    try:
        return list(x)
    except TypeError as error:
        raise ShapeError(f"{what} must be a list or tuple, not {x!r:.60}") from error


def require_offset(k: Any, name: str) -> int:
    """Return the number of a diagonal as an int, else raise `ShapeError`."""
    if isinstance(k, bool) or not hasattr(k, "__index__"):
        raise ShapeError(f"{name}: k={k!r} is not the number of a diagonal, an integer")
    return int(k)


def require_bytes(shape: tuple[int, ...], itemsize: int, max_bytes: int | None, what: str, instead: str) -> None:
    """Raise `TooLarge` if an array of this shape passes the limit; without one, what an array can have at all."""
    needed, limit = math.prod(shape) * itemsize, MOST_BYTES if max_bytes is None else max_bytes
    if needed > limit:
        raise TooLarge(
            f"{what} needs {bytes_text(needed)} ({shape_text(shape)}), above the limit of {bytes_text(limit)}; "
            f"{instead}"
        )


def require_finite(x: Array, what: str) -> Array:
    """Return the array, or raise `NonFiniteError` with the count and first place of NaN and inf."""
    x = to_numpy(x)
    bad = ~np.isfinite(x)
    count = int(bad.sum())
    if count:
        first = tuple(int(i) for i in np.unravel_index(int(bad.argmax()), x.shape))
        raise NonFiniteError(f"{what} has {count} entries that are NaN or infinite, the first at {first}")
    return x


def as_array(x: Any, what: str, like: Any = None) -> Array:
    """Return array-like `x` as an array of numbers of its own library (NumPy for lists).

    `like`, an `ArraySpec`, is the spec that lists and scalars take: that of the operator they meet.
    """
    if is_array(x):
        return require_numeric(x, what)
    try:
        array = np.asarray(x)
    except ValueError as error:
        raise ShapeError(f"{what} is ragged: its rows differ in length") from error
    require_numeric(array, what)
    if like is not None and like.xp not in (None, np):
        dtype = getattr(like.xp, array.dtype.name)
        return like.xp.asarray(array.tolist(), dtype=dtype, device=like.device)
    return array


def as_operand(
    A: Any, x: Any, expression: str, rows: int, *, axis: int = -2, name: str = "x", becomes: int = 0
) -> Array:
    """Return array-like `x` checked for `expression`, where the axis (the only one of a vector) has `rows`.

    The expression calls it `name`, and in the result the axis `becomes` so long. It comes back in the dtype of the
    result, so that no step of a product is done in a smaller one; other libraries and devices than A's are refused.
    """
    if type(x) is not np.ndarray or x.dtype != A.spec.dtype:
        x = as_array(x, f"{name} in {expression}", A.spec)
        x = astype(x, concrete(common_spec(A.spec, spec_of(x), names=("the operator", name))))
    shape = x.shape
    if not shape or shape[axis if len(shape) > 1 else -1] != rows:
        raise ShapeError(_operand_message(A, x, expression, rows, axis, name))
    if becomes > MANY_ROWS:
        _require_countable(A, x, expression, becomes, axis, name)
    return x


def _require_countable(A: Any, x: Array, expression: str, becomes: int, axis: int, name: str) -> None:
    """Raise `TooLarge` if the result has more bytes than can be counted, before any of it is made."""
    shape = list(x.shape)
    shape[axis if x.ndim > 1 else -1] = becomes
    needed = math.prod(shape) * itemsize(x.dtype)
    if needed > MOST_BYTES:
        raise TooLarge(
            f"{_shapes_text(A, x, expression, name)}; the result would have {bytes_text(needed)}, "
            f"and an array has at most {bytes_text(MOST_BYTES)}; multiply by a part of A"
        )


def _operand_message(A: Any, x: Array, expression: str, rows: int, axis: int, name: str) -> str:
    if x.ndim == 0:
        return f"{expression}: {name} is a scalar; give a vector of {rows} entries (c * A is a multiple)"
    due = f"{rows} {'rows' if axis == -2 else 'columns'}" if x.ndim > 1 else f"{rows} entries"
    message = f"{_shapes_text(A, x, expression, name)}; {name} must have {due}"
    if x.ndim > 1 and math.prod(x.shape) == rows:
        message += f": {name}.reshape(-1) has them"
    elif x.ndim == 2 and x.shape[-3 - axis] == rows:
        message += f": {name}.T has them"
    return message


def _shapes_text(A: Any, x: Array, expression: str, name: str) -> str:
    """Return 'A @ x: A is 6×8 (2×2 ⊗ 3×4) and x is (5,)'."""
    split = f" ({product_text([F.shape for F in A.factors])})" if getattr(A, "kinds", ()) else ""
    return f"{expression}: A is {shape_text(A.shape)}{split} and {name} is {shape_text(x.shape)}"


def require_matrix_or_vector(x: Array, expression: str) -> Array:
    """Return the right-hand side `x` if it is 1-D or 2-D, else raise `ShapeError`."""
    if x.ndim > 2:
        raise ShapeError(f"{expression}: b has shape {shape_text(x.shape)}; give a vector or a matrix of columns")
    return x


def matching_dtype(dtype: Any) -> Any:
    """Return the spec of a dtype given by a user: a NumPy dtype, or one of another library."""
    if type(dtype).__module__.partition(".")[0] == "torch":
        import torch

        return spec_of(torch.empty(0, dtype=dtype))
    try:
        spec = numpy_spec(dtype)
    except TypeError as error:
        raise DTypeError(f"{dtype!r} is not a dtype: {error}") from error
    if spec.dtype is not None and spec.dtype.kind not in "biufc":
        raise DTypeError(f"dtype {spec.dtype} does not hold plain numbers")
    return spec
