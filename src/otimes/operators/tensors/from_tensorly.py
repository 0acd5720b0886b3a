"""TensorLy's decomposed tensors as operators, told by the names of their classes: TensorLy is not imported."""

from collections.abc import Sequence
from typing import Any

from otimes.core.array import Array, namespace
from otimes.core.checks import as_array, require_sequence, require_size, shape_text
from otimes.core.convert import converts
from otimes.core.operator import LinearOperator
from otimes.errors import DTypeError, ShapeError
from otimes.operators.tensors.cp import cp
from otimes.operators.tensors.tensor_train import tensor_train
from otimes.operators.tensors.tucker import tucker


def from_tensorly(tensor: Any, rows: Sequence[int] | None = None) -> LinearOperator:
    """Return the operator of a decomposed tensor of TensorLy, in the same format and without forming it.

    A tensor T of shape (m₁ n₁, …, m_N n_N) is read as the matrix with A[i₁ … i_N, j₁ … j_N] =
    T[i₁ n₁ + j₁, …, i_N n_N + j_N], so that its vectors become matrices m_k × n_k, by rows, and their outer products
    Kronecker products. Unstated, every n_k = 1, and A is the column vec_C(T).

    Parameters
    ----------
    tensor : CPTensor, TuckerTensor, TTTensor or TTMatrix
    rows : sequence of int, optional
        (m₁, …, m_N), each a divisor of the size of its axis. A TTMatrix has its own.

    Returns
    -------
    CP, Tucker or TensorTrain, (m₁ ⋯ m_N, n₁ ⋯ n_N)
        `TTMatrix(list(A.cores))` goes back.

    Raises
    ------
    DTypeError
        It is none of these.
    ShapeError
        A number of rows does not divide the size of its axis.

    References
    ----------
    Kossaifi, Panagakis, Anandkumar & Pantic (2019), TensorLy: tensor learning in Python.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> class CPTensor:  # as tensorly.cp_tensor has it
    ...     weights, factors = np.ones(2), [np.ones((6, 2)), np.ones((4, 2))]
    >>> ox.from_tensorly(CPTensor(), rows=(3, 2)).partition
    ((3, 2), (2, 2))
    """
    kind = type(tensor).__name__
    if kind not in ("CPTensor", "TuckerTensor", "TTTensor", "TTMatrix") or not hasattr(tensor, "factors"):
        raise DTypeError(f"from_tensorly takes a CPTensor, TuckerTensor, TTTensor or TTMatrix, not {kind}")
    factors = [as_array(factor, f"factor {k} of the {kind}") for k, factor in enumerate(tensor.factors)]
    if kind == "TTMatrix":
        if rows is not None:
            raise ShapeError("from_tensorly: a TTMatrix has rows and columns of its own; leave rows= out")
        return tensor_train(factors)
    axis = 1 if kind == "TTTensor" else 0
    slots = _slots(tuple(factor.shape[axis] for factor in factors), rows)
    if kind == "TTTensor":
        pairs = zip(factors, slots, strict=True)
        return tensor_train([namespace(G).reshape(G, (G.shape[0], m, n, G.shape[2])) for G, (m, n) in pairs])
    stacks = [_stack(factor, m, n) for factor, (m, n) in zip(factors, slots, strict=True)]
    return cp(tensor.weights, stacks) if kind == "CPTensor" else tucker(tensor.core, stacks)


def _slots(sizes: tuple[int, ...], rows: Sequence[int] | None) -> list[tuple[int, int]]:
    """Return the shapes (m_k, n_k) with m_k n_k the sizes of the axes."""
    if rows is None:
        return [(size, 1) for size in sizes]
    rows = [require_size(m, "each number of rows") for m in require_sequence(rows, "from_tensorly: rows")]
    if len(rows) != len(sizes) or any(m == 0 or size % m for m, size in zip(rows, sizes, strict=True)):
        raise ShapeError(
            f"from_tensorly: the tensor is {shape_text(sizes)}, and rows={tuple(rows)}; "
            "give for each axis a divisor of its size"
        )
    return [(m, size // m) for m, size in zip(rows, sizes, strict=True)]


def _stack(factor: Array, m: int, n: int) -> Array:
    """Return the columns (m n, r) of a factor as a stack (r, m, n)."""
    return namespace(factor).reshape(factor.T, (factor.shape[1], m, n))


converts(lambda x: type(x).__name__ == "TTMatrix" and hasattr(x, "factors"))(from_tensorly)
