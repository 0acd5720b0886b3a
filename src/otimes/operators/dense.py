"""Dense: an operator that holds its entries as an array."""

from typing import Any

import numpy as np

from otimes.core.algebra import add, conj, matmul, to_dense, transpose
from otimes.core.array import (
    Array,
    ArraySpec,
    astype,
    conjugate,
    eye,
    inexact,
    is_array,
    itemsize,
    namespace,
    promoted,
    spec_of,
)
from otimes.core.batch import Batch
from otimes.core.checks import as_array
from otimes.core.convert import converts
from otimes.core.facts import Facts, either, every, observed, of_sum
from otimes.core.indexing import entries, gathered_entries
from otimes.core.lapack import solve_triangular
from otimes.core.operator import LinearOperator
from otimes.core.rules import Guard, guard
from otimes.errors import ShapeError
from otimes.functions.det import det
from otimes.functions.inv import inv
from otimes.functions.plan import plan
from otimes.functions.solve import solve
from otimes.kernels.plan import Plan, kind_of, plan_product


class Dense(LinearOperator):
    """The operator of a 2-D array, which is wrapped and not copied.

    Every function has a dense form, so this class needs no rules but those of the algebra.
    """

    kind = "dense"
    array: Array

    def __init__(self, array: Array, facts: Facts | None = None):
        super().__init__(tuple(array.shape), spec_of(array), observed(array) if facts is None else facts, array=array)

    def _form(self) -> Array:
        return self.array

    def _converted(self, spec: ArraySpec) -> "Dense":
        return Dense(astype(self.array, spec.dtype), self.facts)

    def _matmat(self, X: Array) -> Array:
        return promoted(self.array, X) @ X

    def _from_left(self, x: Array) -> Array:
        return promoted(self.array, x) @ x if x.ndim < 3 else super()._from_left(x)

    def _from_right(self, x: Array) -> Array:
        return x @ promoted(self.array, x) if x.ndim < 3 else super()._from_right(x)


def dense(x: Any) -> Any:
    """Return the operator of array-like `x`: 2-D, or 1-D for a row, as `numpy.kron` reads it; of more axes a batch."""
    array = as_array(x, "the matrix")
    if array.ndim == 1:
        array = array[None, :]
    if array.ndim > 2:
        return Batch(array)
    if array.ndim != 2:
        raise ShapeError(f"a matrix has two axes, and this array is {array.ndim}-D of shape (); reshape it")
    return Dense(array)


converts(is_array)(dense)
converts(lambda x: isinstance(x, (list, tuple)) or (hasattr(x, "__array__") and not hasattr(x, "matvec")))(dense)


@to_dense.rule(Dense, says="A is formed already")
def _(A: Dense) -> Array:
    return A.array


@entries.rule(Dense, says="the entries of the array")
def _(A: Dense, rows: np.ndarray, columns: np.ndarray) -> Array:
    return gathered_entries(A.array, rows, columns)


@transpose.rule(Dense, says="(Aᵀ)ᵢⱼ = Aⱼᵢ")
def _(A: Dense) -> Dense:
    return Dense(A.array.T, A.facts.transposed())


@conj.rule(Dense, says="conj(A)ᵢⱼ = conj(Aᵢⱼ)")
def _(A: Dense) -> Dense:
    return Dense(conjugate(A.array), A.facts)


@guard("the product has no more entries than its factors together")
def cheaper_multiplied(A: Dense, B: Dense) -> bool:
    return A.shape[0] * B.shape[1] <= A.size + B.size


@matmul.rule(Dense, Dense, when=cheaper_multiplied, says="(A B)ᵢⱼ = Σₖ Aᵢₖ Bₖⱼ")
def _(A: Dense, B: Dense) -> Dense:
    product = A @ B.array
    kept = every([A.facts, B.facts], "unitary", "lower_triangular", "upper_triangular")
    return Dense(product, either(observed(product), kept))


@add.rule(Dense, Dense, says="(A + B)ᵢⱼ = Aᵢⱼ + Bᵢⱼ")
def _(A: Dense, B: Dense) -> Dense:
    total = A.array + B.array
    return Dense(total, either(observed(total), of_sum([A.facts, B.facts])))


triangular = Guard(
    "A is square and known to be triangular",
    lambda A: A.square and bool(A.facts.lower_triangular or A.facts.upper_triangular),
)


@solve.rule(Dense, when=triangular, says="L⁻¹ B by substitution", cite="GolubVanLoan2013")
def _(A: Dense, B: Array) -> Array:
    return solve_triangular(_inexact(A), B, bool(A.facts.lower_triangular))


@inv.rule(Dense, when=triangular, says="L⁻¹ by substitution, triangular too", cite="GolubVanLoan2013")
def _(A: Dense) -> Dense:
    a = _inexact(A)
    return Dense(solve_triangular(a, eye(A.shape[0], spec_of(a)), bool(A.facts.lower_triangular)))


@det.rule(Dense, when=triangular, says="det L = Π Lᵢᵢ", cite="GolubVanLoan2013")
def _(A: Dense) -> Any:
    xp = namespace(A.array)
    return xp.prod(xp.linalg.diagonal(_inexact(A)))


def _inexact(A: Dense) -> Array:
    return astype(A.array, inexact(A.dtype, A.spec.xp))


@plan.rule(Dense, says="one GEMM")
def _(A: Dense, columns: int) -> Plan:
    return plan_product((kind_of(A),), columns, itemsize(A.dtype))
