"""Stacks: arrays (…, m, n) of matrices, or NumPy arrays (…) of operators, with batch axes in front."""

import math
from typing import Any

import numpy as np

from otimes.core.array import ArraySpec, common_spec, namespace, reshape, rows_of, spec_of
from otimes.core.checks import shape_text
from otimes.errors import ShapeError

Stack = Any  # an array (…, m, n) or a NumPy array (…) of operators
BatchShape = tuple[int, ...]


def broadcast_shape(shapes: dict[str, BatchShape]) -> BatchShape:
    """Return what batch shapes, by name, broadcast to; `ShapeError` with all of them where they do not."""
    try:
        return np.broadcast_shapes(*shapes.values())
    except ValueError as error:
        listed = " and ".join(f"{name} has {tuple(shape)}" for name, shape in shapes.items())
        raise ShapeError(f"batch shapes do not broadcast: {listed}; sizes must be equal or 1, from the last") from error


def operators(operators: Any, shape: BatchShape) -> np.ndarray:
    """Return operators, given in C order or as a batch, as a NumPy array of objects."""
    stack = np.empty(shape, dtype=object)
    for place, A in zip(np.ndindex(shape), operators, strict=True):
        stack[place] = A
    sizes = {A.shape for A in stack.flat}
    if len(sizes) > 1:
        raise ShapeError(f"the operators of a batch have one shape, not {' and '.join(map(shape_text, sorted(sizes)))}")
    return stack


def of_operators(stack: Stack) -> bool:
    """Whether the stack holds operators and not entries."""
    return isinstance(stack, np.ndarray) and stack.dtype == object


def matrix_shape(stack: Stack) -> tuple[int, int]:
    """Return the shape (m, n) of each matrix."""
    return stack.flat[0].shape if of_operators(stack) else tuple(stack.shape[-2:])


def batch_of(x: Any) -> BatchShape:
    """Return the batch shape of a batch, a stack, or an array (…, n, k)."""
    if hasattr(x, "batch_shape"):
        return x.batch_shape
    return x.shape if of_operators(x) else tuple(x.shape[:-2])


def spec_of_stack(stack: Stack) -> ArraySpec:
    """Return what the entries are."""
    return common_spec(*(A.spec for A in stack.flat)) if of_operators(stack) else spec_of(stack)


def at(x: Any, place: tuple[int, ...]) -> Any:
    """Return the operator or matrix at a place of the shape that x broadcasts to."""
    own = batch_of(x)
    place = tuple(0 if size == 1 else i for size, i in zip(own, place[len(place) - len(own) :], strict=True))
    if hasattr(x, "batch_shape"):
        return x.operator(place)
    return x[place] if of_operators(x) else x[(*place, ...)]


def chosen(stack: Stack, shape: BatchShape, numbers: np.ndarray) -> Stack:
    """Return the part of a stack at places of the batch, numbered in C order."""
    own = batch_of(stack)
    places = np.broadcast_to(np.arange(math.prod(own)).reshape(own), shape).reshape(-1)[numbers]
    if of_operators(stack):
        return stack.reshape(-1)[places]
    return rows_of(reshape(stack, (math.prod(own), *stack.shape[-2:])), places)


def unpacked(stack: Stack) -> tuple[Stack, ...]:
    """Return the stacks of arrays whose Kronecker product a stack is: of operators only where all are such products."""
    if not of_operators(stack):
        return (stack,)
    factors = [A.factors if hasattr(A, "kinds") else (A,) for A in stack.flat]
    if len({tuple((F.shape, F.kind) for F in parts) for parts in factors}) > 1:
        return (stack,)
    if any(F.kind != "dense" for F in factors[0]):
        return (stack,)
    columns = ([F.array for F in column] for column in zip(*factors, strict=True))
    return tuple(reshape(namespace(arrays[0]).stack(arrays), (*stack.shape, *arrays[0].shape)) for arrays in columns)
