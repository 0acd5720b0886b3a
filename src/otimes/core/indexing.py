"""Indexing with NumPy's meaning: entries at index arrays, submatrices, and `A[rows, columns]`.

Index arrays are NumPy's, whatever the library of the entries: they are structure, not data. Slices stay
`range`s, so that a slice of a billion rows is three numbers; indices beyond 64 bits are Python integers.
"""

from typing import Any

import numpy as np

from otimes.core.algebra import to_dense
from otimes.core.array import Array, ArraySpec, astype, concrete, itemsize, namespace, spec_of, zeros
from otimes.core.checks import MAX_BYTES, require_bytes, shape_text
from otimes.core.rules import function
from otimes.errors import InvalidIndex

Index = range | np.ndarray  # what one axis is indexed with, checked: no index is negative
INT64 = 2**63  # sizes below it are indexed with int64


@function()
def entries(A: Any, rows: Any, columns: Any) -> Any:
    """Return the entries A[rows, columns] at index arrays, which broadcast as in NumPy; `A[I, J]` calls it.

    (A ⊗ B)[i p + k, j q + l] = A[i, j] B[k, l] for B p × q: nothing is formed.

    Parameters
    ----------
    A : operator or array_like, (m, n)
    rows, columns : int or array_like of int
        Negative ones count from the end.

    Returns
    -------
    array of the broadcast shape; a scalar for two integers

    Raises
    ------
    InvalidIndex
        An index is out of range or no integer, or the shapes do not broadcast.
    TooLarge
        The result would pass 2 GiB.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> K = ox.kron(*[[[1, 2], [3, 4]]] * 9)  # 2⁹ rows
    >>> ox.entries(K, [0, -1, 5], [1, 0, 5])
    array([    2, 19683,    16])
    """
    rows, columns = (require_index(index, A.shape[axis], axis) for axis, index in enumerate((rows, columns)))
    try:
        shape = np.broadcast_shapes(rows.shape, columns.shape)
    except ValueError as error:
        raise InvalidIndex(
            f"entries(A, rows, columns): rows of shape {shape_text(rows.shape)} and columns of shape "
            f"{shape_text(columns.shape)} do not broadcast; A[np.ix_(rows, columns)] is the submatrix of both"
        ) from error
    require_bytes(shape, itemsize(A.dtype), MAX_BYTES, "the array of entries", "ask for fewer at a time")
    if 0 in shape:
        return zeros(shape, A.spec)
    rows, columns = (np.broadcast_to(index, shape).reshape(-1) for index in (rows, columns))
    found = astype(entries.dispatch(A, rows=rows, columns=columns), A.dtype)
    found = namespace(found).reshape(found, shape)
    return found[()] if isinstance(found, np.ndarray) else found


@function()
def submatrix(A: Any, rows: Any = slice(None), columns: Any = slice(None)) -> Any:
    """Return the rows and columns of A that two indices name, as an operator; `A[2:5, J]` calls it.

    Nothing is formed. Slices and grids of indices that split along the factors of A ⊗ B leave a Kronecker product.

    Parameters
    ----------
    A : operator or array_like, (m, n)
    rows, columns : slice, array_like of int, or array_like of bool
        A mask keeps where it is True; indices may repeat and stand in any order.

    Returns
    -------
    LinearOperator, (number of rows, number of columns)

    Raises
    ------
    InvalidIndex
        An index is out of range or no integer, or a mask has another length than its axis.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> K = ox.kron(np.arange(16.0).reshape(4, 4), np.eye(3))
    >>> type(ox.submatrix(K, slice(3, 9))).__name__, ox.submatrix(K, [0, 4], K.shape[1] * [True]).shape
    ('Kronecker', (2, 12))
    """
    chosen = [axis_index(key, A.shape[axis], axis) for axis, key in enumerate((rows, columns))]
    if all(is_all(index, size) for index, size in zip(chosen, A.shape, strict=True)):
        return A
    return submatrix.dispatch(A, rows=chosen[0], columns=chosen[1])


def item(A: Any, key: Any) -> Any:
    """Return A[key] as NumPy means it: arrays for integers and pairs of index arrays, operators for the rest."""
    rows, columns = _two_keys(key)
    if _is_grid(rows, columns):
        return submatrix(A, rows.reshape(-1), columns.reshape(-1))
    if not isinstance(rows, slice) and not isinstance(columns, slice):
        return entries(A, *map(_unmasked, (rows, columns), A.shape, (0, 1)))
    if _is_integer(rows) or _is_integer(columns):
        line = submatrix(A, *([k] if _is_integer(k) else k for k in (rows, columns)))
        return namespace(formed := to_dense(line)).reshape(formed, (-1,))
    return submatrix(A, rows, columns)


def require_index(index: Any, size: int, axis: int) -> np.ndarray:
    """Return integers as an array of indices ≥ 0, or raise `InvalidIndex`, which names index, axis and size."""
    array = index if isinstance(index, np.ndarray) else np.asarray(index)
    if not array.size:
        return np.zeros(array.shape, np.int64)
    whole = array.dtype.kind in "iu" or (array.dtype.kind == "O" and all(_is_integer(i) for i in array.flat))
    if not whole:
        raise InvalidIndex(f"axis {axis}: indices are integers, and these are {array.dtype}: {index!r:.60}")
    if int(array.min()) < -size or int(array.max()) >= size:
        first = array[(array < -size) | (array >= size)].flat[0]
        raise InvalidIndex(f"index {first} is out of bounds for axis {axis} of size {size}")
    array = array.astype(np.int64 if size < INT64 else object)
    return np.where(array < 0, array + size, array)


