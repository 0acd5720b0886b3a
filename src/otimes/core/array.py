"""Arrays of any library: their namespace, dtype and device, and how these combine.

NumPy arrays are answered by NumPy itself; every other array goes through `array_api_compat`,
so that gradients and devices stay those of the user's library.
"""

import functools
import importlib
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import array_api_compat
import numpy as np

from otimes.core.tracing import traced
from otimes.errors import ArrayMixError, DTypeError, TooLarge

Array = Any  # an array of any library that follows the array API standard
DType = Any  # a dtype of such a library


@dataclass(frozen=True, slots=True)
class ArraySpec:
    """What the entries of an operator are: the namespace of their library, their dtype and device.

    Without a namespace the spec is weak, that of operators that hold no arrays (an identity of
    unstated dtype): like a Python scalar beside a NumPy array, they take library and dtype of
    whatever they meet. Its dtype is None, or the Python type of a scalar multiplied in: float or complex.
    """

    xp: ModuleType | None = None
    dtype: DType = None
    device: Any = None

    @property
    def weak(self) -> bool:
        """Whether library and dtype are still open."""
        return self.xp is None

    def __reduce__(self) -> tuple:
        return _restore_spec, (self.xp and self.xp.__name__, self.dtype, self.device)


ANY = ArraySpec()


def _restore_spec(module: str | None, dtype: DType, device: Any) -> ArraySpec:
    return ArraySpec(importlib.import_module(module) if module else None, dtype, device)


def is_array(x: object) -> bool:
    """Whether `x` is an array of a known library (NumPy scalars and sparse matrices are not)."""
    return type(x) is np.ndarray or (not isinstance(x, np.generic) and array_api_compat.is_array_api_obj(x))


def namespace(x: Array) -> ModuleType:
    """Return the array namespace of `x`: NumPy itself, or the compatible one of its library."""
    return np if isinstance(x, np.ndarray) else array_api_compat.array_namespace(x)


def spec_of(x: Array) -> ArraySpec:
    """Return the spec of the array `x`."""
    if isinstance(x, np.ndarray):
        return ArraySpec(np, x.dtype, None)
    # JAX places arrays itself, and traced ones have no device
    device = None if array_api_compat.is_jax_array(x) else array_api_compat.device(x)
    return ArraySpec(namespace(x), x.dtype, device)


def numpy_spec(dtype: DType) -> ArraySpec:
    """Return the spec of a NumPy dtype; `ANY` for None."""
    return ANY if dtype is None else ArraySpec(np, np.dtype(dtype), None)


def common_spec(*specs: ArraySpec, what: str = "operand", names: tuple[str, ...] = ()) -> ArraySpec:
    """Return the spec that all `specs` promote to, by the rules of their library.

    In messages they are called by their `names`, or as `what` and their position.

    Raises
    ------
    ArrayMixError
        Two libraries or two devices meet; the message gives both and their positions.
    """
    found, first = ANY, 0
    for position, spec in enumerate(specs):
        if spec is found or spec is ANY:
            continue
        if found is ANY:
            found, first = spec, position
        elif spec.weak or found.weak:
            found, first = _with_scalar(found, spec), position if found.weak else first
        elif spec.xp is not found.xp or spec.device != found.device:
            one, other = (names[i] if names else f"{what} {i}" for i in (first, position))
            raise ArrayMixError(
                f"{one} holds {describe_spec(found)} arrays and {other} holds {describe_spec(spec)}; "
                "convert one of them so that both are of one library and device"
            )
        elif spec.dtype != found.dtype:
            found = ArraySpec(found.xp, result_type(found.xp, found.dtype, spec.dtype), found.device)
    return found


@functools.lru_cache(maxsize=256)
def result_type(xp: ModuleType, *dtypes: DType) -> DType:
    """Return the dtype that `dtypes` promote to in the library `xp`."""
    try:
        return xp.result_type(*dtypes)
    except TypeError as error:
        raise DTypeError(f"{' and '.join(map(dtype_name, dtypes))} promote to no dtype: {error}") from error


