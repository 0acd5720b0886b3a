"""Parts of a structured matrix, which may have structure of their own."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse

from otimes.core.convert import aslinearoperator
from otimes.core.operator import LinearOperator
from otimes.factorization.detection.detector import simplest
from otimes.factorization.detection.entries import entries_of, restored, stored

MOST_PARTS = 16  # of which each is searched for structure


@dataclass(frozen=True)
class Part:
    """A part as an operator, its relative distance from the numbers found, and the numbers it takes."""

    operator: LinearOperator
    distance: float
    numbers: int


def plain(part: Any, integers: np.dtype | None) -> Part:
    """Return a dense or sparse array as it is; a sparse one that is nearly full as a dense one."""
    if scipy.sparse.issparse(part) and stored(part) >= math.prod(part.shape):
        part = part.toarray()
    part = part if scipy.sparse.issparse(part) else np.ascontiguousarray(part)
    return Part(aslinearoperator(restored(part, integers)), 0.0, stored(part))


def structured(part: Any, integers: np.dtype | None, *, rtol: float) -> Part:
    """Return a dense or sparse array with the simplest structure that holds to the tolerance, or as it is."""
    unchanged = plain(part, integers)
    matrix = scipy.sparse.csr_matrix(part) if scipy.sparse.issparse(part) else np.ascontiguousarray(part)
    found = simplest(entries_of(matrix, integers), rtol, unchanged.numbers - 1)
    return unchanged if found is None else Part(found.operator, found.distance, found.numbers)


def structured_parts(parts: list[Any], integers: np.dtype | None, *, rtol: float) -> list[Part]:
    """Return each of the parts with its structure, or all as they are where they are many."""
    if len(parts) > MOST_PARTS:
        return [plain(part, integers) for part in parts]
    return [structured(part, integers, rtol=rtol) for part in parts]
