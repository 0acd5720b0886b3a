"""The nearest sum of Kronecker products of given shapes."""

from collections.abc import Callable
from functools import partial
from typing import Any, Literal

from otimes.errors import ShapeError, StructureError
from otimes.factorization.constrained.entry import Request, nearest_structured, nearest_weighted
from otimes.factorization.constrained.request import Structure
from otimes.factorization.multiway.alternating import Alternating
from otimes.factorization.multiway.orthogonal import nearest_orthogonal
from otimes.factorization.multiway.spans import Spans
from otimes.factorization.multiway.terms import nearest_terms
from otimes.factorization.multiway.train import nearest_train
from otimes.factorization.operand import Operand, read_operand
from otimes.factorization.pairs import nearest_pairs
from otimes.factorization.result import KroneckerApproximation
from otimes.factorization.shapes import Shapes, require_shapes
from otimes.factorization.spectrum import require_tolerance

Form = Literal["terms", "train", "orthogonal"]


def nearest_kronecker(
    M: Any,
    *,
    shapes: Shapes,
    terms: int | None = None,
    tol: float | None = None,
    form: Form = "terms",
    structure: Structure = None,
    weights: Any = None,
    held_out: float = 0.1,
    iteration: Alternating = Alternating(),  # noqa: B008  frozen
    seed: int = 0,
) -> KroneckerApproximation:
    """Return the sum of Kronecker products, or the tensor train, nearest to M in the Frobenius norm.

    Two factors: minimize ‖M − Σ_{r ≤ R} A_r ⊗ B_r‖. With R(M) = U Σ Vᴴ the rearrangement, A_r = √σ_r u_r and
    B_r = √σ_r conj(v_r), read row by row, and the error is (Σ_{r > R} σ_r²)^½. M is read in place (a memory map too),
    never copied. A Hermitian M has Hermitian A_1 and B_1 (if σ_1 is simple); factors that miss that by rounding are
    made exactly so where that leaves the error as it is.

    Three and more factors: no decomposition gives the best sum, and of R > 1 terms it need not exist. Alternating least
    squares, for one term the higher-order power method, go from several starts towards a minimum; of more terms the
    best goes on by damped Gauss-Newton steps, which do not crawl where terms are nearly parallel (by sweeps where R is
    above about 18). The starts are tried on M compressed to about 2 R singular vectors for two groups of factors.
    ``history`` holds the errors after each sweep (after those over M itself, where both groups have several factors),
    ``reason`` an error that no R terms are below: that of R terms for the two groups.

    ``form="orthogonal"``: sums of which any two terms are orthogonal, by singular value decompositions of one factor
    after the other (TKPSVD). The error is that of the terms left out, exactly, and factors inherit symmetry; sums found
    by iteration have less error in as many terms. ``form="train"``: tensor trains, also called matrix product
    operators. The error is at most √(N − 1) times the least for the ranks found.

    Shapes: M is m₁m₂⋯ × n₁n₂⋯, each A_r is m₁ × n₁, each B_r is m₂ × n₂, and so on.

    Cost: about 5 to 15 passes over M, each of 2 (R + 3) flops an entry, and some tens of vectors of the length of the
    factors; where a factor is small, one QR of M read in panels. Of more factors, as much for two groups of them, then
    two passes for each sweep, three near rounding. Of sparse matrices each nonzero costs that much; sums of Kronecker
    products cost a QR of their factors, and of more than two nothing as long as the matrix is made; other operators
    cost as many products with vectors a pass as they have columns, 32 at a time (those of up to 2048 rows and columns
    are formed). Where structure is iterated for, M is held once more in coordinates of the structure if that
    takes less than half of it, as of definite factors.

    Parameters
    ----------
    M : array_like, SciPy sparse matrix, operator, EntryFunction or MatrixFile
        Real, complex or integer; single precision is computed and returned in single precision.
    shapes : ((m₁, n₁), (m₂, n₂), …)
        Shapes of A_r, B_r, ….
    terms : int, optional
        Number R of terms, of a train its largest rank, 1 by default; with `tol`, the most there may be.
    tol : float, optional
        Relative error to meet, with the fewest terms (found, of more than two factors) or lowest ranks. If `terms` do
        not meet it, they are returned, and `reason` says so.
    form : "terms", "orthogonal" or "train"
    structure : str or mask, or one for each factor, optional
        Sets that the factors are to be in: "symmetric", "hermitian", "diagonal", "banded(1)" or "banded(lower, upper)",
        "lower_triangular", "upper_triangular", "toeplitz", "hankel", "circulant", "real", a pattern (a mask of
        booleans) — for these, what is fitted are fewer numbers without structure, of two factors by a singular value
        decomposition again; "positive_semidefinite", "positive_definite" (with
        the largest condition number allowed in parentheses), "nonnegative", "stochastic", "column_stochastic",
        "doubly_stochastic", "orthogonal" or "unitary" — inherited from M, or found by iteration. Several are joined
        by &, as in "symmetric & toeplitz"; None is none. ``reason`` says how the factors came about.
    weights : array_like or SciPy sparse matrix, optional
        Numbers ≥ 0, of the shape of M or broadcast to it; Σ w |M − K|² is minimized by alternating least squares, and
        errors are relative to Σ w |M|². NaN in M is a missing entry, of weight 0; with `weights` = 1 all others count
        alike. Of sparse weights of the shape of M, only the entries at their nonzeros are read, and costs go by these.
    held_out : float
        With `weights`, the share of the entries, drawn at random, on which terms that are fitted to the others are
        tested: ``certificate.held_out_error``. The result is fitted to all entries. 0 does without.
    iteration : Alternating
        Starts, most sweeps and tolerance of alternating least squares, of weighted ones, and where structure is
        iterated for.
    seed : int
        Of the starting vectors; a result is reproduced by its seed.

    Returns
    -------
    KroneckerApproximation

    Raises
    ------
    ShapeError
        M is not a matrix, the shapes do not multiply to that of M (the message lists those that do), or there are
        more terms than represent any matrix, all m_k n_k multiplied, without the largest; or the form is none of these.
    StructureError
        An unknown structure, one that a factor of this shape cannot have, or several that contradict each other.
    DTypeError
        M does not hold numbers.
    NonFiniteError
        M has NaN (without `weights`) or infinite entries, or `tol` or a weight is not a finite number ≥ 0.
    TooLarge
        The factors would take more than 2 GiB.

    References
    ----------
    C. F. Van Loan, N. Pitsianis, Approximation with Kronecker products, in Linear Algebra for Large Scale and
    Real-Time Applications, Kluwer, 1993, 293-314, doi 10.1007/978-94-015-8196-7_17.
    L. De Lathauwer, B. De Moor, J. Vandewalle, On the best rank-1 and rank-(R₁, …, R_N) approximation of higher-order
    tensors, SIAM J. Matrix Anal. Appl. 21 (2000) 1324-1342, for more factors and one term; T. G. Kolda, B. W. Bader,
    Tensor decompositions and applications, SIAM Review 51 (2009) 455-500, section 3.4, for more terms, and A. H. Phan,
    P. Tichavský, A. Cichocki, SIAM J. Matrix Anal. Appl. 34 (2013) 126-147, for damped Gauss-Newton steps;
    K. Batselier, N. Wong, A constructive arbitrary-degree Kronecker product decomposition of tensors, Numer. Linear
    Algebra Appl. 24 (2017) e2097, for orthogonal ones; I. V. Oseledets, Tensor-train decomposition, SIAM J. Sci.
    Comput. 33 (2011) 2295-2317.

    Examples
    --------
    The controlled-NOT gate is a sum of two products, and no fewer:

    >>> import numpy as np, otimes as ox
    >>> cnot = np.array([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]])
    >>> F = ox.nearest_kronecker(cnot, shapes=((2, 2), (2, 2)), tol=1e-12)
    >>> F.terms, F.singular_values[:2].round(12)
    (2, array([1.41421356, 1.41421356]))

    Three factors:

    >>> M = np.kron(np.kron([[1.0, 2.0], [3.0, 4.0]], np.eye(3)), np.ones((2, 2)))
    >>> F = ox.nearest_kronecker(M, shapes=((2, 2), (3, 3), (2, 2)))
    >>> F.terms, F.numbers_stored, F.error < 1e-14
    (1, 17, True)

    A Kronecker sum is a train of ranks 2:

    >>> K = ox.kronsum(np.diag([1.0, 2.0]), np.diag([1.0, 3.0]), np.diag([1.0, 4.0]))
    >>> F = ox.nearest_kronecker(np.asarray(K), shapes=((2, 2),) * 3, form="train", tol=1e-12)
    >>> F.operator.ranks, F.error < 1e-14
    ((1, 2, 2, 1), True)

    The nearest product of diagonal factors is the identity where the control is 0:

    >>> F = ox.nearest_kronecker(cnot, shapes=((2, 2), (2, 2)), structure="diagonal")
    >>> np.diag(F.operator @ np.eye(4)).round(12) + 0.0
    array([1., 1., 0., 0.])
    """
    if tol is not None:
        require_tolerance(tol)
    if form != "terms" and (structure is not None or weights is not None):
        raise StructureError(f"structure= and weights= are for sums of terms, and form is {form!r}")
    asked = Request(shapes, terms, tol, structure, iteration, seed)
    if weights is not None:
        return nearest_weighted(M, asked, weights, held_out=held_out)
    operand = read_operand(M)
    if structure is not None:
        F = nearest_structured(operand, asked)
    else:
        find = partial(_nearest, terms=terms, tol=tol, form=form, iteration=iteration, seed=seed)
        F = _by_spans(operand, require_shapes(shapes, operand.shape), terms, find, seed=seed)
    operand.finished()
    return F


