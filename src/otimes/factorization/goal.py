"""What is asked of `factorize`, and what follows for the shapes and numbers of terms to be tried."""

from dataclasses import dataclass

from otimes.core.checks import shape_text
from otimes.errors import ShapeError
from otimes.factorization.criterion import Criterion
from otimes.factorization.shapes import Shape, Shapes, admissible_shapes, is_outer_product, most_terms, useful_terms

FIRST_TERMS = 16  # tried for each pair of shapes before more are asked for


@dataclass(frozen=True)
class Goal:
    """A tolerance, a number of terms, shapes, a criterion: each None where it is not given."""

    shape: Shape
    tol: float | None = None
    terms: int | None = None
    max_terms: int | None = None
    shapes: Shapes | None = None
    criterion: Criterion | None = None

    def pairs(self) -> list[Shapes]:
        """Return the shapes to be tried, of the two orders of an outer product one."""
        if self.shapes is not None:
            return [self.shapes]
        m, n = self.shape
        found = [pair for pair in admissible_shapes(self.shape) if 1 in (m, n) or pair != ((m, 1), (1, n))]
        admitted = [pair for pair in found if self.allowed(pair)]
        if not admitted:
            limit = most_terms if self.criterion is None else useful_terms
            most = max(1 if is_outer_product(pair, self.shape) else limit(pair) for pair in found)
            raise ShapeError(
                f"terms={self.terms}: two factors of a {shape_text(self.shape)} matrix admit 1 to {most} terms"
            )
        return admitted

    def first_terms(self, pair: Shapes) -> int:
        """Return how many terms to look at first: under a tolerance not more than may be chosen."""
        if self.tol is not None:
            return min(FIRST_TERMS, self.allowed(pair)[-1])
        return min(most_terms(pair), max(FIRST_TERMS, self.allowed(pair)[-1]))

    def allowed(self, pair: Shapes) -> range:
        """Return the numbers of terms that may be chosen for these shapes."""
        found, open_ended = self.shapes is None, self.tol is None
        lonely = found and open_ended and self.criterion is None and is_outer_product(pair, self.shape)
        weighs = self.criterion is not None  # then more numbers than the matrix has would fit it, and its noise
        if self.terms is not None and open_ended:
            possible = 1 <= self.terms <= (1 if lonely else useful_terms(pair) if weighs else most_terms(pair))
            return range(self.terms if found else 1, self.terms + 1) if possible else range(0)
        most = useful_terms(pair) if found or weighs else most_terms(pair)
        limits = [self.terms, self.max_terms, 1 if lonely else None]
        if open_ended and self.max_terms is None:
            limits.append(FIRST_TERMS)
        return range(1, min(limit for limit in (most, *limits) if limit is not None) + 1)
