"""`factorize`: Kronecker structure of shapes that are found, not given."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from otimes.core.checks import shape_text
from otimes.errors import ShapeError
from otimes.factorize.frontier import frontier, knee, thinned
from otimes.factorize.nearest import approximate, require_terms, require_tolerance
from otimes.factorize.operand import Operand, read_operand
from otimes.factorize.result import Candidate, KroneckerApproximation
from otimes.factorize.shapes import Shapes, most_terms, require_admissible, require_shapes, stored_numbers, useful_terms
from otimes.factorize.spectrum import Spectrum, spectrum_of

Progress = Callable[[int, int, str], object]


def factorize(
    M: Any,
    *,
    tol: float | None = None,
    terms: int | None = None,
    shapes: Shapes | None = None,
    max_terms: int = 16,
    progress: Progress | None = None,
    seed: int = 0,
) -> KroneckerApproximation:
    """Find shapes and a number of terms for which Σ_r A_r ⊗ B_r is close to M with few numbers.
    """
    operand = read_operand(M)