def _by_spans(
    operand: Operand,
    shapes: Shapes,
    terms: int | None,
    find: Callable[[Operand, Shapes], KroneckerApproximation],
    *,
    seed: int,
) -> KroneckerApproximation:
    """Return what is found: of a sum of products in what its factors span, of other matrices as they are."""
    spans = Spans.of(operand, shapes, terms=terms or 1)
    if spans is None:
        return find(operand, shapes)
    return spans.lifted(find(read_operand(spans.matrix), spans.shapes), operand, shapes, seed=seed)


def _nearest(
    operand: Operand,
    shapes: Shapes,
    *,
    terms: int | None,
    tol: float | None,
    form: Form,
    iteration: Alternating,
    seed: int,
) -> KroneckerApproximation:
    """Return the approximation of the form, of a checked operand and for checked shapes."""
    match form:
        case "train":
            return nearest_train(operand, shapes, terms, tol, seed=seed)
        case "terms" | "orthogonal" if len(shapes) == 2:
            return nearest_pairs(operand, shapes, terms, tol, seed=seed)
        case "terms":
            return nearest_terms(operand, shapes, terms, tol, iteration, seed=seed)
        case "orthogonal":
            return nearest_orthogonal(operand, shapes, terms, tol, seed=seed)
    raise ShapeError(f"form={form!r} is none of 'terms', 'train' and 'orthogonal'")
