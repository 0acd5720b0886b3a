"""`factorize`: Kronecker structure of which the shapes are found, not given."""

import math
from dataclasses import replace
from typing import Any

import numpy as np

from otimes.core.checks import require_size
from otimes.errors import ShapeError
from otimes.factorization.criterion import Criterion, Information, best, reason_for, require_criterion
from otimes.factorization.frontier import Frontier
from otimes.factorization.goal import Goal
from otimes.factorization.operand import Operand, read_operand
from otimes.factorization.pairs import approximate
from otimes.factorization.prediction import predicted
from otimes.factorization.result import Candidate, KroneckerApproximation, sum_text
from otimes.factorization.shapes import Shape, Shapes, is_outer_product, require_pair, require_terms
from otimes.factorization.spectrum import require_tolerance
from otimes.factorization.sweep import Progress, sweep


def factorize(
    M: Any,
    *,
    tol: float | None = None,
    terms: int | None = None,
    shapes: Shapes | None = None,
    max_terms: int | None = None,
    criterion: Criterion | None = None,
    progress: Progress | None = None,
    seed: int = 0,
) -> KroneckerApproximation:
    """Find a sum of Kronecker products close to M that takes few numbers; its shapes are found too.

    For every pair of factor shapes that multiply to that of M (none of them 1 × 1) the best error of 1, 2, … terms
    follows from the singular values of the rearrangement. The frontier of error against numbers stored is
    ``candidates``, thinned to a dozen rows. One of them is chosen and computed to full accuracy:

    - with `tol`, the row of the fewest numbers that meets it; if none does with fewer numbers than M has, the row of
      least error;
    - with `terms`, the knee of the frontier of that many terms;
    - with neither, the knee of the frontier: with both axes logarithmic and scaled to [0, 1], the row farthest below
      the chord from (fewest numbers, error 1) to (numbers of M, least error).

    - with `criterion`, the candidate that says most about the structure of a matrix that is structure and noise. Let M
      have N = mn entries and the candidate η numbers: "aic" is N log error² + 2 η, "bic" N log error² + η log N, and
      "ebic" adds 2 log τ, where τ candidates have as many terms. "cv" is the error of predicting a part of the
      rearrangement from the rest, for the rows of the frontier. The least is best, if the noise is white. "bic" finds
      shapes and terms; "aic" is for a given number of `terms`: with more of them it takes noise for structure.

    A row times a column, (1 × n) ⊗ (m × 1), is an ordinary matrix of rank one. It competes with one term; with more
    only under a tolerance or a criterion, where the answer may be that M is a matrix of low rank.

    Shapes: M is m × n; A_r is m₁ × n₁ and B_r m₂ × n₂ with m₁m₂ = m and n₁n₂ = n.

    Cost: for a factor of up to 1024 entries, the eigenvalues of a matrix of so many rows, most of which need no look at
    M; for others about ten passes over M, or one QR of M read in panels, for every pair of shapes.

    Parameters
    ----------
    M : array_like, SciPy sparse matrix or operator
        As in `nearest_kronecker`.
    tol : float, optional
        Relative Frobenius error to meet.
    terms : int, optional
        Number of terms; with `tol`, the most there may be.
    shapes : ((m₁, n₁), (m₂, n₂)), optional
        The only shapes to be tried; then only the number of terms is found.
    max_terms : int, optional
        Most terms tried for a pair of shapes. By default 16, and with `tol` as many as may still take fewer numbers
        than what meets it.
    criterion : "aic", "bic", "ebic" or "cv", optional
        What chooses among the candidates; not with `tol`.
    progress : callable, optional
        Called as ``progress(done, total, label)``.
    seed : int
        Of the starting vectors; a result is reproduced by its seed.

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
        M has NaN or infinite entries, or `tol` is not a finite number ≥ 0.
    StructureError
        `criterion` is none of these, or `tol` is given with it.
    TooLarge
        The factors would take more than 2 GiB; or cross-validation, which takes the entries as an array, would form
        one of more than that.

    References
    ----------
    C. Cai, R. Chen, H. Xiao, KoPA: automated Kronecker product approximation, J. Mach. Learn. Res. 23 (2022) 1-44,
    for the search over shapes and its criteria; J. Chen, Z. Chen, Extended Bayesian information criteria for model
    selection with large model spaces, Biometrika 95 (2008) 759-771; A. B. Owen, P. O. Perry, Bi-cross-validation of
    the SVD and the nonnegative matrix factorization, Ann. Appl. Stat. 3 (2009) 564-594; V. Satopää et al., Finding a
    "kneedle" in a haystack, ICDCS Workshops (2011) 166-171, for the knee.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> rng = np.random.default_rng(0)
    >>> M = np.kron(rng.standard_normal((3, 4)), rng.standard_normal((8, 5)))
    >>> F = ox.factorize(M)
    >>> F.shapes, F.terms, F.numbers_stored, F.error < 1e-14
    (((3, 4), (8, 5)), 1, 52, True)
    >>> print(F.reason)
    knee: after 1 term of 3×4 ⊗ 8×5 more numbers buy little

    Under as much noise as there is structure:

    >>> M = M / M.std() + rng.standard_normal(M.shape)
    >>> print(ox.factorize(M, criterion="bic").reason)
    bic: least for 1 term of 3×4 ⊗ 8×5, -88.5874
    """
    operand = read_operand(M)
    goal = _checked(Goal(operand.shape, tol, terms, max_terms, shapes, criterion))
    spectra = sweep(operand, goal, progress, seed=seed)
    rows = [
        Candidate(pair, count, spectrum.error(count))
        for pair, spectrum in spectra.items()
        for count in goal.allowed(pair)
        if count <= spectrum.terms
    ]
    floor = 50 * float(np.finfo(operand.dtype).eps)
    frontier = Frontier.of(rows, floor=floor)
    if goal.criterion is None:
        chosen, reason = _choose(rows, frontier, goal)
    else:
        scored = _scored(operand, rows, frontier, goal.criterion, seed=seed)
        frontier = Frontier.of(scored, floor=floor)
        chosen = best(row for row in scored if goal.terms in (None, row.terms))
        reason = reason_for(chosen, goal.criterion)
    if goal.shapes is None and all(is_outer_product(pair, goal.shape) for pair in spectra):
        reason += f"; {goal.shape[0]} rows and {goal.shape[1]} columns have no divisors for other shapes"
    F = approximate(operand, chosen.shapes, chosen.terms, reason=reason, seed=seed)
    swept = spectra[chosen.shapes].values
    return replace(
        F,
        singular_values=np.append(F.singular_values, operand.unscaled(swept[len(F.singular_values) :])),
        candidates=frontier.table(chosen, error=F.error),
    )


