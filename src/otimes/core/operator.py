"""`LinearOperator`: a frozen value that knows its shape, its entries' kind, its facts, and how to multiply."""

import copy
import itertools
import math
import sys
from collections.abc import Iterator
from typing import Any, ClassVar, Self

import numpy as np
from scipy.sparse import issparse

from otimes.core.algebra import add, adjoint, conj, matmul, scale, to_dense, transpose
from otimes.core.array import ArraySpec, common_spec, concrete, eye, inexact, is_array, is_complex, itemsize, to_numpy
from otimes.core.checks import as_operand
from otimes.core.columns import by_columns
from otimes.core.convert import aslinearoperator, converts
from otimes.core.display import tree
from otimes.core.facts import UNKNOWN, Facts, closed
from otimes.core.indexing import item
from otimes.core.numpy_names import array_function, array_ufunc
from otimes.errors import DTypeError


class LinearOperator:
    """A matrix of shape (m, n) that need not be formed.

    A subclass gives its parts to `__init__`, defines `_matmat`, and carries its identities as rules
    of the functions in `otimes.functions`. Nothing is cached and nothing changes after `__init__`, whose parameters
    are attributes of the same names: by them an operator is saved and made again.

    Attributes
    ----------
    shape : (m, n)
    spec : ArraySpec
        Namespace, dtype and device of the entries; all None for operators that take any.
    facts : Facts
        What is known: symmetric, hermitian, positive_definite, … each True, False or None.
    """

    shape: tuple[int, int]
    spec: ArraySpec
    facts: Facts
    kind = "operator"  # how kernels may multiply it: 'dense', 'identity', 'diagonal', or by its own product
    index_parts: tuple[str, ...] = ()  # names of the parts that are index arrays: structure, not entries
    ndim = 2

    unregistered: ClassVar[set[type]] = set()  # classes that are not pytrees of JAX yet
    register: ClassVar[Any]  # a function that makes them so; of `operators.pytrees`

    def __init__(self, shape: tuple[int, int], spec: ArraySpec, facts: Facts = UNKNOWN, **parts: Any) -> None:
        facts = closed(facts, real=not is_complex(spec.dtype))
        self.__dict__.update(shape=shape, spec=spec, facts=facts, **parts)
        make_pytrees()

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls.unregistered.add(cls)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"operators are values and do not change; make a new {type(self).__name__} instead")

    def __delattr__(self, name: str) -> None:
        raise AttributeError("operators are values and do not change")

    def _matmat(self, X: Any) -> Any:
        """Return A X for a checked array X of shape (n, k)."""
        raise NotImplementedError(f"{type(self).__name__} does not say how it multiplies: define _matmat(self, X)")

    def _from_left(self, x: Any) -> Any:
        """Return A x for a checked array (n,), (n, k) or (…, n, k)."""
        return by_columns(self._matmat, x)

    def _from_right(self, x: Any) -> Any:
        """Return x A for a checked array (m,), (k, m) or (…, k, m)."""
        return self.T @ x if x.ndim == 1 else (self.T @ x.mT).mT

    def _form(self) -> Any:
        """Return the entries as an array, whatever their size: for callers that have checked it."""
        return to_dense(self, max_bytes=None)

    @property
    def children(self) -> tuple["LinearOperator", ...]:
        """The operators this one is made of."""
        return ()

    @property
    def formed(self) -> bool:
        """Whether the entries are held as one dense array already."""
        return self.kind == "dense"

    @property
    def dtype(self) -> Any:
        """The dtype of the entries; where it is open, the one they have alone."""
        return concrete(self.spec)

    @property
    def real(self) -> bool:
        """Whether the dtype is real."""
        return not is_complex(self.spec.dtype)

    @property
    def square(self) -> bool:
        """Whether there are as many rows as columns."""
        return self.shape[0] == self.shape[1]

    @property
    def size(self) -> int:
        """The number of entries, m n."""
        return self.shape[0] * self.shape[1]

    @property
    def rounding_size(self) -> int:
        """The n for which singular values are known to n eps of the largest: max(m, n) of what is decomposed."""
        return max(self.shape)

    @property
    def nbytes(self) -> int:
        """The bytes of the numbers stored, those of the children included."""
        parts = itertools.chain(*(part if type(part) is tuple else (part,) for part in self.__dict__.values()))
        own = sum(math.prod(part.shape) * itemsize(part.dtype) for part in parts if is_array(part))
        return own + sum(child.nbytes for child in self.children)

    def with_spec(self, spec: ArraySpec) -> "LinearOperator":
        """Return the same operator with entries of this spec, as far down as entries can be converted."""
        if self.spec == spec:
            return self
        if self.children:
            return self._rebuilt(tuple(child.with_spec(spec) for child in self.children)).with_facts(self.facts)
        return self._converted(spec)

    def _converted(self, spec: ArraySpec) -> "LinearOperator":
        """Return the same operator, without children, with the spec: as it is, where it holds no arrays."""
        other = copy.copy(self)
        other.__dict__["spec"] = spec
        return other

    def _rebuilt(self, children: tuple["LinearOperator", ...]) -> "LinearOperator":
        """Return the operator of this kind with other children."""
        raise NotImplementedError(f"{type(self).__name__} has children and does not say how it is made of others")

    def with_facts(self, facts: Facts) -> Self:
        """Return the same operator with these facts in place of its own."""
        other = copy.copy(self)
        other.__dict__["facts"] = closed(facts, real=self.real)
        return other

    @property
    def T(self) -> "LinearOperator":
        """The transpose."""
        return transpose(self)

    @property
    def H(self) -> "LinearOperator":
        """The conjugate transpose."""
        return adjoint(self)

    def conj(self) -> "LinearOperator":
        """Return the complex conjugate."""
        return conj(self)

    def __matmul__(self, other: Any) -> Any:
        """Return A x for an array (n,), (n, k) or (…, n, k), or the product with an operator."""
        if type(other) is not np.ndarray and (hasattr(other, "matvec") or issparse(other)):
            return matmul(self, other)
        return self._from_left(as_operand(self, other, "A @ x", self.shape[1], becomes=self.shape[0]))

    def __rmatmul__(self, other: Any) -> Any:
        """Return x A for an array (m,), (k, m) or (…, k, m)."""
        return self._from_right(as_operand(self, other, "x @ A", self.shape[0], axis=-1, becomes=self.shape[1]))

    def __mul__(self, other: Any) -> "LinearOperator":
        if not is_scalar(other):
            raise DTypeError(
                f"A * x takes a scalar x, not {type(other).__name__}; write A @ x for the product of matrices"
            )
        return scale(self, other)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> "LinearOperator":
        if not is_scalar(other):
            raise DTypeError(f"A / x takes a scalar x, not {type(other).__name__}; write solve(A, x) for A⁻¹ x")
        return scale(self, 1 / other)

    def __neg__(self) -> "LinearOperator":
        return scale(self, _minus_one(self))

    def __pos__(self) -> "LinearOperator":
        return self

    def __add__(self, other: Any) -> "LinearOperator":
        return add(self, _summand(other))

    def __radd__(self, other: Any) -> "LinearOperator":
        if isinstance(other, int) and other == 0:  # where sum([A, B]) starts
            return self
        return add(_summand(other), self)

    def __sub__(self, other: Any) -> "LinearOperator":
        return add(self, -_summand(other))

    def __rsub__(self, other: Any) -> "LinearOperator":
        return add(_summand(other), -self)

    def __getitem__(self, key: Any) -> Any:
        """Return A[key] with NumPy's meaning: entries as arrays, submatrices as operators.

        `A[i, j]` is a scalar, `A[i]` and `A[:, j]` are 1-D arrays, `A[I, J]` has the entries at the pairs of I and J;
        `A[2:5]`, `A[:, J]` and `A[np.ix_(I, J)]` are submatrices, of which nothing is formed.
        """
        return item(self, key)

    def __iter__(self) -> Iterator[Any]:
        """Iterate over the rows as arrays, each made when it is due."""
        return (self[i] for i in range(self.shape[0]))

    def matvec(self, x: Any) -> Any:
        """Return A x (SciPy's name)."""
        return self @ x

    def rmatvec(self, x: Any) -> Any:
        """Return Aᴴ x (SciPy's name)."""
        return self.H @ x

    matmat = _matvec = matvec  # PyLops asks for those with an underscore
    rmatmat = _rmatvec = rmatvec

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        dense = to_numpy(to_dense(self))
        return np.array(dense, dtype=dtype, copy=copy) if copy else np.asarray(dense, dtype=dtype)

    def __array_function__(self, function: Any, types: Any, args: tuple, kwargs: dict[str, Any]) -> Any:
        return array_function(function, args, kwargs)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        return array_ufunc(LinearOperator, ufunc, method, inputs, options)

    def __repr__(self) -> str:
        return tree(self)


