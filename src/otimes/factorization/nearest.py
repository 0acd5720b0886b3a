"""The nearest sum of Kronecker products of given shapes."""

from typing import Any

from otimes.factorization.operand import read_operand
from otimes.factorization.pairs import nearest_pairs
from otimes.factorization.result import KroneckerApproximation
from otimes.factorization.shapes import Shapes, require_pair, require_terms
from otimes.factorization.spectrum import require_tolerance


def nearest_kronecker(
    M: Any, *, shapes: Shapes, terms: int | None = None, tol: float | None = None, seed: int = 0
) -> KroneckerApproximation:
    """Return the sum of Kronecker products of two factors that is nearest to M in the Frobenius norm.

    minimize ‖M − Σ_{r ≤ R} A_r ⊗ B_r‖: with R(M) = U Σ Vᴴ the rearrangement, A_r = √σ_r u_r and B_r = √σ_r conj(v_r),
    read row by row, and the error is (Σ_{r > R} σ_r²)^½. M is read in place (a memory map too), never copied.
    A Hermitian M has Hermitian A_1 and B_1 (if σ_1 is simple); factors that miss that by rounding are made exactly so
    where that leaves the error as it is.

    Shapes: M is m₁m₂ × n₁n₂, each A_r is m₁ × n₁, each B_r is m₂ × n₂.

    Cost: about 5 to 15 passes over M, each of 2 (R + 3) flops an entry, and some tens of vectors of the length of the
    factors; where a factor is small, one QR of M read in panels.

    Parameters
    ----------
    M : array_like, SciPy sparse matrix or operator
        Real, complex or integer; single precision is computed and returned in single precision. Sparse matrices and
        operators are formed, below 2 GiB.
    shapes : ((m₁, n₁), (m₂, n₂))
        Shapes of A_r and B_r.
    terms : int, optional
        Number R of terms, 1 by default; with `tol`, the most there may be.
    tol : float, optional
        Relative error to meet, with the fewest terms. If `terms` do not meet it, they are returned, and `reason`
        says so.
    seed : int
        Of the starting vectors; a result is reproduced by its seed.

    Returns
    -------
    KroneckerApproximation

    Raises
    ------
    ShapeError
        M is not a matrix, the shapes do not multiply to that of M (the message lists those that do), or there are
        more terms than min(m₁n₁, m₂n₂).
    DTypeError
        M does not hold numbers.
    NonFiniteError
        M has NaN or infinite entries, or `tol` is not a finite number ≥ 0.
    TooLarge
        M is sparse or an operator, and too large to be formed.

    References
    ----------
    C. F. Van Loan, N. Pitsianis, Approximation with Kronecker products, in Linear Algebra for Large Scale and
    Real-Time Applications, Kluwer, 1993, 293-314, doi 10.1007/978-94-015-8196-7_17.

    Examples
    --------
    The controlled-NOT gate is a sum of two products, and no fewer:

    >>> import numpy as np, otimes as ox
    >>> cnot = np.array([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]])
    >>> F = ox.nearest_kronecker(cnot, shapes=((2, 2), (2, 2)), tol=1e-12)
    >>> F.terms, F.singular_values[:2].round(12)
    (2, array([1.41421356, 1.41421356]))
    """
    operand = read_operand(M)
    pair = require_pair(shapes, operand.shape)
    require_terms(terms, pair)
    return nearest_pairs(operand, pair, terms, None if tol is None else require_tolerance(tol), seed=seed)
