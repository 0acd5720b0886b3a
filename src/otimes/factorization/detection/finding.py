"""What a detector finds: a structured operator and its distance from the matrix."""

import math
import sys
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse

from otimes.core.operator import LinearOperator


@dataclass(frozen=True)
class Finding:
    """A structured operator near the matrix.

    Parameters
    ----------
    structure : str
        Its name: "Kronecker product", "block Toeplitz matrix", …
    detail : str
        Its sizes: "3×4 ⊗ 8×5".
    operator : LinearOperator
        The nearest of this structure.
    distance : float
        ‖M − operator‖ / ‖M‖ in the Frobenius norm. Where the parts have structure of their own their distances are
        added, so that it is an upper bound.
    numbers : int
        How many numbers the operator is made of.
    """

    structure: str
    detail: str
    operator: LinearOperator
    distance: float
    numbers: int

    def __str__(self) -> str:
        return f"{self.structure} {self.detail}".rstrip()


def score(distance: float, numbers: int, entries: int) -> float:
    """Return a Bayesian information criterion, N ln(distance² / (N − numbers)) + numbers ln N for N entries.

    It is low where few numbers come near; by distance alone, what takes the most would nearly always be nearest. Of a
    sparse matrix N is what it takes, not mn: that most entries are zero is no merit of a structure.
    """
    variance = max(distance, sys.float_info.min) ** 2 / max(entries - numbers, 1)
    return entries * math.log(max(variance, sys.float_info.min)) + numbers * math.log(entries)


def nonzeros(part: Any) -> int:
    """Return how many numbers of a dense or sparse array are not zero."""
    return int(part.nnz) if scipy.sparse.issparse(part) else int(np.count_nonzero(part))
