"""The argument `structure=`: names, numbers in parentheses, masks, and several of them joined by &."""

import functools
import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from scipy import sparse

from otimes.core.checks import shape_text
from otimes.errors import ShapeError, StructureError
from otimes.factorization.constrained import subspace
from otimes.factorization.constrained.convex import (
    ColumnStochastic,
    Nonnegative,
    PositiveDefinite,
    PositiveSemidefinite,
    Stochastic,
    WellConditioned,
)
from otimes.factorization.constrained.intersection import Intersection
from otimes.factorization.constrained.isometry import Orthogonal, Unitary
from otimes.factorization.constrained.matrix_set import MatrixSet
from otimes.factorization.constrained.subspace import Subspace, pattern
from otimes.factorization.shapes import Shape, Shapes

Structure = Any  # a name, a mask, None; or one of these for each factor


def _banded(shape: Shape, dtype: np.dtype, *widths: float) -> MatrixSet:
    lower, upper = (int(width) for width in (widths * 2 if len(widths) == 1 else widths))
    return subspace.banded(shape, dtype, lower, upper)


def _positive_definite(shape: Shape, dtype: np.dtype, *condition: float) -> MatrixSet:
    """Return the set of those with the condition number given, or one that the dtype can tell from infinity."""
    if not condition:
        return PositiveDefinite(shape, dtype, condition=1 / (shape[0] * float(np.finfo(dtype).eps)))
    if condition[0] < 1:
        raise StructureError(f"structure='positive_definite({condition[0]:g})': no condition number is below 1")
    return WellConditioned(shape, dtype, f"positive definite({condition[0]:g})", condition[0])


def _doubly_stochastic(shape: Shape, dtype: np.dtype) -> MatrixSet:
    return _intersection([ColumnStochastic(shape, dtype), Stochastic(shape, dtype)], dtype)


_STRUCTURES: dict[str, Callable[..., MatrixSet]] = {
    "general": subspace.everything,
    "real": subspace.real,
    "symmetric": subspace.symmetric,
    "hermitian": subspace.hermitian,
    "diagonal": subspace.diagonal,
    "lower_triangular": subspace.lower_triangular,
    "upper_triangular": subspace.upper_triangular,
    "banded": _banded,
    "toeplitz": subspace.toeplitz,
    "hankel": subspace.hankel,
    "circulant": subspace.circulant,
    "positive_semidefinite": PositiveSemidefinite,
    "positive_definite": _positive_definite,
    "nonnegative": Nonnegative,
    "orthogonal": Orthogonal,
    "unitary": Unitary,
    "stochastic": Stochastic,
    "column_stochastic": ColumnStochastic,
    "doubly_stochastic": _doubly_stochastic,
}
ROUNDS = 3_000  # of projections onto several sets, before they are said to have nothing in common
_SHORT = {"psd": "positive_semidefinite", "spd": "positive_definite", "hpd": "positive_definite"}
_SQUARE = {
    *("symmetric", "hermitian", "circulant", "positive_semidefinite", "positive_definite", "doubly_stochastic"),
}
_NUMBERS = {"banded": (1, 2), "positive_definite": (0, 1)}


def read_structures(structure: Structure, shapes: Shapes, dtype: np.dtype) -> tuple[MatrixSet, ...]:
    """Return the set that each factor is to be in; one structure is that of all.

    Raises
    ------
    StructureError
        An unknown name, a structure that a factor of this shape cannot have, or several that contradict each other.
    ShapeError
        There are not as many structures as factors, or a mask has not the shape of its factor.
    """
    each = tuple(structure) if isinstance(structure, (list, tuple)) else (structure,) * len(shapes)
    if len(each) != len(shapes):
        raise ShapeError(
            f"structure= has {len(each)} entries for the {len(shapes)} factors "
            f"{' ⊗ '.join(map(shape_text, shapes))}; give one for each, or one for all"
        )
    return tuple(_read(one, shape, dtype) for one, shape in zip(each, shapes, strict=True))


def _read(structure: Structure, shape: Shape, dtype: np.dtype) -> MatrixSet:
    if structure is None:
        return subspace.everything(shape, dtype)
    if not isinstance(structure, str):
        return _pattern(structure, shape, dtype)
    return _intersection([_named(name, shape, dtype) for name in structure.split("&")], dtype)


