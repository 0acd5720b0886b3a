"""What is asked of `factorize`, and what follows for the shapes and numbers of terms to be tried."""

import itertools
from dataclasses import dataclass

from otimes.core.checks import shape_text
from otimes.errors import ShapeError
from otimes.factorization.bounds import cuts
from otimes.factorization.criterion import Criterion
from otimes.factorization.shapes import (
    Shape,
    Shapes,
    admissible_shapes,
    is_column_before_row,
    is_outer_product,
    most_factors,
    most_terms,
    useful_terms,
)

FIRST_TERMS = 16  # tried for each pair of shapes before more are asked for
FIRST_TERMS_OF_MORE = 4  # of three and more factors, for which each number of terms is a fit of its own


@dataclass(frozen=True)
class Goal:
    """A tolerance, a number of terms, shapes, a criterion: each None where it is not given."""

    shape: Shape
    tol: float | None = None
    terms: int | None = None
    max_terms: int | None = None
    shapes: Shapes | None = None
    criterion: Criterion | None = None
    factors: tuple[int, ...] = (2,)

    @property
    def is_settled(self) -> bool:
        """Whether shapes and terms are given, so that nothing is to be chosen."""
        return self.shapes is not None and self.terms is not None and self.tol is None

    def candidates(self) -> list[Shapes]:
        """Return the shapes to choose from; a column before a row is left out, for a row before a column."""
        if self.shapes is not None:
            return [self.shapes]
        possible = [count for count in self.factors if count <= most_factors(self.shape)]
        found = [
            shapes
            for count in possible or self.factors[:1]  # of which there are none, as is then said
            for shapes in admissible_shapes(self.shape, factors=count)
            if not any(itertools.starmap(is_column_before_row, itertools.pairwise(shapes)))
        ]
        admitted = [shapes for shapes in found if self.allowed(shapes)]
        if not admitted:
            most = max(map(self._most, found))
            number = "two" if self.factors == (2,) else " or ".join(map(str, self.factors))
            raise ShapeError(
                f"terms={self.terms}: {number} factors of a {shape_text(self.shape)} matrix admit 1 to {most} terms"
            )
        return admitted

    def first_terms(self, pair: Shapes) -> int:
        """Return of how many terms to know the error first: under a tolerance not of more than may be chosen."""
        last = max(self.allowed(pair), default=FIRST_TERMS)
        wanted = min(FIRST_TERMS, last) if self.tol is not None else max(FIRST_TERMS, last)
        return min(most_terms(pair), wanted)

    def allowed(self, shapes: Shapes) -> range:
        """Return the numbers of terms that may be chosen for these shapes."""
        most = self._most(shapes)
        if self.terms is not None and self.tol is None:
            first = self.terms if self.shapes is None else 1
            return range(first, self.terms + 1) if 1 <= self.terms <= most else range(0)
        limits = [most, self.terms, self.max_terms]
        if self.max_terms is None and len(shapes) > 2:
            limits.append(self.terms or FIRST_TERMS_OF_MORE)
        elif self.max_terms is None and self.tol is None:
            limits.append(FIRST_TERMS)
        return range(1, min(limit for limit in limits if limit is not None) + 1)

    def _most(self, shapes: Shapes) -> int:
        """Return the most terms that may be asked for.

        More than are useful are a given number, and not for a criterion: they would fit all of the noise. Of factors
        that are many, terms so many that every cut admits them say nothing before they are fitted.
        """
        found, choosing = self.shapes is None, self.tol is not None or self.criterion is not None
        if found and not choosing and is_outer_product(shapes, self.shape):
            return 1
        given = not found or (self.terms is not None and self.tol is None)
        most = most_terms(shapes) if given and self.criterion is None else useful_terms(shapes)
        if found and len(shapes) > 2:
            most = min(most, max(1, max(map(most_terms, cuts(shapes))) - 1))
        return most
