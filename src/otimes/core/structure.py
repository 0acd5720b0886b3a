"""Operators taken apart and put together again: arrays of entries here, everything else there.

An operator is what its `__dict__` holds: shape, spec and facts, and its parts. `flatten` walks over the parts
down to the arrays; an operator or array met twice is listed once, so that what is shared stays shared.
"""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from otimes.core.array import Array, ArraySpec, is_array, spec_of, zeros
from otimes.core.convert import aslinearoperator
from otimes.core.facts import Facts
from otimes.core.operator import LinearOperator
from otimes.errors import StructureError

WHAT_ALL_HAVE = ("shape", "spec", "facts")


@dataclass(frozen=True, slots=True)
class Leaf:
    """The place of an array of entries among the leaves."""

    index: int


@dataclass(frozen=True, slots=True)
class Node:
    """The place of an operator among the records."""

    index: int


class Fixed:
    """A part that is structure and no data, such as an index array: compared by its value, objects by identity."""

    __slots__ = ("value",)

    def __init__(self, value: Any):
        self.value = value

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Fixed) or type(self.value) is not type(other.value):
            return False
        if isinstance(self.value, np.ndarray):
            return self.value.dtype == other.value.dtype and np.array_equal(self.value, other.value)
        return self.value is other.value or (isinstance(self.value, Hashable) and self.value == other.value)

    def __hash__(self) -> int:
        return hash((type(self.value), getattr(self.value, "shape", None)))


@dataclass(frozen=True, slots=True)
class Record:
    """One operator without its arrays: hashable, and equal where the structure is."""

    kind: type[LinearOperator]
    shape: tuple[int, int]
    spec: ArraySpec
    facts: Facts
    parts: tuple[tuple[str, Any], ...]


Skeleton = tuple[Record, ...]  # children before those made of them; the last is the operator itself


def parts_of(A: LinearOperator) -> dict[str, Any]:
    """Return what A is made of, by name."""
    return {name: part for name, part in vars(A).items() if name not in WHAT_ALL_HAVE}


def flatten(A: LinearOperator) -> tuple[list[Array], Skeleton]:
    """Return the arrays of entries in A and its descendants, and all the rest."""
    leaves: list[Array] = []
    records: list[Record] = []
    places: dict[int, Any] = {}

    def visit(part: Any, fixed: bool) -> Any:
        if id(part) in places:
            return places[id(part)]
        if isinstance(part, LinearOperator):
            inner = tuple((name, visit(p, name in part.index_parts)) for name, p in parts_of(part).items())
            records.append(Record(type(part), part.shape, part.spec, part.facts, inner))
            place: Any = Node(len(records) - 1)
        elif is_array(part) and not fixed:
            leaves.append(part)
            place = Leaf(len(leaves) - 1)
        elif type(part) in (tuple, list):
            return tuple(visit(p, fixed) for p in part)
        else:
            return Fixed(part)
        places[id(part)] = place
        return place

    visit(A, False)
    return leaves, tuple(records)


def unflatten(skeleton: Skeleton, leaves: Iterable[Any]) -> Any:
    """Return the operator of a skeleton with these leaves: arrays, or whatever stands for them."""
    arrays = list(leaves)
    built: list[LinearOperator] = []

    def restore(part: Any) -> Any:
        if isinstance(part, Node):
            return built[part.index]
        if isinstance(part, Leaf):
            return arrays[part.index]
        return part.value if isinstance(part, Fixed) else tuple(map(restore, part))

    for record in skeleton:
        A = object.__new__(record.kind)
        A.__dict__.update(shape=record.shape, spec=record.spec, facts=record.facts)
        A.__dict__.update((name, restore(part)) for name, part in record.parts)
        built.append(A)
    return built[-1]


def with_specs(skeleton: Skeleton, change: Callable[[ArraySpec], ArraySpec]) -> Skeleton:
    """Return the skeleton with the spec of every operator changed."""
    return tuple(replace(record, spec=change(record.spec)) for record in skeleton)


def map_arrays(A: Any, convert: Callable[[Array], Array]) -> Any:
    """Return A with every array of entries converted, to another library, dtype or device.

    Parameters
    ----------
    A : operator
    convert : callable
        Array to array of the same shape.

    Returns
    -------
    LinearOperator
        Of the same structure, with the same facts. What holds no arrays of its own kind (a SciPy sparse matrix or
        linear operator) stays as it is.

    Raises
    ------
    StructureError
        A is a batch of operators.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> ox.map_arrays(ox.kron(np.eye(2), np.ones((3, 3))), lambda a: a.astype(np.float32)).dtype
    dtype('float32')
    """
    A = aslinearoperator(A)
    if hasattr(A, "batch_shape"):
        raise StructureError(f"map_arrays: a batch {A.shape} is no single operator; convert its arrays first")
    leaves, skeleton = flatten(A)
    specs = {record.spec for record in skeleton}
    converted = {spec: spec if spec.weak else spec_of(convert(zeros((1, 1), spec))) for spec in specs}
    return unflatten(with_specs(skeleton, converted.__getitem__), map(convert, leaves))