def axis_index(key: Any, size: int, axis: int) -> Index:
    """Return a slice, a range, a mask or a 1-D array of integers as an `Index`; evenly spaced indices as a range."""
    if isinstance(key, slice):
        return range(size)[key]
    if isinstance(key, range) and (not len(key) or (min(key[0], key[-1]) >= 0 and max(key[0], key[-1]) < size)):
        return key
    array = require_index(_unmasked(key, size, axis), size, axis)
    if array.ndim != 1:
        raise InvalidIndex(f"axis {axis}: the rows or columns of a submatrix are 1-D, not {shape_text(array.shape)}")
    if len(array) < 2:
        return range(int(array[0]), int(array[0]) + 1) if len(array) else range(0)
    first, step = int(array[0]), int(array[1]) - int(array[0])
    spaced = range(first, first + step * len(array), step) if step else range(0)
    return spaced if len(spaced) and (np.diff(array) == step).all() else array


def is_all(index: Index, size: int) -> bool:
    """Whether the index names every row (or column) of this many, in order."""
    return isinstance(index, range) and index == range(size)


def same_index(one: Index, other: Index) -> bool:
    """Whether two indices name the same in the same order."""
    if isinstance(one, range) or isinstance(other, range):
        return isinstance(one, range) and isinstance(other, range) and one == other
    return np.array_equal(one, other)


def as_indices(index: Index) -> np.ndarray:
    """Return the index as an array; a range is written out."""
    if isinstance(index, range):
        require_bytes((len(index),), 8, MAX_BYTES, "the array of indices", "slices along the factors need none")
        return np.arange(index.start, index.stop, index.step)
    return index


def split_index(index: np.ndarray, sizes: list[int]) -> list[np.ndarray]:
    """Return (i₁, …, i_N) for flat indices of a C-ordered grid of these sizes, whose product may pass 64 bits."""
    parts = []
    for n in reversed(sizes[1:]):
        parts.append(_narrowed(index % n, n) if n else index)
        index = index // n if n else index
    return [_narrowed(index, sizes[0]), *reversed(parts)]


def taken(x: Array, index: Index) -> Array:
    """Return the rows x[index] of an array of any library."""
    if isinstance(index, range) and index.step > 0:
        return x[index.start : min(index.stop, x.shape[0]) : index.step, ...]
    index = as_indices(index)
    return x[index] if isinstance(x, np.ndarray) else namespace(x).take(x, like_array(index, x), axis=0)


def gathered_entries(x: Array, rows: np.ndarray, columns: np.ndarray) -> Array:
    """Return x[rows, columns] for 1-D index arrays and a matrix of any library."""
    if isinstance(x, np.ndarray):
        return x[rows, columns]
    flat = namespace(x).reshape(x, (-1,))
    return taken(flat, rows * x.shape[1] + columns)


def like_array(values: np.ndarray, x: Array) -> Array:
    """Return NumPy's integers or truth values as an array of the library and on the device of x."""
    if isinstance(x, np.ndarray):
        return values
    own = values if values.flags.writeable else values.copy()  # PyTorch warns of arrays that are frozen
    return namespace(x).asarray(own, device=spec_of(x).device)


def truth_values(mask: np.ndarray, spec: ArraySpec) -> Array:
    """Return 1 where the mask is True and 0 elsewhere, as an array of this spec."""
    return (spec.xp or np).asarray(mask.astype(np.int8), dtype=concrete(spec), device=spec.device)


def _narrowed(index: np.ndarray, size: int) -> np.ndarray:
    return index.astype(np.int64) if index.dtype == object and size < INT64 else index


def _two_keys(key: Any) -> tuple[Any, Any]:
    """Return the keys of the two axes; lists as arrays, `...` written out."""
    keys = list(key) if isinstance(key, tuple) else [key]
    if any(k is None for k in keys):
        raise InvalidIndex("A[None] would add an axis, and an operator has two; index the array to_dense(A) so")
    if any(k is Ellipsis for k in keys):
        place = next(i for i, k in enumerate(keys) if k is Ellipsis)
        keys[place : place + 1] = [slice(None)] * max(0, 3 - len(keys))
    if len(keys) > 2 or any(k is Ellipsis for k in keys):
        text = ", ".join("…" if k is Ellipsis else str(k) for k in keys)
        raise InvalidIndex(f"A[{text}]: these are {len(keys)} indices, and an operator has two axes")
    keys += [slice(None)] * (2 - len(keys))
    rows, columns = (k if isinstance(k, slice) or _is_integer(k) else _array_key(k) for k in keys)
    return rows, columns


def _array_key(key: Any) -> Any:
    """Return the key as an array; one integer in an array, as NumPy takes it, as that integer."""
    array = np.asarray(key)
    return int(array) if array.ndim == 0 and array.dtype.kind in "iu" else array


def _is_integer(key: Any) -> bool:
    return isinstance(key, (int, np.integer)) and not isinstance(key, bool)


def _is_grid(rows: Any, columns: Any) -> bool:
    """Whether the keys are those that `np.ix_` makes: a column and a row."""
    both = isinstance(rows, np.ndarray) and isinstance(columns, np.ndarray) and rows.ndim == columns.ndim == 2
    return both and rows.shape[1] == 1 and columns.shape[0] == 1


def _unmasked(key: Any, size: int, axis: int) -> Any:
    """Return where a mask is True; other keys as they are."""
    array = key if _is_integer(key) else np.asarray(key)
    if _is_integer(key) or array.dtype != bool:
        return array
    if array.shape != (size,):
        raise InvalidIndex(f"axis {axis}: the mask has shape {shape_text(array.shape)}, and the axis has size {size}")
    return np.flatnonzero(array)