def _with_scalar(one: ArraySpec, other: ArraySpec) -> ArraySpec:
    """Return what two specs, of which at least one is weak, promote to."""
    if one.weak and other.weak:
        return one if one.dtype is complex or other.dtype is None else other
    strong, weak = (other, one) if one.weak else (one, other)
    return strong if weak.dtype is None else scaled_spec(strong, weak.dtype(1))


def scaled_spec(spec: ArraySpec, scalar: Any) -> ArraySpec:
    """Return the spec of c A for a scalar c of any kind, as the library of A promotes."""
    if is_array(scalar):
        common = common_spec(spec, spec_of(scalar), names=("the operator", "the scalar"))
        if spec.weak:
            return common
    if not spec.weak:
        product = (spec.xp or np).ones((1,), dtype=spec.dtype, **_device(spec)) * scalar
        return ArraySpec(spec.xp, product.dtype, spec.device)
    if isinstance(scalar, np.generic):
        return common_spec(spec, numpy_spec(scalar.dtype))
    weak = ArraySpec(None, type(scalar)) if isinstance(scalar, (float, complex)) else ANY
    return common_spec(spec, weak)


def describe_spec(spec: ArraySpec) -> str:
    """Return 'numpy float64', 'torch float32 on cuda:0'."""
    if spec.xp is None:
        return "any dtype"
    library = spec.xp.__name__.removeprefix("array_api_compat.").partition(".")[0]
    device = "" if spec.device is None or str(spec.device) == "cpu" else f" on {spec.device}"
    return f"{library} {dtype_name(spec.dtype)}{device}"


def dtype_name(dtype: DType) -> str:
    """Return the short name of a dtype of any library: 'float64' for torch.float64 too."""
    return str(dtype).rpartition(".")[2]


def itemsize(dtype: DType) -> int:
    """Return the bytes of one entry."""
    return dtype.itemsize if hasattr(dtype, "itemsize") else np.dtype(dtype_name(dtype)).itemsize


def concrete(spec: ArraySpec) -> DType:
    """Return the dtype of the spec; of a weak one that which it has alone, float64 or complex128."""
    return np.dtype(spec.dtype or float) if spec.weak else spec.dtype


def eye(n: int, spec: ArraySpec, m: int | None = None) -> Array:
    """Return the dense identity of size n (n × m if given) in the library of `spec`."""
    xp = spec.xp or np
    return xp.eye(n, m, dtype=concrete(spec), **_device(spec))


def zeros(shape: tuple[int, ...], spec: ArraySpec) -> Array:
    """Return a dense array of zeros in the library of `spec`."""
    return (spec.xp or np).zeros(shape, dtype=concrete(spec), **_device(spec))


def ones(n: int, spec: ArraySpec) -> Array:
    """Return a vector of n ones, real and inexact, in the library of `spec`; one number is stored."""
    xp = spec.xp or np
    try:
        return xp.broadcast_to(xp.abs(xp.ones((1,), dtype=inexact(concrete(spec), xp), **_device(spec))), (n,))
    except (ValueError, RuntimeError, OverflowError) as error:
        raise TooLarge(f"a vector of {n} ones is beyond what an array can index") from error


def is_constant(v: Array) -> bool:
    """Whether a vector is one number repeated without being stored so."""
    strides = v.strides if isinstance(v, np.ndarray) else v.stride() if hasattr(v, "stride") else ()
    return v.shape[0] > 1 and tuple(strides) == (0,)


def distinct(v: Array) -> Array:
    """Return the vector, or of a constant one its single number."""
    return v[:1] if is_constant(v) else v


def scaled_vector(v: Array, c: Any) -> Array:
    """Return c v; a constant vector stays one."""
    return namespace(v).broadcast_to(c * v[:1], v.shape) if is_constant(v) else c * v


