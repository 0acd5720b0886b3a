"""NumPy's functions of our operators: how `np.linalg.inv(K)` finds `otimes.inv`, and what is refused.

The table itself is in `otimes.operators.every.numpy_names`.
"""

import inspect
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from otimes.errors import DTypeError


@dataclass(frozen=True, slots=True)
class Entry:
    """What a NumPy function is for operators: a function, and its name for each option of NumPy's.

    An option named None is taken and makes no difference.
    """

    function: Callable[..., Any]
    options: Mapping[str, str | None] = field(default_factory=dict)


FUNCTIONS: dict[Callable[..., Any], Entry] = {}
INSTEAD: dict[Callable[..., Any], str] = {}  # what to call in place of functions and ufuncs that are refused

BINARY = {
    np.matmul: ("__matmul__", "__rmatmul__"),
    np.add: ("__add__", "__radd__"),
    np.subtract: ("__sub__", "__rsub__"),
    np.multiply: ("__mul__", "__rmul__"),
    np.true_divide: ("__truediv__", "__rtruediv__"),
}
UNARY: dict[np.ufunc, Callable[[Any], Any]] = {
    np.negative: operator.neg,
    np.positive: operator.pos,
    np.conjugate: operator.methodcaller("conj"),
}


def array_function(function: Callable[..., Any], args: tuple, kwargs: dict[str, Any]) -> Any:
    """Return what a NumPy function of operators is by the table, or raise `DTypeError`: what to call instead."""
    entry = FUNCTIONS.get(function)
    if entry is None:
        raise _refusal(function)
    operands, options = _arguments(function, args, kwargs)
    unknown = sorted(options.keys() - entry.options.keys())
    if unknown:
        taken = ", ".join(entry.options) or "none"
        raise DTypeError(
            f"{_name(function)} of an operator: the option {unknown[0]}={options[unknown[0]]!r} has no meaning for it "
            f"here (options taken: {taken}); np.asarray(A) forms the operator"
        )
    given = ((entry.options[name], value) for name, value in options.items())
    named = {name: value for name, value in given if name is not None}
    return entry.function(*operands, **named)


def array_ufunc(kind: type, ufunc: np.ufunc, method: str, inputs: tuple, options: dict[str, Any]) -> Any:
    """Return what a ufunc of operators is: those that Python's own operators stand for, and conj."""
    if method == "__call__" and not options:
        if ufunc in BINARY:
            name, reflected = BINARY[ufunc]
            left, right = inputs
            if isinstance(left, kind):
                return getattr(left, name)(right)
            call = getattr(right, reflected, None)
            if call is not None:
                return call(left)
        if ufunc in UNARY:
            return UNARY[ufunc](*inputs)
    raise _refusal(ufunc)


def _arguments(function: Callable[..., Any], args: tuple, kwargs: dict[str, Any]) -> tuple[list, dict[str, Any]]:
    """Return the operands, which are NumPy's parameters without a default, and the options that are given."""
    try:
        bound = inspect.signature(function).bind(*args, **kwargs)
    except ValueError:  # of functions written in C, before NumPy 2.4
        return list(args), kwargs
    except TypeError as error:
        raise DTypeError(f"{_name(function)}: {error}") from error
    operands, options = [], {}
    for name, parameter in bound.signature.parameters.items():
        if parameter.kind is parameter.VAR_POSITIONAL:
            operands += bound.arguments.get(name, ())
        elif parameter.default is parameter.empty:
            operands.append(bound.arguments[name])
        elif name in bound.arguments and not _is(bound.arguments[name], parameter.default):
            options[name] = bound.arguments[name]
    return operands, options


def _is(value: Any, default: Any) -> bool:
    return value is default or (type(value) is type(default) and isinstance(value, (int, str)) and value == default)


def _refusal(function: Any) -> DTypeError:
    instead = INSTEAD.get(function)
    if instead is None and isinstance(function, np.ufunc):
        instead = "it works entry by entry"
    instead = f"{instead}; " if instead else ""
    return DTypeError(f"{_name(function)} does not take operators: {instead}np.asarray(A) forms one as an array")


def _name(function: Any) -> str:
    module = getattr(function, "__module__", None) or "numpy"
    return f"{module.replace('numpy', 'np', 1)}.{function.__name__}"
