"""Whether two operators are the same matrix: told without a look at the entries, or once, where sums are made."""

import functools
import itertools
from collections.abc import Hashable, Iterable
from typing import Any

import numpy as np

from otimes.core.algebra import with_known
from otimes.core.operator import LinearOperator
from otimes.operators.dense import Dense
from otimes.operators.identity import Identity


def same(A: LinearOperator, B: LinearOperator) -> bool:
    """Whether A and B are one object, wrap one array, or are identities of one size and dtype."""
    return A is B or (type(A) is type(B) and identity_of(A) == identity_of(B))


def identity_of(A: LinearOperator) -> Hashable:
    """Return what is equal for operators that are the same, while both of them live."""
    if isinstance(A, Identity):
        return (A.shape, A.spec)
    if not isinstance(A, Dense):
        return id(A)
    x = A.array
    if type(x) is not np.ndarray:
        return id(x)
    return (x.__array_interface__["data"][0], x.shape, x.strides, x.dtype.str)  # two views of one matrix share it


def unified(operators: Iterable[LinearOperator]) -> list[LinearOperator]:
    """Return the operators, those that hold equal NumPy arrays replaced by one, which has the facts of all.

    Each array is looked at about once: only those whose first rows agree are compared.
    """
    given = list(operators)
    alike: dict[Any, list[list[Dense]]] = {}
    for A in given:
        if isinstance(A, Dense) and type(A.array) is np.ndarray and A.size:
            groups = alike.setdefault((A.shape, A.dtype, A.array[0].tobytes()), [])
            for group in groups:
                if same(A, group[0]) or np.array_equal(A.array, group[0].array):
                    group.append(A)
                    break
            else:
                groups.append([A])
    one: dict[int, LinearOperator] = {}
    for group in itertools.chain.from_iterable(alike.values()):
        together = functools.reduce(lambda A, B: with_known(A, B.facts), group)
        one |= dict.fromkeys(map(id, group), together)
    return [one.get(id(A), A) for A in given]
