"""Tensors as arrays: unfolded to matrices and folded back, and made as outer products."""

import functools
import math
from typing import Any

from otimes.core.array import Array, astype, common_spec, concrete, itemsize, namespace, spec_of
from otimes.core.checks import MAX_BYTES, as_array, require_bytes, require_sequence, require_size, shape_text
from otimes.core.vec import Order, by_columns
from otimes.errors import ShapeError


def require_mode(mode: Any, ndim: int, expression: str) -> int:
    """Return the mode as an int in 0, …, ndim − 1 (negative ones count from the end), else raise `ShapeError`."""
    if isinstance(mode, bool) or not hasattr(mode, "__index__"):
        raise ShapeError(f"{expression}: the mode must be an integer, not {mode!r}")
    if not -ndim <= int(mode) < ndim:
        modes = f"the modes are 0, …, {ndim - 1}" if ndim else "a scalar has no modes"
        raise ShapeError(f"{expression}: there is no mode {int(mode)}; T has {ndim} axes, and {modes}")
    return int(mode) % ndim


def unfold(T: Any, mode: int, *, order: Order = "C") -> Array:
    """Return the tensor as a matrix whose rows are its slices along one mode.

    The order is that of the columns. By rows (order "C", as TensorLy does), the last of the other axes runs fastest:
    unfold(T ×₀ A ×₁ B ×₂ C, 0) = A unfold(T, 0) (B ⊗ C)ᵀ. By columns (order "F", as Kolda & Bader do), the first runs
    fastest: A unfold(T, 0) (C ⊗ B)ᵀ.

    Parameters
    ----------
    T : array_like, (n₀, …, n_d−1)
    mode : int
    order : {"C", "F"}

    Returns
    -------
    array, (n_mode, Π of the others)

    Raises
    ------
    ShapeError
        T has no such mode, or the order is neither.

    References
    ----------
    Kolda & Bader (2009), Tensor decompositions and applications, section 2.4.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> T = np.arange(8).reshape(2, 2, 2)
    >>> ox.unfold(T, 0)
    array([[0, 1, 2, 3],
           [4, 5, 6, 7]])
    >>> ox.unfold(T, 0, order="F")
    array([[0, 2, 1, 3],
           [4, 6, 5, 7]])
    """
    T = as_array(T, "T in unfold(T)")
    mode = require_mode(mode, T.ndim, "unfold(T, mode)")
    xp, axes = namespace(T), unfolded_axes(T.ndim, mode, order)
    columns = math.prod(n for axis, n in enumerate(T.shape) if axis != mode)
    return xp.reshape(xp.permute_dims(T, axes), (T.shape[mode], columns))


def fold(M: Any, mode: int, shape: tuple[int, ...], *, order: Order = "C") -> Array:
    """Return the tensor of which `M` is the unfolding: fold(unfold(T, mode), mode, T.shape) = T.

    Parameters
    ----------
    M : array_like, (n_mode, Π of the others)
    mode : int
    shape : (n₀, …, n_d−1)
        That of the tensor.
    order : {"C", "F"}
        That of `unfold`.

    Returns
    -------
    array, of the shape given

    Raises
    ------
    ShapeError
        M has another shape than the unfolding, there is no such mode, or the order is neither.

    References
    ----------
    Kolda & Bader (2009), Tensor decompositions and applications, section 2.4.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> T = np.arange(24).reshape(2, 3, 4)
    >>> bool((ox.fold(ox.unfold(T, 1), 1, (2, 3, 4)) == T).all())
    True
    """
    M = as_array(M, "M in fold(M)")
    sizes = require_sequence(shape, "the shape in fold(M, mode, shape)")
    shape = tuple(require_size(n, "each size of the shape in fold(M, mode, shape)") for n in sizes)
    mode = require_mode(mode, len(shape), "fold(M, mode, shape)")
    axes = unfolded_axes(len(shape), mode, order)
    unfolded = (shape[mode], math.prod(n for axis, n in enumerate(shape) if axis != mode))
    if tuple(M.shape) != unfolded:
        raise ShapeError(
            f"fold(M, {mode}, {shape}): M is {shape_text(M.shape)}; "
            f"the mode-{mode} unfolding of {shape_text(shape)} is {shape_text(unfolded)}"
        )
    xp = namespace(M)
    back = tuple(axes.index(axis) for axis in range(len(shape)))
    return xp.permute_dims(xp.reshape(M, tuple(shape[axis] for axis in axes)), back)


def unfolded_axes(ndim: int, mode: int, order: str) -> tuple[int, ...]:
    """Return the axes of a tensor, that of the mode first, in the order in which its unfolding reads them."""
    others = [axis for axis in range(ndim) if axis != mode]
    return (mode, *(reversed(others) if by_columns(order) else others))


def outer(*tensors: Any) -> Array:
    """Return the outer product, the tensor of all products of entries: outer(x, y, z)[i, j, k] = x[i] y[j] z[k].

    Its entries by rows are the Kronecker product: x ⊗ y = vec_C(x yᵀ), so that x ⊗ x = vec(x xᵀ) in either order.

    Parameters
    ----------
    *tensors : array_like
        At least one, of any number of axes each.

    Returns
    -------
    array, of all the shapes one after the other

    Raises
    ------
    ShapeError
        Nothing is given.
    ArrayMixError
        Arrays of different libraries or devices.
    TooLarge
        The result would pass 2 GiB; `kron` does not form it.

    References
    ----------
    Kolda & Bader (2009), Tensor decompositions and applications, section 2.1.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> x = np.array([1, 2])
    >>> ox.outer(x, x, [1, 10]).shape
    (2, 2, 2)
    >>> bool((ox.vec(ox.outer(x, x)) == np.asarray(ox.kron(x, x))).all())
    True
    """
    if not tensors:
        raise ShapeError("outer() of nothing: give at least one vector")
    arrays = [as_array(x, f"tensor {position} in outer") for position, x in enumerate(tensors)]
    spec = common_spec(*map(spec_of, arrays), what="tensor")
    shape = tuple(n for x in arrays for n in x.shape)
    require_bytes(shape, itemsize(spec.dtype), MAX_BYTES, "the outer product", "otimes.kron does not form it")
    return functools.reduce(_outer, (astype(x, concrete(spec)) for x in arrays))


def _outer(x: Array, y: Array) -> Array:
    return namespace(x).reshape(x, (*x.shape, *(1,) * y.ndim)) * y


def matrix_of_slots(x: Array, partition: tuple[tuple[int, int], ...]) -> Array:
    """Return the matrix A[i₁ … i_d, j₁ … j_d] of its entries in the order i₁ j₁ i₂ j₂ …, Van Loan's R(A)."""
    d, xp = len(partition), namespace(x)
    (rows, columns), axes = zip(*partition, strict=True), (*range(0, 2 * d, 2), *range(1, 2 * d, 2))
    x = xp.permute_dims(xp.reshape(x, tuple(n for shape in partition for n in shape)), axes)
    return xp.reshape(x, (math.prod(rows), math.prod(columns)))
