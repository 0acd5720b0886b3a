"""From what the user holds (text, lists, arrays, operators) to the factors of a picture."""

import numbers
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from otimes.errors import DTypeError, ShapeError, TooLarge
from otimes.pictures.matrix import Matrix
from otimes.pictures.parse_text import WRITE, read_text
from otimes.pictures.terms import Term, parse_term

__all__ = ["read_factors", "read_matrix"]

_LETTERS = "ABCDEFGHIJLMNOPQRSTUVWXYZ"  # K is the product
_LARGEST_FORMED = 10**6


def read_factors(operands: Sequence[Any]) -> tuple[Matrix, ...]:
    """Read two factors or more, a Kronecker operator standing for its own, and name them A, B, C, ...

    Raises
    ------
    ShapeError
        Fewer than two factors, or one that is no matrix.
    """
    flat = [factor for operand in operands for factor in _kronecker_factors(operand)]
    names = _LETTERS if len(flat) <= len(_LETTERS) else [f"A{position}" for position in range(len(flat))]
    factors = tuple(read_matrix(operand, name=name) for operand, name in zip(flat, names, strict=False))
    if len(factors) < 2:
        got = "one of {} × {}".format(*factors[0].shape) if factors else "none"
        raise ShapeError(f"show() needs two factors or more, got {got}: show(A, B), or show(K) of a Kronecker operator")
    return factors


def read_matrix(operand: Any, *, name: str) -> Matrix:
    """Read one factor; a vector is a row and a number is 1 × 1, as beside a matrix in `numpy.kron`.

    Raises
    ------
    ShapeError
        Ragged, empty, or of three dimensions and more.
    DTypeError
        An entry is neither a number nor a symbol; the message shows it and its position.
    TooLarge
        An operator or a sparse matrix too large to be formed for a picture.
    """
    if isinstance(operand, str):
        array = _stack(read_text(operand, name), name)
    elif isinstance(operand, list | tuple):
        array = _stack(_read_nested(operand, name), name)
    else:
        array = _read_array(operand, name)
    if array.ndim > 2:
        shape = " × ".join(map(str, array.shape))
        raise ShapeError(
            f"show(): {name} has {array.ndim} dimensions ({shape}); a factor is a matrix, or a vector for a row"
        )
    if array.size == 0:
        raise ShapeError(f"show(): {name} is empty, shape {array.shape}; a factor has one entry at least")
    return Matrix(name, array if array.ndim == 2 else array.reshape(1, -1))


def _kronecker_factors(operand: Any) -> tuple[Any, ...]:
    if not hasattr(operand, "factors"):
        return (operand,)
    from otimes import Kronecker  # here, because otimes imports this package

    return operand.factors if isinstance(operand, Kronecker) else (operand,)


def _read_array(operand: Any, name: str) -> np.ndarray:
    array = operand if isinstance(operand, np.ndarray) else _formed(operand, name)
    if array.dtype.kind in "biufc":
        return array.view(np.ndarray)  # a np.matrix would stay two-dimensional when indexed
    if array.dtype.kind not in "OUT":
        raise DTypeError(f"show(): {name} has dtype {array.dtype}, neither numbers nor symbols; {WRITE}")
    terms = np.empty(array.shape, dtype=object)
    for index in np.ndindex(array.shape):
        place = f"{name}[{','.join(map(str, index))}]" if index else name
        terms[index] = _read_entry(array[index], place)
    return terms


def _formed(operand: Any, name: str) -> np.ndarray:
    shape = tuple(getattr(operand, "shape", ()))
    if len(shape) == 2 and shape[0] * shape[1] > _LARGEST_FORMED:
        raise TooLarge(
            f"show(): {name} is an operator of {shape[0]} × {shape[1]}; no more than {_LARGEST_FORMED} entries are "
            "formed for a picture. Pass an array, or a smaller operator of its kind"
        )
    return np.asarray(operand.toarray() if hasattr(operand, "toarray") else operand)


def _read_entry(value: Any, place: str) -> Term:
    match value.item() if isinstance(value, np.generic) else value:
        case str(text):
            try:
                return parse_term(text.strip())
            except ValueError:
                raise DTypeError(f"show(): cannot read {place} = {text!r}; {WRITE}") from None
        case numbers.Integral() as number:
            return Term(int(number))
        case numbers.Rational() as number:
            return Term(Fraction(int(number.numerator), int(number.denominator)))
        case numbers.Real() as number:
            return Term(float(number))
        case numbers.Complex() as number:
            return Term(complex(number))
    raise DTypeError(f"show(): {place} is of type {type(value).__name__}, neither a number nor a symbol; {WRITE}")


def _read_nested(operand: Sequence[Any], name: str) -> list[list[Term]]:
    nested = [_is_sequence(row) for row in operand]
    if any(nested) and not all(nested):
        where = nested.index(False)
        raise ShapeError(f"show(): {name} is ragged: {name}[{where}] is {operand[where]!r}, no row like the others")
    rows = operand if any(nested) else [operand]
    if any(_is_sequence(entry) for row in rows for entry in row):
        raise ShapeError(f"show(): {name} is nested three deep or more; a factor is a matrix, or a vector for a row")
    return [[_read_entry(entry, f"{name}[{i},{j}]") for j, entry in enumerate(row)] for i, row in enumerate(rows)]


def _is_sequence(value: Any) -> bool:
    return isinstance(value, list | tuple) or (isinstance(value, np.ndarray) and value.ndim > 0)


def _stack(rows: list[list[Term]], name: str) -> np.ndarray:
    columns = len(rows[0]) if rows else 0
    for where, row in enumerate(rows):
        if len(row) != columns:
            raise ShapeError(f"show(): {name} is ragged: row 0 has {columns} entries, row {where} has {len(row)}")
    array = np.empty((len(rows), columns), dtype=object)
    for where, row in enumerate(rows):
        array[where] = row
    return array
