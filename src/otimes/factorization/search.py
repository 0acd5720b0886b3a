"""`factorize`: Kronecker structure of which the shapes are found, not given."""

from collections.abc import Collection
from dataclasses import replace
from typing import Any, Literal

import numpy as np

from otimes.core.checks import require_size, shape_text
from otimes.errors import ShapeError, StructureError, TooLarge
from otimes.factorization.bounds import Fits, cuts, least_error
from otimes.factorization.choice import choose
from otimes.factorization.constrained.entry import Request, nearest_structured
from otimes.factorization.constrained.request import Structure, admits
from otimes.factorization.criterion import Criterion, require_criterion
from otimes.factorization.goal import Goal
from otimes.factorization.hybrid import hybrid
from otimes.factorization.multiway.alternating import Alternating
from otimes.factorization.operand import Operand, read_operand
from otimes.factorization.pairs import approximate
from otimes.factorization.result import Candidate, KroneckerApproximation
from otimes.factorization.shapes import Shapes, is_outer_product, require_shapes, require_terms
from otimes.factorization.sources.matrix_file import MatrixFile
from otimes.factorization.spectrum import require_tolerance
from otimes.factorization.steps import Progress, Steps
from otimes.factorization.sweep import sweep


def factorize(
    M: Any,
    *,
    tol: float | None = None,
    terms: int | None = None,
    shapes: Shapes | None = None,
    factors: int | Collection[int] | None = None,
    max_terms: int | None = None,
    criterion: Criterion | None = None,
    form: Literal["terms", "hybrid"] = "terms",
    structure: Structure = None,
    progress: Progress | None = None,
    seed: int = 0,
) -> KroneckerApproximation:
    """Find a sum of Kronecker products close to M that takes few numbers; its shapes are found too.

    For every pair of factor shapes that multiply to that of M (none of them 1 × 1) the best error of 1, 2, … terms
    follows from the singular values of the rearrangement. Of three and more factors it is bounded by that of each two
    products into which they can be cut; where they may be chosen even so, they are fitted as in `nearest_kronecker`.
    The frontier of error against numbers stored is ``candidates``, thinned to a dozen rows. One of them is chosen and
    computed to full accuracy:

    - with `tol`, the row of the fewest numbers that meets it; if none does with fewer numbers than M has, the row of
      least error;
    - with `terms`, the knee of the frontier of that many terms;
    - with neither, the knee of the frontier: with both axes logarithmic and scaled to [0, 1], the row farthest below
      the chord from (fewest numbers, error 1) to (numbers of M, least error);
    - with `criterion`, the candidate that says most about the structure of a matrix that is structure and noise. Let M
      have N = mn entries (2mn if complex) and the candidate η numbers: "aic" is N log error² + 2 η, "bic"
      N log error² + η log N, and "ebic" adds 2 log τ, where τ candidates have as many terms and factors (Chen and Chen;
      KoPA calls the first two, and any other weight of η, extended). "cv" is the error of predicting a part of the
      rearrangement from the rest, for the rows of the frontier of two factors. The least is best, if the noise is
      white. "bic" finds shapes and terms; "aic" is for a given number of `terms`: with more of them it takes noise for
      structure.

    A row times a column, (1 × n) ⊗ (m × 1), is an ordinary matrix of rank one. It competes with one term; with more
    only under a tolerance or a criterion, where the answer may be that M is a matrix of low rank.

    Shapes: M is m × n; A_r is m₁ × n₁ and B_r m₂ × n₂ with m₁m₂ = m and n₁n₂ = n.

    Cost: for a factor of up to 1024 entries, the eigenvalues of a matrix of so many rows, most of which need no look at
    M; for others about ten passes over M, or one QR of M read in panels, for every pair of shapes.

    Parameters
    ----------
    M : array_like, SciPy sparse matrix, operator, EntryFunction or MatrixFile
        As in `nearest_kronecker`.
    tol : float, optional
        Relative Frobenius error to meet.
    terms : int, optional
        Number of terms; with `tol`, the most there may be.
    shapes : ((m₁, n₁), (m₂, n₂), …), optional
        The only shapes to be tried; then only the number of terms is found.
    factors : int or collection of int, optional
        How many factors the terms have, 2 by default; of several numbers, (2, 3) say, all compete.
    max_terms : int, optional
        Most terms tried for the same shapes. By default 16, and with `tol` as many as may still take fewer numbers
        than what meets it; of three and more factors 4.
    criterion : "aic", "bic", "ebic" or "cv", optional
        What chooses among the candidates; not with `tol`.
    form : "terms" or "hybrid"
        Whether all terms share their shapes. Of a "hybrid" each has its own: those that the criterion ("bic" by
        default) prefers for what the others leave, whereupon all are fitted to each other. It grows until `tol` or
        `terms` are met, with neither until the criterion rises; ``history`` has the errors. It is for two factors, and
        forms M and two copies.
    structure : str, or one for each factor, optional
        Sets that the factors are to be in, as in `nearest_kronecker`. Of the shapes that can have it, those are chosen
        (and, without `tol`, the number of terms) that are best without it; then terms that have it are found.
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
        M is not a matrix, its sizes have no divisors, no shapes admit that many terms, or so many factors have more
        than 100,000 shapes.
    DTypeError
        M does not hold numbers.
    NonFiniteError
        M has NaN or infinite entries, or `tol` is not a finite number ≥ 0.
    StructureError
        `criterion` is none of these, is given with `tol`, or is "cv" for three and more factors; a hybrid is asked for
        with given shapes, three and more factors, or "cv"; the structure is unknown, contradicts itself or the shapes
        found, or is asked of a "hybrid".
    TooLarge
        The factors would take more than 2 GiB, or no shapes can be tried within the limits of a file; or
        cross-validation, which takes the entries as an array, would form one of more than 2 GiB.

    References
    ----------
    C. Cai, R. Chen, H. Xiao, KoPA: automated Kronecker product approximation, J. Mach. Learn. Res. 23 (2022) 1-44,
    for the search over shapes and its criteria; J. Chen, Z. Chen, Extended Bayesian information criteria for model
    selection with large model spaces, Biometrika 95 (2008) 759-771; A. B. Owen, P. O. Perry, Bi-cross-validation of
    the SVD and the nonnegative matrix factorization, Ann. Appl. Stat. 3 (2009) 564-594; V. Satopää et al., Finding a
    "kneedle" in a haystack, ICDCS Workshops (2011) 166-171, for the knee; C. Cai, R. Chen, H. Xiao, Hybrid Kronecker
    product decomposition and approximation, arXiv:1912.02955 (2019).

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

    A covariance, of which the factors shall be covariances too:

    >>> X = np.random.default_rng(1).standard_normal((24, 100))
    >>> G = ox.factorize(X @ X.T, terms=2, structure="spd")
    >>> G.shapes, all(np.linalg.eigvalsh(A)[0] > 0 for term in G.factors for A in term)
    (((6, 6), (4, 4)), True)

    Terms of different shapes:

    >>> first = np.kron(rng.standard_normal((2, 4)), rng.standard_normal((8, 4)))
    >>> second = np.kron(rng.standard_normal((8, 4)), rng.standard_normal((2, 4)))
    >>> ox.factorize(3 * first + second, form="hybrid", tol=1e-4).form
    '1 term of 2×4 ⊗ 8×4 + 1 term of 8×4 ⊗ 2×4'
    """
    if isinstance(M, MatrixFile):
        M = replace(M, checkpoint=None)  # which keeps one stream, and a search has several
    operand = read_operand(M)
    goal = _checked(Goal(operand.shape, tol, terms, max_terms, shapes, criterion, _counts(factors, shapes)))
    steps = Steps(progress)
    if form == "hybrid" and structure is not None:
        raise StructureError('structure= is for terms of common shapes, and form is "hybrid"')
    if form == "hybrid":
        return hybrid(operand, goal, steps, seed=seed)
    if form != "terms":
        raise StructureError(f'form={form!r}: it must be "terms" or "hybrid"')
    found = _affordable(operand, goal, structure)
    pairs = dict.fromkeys(pair for candidate in found for pair in cuts(candidate))
    spectra = sweep(operand, goal, pairs, steps, seed=seed)
    every = [
        Candidate(candidate, count, least_error(candidate, count, spectra))
        for candidate in found
        for count in goal.allowed(candidate)
        if len(candidate) > 2 or count <= spectra[candidate].terms
    ]
    fits = Fits(operand, steps, seed)
    choice = choose(operand, goal, every, fits, floor=50 * float(np.finfo(operand.dtype).eps))
    chosen, reason = choice.row, choice.reason
    steps("factors")
    if structure is not None:
        return _structured(operand, chosen, reason, goal, structure, seed=seed)
    if goal.shapes is None and all(is_outer_product(candidate, goal.shape) for candidate in found):
        reason += f"; {goal.shape[0]} rows and {goal.shape[1]} columns have no divisors for other shapes"
    if len(chosen.shapes) > 2:
        F = fits.result(chosen, reason)
        return replace(F, candidates=choice.frontier.table(chosen, error=F.error))
    F = approximate(operand, chosen.shapes, chosen.terms, reason=reason, seed=seed)
    swept = spectra[chosen.shapes].values
    return replace(
        F,
        singular_values=np.append(F.singular_values, operand.unscaled(swept[len(F.singular_values) :])),
        candidates=choice.frontier.table(chosen, error=F.error),
    )


