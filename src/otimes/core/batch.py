"""Batch: an array of operators of one shape, as NumPy's `linalg` has stacks of matrices.

Batch axes come first and broadcast as NumPy's do; matrices, and with them Kronecker products, are over the last two.
A batch is the Kronecker product of stacks: arrays (…, m, n), or NumPy arrays of operators. Products go through the
stacks, all matrices of one at once; every function is mapped over the operators, here and nowhere else.
"""

import functools
import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from otimes.core.algebra import add, conj, matmul, scale, to_dense, transpose
from otimes.core.array import (
    Array,
    ArraySpec,
    common_spec,
    concrete,
    conjugate,
    describe_spec,
    is_array,
    namespace,
    promoted,
    reshape,
    spec_of,
    to_numpy,
)
from otimes.core.checks import as_operand, shape_text
from otimes.core.convert import aslinearoperator, converts
from otimes.core.operator import LinearOperator, make_pytrees
from otimes.core.rules import Function
from otimes.core.stacks import (
    BatchShape,
    Stack,
    at,
    batch_of,
    broadcast_shape,
    chosen,
    matrix_shape,
    of_operators,
    operators,
    spec_of_stack,
    unpacked,
)
from otimes.core.vector import LazyVector
from otimes.errors import OtimesError, ShapeError


class Batch:
    """Operators of one shape (m, n) in an array of shape `batch_shape`; `kron`, `inv` and the others make it.

    `shape` is (*batch_shape, m, n) and `np.asarray` gives such an array; `K[i]` is an operator or a smaller batch.
    `product` makes one operator of a slice of each stack; a single stack needs none.
    """

    __array_ufunc__ = None

    def __init__(self, *stacks: Stack, product: Callable[..., Any] | None = None):
        self.stacks = stacks
        self.product = product
        broadcast_shape({f"factor {i}": batch_of(stack) for i, stack in enumerate(stacks)})
        common_spec(*map(spec_of_stack, stacks), what="factor")
        make_pytrees()

    @property
    def batch_shape(self) -> BatchShape:
        """What the batch axes of the stacks broadcast to."""
        return np.broadcast_shapes(*map(batch_of, self.stacks))

    @property
    def shape(self) -> tuple[int, ...]:
        """(*batch_shape, m, n)."""
        rows, columns = zip(*map(matrix_shape, self.stacks), strict=True)
        return (*self.batch_shape, math.prod(rows), math.prod(columns))

    @property
    def ndim(self) -> int:
        """The number of axes, those of the matrices included."""
        return len(self.batch_shape) + 2

    @property
    def spec(self) -> ArraySpec:
        """Namespace, dtype and device of the entries."""
        return common_spec(*map(spec_of_stack, self.stacks))

    @property
    def dtype(self) -> Any:
        """The dtype of the entries."""
        return concrete(self.spec)

    def operator(self, place: tuple[int, ...]) -> Any:
        """Return the operator at one place of the batch."""
        parts = [aslinearoperator(at(stack, place)) for stack in self.stacks]
        return self.product(*parts) if self.product else parts[0]

    def __getitem__(self, key: Any) -> Any:
        """Return the operator at integers, or the batch of those at slices and index arrays, of the batch axes."""
        numbers = np.arange(math.prod(self.batch_shape)).reshape(self.batch_shape)[key]
        if numbers.ndim == 0:
            return self.operator(tuple(map(int, np.unravel_index(int(numbers), self.batch_shape))))
        return Batch(*(chosen(stack, self.batch_shape, numbers) for stack in self.stacks), product=self.product)

    def __len__(self) -> int:
        return self.batch_shape[0]

    def __iter__(self) -> Iterator[Any]:
        return (self[i] for i in range(len(self)))

    def _mapped(self, array: Callable[[Array], Array], function: Function) -> "Batch":
        stacks = (operators(map(function, s.flat), s.shape) if of_operators(s) else array(s) for s in self.stacks)
        return Batch(*stacks, product=self.product)

    @property
    def T(self) -> "Batch":
        """The transposes of the matrices."""
        return self._mapped(lambda a: a.mT, transpose)

    mT = T

    @property
    def H(self) -> "Batch":
        """The conjugate transposes of the matrices."""
        return self.conj().T

    def conj(self) -> "Batch":
        """Return the complex conjugates."""
        return self._mapped(conjugate, conj)

    def __matmul__(self, other: Any) -> Any:
        """Return A x for an array (n,), (n, k) or (…, n, k), or the product with operators."""
        if hasattr(other, "matvec"):
            return matmul(self, other)
        x = as_operand(self, other, "A @ x", self.shape[-1])
        if x.ndim == 1:
            return self._matmat(x[:, None])[..., 0]
        broadcast_shape({"A": self.batch_shape, "x": x.shape[:-2]})
        return self._matmat(x)

    matvec = matmat = __matmul__

    def _matmat(self, X: Array) -> Array:
        """Return the products one stack after the other; each turns its axis to the end, so that it is one GEMM."""
        columns, stacks = X.shape[-1], [part for stack in self.stacks for part in unpacked(stack)]
        shapes = [matrix_shape(stack) for stack in stacks]
        for i, stack in enumerate(stacks):
            others = math.prod(m for m, _ in shapes[:i]) * math.prod(n for _, n in shapes[i + 1 :])
            X = _turned(stack, reshape(X, (*X.shape[:-2], shapes[i][1], columns * others)))
        return reshape(X, (*X.shape[:-2], columns, self.shape[-2])).mT

    def __rmatmul__(self, other: Any) -> Any:
        """Return x A for an array (m,), (k, m) or (…, k, m)."""
        x = as_operand(self, other, "x @ A", self.shape[-2], axis=-1)
        return self.T @ x if x.ndim == 1 else (self.T @ x.mT).mT

    def __mul__(self, other: Any) -> "Batch":
        """Return the multiples by a scalar, or by an array (…, 1, 1) of one for each operator."""
        if not is_array(other) or other.ndim == 0:
            return scale(self, other)
        if other.ndim < 3 or tuple(other.shape[-2:]) != (1, 1):
            raise ShapeError(
                f"A * x: x is {shape_text(other.shape)}; give a scalar, or one for each operator of the batch as an "
                "array (…, 1, 1); write A @ x for the product of matrices"
            )
        return over_batches(lambda A, c: scale(A, c[0, 0]), (self, other), {})

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> "Batch":
        return scale(self, 1 / other)

    def __neg__(self) -> "Batch":
        return scale(self, -1)

    def __add__(self, other: Any) -> "Batch":
        return add(self, other)

    def __radd__(self, other: Any) -> "Batch":
        return add(other, self)

    def __sub__(self, other: Any) -> "Batch":
        return add(self, scale(other, -1))

    def __rsub__(self, other: Any) -> "Batch":
        return add(other, -self)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.array(to_numpy(to_dense(self)), dtype=dtype, copy=copy)

    def __repr__(self) -> str:
        sizes = " ⊗ ".join(shape_text(matrix_shape(stack)) for stack in self.stacks)
        return f"Batch {self.batch_shape} of {sizes}, {describe_spec(self.spec)}"