def as_float(x: Any) -> Any:
    """Return a 0-d array or number as a float, outside any differentiation; what is traced as it is."""
    return x if traced(x) else float(x.detach() if hasattr(x, "detach") else x)


def _device(spec: ArraySpec) -> dict[str, Any]:
    return {} if spec.device is None else {"device": spec.device}


def astype(x: Array, dtype: DType) -> Array:
    """Return `x` with the dtype, without a copy where it has it already."""
    if dtype is None or x.dtype == dtype:
        return x
    if x.ndim == 1 and is_constant(x):
        return namespace(x).broadcast_to(astype(x[:1], dtype), x.shape)
    return x.astype(dtype) if isinstance(x, np.ndarray) else namespace(x).astype(x, dtype)


def reshape(x: Array, shape: tuple[int, ...]) -> Array:
    """Return `x` in another shape: by the method where there is one, since it is faster."""
    method = getattr(type(x), "reshape", None) or namespace(x).reshape
    return method(x, shape)


def copied(x: Array) -> Array:
    """Return a copy that shares no memory with `x`."""
    return x.clone() if hasattr(x, "clone") else namespace(x).asarray(x, copy=True)


def promoted(a: Array, x: Array) -> Array:
    """Return `a` ready to meet `x`: in the dtype of x where the library does not promote by itself."""
    return a if a.dtype == x.dtype or type(a).__module__ == "numpy" else astype(a, x.dtype)


def is_complex(dtype: DType) -> bool:
    """Whether the dtype (of any library; None counts as real) is complex."""
    return "complex" in str(dtype)


def is_integral(dtype: DType) -> bool:
    """Whether the dtype (of any library) is an integer or a boolean."""
    return dtype is not None and ("int" in dtype_name(dtype) or "bool" in dtype_name(dtype))


def inexact(dtype: DType, xp: ModuleType | None = None) -> DType:
    """Return the dtype that inverses and decompositions have: float64 for integers, else itself."""
    if not is_integral(dtype):
        return dtype
    return np.dtype(np.float64) if xp in (np, None) else xp.float64


def rows_of(x: Array, index: np.ndarray) -> Array:
    """Return the entries of `x` along its first axis that an array of indices, of any shape, names."""
    if isinstance(x, np.ndarray):
        return x[index]
    xp = namespace(x)
    flat = xp.asarray(index.reshape(-1), **_device(spec_of(x)))
    return xp.reshape(xp.take(x, flat, axis=0), (*index.shape, *x.shape[1:]))


def conjugate(x: Array) -> Array:
    """Return conj(x) of an array or a number; real ones are returned as they are."""
    if not hasattr(x, "dtype"):
        return x.conjugate()
    return namespace(x).conj(x) if is_complex(x.dtype) else x


def adjoint(x: Array) -> Array:
    """Return the conjugate transpose of the last two axes."""
    return conjugate(x).mT


def require_numeric(x: Array, what: str) -> Array:
    """Return `x`, as a plain array, if its entries are numbers of a supported dtype; else `DTypeError`."""
    if isinstance(x, np.ma.MaskedArray):
        raise DTypeError(f"{what} is a masked array; fill its {int(np.ma.count_masked(x))} masked entries first")
    if isinstance(x, np.matrix):
        x = np.asarray(x)
    if isinstance(x, np.ndarray) and not x.dtype.isnative:
        x = x.astype(x.dtype.newbyteorder("="))
    if isinstance(x, np.ndarray) and x.dtype.kind not in "biufc":
        raise DTypeError(
            f"{what} has dtype {x.dtype}, which does not hold plain numbers; "
            "give bool, integer, float or complex entries (x.astype(float) may be what you want)"
        )
    return x


def to_numpy(x: Array) -> np.ndarray:
    """Return the array as a NumPy array (detached and moved to the host where needed)."""
    if isinstance(x, np.ndarray):
        return x
    if hasattr(x, "detach"):
        x = x.detach().cpu()
    return np.asarray(x)
