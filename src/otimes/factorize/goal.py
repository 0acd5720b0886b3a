"""What is asked of `factorize`, and what follows for the shapes and numbers of terms to be tried."""

from dataclasses import dataclass

from otimes.core.checks import shape_text
from otimes.errors import ShapeError
from otimes.factorize.shapes import (
    Shape,
    Shapes,
    is_outer_product,
    most_terms,
    require_admissible,
    require_shapes,
    require_terms,
    useful_terms,
)

FIRST_TERMS = 16  # tried for each pair of shapes before more are asked for


@dataclass(frozen=True)
class Goal:
    """A tolerance, a number of terms, shapes: each None if it is to be found."""

    shape: Shape
    tol: float | None = None
    terms: int | None = None
    max_terms: int | None = None
    shapes: Shapes | None = None

    def __post_init__(self) -> None:
        if self.tol is not None:
            require_tolerance(self.tol)
        if self.shapes is not None:
            require_terms(self.terms, require_shapes(self.shapes, self.shape))
        if self.max_terms is not None and self.max_terms < 1:
            raise ShapeError(f"max_terms={self.max_terms}: at least one term must be tried")

    def pairs(self) -> list[Shapes]:
        """Return the shapes to be tried, an outer product in one of its two orders."""
        if self.shapes is not None:
            return [require_shapes(self.shapes, self.shape)]
        m, n = self.shape
        found = [pair for pair in require_admissible(self.shape) if pair != ((m, 1), (1, n)) or 1 in (m, n)]
        if self.terms is None or self.tol is not None:
            return found
        admitted = [pair for pair in found if self.terms <= self.most(pair)]
        if not admitted or self.terms < 1:
            raise ShapeError(
                f"terms={self.terms}: factors of a {shape_text(self.shape)} matrix "
                f"admit 1 to {max(map(most_terms, found))} terms"
            )
        return admitted

    def most(self, pair: Shapes) -> int:
        """Return the most terms that may be tried for these shapes."""
        limits = [most_terms(pair) if self.shapes or self._counted else useful_terms(pair)]
        if self.tol is None and is_outer_product(pair) and self.shapes is None:
            limits.append(1)
        if self.tol is None and not self._counted:
            limits.append(self.max_terms or FIRST_TERMS)
        if self.tol is not None:
            limits += [count for count in (self.terms, self.max_terms) if count is not None]
        return min(limits)

    @property
    def _counted(self) -> bool:
        return self.terms is not None and self.tol is None