def batch_of_products(product: Callable[..., Any], factors: list[Any]) -> Any:
    """Return the batch of the products of factors, of which some are batches and others the same for all."""
    stacks: list[Stack] = []
    for F in factors:
        stacks += F.stacks if isinstance(F, Batch) else [operators([F], ())]
    return Batch(*stacks, product=product)


def over_batches(call: Callable[..., Any], arguments: tuple, options: dict[str, Any]) -> Any:
    """Return the call at every place of the batches and arrays (…, n, k) among its arguments, stacked.

    Array results become arrays with the batch axes in front, operators a `Batch`, tuples are stacked part by part.
    """
    given: dict[Any, Any] = {**dict(enumerate(arguments)), **options}
    batched = {key: x for key, x in given.items() if isinstance(x, Batch) or (is_array(x) and x.ndim > 2)}
    shape = broadcast_shape({f"argument {key}": batch_of(x) for key, x in batched.items()})
    if 0 in shape:
        raise ShapeError(f"the batch {shape} is empty: there is no operator in it whose result would have a shape")
    results = []
    for place in np.ndindex(shape):
        here = given | {key: at(x, place) for key, x in batched.items()}
        try:
            results.append(call(*(here[i] for i in range(len(arguments))), **{key: here[key] for key in options}))
        except OtimesError as error:
            raise type(error)(f"at {place} of the batch: {error}") from error
    return _stacked(results, shape)


def batched(constructor: Callable[..., Any]) -> Callable[..., Any]:
    """Let a constructor of operators take batches and arrays (…, m, n) for matrices: it is called for each."""

    @functools.wraps(constructor)
    def call(*arguments: Any, **options: Any) -> Any:
        if any(isinstance(x, Batch) or (is_array(x) and x.ndim > 2) for x in arguments):
            return over_batches(constructor, arguments, options)
        return constructor(*arguments, **options)

    return call


def _stacked(results: list[Any], shape: BatchShape) -> Any:
    first = results[0]
    if isinstance(first, tuple):
        parts = (_stacked(list(part), shape) for part in zip(*results, strict=True))
        return type(first)(*parts) if hasattr(first, "_fields") else tuple(parts)
    if hasattr(first, "matvec"):
        return Batch(operators(results, shape))
    results = [x.form() if isinstance(x, LazyVector) else x for x in results]
    arrays = [x for x in results if is_array(x)]
    if not arrays:
        return np.asarray(results).reshape((*shape, *np.shape(first)))
    spec = common_spec(*map(spec_of, arrays))  # numbers, such as the sign of an identity, take it
    xp = namespace(arrays[0])
    whole = xp.stack([x if is_array(x) else xp.asarray(x, dtype=spec.dtype, device=spec.device) for x in results])
    return reshape(whole, (*shape, *whole.shape[1:]))


def _turned(stack: Stack, X: Array) -> Array:
    """Return (A X)ᵀ for each matrix A of the stack and each X of an array (…, n, k)."""
    if not of_operators(stack):
        return X.mT @ promoted(stack, X).mT
    if stack.ndim == 0:
        return (stack[()] @ X).mT
    return over_batches(lambda A, x: A @ x, (Batch(stack), X), {}).mT


converts(lambda x: isinstance(x, Batch))(lambda x: x)
LinearOperator.unregistered.add(Batch)
Function.over_batches = staticmethod(over_batches)
