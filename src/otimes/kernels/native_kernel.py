"""Runs a plan of tiles with the compiled kernel."""

import functools
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from otimes.kernels import native
from otimes.kernels.memory import ALIGNED_BYTES, empty
from otimes.kernels.numpy_kernel import apply_along
from otimes.kernels.plan import FactorKind, Plan, Step
from otimes.kernels.tiles import plan_tiles

THREADED_WORK = 1e7  # flops, and eight for each entry moved, that take several times as long as to start a thread

Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """Passes that the kernel runs one after another, or without a program the step of an operator that is no array."""

    program: Any
    step: Step
    after: Shape  # of the array
    large: bool
    threaded: bool


@dataclass(frozen=True, slots=True)
class Call:
    """All that is known of a product before the arrays are: small products are mostly calls."""

    empty: bool  # whether some size is zero
    dense: bool  # whether all factors are matrices
    stacked: bool  # whether an identity is in front of them, for what is in front of their axis
    kinds: tuple[FactorKind, ...]  # as they are applied
    parts: tuple[Part, ...]
    shape: Shape  # of the result


def takes(X: Any) -> bool:
    """Whether the compiled kernel is there and knows X."""
    return native.module is not None and type(X) is np.ndarray and X.dtype in native.COMPILED


def kron_matmat(factors: tuple, kinds: tuple[FactorKind, ...], X: np.ndarray, transposed: bool = False) -> np.ndarray:
    """Return (F₁ ⊗ … ⊗ F_N) X for an array X (n,), (n, k) or (…, n, k) that the kernel takes, in the order of X.

    `transposed` stands for (F₁ ⊗ … ⊗ F_N)ᵀ.

    Cost: the plan's; beside X the result and tiles are held, and where a result between two passes has another size
    than the last one, that. Of a batch that is neither C- nor F-ordered a copy is made.
    """
    shape = X.shape
    if len(shape) == 1:
        return _product(factors, kinds, transposed, X, (), ())
    if X.flags.c_contiguous:
        return _product(factors, kinds, transposed, X, shape[:-2], shape[-1:])
    rows = X.mT
    if rows.flags.c_contiguous:
        return _product(factors, kinds, transposed, rows, rows.shape[:-1], ()).mT
    return _product(factors, kinds, transposed, X if len(shape) == 2 else X.copy(), shape[:-2], shape[-1:])


def kron_rmatmat(factors: tuple, kinds: tuple[FactorKind, ...], X: np.ndarray) -> np.ndarray:
    """Return X (F₁ ⊗ … ⊗ F_N) for an array X (m,) or (…, m): see `kron_matmat`."""
    if X.flags.c_contiguous:
        return _product(factors, kinds, True, X, X.shape[:-1], ())
    return kron_matmat(factors, kinds, X, True) if X.ndim == 1 else kron_matmat(factors, kinds, X.mT, True).mT


def _product(
    factors: tuple, kinds: tuple[FactorKind, ...], transposed: bool, X: np.ndarray, front: Shape, behind: Shape
) -> np.ndarray:
    """Return the product along the middle axis of X: C-ordered (*front, n, *behind), or a matrix in any order."""
    dtype = X.dtype
    call = _call(kinds, transposed, front, behind, X.itemsize)
    if call.empty:
        return np.zeros(call.shape, dtype)
    operands = [F.array for F in factors] if call.dense else []
    if not operands or operands[0].dtype is not dtype:
        if dtype.kind == "c" and X.flags.c_contiguous and all(map(_is_real, factors, kinds)):
            real = _product(factors, kinds, transposed, X.view(X.real.dtype), front, (*behind, 2))
            return real.view(dtype)[..., 0]  # both parts are columns
        operands = [_operand(F, kind.kind, transposed, dtype) for F, kind in zip(factors, call.kinds, strict=True)]
    if call.stacked:
        operands.insert(0, None)
    for part in call.parts:
        if part.program is None:
            step = part.step
            X = np.ascontiguousarray(apply_along(operands[step.start], X, step.left, step.right)).reshape(part.after)
        else:
            result = empty(part.after, dtype) if part.large else np.empty(part.after, dtype)
            part.program.run(result, X, operands, native.threads() if part.threaded else 1)
            X = result
    return X if call.parts else X.copy()


def _is_real(F: Any, kind: FactorKind) -> bool:
    if kind.kind in ("dense", "diagonal"):
        return _array(F, kind.kind).dtype.kind != "c"
    return kind.kind == "identity" or (kind.kind == "sparse" and F.real)


def _operand(F: Any, kind: str, transposed: bool, dtype: np.dtype) -> Any:
    """Return what is applied: a matrix, the entries of a diagonal, those of a sparse factor and where they are.

    An operator is applied itself, and of an identity nothing is.
    """
    if kind in ("sparse", "operator"):
        A = F.T if transposed else F
        return A if kind == "operator" else A.compressed_rows(dtype)
    return None if kind == "identity" else _array(F, kind).astype(dtype, copy=False)


def _array(F: Any, kind: str) -> np.ndarray:
    return F.array if kind == "dense" else F.entries


@functools.lru_cache(maxsize=512)
def _call(kinds: tuple[FactorKind, ...], transposed: bool, front: Shape, behind: Shape, itemsize: int) -> Call:
    """Return the plan's passes between those of operators, each with what the kernel reads."""
    if transposed:
        kinds = tuple(kind._replace(rows=kind.columns, columns=kind.rows) for kind in kinds)
    dense = all(kind.kind == "dense" for kind in kinds)
    shape = (*front, math.prod(kind.rows for kind in kinds), *behind)
    batches, columns = math.prod(front), math.prod(behind)
    stacked = batches != 1
    if stacked:
        kinds = (FactorKind(batches, batches, "identity"), *kinds)
    plan = plan_tiles(kinds, columns, itemsize)
    parts: list[Part] = []
    sizes = [kind.columns for kind in kinds]
    for is_operator, passes in [] if plan.empty else _runs(plan):
        steps = [step for steps in passes for step in steps]
        applied = {i for step in steps for i in range(step.start, step.stop)}
        program = None
        if not is_operator:
            here = [kind[:3] if i in applied else (sizes[i], sizes[i], "identity") for i, kind in enumerate(kinds)]
            spans = [[(step.start, step.stop) for step in steps] for steps in passes]
            program = native.module.Program(here, transposed, columns, spans)
        for i in applied:
            sizes[i] = kinds[i].rows
        after = (*front, math.prod(sizes[stacked:]), *behind)
        work = sum(step.flops for step in steps) + 8 * sum(steps[-1].entries for steps in passes)
        large = math.prod(after) * itemsize >= ALIGNED_BYTES
        parts.append(Part(program, steps[0], after, large, work > THREADED_WORK))
    return Call(plan.empty, dense, stacked, plan.factors[stacked:], tuple(parts), shape)


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