def _checked(goal: Goal) -> Goal:
    """Return the goal with its shapes as a pair of pairs of ints, or raise what `factorize` says it raises."""
    require_criterion(goal.criterion, goal.tol)
    if goal.tol is not None:
        require_tolerance(goal.tol)
    if goal.terms is not None:
        require_size(goal.terms, "terms")
    if goal.max_terms is not None and require_size(goal.max_terms, "max_terms") < 1:
        raise ShapeError("max_terms=0: at least one term must be tried")
    if goal.shapes is None:
        return goal
    shapes = require_pair(goal.shapes, goal.shape)
    require_terms(goal.terms, shapes)
    return replace(goal, shapes=shapes)


def _scored(
    operand: Operand, rows: list[Candidate], frontier: Frontier, criterion: Criterion, *, seed: int
) -> list[Candidate]:
    """Return the candidates with their values of the criterion; predictions are tried for the frontier only."""
    if criterion == "cv":
        return predicted(operand, frontier.rows, seed=seed)
    return Information.of(criterion, operand.shape, operand.dtype, floor=frontier.floor).scored(rows)


def _choose(rows: list[Candidate], frontier: Frontier, goal: Goal) -> tuple[Candidate, str]:
    """Return the row that answers the goal, and a sentence that says why."""
    if goal.tol is not None:
        return _choose_within(frontier, goal.tol, goal.shape)
    if goal.terms is not None and goal.shapes is not None:
        return rows[-1], f"given: {sum_text(rows[-1])}"
    chosen = frontier.knee(math.prod(goal.shape))
    if goal.terms is not None:
        return chosen, f"knee of the shapes for {sum_text(chosen)}: more numbers in as many terms buy little"
    return chosen, f"knee: after {sum_text(chosen)} more numbers buy little"


def _choose_within(frontier: Frontier, tol: float, shape: Shape) -> tuple[Candidate, str]:
    """Return the row of the fewest numbers that meets the tolerance, or that of least error."""
    chosen = frontier.within(tol)
    if chosen is None:
        best = frontier.rows[-1]
        fewer = "not met with fewer numbers than the matrix has"
        return best, f"tolerance {tol:g} {fewer}: {sum_text(best)} come closest, with error {best.error:.4g}"
    low_rank = ", a matrix of low rank" if is_outer_product(chosen.shapes, shape) else ""
    return chosen, f"tolerance: {sum_text(chosen)}{low_rank}, take the fewest numbers for an error of {tol:g}"
