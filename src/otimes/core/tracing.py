"""Decisions that read entries, made in one place, since entries may be traced.

Under `jax.jit`, `grad` and `vmap` arrays have shapes and dtypes but no entries. Code that checks or branches on them
asks `certainly`, which is False for what is traced: the checks of singular, Hermitian and definite operands are then
left out, and inf or NaN in the result tell what went wrong, as everywhere in JAX. The branch that is taken must
hold for all entries.
"""

import sys
from typing import Any


def traced(*values: Any) -> bool:
    """Whether one of the values is an array of JAX whose entries are not there to be looked at."""
    jax = sys.modules.get("jax")
    return jax is not None and any(isinstance(value, jax.core.Tracer) for value in values)


def certainly(condition: Any) -> bool:
    """Whether a condition on entries (a bool or a 0-d array) is known to hold."""
    return not traced(condition) and bool(condition)
