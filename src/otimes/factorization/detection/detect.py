"""`detect`: which exact structure a matrix has."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from otimes.core.operator import LinearOperator
from otimes.factorization.detection.commuted import commuted, nearest_commuted
from otimes.factorization.detection.detector import in_order, nearest, simplest
from otimes.factorization.detection.entries import Entries, read_entries
from otimes.factorization.detection.finding import Finding
from otimes.factorization.detection.terms import FewTerms
from otimes.factorization.spectrum import require_tolerance


@dataclass(frozen=True, eq=False, repr=False)
class Detection:
    """The structure of a matrix, or, where it has none, the nearest miss.

    True where a structure holds, so that ``if found := ox.detect(M):`` reads as it should.

    Parameters
    ----------
    holds : bool
        Whether there is a structure within `rtol` that takes no more numbers than the matrix.
    structure, detail : str
        Its name and its sizes: "Kronecker product", "3×4 ⊗ 8×5".
    operator : LinearOperator
        The matrix in this structure, or the nearest one that has it.
    distance : float
        ‖M − operator‖ / ‖M‖ in the Frobenius norm; where parts of the structure have structure of their own, their
        distances are added, and it is an upper bound.
    rtol : float
        The distance up to which a structure counts as exact.
    numbers : int
        How many numbers the operator is made of.
    misses : tuple of Finding
        Where nothing holds: the nearest of each structure that saves half the numbers, in the order of a Bayesian
        information criterion, N ln(distance² / (N − numbers)) + numbers ln N for the N numbers that M takes (of a
        sparse matrix its nonzeros and their places), which weighs the distance against the numbers taken.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> ox.detect(np.kron([[1, 2], [3, 4]], np.arange(6).reshape(2, 3)))
    Detection(holds: Kronecker product 2×2 ⊗ 2×3, 10 numbers, distance 0)
    """

    holds: bool
    structure: str
    detail: str
    operator: LinearOperator
    distance: float
    rtol: float
    numbers: int
    misses: tuple[Finding, ...]

    def __bool__(self) -> bool:
        return self.holds

    def __repr__(self) -> str:
        verdict = "holds" if self.holds else "nothing holds; nearest"
        return (
            f"Detection({verdict}: {self.structure} {self.detail}, {self.numbers:,} numbers, "
            f"distance {self.distance:.3g})"
        )


def detect(M: Any, *, rtol: float | None = None) -> Detection:
    """Return the simplest structure that M has, as an operator, or the nearest miss.

    M has a structure if ‖M − X‖ ≤ rtol ‖M‖ (Frobenius) for an X that has it. Of those that hold, the one made of the
    fewest numbers is returned:

    - zero matrix, multiple of the identity, of a permutation or of the commutation matrix, diagonal matrix;
    - Kronecker product A ⊗ B ⊗ …, Kronecker sum A ⊕ B ⊕ …, of factors that have structure of their own;
    - Toeplitz and circulant matrices, of blocks and of several levels too; block diagonal matrices;
    - if none of them halves the numbers, K X, X K or K X K′ with commutation matrices K and K′ of an X that has one;
    - if still none does, a sum of up to eight Kronecker products; of columns and rows, a matrix of low rank.

    Where none holds, the nearest of each kind that saves half the numbers is a miss.

    Shapes: M is m × n; of parts every size that divides those of M is tried.

    Cost: two passes over M for norms and a sample of its entries, O(1) for every size tried, of which the sample
    rules out nearly all, and some passes for each that remains. Sparse matrices cost by their nonzeros; the pattern of
    one has a structure if ``M != 0`` has. The nearest misses take passes for up to four sizes of each structure, those
    that the sample promises most of.

    Parameters
    ----------
    M : array_like, memory map, SciPy sparse matrix, operator, MatrixFile or EntryFunction
        Real, complex or integer; exact structure of integers is returned in integers. What is neither dense nor sparse
        is formed, below 2 GiB.
    rtol : float, optional
        Relative distance that counts as rounding. By default ε^⅔ for the precision ε of M: 4e-11 in double, 2e-5 in
        single precision.

    Returns
    -------
    Detection

    Raises
    ------
    ShapeError
        M is not a matrix, or has no entries.
    DTypeError
        M does not hold numbers.
    NonFiniteError
        M has NaN or infinite entries, or `rtol` is not a finite number ≥ 0.
    TooLarge
        M is an operator, a file or a function, and too large to be formed.

    References
    ----------
    C. F. Van Loan, N. Pitsianis, Approximation with Kronecker products, in Linear Algebra for Large Scale and
    Real-Time Applications, Kluwer, 1993, 293-314, doi 10.1007/978-94-015-8196-7_17; Y. Voet, L. De Novellis,
    Identifying Kronecker product factorizations (2025).

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> T = 2 * np.eye(4) - np.eye(4, k=1) - np.eye(4, k=-1)
    >>> found = ox.detect(np.kron(T, np.eye(3)) + np.kron(np.eye(4), T[:3, :3]))
    >>> found.structure, found.detail, bool(found)
    ('Kronecker sum', '4×4 ⊕ 3×3', True)
    >>> [type(factor).__name__ for factor in found.operator.factors]
    ['Toeplitz', 'Toeplitz']

    With noise the same is the nearest miss, and it says by how much:

    >>> M = np.asarray(found.operator) + 1e-3 * np.random.default_rng(0).standard_normal((12, 12))
    >>> ox.detect(M)
    Detection(nothing holds; nearest: Kronecker sum 4×4 ⊕ 3×3, 25 numbers, distance 0.0007)
    """
    entries = read_entries(M)
    rtol = float(np.finfo(entries.matrix.dtype).eps) ** (2 / 3) if rtol is None else require_tolerance(rtol)
    found = _holding(entries, rtol)
    results = [found] if found else _misses(entries)
    best, *others = [_unscaled(result, entries.scale) for result in results]
    return Detection(
        found is not None,
        best.structure,
        best.detail,
        best.operator,
        best.distance,
        rtol,
        best.numbers,
        () if found else (best, *others),
    )


def _holding(entries: Entries, rtol: float) -> Finding | None:
    """Return the simplest structure that holds; the search goes on until one is found that halves the numbers."""
    best: Finding | None = None
    for search in (simplest, commuted, FewTerms().holding):
        most = entries.numbers if best is None else best.numbers - 1
        best = search(entries, rtol, most) or best
        if best is not None and 2 * best.numbers <= entries.numbers:
            break
    return best


def _misses(entries: Entries) -> list[Finding]:
    """Return the nearest of each structure, the best first."""
    others = (nearest_commuted(entries), FewTerms().nearest(entries))
    return in_order(entries, [*nearest(entries), *filter(None, others)])


def _unscaled(finding: Finding, scale: float) -> Finding:
    """Return what was found of M / scale as that of M."""
    return finding if scale == 1 else replace(finding, operator=scale * finding.operator)
