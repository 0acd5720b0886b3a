"""Operators as pytrees of JAX: their arrays are the leaves; structure, shapes, specs and facts are static.

Importing otimes does not import jax. Once it is there, the classes defined until then are registered when the next
operator is built; so are those that are defined later, users' own among them.
"""

import functools
from collections.abc import Iterable
from typing import Any

from otimes.core.array import ArraySpec, concrete, dtype_name, is_array, spec_of, zeros
from otimes.core.batch import Batch
from otimes.core.operator import LinearOperator
from otimes.core.stacks import of_operators, operators
from otimes.core.structure import Skeleton, flatten, unflatten, with_specs

Structure = tuple[Skeleton, tuple[ArraySpec, ...]]  # and the specs of the leaves


def register(classes: set[type]) -> None:
    """Register the classes with JAX, and take them out of the set; batches of operators too."""
    import jax

    while classes:
        kind = classes.pop()
        both = (_flattened_batch, _unflattened_batch) if kind is Batch else (_flattened, _unflattened)
        jax.tree_util.register_pytree_node(kind, *both)


def _flattened(A: LinearOperator) -> tuple[list[Any], Structure]:
    leaves, skeleton = flatten(A)
    return leaves, (skeleton, tuple(map(_spec, leaves)))


def _unflattened(structure: Structure, leaves: Iterable[Any]) -> Any:
    """Return the operator of the leaves; its specs follow them where they became arrays of another kind."""
    skeleton, specs = structure
    leaves = list(leaves)
    changed = {old: new for old, leaf in zip(specs, leaves, strict=True) if (new := _spec(leaf, old)) != old}
    return unflatten(with_specs(skeleton, functools.partial(_moved, changed)) if changed else skeleton, leaves)


def _spec(leaf: Any, otherwise: ArraySpec | None = None) -> Any:
    """Return the spec of a leaf; JAX also puts objects in place of arrays."""
    return spec_of(leaf) if is_array(leaf) else otherwise


def _moved(changed: dict[ArraySpec, ArraySpec], spec: ArraySpec) -> ArraySpec:
    """Return what a spec of an operator became, given what those of its arrays did."""
    if spec.weak or spec in changed:
        return changed.get(spec, spec)
    to = next(iter(changed.values()))  # a dtype that several arrays promote to, or none has: complex multiples
    dtype = getattr(to.xp, dtype_name(concrete(spec)))
    return spec_of(zeros((1, 1), ArraySpec(to.xp, dtype, to.device)))


def _flattened_batch(batch: Batch) -> tuple[list[Any], Any]:
    """Return the stacks of a batch, arrays as they are and arrays of operators as lists."""
    stacks = [list(stack.flat) if of_operators(stack) else stack for stack in batch.stacks]
    return stacks, (batch.product, tuple(stack.shape if of_operators(stack) else None for stack in batch.stacks))


def _unflattened_batch(structure: Any, stacks: Iterable[Any]) -> Batch:
    product, shapes = structure
    batch = object.__new__(Batch)
    batch.product = product
    batch.stacks = tuple(s if shape is None else operators(s, shape) for s, shape in zip(stacks, shapes, strict=True))
    return batch


LinearOperator.register = staticmethod(register)
