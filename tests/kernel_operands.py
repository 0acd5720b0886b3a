"""Operands for the tests of the kernels: every memory order, and the product in extended precision with its bound."""

import functools
import math

import numpy as np

COLUMNS = (0, 1, 2, 3, 7, 8, 9, 16, 33, 100)
PRECISIONS = ("float32", "float64", "complex64", "complex128")


def random(seed, shape, dtype="float64"):
    """Numbers of the dtype: normal ones, or small integers."""
    rng = np.random.default_rng(seed)
    dtype = np.dtype(dtype)
    if dtype.kind in "biu":
        return rng.integers(0, 2 if dtype.kind == "b" else 3, shape).astype(dtype)
    values = rng.standard_normal(shape)
    if dtype.kind == "c":
        values = values + 1j * rng.standard_normal(shape)
    return values.astype(dtype)


def unaligned(a):
    """The same entries, one byte off."""
    room = np.empty(a.nbytes + 1, np.uint8)
    found = np.frombuffer(room[1:], a.dtype).reshape(a.shape)
    found[...] = a
    return found


def read_only(a):
    """The same entries, not to be written to."""
    found = a.copy()
    found.flags.writeable = False
    return found


def stepping(a):
    """Every third entry along each axis of a larger array."""
    room = np.full([3 * size for size in a.shape], np.array(7).astype(a.dtype))
    found = room[(slice(1, None, 3),) * a.ndim]
    found[...] = a
    return found


def backwards(a):
    """The same entries with negative steps."""
    turn = (slice(None, None, -1),) * a.ndim
    return np.ascontiguousarray(a[turn])[turn]


def fields(a):
    """The same entries as a field of packed structures: strides that no entry divides, addresses that are odd."""
    packed = np.zeros(a.shape, np.dtype([("flag", "i1"), ("entry", a.dtype)]))
    packed["entry"] = a
    return packed["entry"]


LAYOUTS = {
    "C": np.ascontiguousarray,
    "F": np.asfortranarray,
    "transposed": lambda a: np.ascontiguousarray(a.T).T,
    "axes exchanged": lambda a: np.ascontiguousarray(np.moveaxis(a, 0, -1)).transpose(-1, *range(a.ndim - 1)),
    "stepping": stepping,
    "backwards": backwards,
    "a part": lambda a: np.concatenate([a, a], axis=-1)[..., : a.shape[-1]],
    "one row": lambda a: np.broadcast_to(a[:1], a.shape),
    "one column": lambda a: np.broadcast_to(a[..., :1], a.shape),
    "read-only": read_only,
    "unaligned": unaligned,
    "fields": fields,
}


def kron(*arrays):
    """The formed product."""
    return functools.reduce(np.kron, arrays)


def extended(a):
    """The same numbers in extended precision."""
    return a.astype(np.clongdouble if a.dtype.kind == "c" else np.longdouble)


def product_and_bound(arrays, X, dtype, axis=-2):
    """The product with X in extended precision and how far, entry by entry, one in the dtype may be from it.

    That is 4 units in the last place times the sum of the sizes, of |F₁| ⊗ … ⊗ |F_N| times |X|.
    """
    dense, X = kron(*map(extended, arrays)), extended(X)
    multiply = np.matmul if axis == -2 else lambda dense, X: np.matmul(X, dense)
    info = np.finfo(dtype)
    size = sum(max(a.shape) for a in arrays)
    return multiply(dense, X), 4 * size * info.eps * multiply(abs(dense), abs(X)) + info.tiny * size


def assert_product(found, arrays, X, axis=-2):
    """The value, within its bound, the shape and the dtype."""
    dtype = functools.reduce(np.result_type, (*arrays, X))  # one after the other, as np.kron; this does not associate
    assert type(found) is np.ndarray
    assert found.dtype == dtype
    if found.dtype.kind in "biu":
        dense = kron(*arrays)
        np.testing.assert_array_equal(found, dense @ X if axis == -2 else X @ dense)
        return
    wanted, bound = product_and_bound(arrays, X, dtype, axis)
    assert found.shape == wanted.shape
    error = abs(extended(found) - wanted)
    assert (error <= bound).all(), f"{float((error / bound).max()):.3g} times the bound"


def sizes(arrays):
    """Rows and columns of the product."""
    return math.prod(a.shape[0] for a in arrays), math.prod(a.shape[1] for a in arrays)
