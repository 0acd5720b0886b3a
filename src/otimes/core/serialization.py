"""An operator as plain data and arrays, and back: what any file format needs, and no code in it.

An operator is written as the arguments of its class, found under the names its constructor gives them. It is read
by calling that constructor, and what it takes on trust is checked as what users give is (`sound`); only classes
that are there already are ever called.
"""

import importlib
import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import scipy.sparse

from otimes.core.array import Array, ArraySpec, describe_spec, dtype_name, is_array, numpy_spec, spec_of, to_numpy
from otimes.core.facts import UNKNOWN, merged
from otimes.core.operator import LinearOperator
from otimes.errors import DTypeError, FileFormatError, MissingExtra, StructureError

LIBRARIES = {"numpy": "numpy", "torch": "array_api_compat.torch", "jax": "jax.numpy"}
SCALARS = {"float": float, "complex": complex}  # what a weak dtype may be
CHECKS: dict[type[LinearOperator], Callable[[Any], None]] = {}  # by class: what `sound` marks
MAX_DEPTH = 64  # of tuples within tuples


def serialize(A: LinearOperator) -> tuple[list[dict[str, Any]], list[np.ndarray]]:
    """Return an operator as plain data, which JSON takes, and the NumPy arrays it refers to.

    What is shared between parts of the operator is written once.

    Parameters
    ----------
    A : LinearOperator

    Returns
    -------
    records : list of dict
        One for each operator in A, children first: its class, shape, dtype, facts and arguments.
    arrays : list of numpy.ndarray

    Raises
    ------
    StructureError
        A contains something that is not data, such as a SciPy linear operator.
    DTypeError
        Its arrays are of another library than NumPy, PyTorch and JAX, or have no NumPy counterpart.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> records, arrays = ox.serialize(ox.kron(np.eye(2), ox.eye(3)))
    >>> [record["class"] for record in records], len(arrays)
    (['Dense', 'Identity', 'Kronecker'], 1)
    """
    return _Writer().written(A)


def deserialize(records: Sequence[Any], arrays: Sequence[np.ndarray]) -> LinearOperator:
    """Return the operator that `serialize` wrote, or refuse data that it cannot have written.

    Parameters
    ----------
    records : list of dict
    arrays : list of numpy.ndarray

    Returns
    -------
    LinearOperator
        Its arrays are of the library they were of, on its default device.

    Raises
    ------
    FileFormatError
        The data do not describe an operator; says which record and why.
    MissingExtra
        The arrays were of a library that is not installed.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> K = ox.kron([[1.0, 2.0]], np.eye(2))
    >>> np.array_equal(np.asarray(ox.deserialize(*ox.serialize(K))), np.asarray(K))
    True
    """
    if not isinstance(records, Sequence) or not records:
        raise FileFormatError("a list of records is due, one for each operator")
    reader = _Reader(arrays)
    for position, record in enumerate(records):
        try:
            reader.read(record)
        except MissingExtra:
            raise
        except Exception as error:  # whatever a constructor makes of data that no `serialize` wrote
            raise FileFormatError(f"record {position}: {error}") from error
    return reader.built[-1]


def sound(*kinds: type[LinearOperator]) -> Callable[[Callable[[Any], None]], Callable[[Any], None]]:
    """Mark what raises for parts that no operator of these classes has and that their constructors do not look at."""

    def add(check: Callable[[Any], None]) -> Callable[[Any], None]:
        CHECKS.update(dict.fromkeys(kinds, check))
        return check

    return add


def parameters_of(kind: type[LinearOperator]) -> Iterator[inspect.Parameter]:
    """Yield the parameters of a class: the names under which its operators keep their parts."""
    yield from list(inspect.signature(kind.__init__).parameters.values())[1:]


class _Writer:
    def __init__(self) -> None:
        self.records: list[dict[str, Any]] = []
        self.arrays: list[np.ndarray] = []
        self.places: dict[int, dict[str, int]] = {}

    def written(self, A: LinearOperator) -> tuple[list[dict[str, Any]], list[np.ndarray]]:
        self.plain(A)
        return self.records, self.arrays

    def plain(self, part: Any) -> Any:
        """Return a part as data, listing the operators and arrays in it."""
        if part is None or (isinstance(part, (bool, int, str)) and not isinstance(part, np.generic)):
            return part
        if id(part) in self.places:
            return self.places[id(part)]
        if isinstance(part, LinearOperator):
            self.records.append(self.record(part))
            return self.places.setdefault(id(part), {"operator": len(self.records) - 1})
        if is_array(part):
            return self.places.setdefault(id(part), self.array(part))
        return self.value(part)

    def record(self, A: LinearOperator) -> dict[str, Any]:
        arguments = {}
        for parameter in parameters_of(type(A)):
            if parameter.name not in ("spec", "shape", "facts"):
                arguments[parameter.name] = self.plain(getattr(A, parameter.name))
        known = {name: value for name, value in asdict(A.facts).items() if value is not None}
        kind = type(A).__name__
        return {"class": kind, "shape": A.shape, "spec": _plain_spec(A.spec), "facts": known, "arguments": arguments}

    def array(self, a: Array) -> dict[str, Any]:
        try:
            self.arrays.append(to_numpy(a))
        except (TypeError, NotImplementedError) as error:
            raise DTypeError(f"{describe_spec(spec_of(a))} has no NumPy counterpart; convert it first") from error
        return {"array": len(self.arrays) - 1, "spec": _plain_spec(spec_of(a))}

    def value(self, part: Any) -> dict[str, Any]:
        if isinstance(part, np.generic):
            return {"scalar": self.array(np.asarray(part))["array"]}
        if isinstance(part, float):
            return {"float": part.hex()}
        if isinstance(part, complex):
            return {"complex": [part.real.hex(), part.imag.hex()]}
        if type(part) in (tuple, list):
            return {"tuple": [self.plain(p) for p in part]}
        if scipy.sparse.issparse(part) and part.format == "csr":
            parts = [self.array(a)["array"] for a in (part.data, part.indices, part.indptr)]
            return {"csr": parts, "shape": part.shape}
        if hasattr(part, "batch_shape"):
            raise StructureError(f"a batch {part.shape} is no single operator; write its operators, K[i], one by one")
        raise StructureError(f"{type(part).__name__} is known by its behaviour only and cannot be written as data")