def _named(text: str, shape: Shape, dtype: np.dtype) -> MatrixSet:
    name, inside = _parsed(text)
    if name not in _STRUCTURES:
        raise StructureError(
            f"structure={text.strip()!r} is none of {', '.join(_STRUCTURES)} (short: {', '.join(_SHORT)}); "
            "a pattern is a mask of booleans, and several structures are joined by &"
        )
    numbers = _numbers(text, name, inside)
    if name in _SQUARE and shape[0] != shape[1]:
        raise StructureError(f"structure={text.strip()!r}: a factor of {shape_text(shape)} is not square")
    return _STRUCTURES[name](shape, dtype, *numbers)


def _parsed(text: str) -> tuple[str, str | None]:
    """Return 'banded' and '1, 0' of 'Banded(1, 0)'."""
    match = re.fullmatch(r"\s*([A-Za-z_ -]+?)\s*(?:\(([^()]*)\))?\s*", text)
    if match is None:
        return "", None
    name = re.sub(r"[ -]+", "_", match[1].lower())
    return _SHORT.get(name, name), match[2]


def admits(structure: Structure, shapes: Shapes) -> bool:
    """Whether factors of these shapes can have the structures, as far as sizes decide that."""
    if not isinstance(structure, (list, tuple)):
        structure = (structure,) * len(shapes)
    return len(structure) == len(shapes) and all(map(_admits, structure, shapes))


def _admits(structure: Structure, shape: Shape) -> bool:
    if isinstance(structure, str):
        return shape[0] == shape[1] or not any(_parsed(text)[0] in _SQUARE for text in structure.split("&"))
    return structure is None or getattr(structure, "shape", None) == shape


def _numbers(text: str, name: str, inside: str | None) -> list[float]:
    """Return the numbers in the parentheses of 'banded(1, 0)'."""
    least, most = _NUMBERS.get(name, (0, 0))
    try:
        numbers = [float(number) for number in (inside or "").split(",") if number.strip()]
    except ValueError:
        numbers = [-1.0]
    whole = name != "banded" or all(number == int(number) for number in numbers)
    if not least <= len(numbers) <= most or min(numbers, default=0) < 0 or not whole:
        raise StructureError(
            f"structure={text.strip()!r}: write banded(width) or banded(lower, upper) with numbers of diagonals, "
            "positive_definite or positive_definite(condition) with the largest condition number allowed, "
            "and the other names without parentheses"
        )
    return numbers


def _pattern(mask: Any, shape: Shape, dtype: np.dtype) -> Subspace:
    mask = mask.toarray() if sparse.issparse(mask) else np.asarray(mask)
    if mask.dtype != bool:
        raise StructureError(
            f"structure= has an array of dtype {mask.dtype}; a pattern is a mask of booleans, for example A != 0"
        )
    if mask.shape != shape:
        raise ShapeError(f"the pattern is {shape_text(mask.shape)}, and its factor {shape_text(shape)}")
    return _not_only_zero(pattern(mask, dtype))


def _intersection(sets: Sequence[MatrixSet], dtype: np.dtype) -> MatrixSet:
    """Return the matrices in all of the sets; subspaces are intersected first, exactly.

    Intersections among them are taken apart: projections within projections would take the square of the rounds.
    """
    sets = [part for one in sets for part in (one.sets if isinstance(one, Intersection) else (one,))]
    linear = [one for one in sets if isinstance(one, Subspace)]
    others = [one for one in sets if not isinstance(one, Subspace)]
    if len(sets) > 1 and not all(one.is_convex for one in sets):
        curved = next(one.name for one in sets if not one.is_convex)
        raise StructureError(
            f"{' & '.join(one.name for one in sets)}: {curved} matrices are no convex set, and nearest points of an "
            "intersection are only known for convex ones; ask for one of them"
        )
    joint = [_not_only_zero(functools.reduce(Subspace.meet, linear))] if linear else []
    if len(joint + others) == 1:
        return (joint + others)[0]
    rtol = float(np.finfo(dtype).eps) ** 0.75
    found = Intersection((*joint, *others), rtol, ROUNDS)
    _not_only_zero(found.span)
    found.nearest(np.eye(*found.shape, dtype=dtype))  # raises where they have nothing in common
    return found


def _not_only_zero(space: Subspace) -> Subspace:
    if space.basis.shape[1] == 0:
        raise StructureError(
            f"structure {space.name}: of the {shape_text(space.shape)} matrices only that of zeros has it"
        )
    return space