def _structured(
    operand: Operand, chosen: Candidate, reason: str, goal: Goal, structure: Structure, *, seed: int
) -> KroneckerApproximation:
    """Return terms with the structure, of the shapes chosen without it; under a tolerance, as many as it takes."""
    terms = chosen.terms if goal.tol is None else goal.terms
    F = nearest_structured(operand, Request(chosen.shapes, terms, goal.tol, structure, Alternating(), seed))
    return replace(F, reason=f"{reason}; {F.reason}")


def _affordable(operand: Operand, goal: Goal, structure: Structure) -> list[Shapes]:
    """Return the shapes to choose from that can have the structure, of a matrix that is costly to read few of them."""
    found = [shapes for shapes in goal.candidates() if admits(structure, shapes)]
    if not found:
        raise StructureError(
            f"structure={structure!r}: no shapes of factors of a {shape_text(operand.shape)} matrix can have it"
        )
    kept = [shapes for shapes in found if goal.shapes or all(map(operand.admits, cuts(shapes)))]
    if not kept:
        raise TooLarge(
            f"none of {len(found)} factor shapes of the {shape_text(goal.shape)} matrix can be tried within the memory "
            "or the entries that may be read; raise the limit"
        )
    return kept


def _counts(factors: int | Collection[int] | None, shapes: Shapes | None) -> tuple[int, ...]:
    """Return the numbers of factors to be tried."""
    if factors is None:
        return (2,) if shapes is None else (len(shapes),)
    counts = sorted(set(factors)) if isinstance(factors, Collection) else [factors]
    if not counts or min(require_size(count, "factors") for count in counts) < 2:
        raise ShapeError(f"factors={factors!r}: a number of factors is at least two")
    if shapes is not None and counts != [len(shapes)]:
        raise ShapeError(f"factors={factors!r}, but there are {len(shapes)} shapes")
    return tuple(counts)


def _checked(goal: Goal) -> Goal:
    """Return the goal with its shapes as pairs of ints, or raise what `factorize` says it raises."""
    if goal.tol is not None:
        require_tolerance(goal.tol)
    if goal.terms is not None:
        require_size(goal.terms, "terms")
    if goal.max_terms is not None and require_size(goal.max_terms, "max_terms") < 1:
        raise ShapeError("max_terms=0: at least one term must be tried")
    require_criterion(goal.criterion, goal.tol, goal.factors)
    if goal.shapes is None:
        return goal
    shapes = require_shapes(goal.shapes, goal.shape)
    require_terms(goal.terms, shapes)
    return replace(goal, shapes=shapes)