def make_pytrees() -> None:
    """Register the classes defined so far as pytrees of JAX, if it is imported."""
    if LinearOperator.unregistered and sys.modules.get("jax"):
        LinearOperator.register(LinearOperator.unregistered)


def gathered(children: tuple[LinearOperator, ...], what: str) -> tuple[tuple[LinearOperator, ...], ArraySpec]:
    """Return the children of one operator, brought to the spec that they promote to, and that spec."""
    spec = common_spec(*(child.spec for child in children), what=what)
    if spec.weak or all(child.spec == spec for child in children):
        return children, spec
    children = tuple(child.with_spec(spec) for child in children)
    return children, common_spec(*(child.spec for child in children), what=what)


def inexact_operator(A: LinearOperator) -> LinearOperator:
    """Return A with the dtype its inverse has: integers become float64."""
    dtype = inexact(A.spec.dtype, A.spec.xp)
    return A if A.spec.weak or dtype == A.spec.dtype else A.with_spec(ArraySpec(A.spec.xp, dtype, A.spec.device))


def _minus_one(A: LinearOperator) -> Any:
    """Return −1 in the dtype of A where that is unsigned, since it wraps there; else the Python number."""
    unsigned = isinstance(A.spec.dtype, np.dtype) and A.spec.dtype.kind == "u"
    return np.array(-1).astype(A.spec.dtype)[()] if unsigned else -1


def is_scalar(x: object) -> bool:
    """Whether x is a number of Python or NumPy, or a 0-d array."""
    return isinstance(x, (int, float, complex, np.number, np.bool_)) or (is_array(x) and getattr(x, "ndim", None) == 0)


def _summand(x: Any) -> LinearOperator:
    if is_scalar(x):
        raise DTypeError(f"A + {x}: a scalar is not an operator; write A + {x} * otimes.eye(n) for a shift")
    return aslinearoperator(x)


converts(lambda x: isinstance(x, LinearOperator))(lambda x: x)


@to_dense.rule(LinearOperator, says="A = A I")
def _(A: LinearOperator) -> Any:
    return A._matmat(eye(A.shape[1], A.spec))
