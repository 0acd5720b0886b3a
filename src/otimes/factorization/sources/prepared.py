"""What was read of a matrix that is costly to read, for one pair of shapes; for others it is read anew."""

from dataclasses import dataclass

import numpy as np

from otimes.factorization.shapes import Shapes
from otimes.factorization.sources.operand import Operand
from otimes.factorization.sources.rearranged import Rearranged


@dataclass(frozen=True, eq=False)
class PreparedOperand(Operand[Operand]):
    """A source, and what is known of its rearrangement for `shapes`."""

    shapes: Shapes
    known: Rearranged

    @property
    def matrix(self) -> np.ndarray:
        """All entries, below 2 GiB."""
        return self.source.matrix

    def product(self, X: np.ndarray) -> np.ndarray:
        """Return M X, which reads all entries."""
        return self.source.product(X)

    def rearranged(self, shapes: Shapes) -> Rearranged:
        """Return what is known, for the shapes it is known for."""
        return self.known if shapes == self.shapes else self.source.rearranged(shapes)

    def prepared(self, shapes: Shapes, *, terms: int | None = None, tol: float | None = None, seed: int = 0) -> Operand:
        """Return the operand itself, for the shapes it was made for."""
        return self if shapes == self.shapes else self.source.prepared(shapes, terms=terms, tol=tol, seed=seed)

    def admits(self, shapes: Shapes) -> bool:
        """Whether the source admits them."""
        return self.source.admits(shapes)
