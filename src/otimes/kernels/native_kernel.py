"""Runs a plan of tiles with the compiled kernel."""

import functools
import math
from typing import Any, NamedTuple

import numpy as np

from otimes.kernels import native
from otimes.kernels.numpy_kernel import apply_along
from otimes.kernels.plan import FactorKind, Plan, Step
from otimes.kernels.tiles import plan_tiles

THREADED_WORK = 4e6  # flops, and eight for each entry moved, that take longer than to start a thread
ALIGNED_BYTES = 2**16  # results from which the lines of the cache are worth beginning where they do
LINE_BYTES = 64


class Part(NamedTuple):
    """Passes that the kernel runs one after another, or without a program the step of an operator that is no array."""

    program: Any
    step: Step
    sizes: tuple[int, ...]  # of the axes before it
    roles: tuple[str, ...]  # the kind of each factor that is applied, else 'identity'
    rows: int  # of the array after it
    dense: bool  # whether all factors are matrices that are applied
    threaded: bool


def kron_matmat(factors: tuple, kinds: tuple[FactorKind, ...], X: np.ndarray) -> np.ndarray:
    """Return (F₁ ⊗ … ⊗ F_N) X for an array X (n₁ ⋯ n_N, k) of a dtype of the kernel, in the order of X.

    Cost: the plan's; beside X the result and tiles are held, and where a result between two passes has another size
    than the last one, that.
    """
    columns = X.shape[1]
    plan, parts = _parts(kinds, columns, X.itemsize)
    if plan.empty:
        return np.zeros((plan.rows, columns), X.dtype)
    if (
        columns > 1 and X.T.flags.c_contiguous and not X.flags.c_contiguous
    ):  # each column by itself: (I ⊗ F₁ ⊗ …) on one
        stacked = (FactorKind(columns, columns, "identity"), *kinds)
        return kron_matmat((None, *factors), stacked, X.T.reshape(-1, 1)).reshape(columns, -1).T
    if X.dtype.kind == "c" and X.flags.c_contiguous and all(map(_is_real, factors, kinds)):
        return kron_matmat(factors, kinds, X.view(X.real.dtype)).view(X.dtype)  # both parts are columns
    if not parts:
        return X.copy()
    for part in parts:
        if part.program is None:
            X = apply_along(factors[part.step.start], X, part.step.left, part.step.right).reshape(part.rows, columns)
        else:
            X = _run(part, factors, X)
    return X


def _is_real(F: Any, kind: FactorKind) -> bool:
    if kind.kind in ("dense", "diagonal"):
        return (F.array if kind.kind == "dense" else F.entries).dtype.kind != "c"
    return kind.kind == "identity"


@functools.lru_cache(maxsize=512)
def _parts(kinds: tuple[FactorKind, ...], columns: int, itemsize: int) -> tuple[Plan, tuple[Part, ...]]:
    """Return the plan, and its passes between those of operators, each with what the kernel reads."""
    plan = plan_tiles(kinds, columns, itemsize)
    if plan.empty:
        return plan, ()
    parts: list[Part] = []
    sizes = [kind.columns for kind in kinds]
    for is_operator, passes in _runs(plan):
        steps = [step for steps in passes for step in steps]
        before = tuple(sizes)
        for step in steps:
            sizes[step.start : step.stop] = [kind.rows for kind in kinds[step.start : step.stop]]
        applied = {i for step in steps for i in range(step.start, step.stop)}
        roles = tuple(kind.kind if i in applied else "identity" for i, kind in enumerate(kinds))
        dense = all(role == "dense" for role in roles)
        work = sum(step.flops for step in steps) + 8 * sum(steps[-1].entries for steps in passes)
        program = None
        if not is_operator:
            program = native.module.Program([[(step.start, step.stop) for step in steps] for steps in passes])
        parts.append(Part(program, steps[0], before, roles, math.prod(sizes), dense, work > THREADED_WORK))
    return plan, tuple(parts)


def _runs(plan: Plan) -> list[tuple[bool, list[tuple[Step, ...]]]]:
    """Return the passes in runs: those of the kernel that follow one another, and each of an operator alone."""
    runs: list[tuple[bool, list[tuple[Step, ...]]]] = []
    for steps in plan.passes:
        is_operator = plan.factors[steps[0].start].kind == "operator"
        if is_operator or not runs or runs[-1][0]:
            runs.append((is_operator, [steps]))
        else:
            runs[-1][1].append(steps)
    return runs


def _run(part: Part, factors: tuple, X: np.ndarray) -> np.ndarray:
    """Return X after the passes of the part."""
    dtype = X.dtype
    if part.dense:
        operands = [F.array for F in factors]
        if operands[0].dtype is not dtype:
            operands = [array.astype(dtype, copy=False) for array in operands]
    else:
        operands = [_operand(F, role, n, dtype) for F, role, n in zip(factors, part.roles, part.sizes, strict=True)]
    if not X.flags.c_contiguous and any(step % X.itemsize for step in X.strides):  # a field of a structure
        X = X.copy()
    result = _empty((part.rows, X.shape[1]), dtype)
    native.module.product(result, X, operands, part.program, native.threads() if part.threaded else 1)
    return result


def _operand(F: Any, role: str, size: int, dtype: np.dtype) -> Any:
    """Return the factor as the kernel takes it: a matrix, the entries of a diagonal, or the size of an identity."""
    if role == "dense":
        return F.array.astype(dtype, copy=False)
    if role == "diagonal":
        return F.entries.astype(dtype, copy=False)
    return size  # of an identity, or an axis that other parts are for


def _empty(shape: tuple[int, int], dtype: np.dtype) -> np.ndarray:
    """Return a new array; a large one begins where a line of the cache does, so that lines are written whole."""
    size = shape[0] * shape[1] * dtype.itemsize
    if size < ALIGNED_BYTES:
        return np.empty(shape, dtype)
    room = np.empty(size + LINE_BYTES, np.uint8)
    start = -room.__array_interface__["data"][0] % LINE_BYTES
    return room[start : start + size].view(dtype).reshape(shape)