def _plain_spec(spec: ArraySpec) -> dict[str, Any]:
    if spec.xp is None:
        return {"library": None, "dtype": spec.dtype and spec.dtype.__name__}
    library = describe_spec(spec).partition(" ")[0]
    if library not in LIBRARIES:
        raise DTypeError(f"arrays of {library} cannot be read again; convert them with map_arrays, to NumPy's say")
    return {"library": library, "dtype": dtype_name(spec.dtype)}


class _Reader:
    def __init__(self, arrays: Sequence[np.ndarray]):
        self.arrays = arrays
        self.built: list[LinearOperator] = []

    def read(self, record: Any) -> None:
        """Build the operator of one record and check it against what the record says of it."""
        kind = _class_named(record["class"])
        spec, shape = _spec(record["spec"]), tuple(record["shape"])
        if len(shape) != 2 or any(type(size) is not int or size < 0 for size in shape):
            raise FileFormatError(f"{shape} is no shape of a matrix")
        given = {name: self.part(plain) for name, plain in record["arguments"].items()}
        A = _called(kind, given | {"spec": spec, "shape": shape})
        for base in kind.__mro__:
            if base in CHECKS:
                CHECKS[base](A)
        if (A.shape, A.spec) != (shape, spec):
            found, written = (f"{s[0]}×{s[1]} {describe_spec(t)}" for s, t in ((A.shape, A.spec), (shape, spec)))
            raise FileFormatError(f"its arguments make a {kind.__name__} {found}, {written} is written")
        self.built.append(A.with_facts(merged(UNKNOWN, record["facts"])))

    def part(self, plain: Any, depth: int = 0) -> Any:
        """Return what one piece of data stands for."""
        if plain is None or isinstance(plain, (bool, int, str)):
            return plain
        if depth > MAX_DEPTH or not isinstance(plain, Mapping):
            raise FileFormatError(f"{str(plain)[:40]} is no argument")
        if "operator" in plain:
            return self.built[_index(plain["operator"], len(self.built), "operator")]
        if "array" in plain:
            array, spec = self.array(plain["array"]), _spec(plain["spec"])
            return array if spec.xp in (np, None) else spec.xp.asarray(array, dtype=spec.dtype)
        if "scalar" in plain:
            return self.array(plain["scalar"])[()]
        if "float" in plain:
            return float.fromhex(plain["float"])
        if "complex" in plain:
            return complex(*map(float.fromhex, plain["complex"]))
        if "csr" in plain:
            matrix = scipy.sparse.csr_array(tuple(map(self.array, plain["csr"])), shape=tuple(plain["shape"]))
            matrix.check_format(full_check=True)
            return matrix
        return tuple(self.part(inner, depth + 1) for inner in plain["tuple"])

    def array(self, index: Any) -> np.ndarray:
        return self.arrays[_index(index, len(self.arrays), "array")]


def _index(index: Any, count: int, what: str) -> int:
    if type(index) is not int or not 0 <= index < count:
        raise FileFormatError(f"{what} {index!r} is named, there are {count} before it")
    return index


def _class_named(name: Any) -> type[LinearOperator]:
    """Return the class of operators of this name, among those that are there; nothing is imported."""
    waiting = [LinearOperator]
    while waiting:
        kind = waiting.pop()
        if kind.__name__ == name and kind is not LinearOperator:
            return kind
        waiting += kind.__subclasses__()
    raise FileFormatError(f"there is no class {str(name)[:40]!r} of operators; import what defines it first")


def _called(kind: type[LinearOperator], given: dict[str, Any]) -> LinearOperator:
    """Return the operator that the class makes of the arguments given for its parameters."""
    positional: list[Any] = []
    by_name: dict[str, Any] = {}
    for parameter in parameters_of(kind):
        if parameter.name == "facts":  # set afterwards
            continue
        if parameter.kind is parameter.VAR_POSITIONAL:
            positional += given[parameter.name]
        elif parameter.kind is parameter.KEYWORD_ONLY:
            by_name[parameter.name] = given[parameter.name]
        else:
            positional.append(given[parameter.name])
    return kind(*positional, **by_name)


def _spec(plain: Any) -> ArraySpec:
    """Return the spec that a library and a dtype are written for."""
    library, dtype = plain["library"], plain["dtype"]
    if library is None:
        return ArraySpec(None, dtype and SCALARS[dtype])
    if library == "numpy":
        return numpy_spec(np.dtype(dtype))
    if library not in LIBRARIES:
        raise FileFormatError(f"arrays of {str(library)[:40]!r}; numpy, torch and jax are known")
    try:
        xp = importlib.import_module(LIBRARIES[library])
    except ImportError as error:
        raise MissingExtra(
            f'the arrays are of {library}, which is not installed: pip install "otimes[{library}]"'
        ) from error
    return spec_of(xp.zeros((), dtype=getattr(xp, dtype)))
