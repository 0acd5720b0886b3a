"""What a factorization gives back: the factors, their error, and the alternatives that were tried."""

import math
from dataclasses import dataclass

import numpy as np

from otimes.core.checks import shape_text
from otimes.core.operator import LinearOperator
from otimes.factorization.shapes import Shapes, stored_numbers
from otimes.operators.kronecker.kronecker import kron
from otimes.operators.terms.kronecker_terms_construct import kron_terms


@dataclass(frozen=True)
class Candidate:
    """A pair of factor shapes with a number of terms: its price and its error.

    ``error`` is the relative Frobenius error, right to about four digits; ``compression`` the numbers of the matrix
    for each number stored.
    """

    shapes: Shapes
    terms: int
    error: float

    @property
    def numbers_stored(self) -> int:
        """Entries of all factors: terms · (m₁ n₁ + m₂ n₂)."""
        return self.terms * stored_numbers(self.shapes)

    @property
    def compression(self) -> float:
        """Entries of the matrix for each number stored."""
        return math.prod(m * n for m, n in self.shapes) / self.numbers_stored


def product_text(shapes: Shapes) -> str:
    """Return '37×37 ⊗ 49×49'."""
    return " ⊗ ".join(map(shape_text, shapes))


def sum_text(candidate: Candidate) -> str:
    """Return '4 terms of 37×37 ⊗ 49×49'."""
    terms = "1 term" if candidate.terms == 1 else f"{candidate.terms} terms"
    return f"{terms} of {product_text(candidate.shapes)}"


@dataclass(frozen=True, eq=False, repr=False)
class KroneckerApproximation:
    """M ≈ Σ_r A_r ⊗ B_r, the sum of the fewest terms with the least error for these shapes.

    Shapes: M is m₁m₂ × n₁n₂, each A_r is m₁ × n₁, each B_r is m₂ × n₂.

    Parameters
    ----------
    factors : tuple of (A_r, B_r)
        The arrays, largest term first, with ‖A_r‖ = ‖B_r‖, ⟨A_r, A_s⟩ = ⟨B_r, B_s⟩ = 0 and the trace of A_r (or,
        where it vanishes or A_r is not square, the largest entry) real and positive.
    singular_values : numpy.ndarray
        Those of the rearrangement that were computed, at least one for each term, largest first, in double precision;
        infinite where they are beyond its range, as the first of 1e308 · ones(4, 4) is.
    error : float
        ‖M − Σ A_r ⊗ B_r‖ / ‖M‖ in the Frobenius norm, measured on the residual; 0 for a matrix of zeros.
    candidates : tuple of Candidate
        The frontier of error against numbers stored, the one chosen among them.
    reason : str
        Why these shapes and this number of terms: one sentence.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> M = np.kron([[1.0, 2.0], [3.0, 4.0]], np.eye(3))
    >>> F = ox.nearest_kronecker(M, shapes=((2, 2), (3, 3)))
    >>> F.terms, F.numbers_stored, round(F.compression, 2), F.error < 1e-15
    (1, 13, 2.77, True)
    >>> bool(np.allclose(F.operator @ np.ones(6), M @ np.ones(6)))
    True
    """

    factors: tuple[tuple[np.ndarray, np.ndarray], ...]
    singular_values: np.ndarray
    error: float
    candidates: tuple[Candidate, ...]
    reason: str

    @property
    def terms(self) -> int:
        """Number of terms."""
        return len(self.factors)

    @property
    def shapes(self) -> Shapes:
        """((m₁, n₁), (m₂, n₂))."""
        A, B = self.factors[0]
        return (A.shape[0], A.shape[1]), (B.shape[0], B.shape[1])

    @property
    def shape(self) -> tuple[int, int]:
        """Shape of the matrix approximated."""
        (m1, n1), (m2, n2) = self.shapes
        return m1 * m2, n1 * n2

    @property
    def operator(self) -> LinearOperator:
        """The lazy operator Σ_r A_r ⊗ B_r; it holds the factors and nothing else."""
        return kron_terms(self.factors) if self.terms > 1 else kron(*self.factors[0])

    @property
    def numbers_stored(self) -> int:
        """Entries of all factors."""
        return self.terms * stored_numbers(self.shapes)

    @property
    def compression(self) -> float:
        """Entries of the matrix for each number stored."""
        return math.prod(self.shape) / self.numbers_stored

    def __repr__(self) -> str:
        return (
            f"KroneckerApproximation({shape_text(self.shape)} ≈ "
            f"{sum_text(Candidate(self.shapes, self.terms, self.error))}, error {self.error:.4g}, "
            f"{self.numbers_stored:,} numbers, compression {self.compression:.3g})"
        )
