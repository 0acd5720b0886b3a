"""`factorize`: Kronecker structure of which the shapes are found, not given."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from otimes.core.checks import require_size, shape_text
from otimes.errors import ShapeError
from otimes.factorize.frontier import Frontier
from otimes.factorize.nearest import approximate, count_text, require_terms, require_tolerance
from otimes.factorize.operand import Operand, read_operand
from otimes.factorize.result import Candidate, KroneckerApproximation
from otimes.factorize.shapes import (
    Shapes,
    is_outer_product,
    most_terms,
    require_admissible,
    require_shapes,
    stored_numbers,
    useful_terms,
)
from otimes.factorize.spectrum import Spectrum, spectrum_of

Progress = Callable[[int, int, str], object]

_TERMS = 16  # tried for each pair of shapes unless more are asked for


def factorize(
    M: Any,
    *,
    tol: float | None = None,
    terms: int | None = None,
    shapes: Shapes | None = None,
    max_terms: int | None = None,
    progress: Progress | None = None,
    seed: int = 0,
) -> KroneckerApproximation:
    """Find a sum of Kronecker products close to M that takes few numbers; its shapes are found too.

    For every pair of factor shapes that multiply to that of M (but 1 × 1) the best error of 1, 2, … terms is
    computed from the singular values of the rearrangement; the frontier of error against numbers stored is
    ``candidates``, thinned to a dozen rows. One of them is chosen and computed to full accuracy:

    - with `tol`, the one of the fewest numbers that meets it; if none does, the one of least error;
    - with `terms`, the knee of the frontier of that many terms;
    - with neither, the knee of the frontier: with both axes logarithmic and scaled to [0, 1], the row farthest below
      the chord from (fewest numbers, error 1) to (numbers of M, least error).

    A row times a column, (1 × n) ⊗ (m × 1), is an ordinary matrix of rank one. It competes with one term; with more
    only under a tolerance, where the answer may be that M is best stored as a matrix of low rank.

    Shapes: M is m × n; A_r is m₁ × n₁ and B_r m₂ × n₂ with m₁m₂ = m, n₁n₂ = n.

    Cost: about ten passes over M, or one QR of M read in panels, for every pair of shapes.

    Parameters
    ----------
    M : array_like, SciPy sparse matrix or operator
        As in `nearest_kronecker`.
    tol : float, optional
        Relative Frobenius error to meet.
    terms : int, optional
        Number of terms; with `tol`, the most there may be.
    shapes : ((m₁, n₁), (m₂, n₂)), optional
        The only shapes to be tried; then the number of terms is found.
    max_terms : int, optional
        Most terms tried for a pair of shapes. By default 16, and with `tol` as many as take fewer numbers than the
        best that meets it.
    progress : callable, optional
        Called as ``progress(done, total, label)``.
    seed : int
        Of the starting vectors.

    Returns
    -------
    KroneckerApproximation

    Raises
    ------
    ShapeError
        M is not a matrix, its sizes have no divisors, or no shapes admit that many terms.
    DTypeError
        M does not hold numbers.
    NonFiniteError
        M has NaN or infinite entries.
    TooLarge
        M is sparse or an operator, and too large to be formed.

    References
    ----------
    C. Cai, R. Chen, H. Xiao, KoPA: automated Kronecker product approximation, J. Mach. Learn. Res. 23 (2022) 1-44,
    for the search over shapes; V. Satopää et al., Finding a "kneedle" in a haystack, ICDCS Workshops (2011), 166-171,
    for the knee.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> rng = np.random.default_rng(0)
    >>> M = np.kron(rng.standard_normal((3, 4)), rng.standard_normal((8, 5)))
    >>> F = ox.factorize(M)
    >>> F.shapes, F.terms, F.numbers_stored, F.error < 1e-14
    (((3, 4), (8, 5)), 1, 52, True)
    >>> print(F.reason)
    knee: after 1 term of 3×4 ⊗ 8×5 (error 0) more numbers buy little
    """
    operand = read_operand(M)
    pair = None if shapes is None else require_shapes(shapes, operand.shape)
    goal = Goal(
        tol=None if tol is None else require_tolerance(tol),
        terms=terms if terms is None or pair is None else require_terms(terms, pair),
        max_terms=None if max_terms is None else max(1, require_size(max_terms, "max_terms")),
        shapes=pair,
    )
    search = Search(operand, goal, progress or (lambda done, total, label: None), seed)
    return search.run()


@dataclass(frozen=True)
class Goal:
    """What is asked for."""

    tol: float | None
    terms: int | None
    max_terms: int | None
    shapes: Shapes | None

    def pairs(self, shape: tuple[int, int]) -> list[Shapes]:
        """Return the shapes to be tried; of the two orders of an outer product, which are the same, one."""
        if self.shapes:
            return [self.shapes]
        found = [pair for pair in require_admissible(shape) if pair[0] != (shape[0], 1) or 1 in shape]
        if self.terms is None:
            return found
        admitted = [pair for pair in found if most_terms(pair) >= self.terms]
        if not admitted or self.terms < 1:
            raise ShapeError(
                f"terms={self.terms}: the shapes of factors of a {shape_text(shape)} matrix "
                f"admit 1 to {max(map(most_terms, found))} terms"
            )
        return admitted
