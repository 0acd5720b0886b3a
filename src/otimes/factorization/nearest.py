"""The nearest sum of Kronecker products of given shapes: the truncated SVD of the rearrangement."""

import math
from typing import Any

import numpy as np

from otimes.core.threads import PAYING_COLUMNS, one_thread
from otimes.factorization.certificate import Certificate, gap, probe_residual
from otimes.factorization.operand import Operand, read_operand
from otimes.factorization.rearrangement import Rearrangement
from otimes.factorization.result import Candidate, KroneckerApproximation, sum_of, sum_text
from otimes.factorization.shapes import Shapes, most_terms, require_pair, require_terms
from otimes.factorization.spectrum import Spectrum, require_tolerance, spectrum_within
from otimes.factorization.triplets import columns_of, full_accuracy, singular_triplets


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
    if tol is None:
        return approximate(operand, pair, terms or 1, reason="given: shapes and number of terms", seed=seed)
    found = spectrum_within(operand, pair, require_tolerance(tol), terms or most_terms(pair), seed=seed)
    count = found.terms_within(tol)
    return approximate(operand, pair, count, reason=_reason(found, count, tol), seed=seed)


def approximate(operand: Operand, shapes: Shapes, terms: int, *, reason: str, seed: int) -> KroneckerApproximation:
    """Return the nearest sum of `terms` products, with its error measured on the residual."""
    R = Rearrangement.of(operand, shapes)
    with one_thread(columns_of(R.shape, terms) < PAYING_COLUMNS):
        found = singular_triplets(R, terms, tolerance=full_accuracy, seed=seed)
        left, right = _balanced(found.left, found.values[:terms], found.right.conj(), shapes)
        residual, norm = R.residual_norms(left, right)
        symmetric = _symmetrized(left, shapes[0]), _symmetrized(right, shapes[1])
        if not (symmetric[0] is left and symmetric[1] is right):
            remaining, _ = R.residual_norms(*symmetric)
            if remaining <= residual + 4 * float(np.finfo(operand.dtype).eps) * norm:
                (left, right), residual = symmetric, remaining
    error = residual / norm if norm else 0.0
    root = math.sqrt(operand.scale)
    factors = tuple(
        (np.ascontiguousarray(a).reshape(shapes[0]), np.ascontiguousarray(b).reshape(shapes[1]))
        for a, b in zip((left * root).T, (right * root).T, strict=True)
    )
    values = operand.unscaled(found.values)
    certificate = Certificate(
        "exact",
        seed=seed,
        probe_residual=probe_residual(operand, sum_of(factors), seed=seed),
        gap=gap(found.values[terms - 1], found.following),
    )
    return KroneckerApproximation(factors, values, error, (Candidate(shapes, terms, error),), reason, certificate)


def _balanced(U: np.ndarray, values: np.ndarray, W: np.ndarray, shapes: Shapes) -> tuple[np.ndarray, np.ndarray]:
    """Return √σ U and √σ W with the free phase of each pair of columns fixed by the first factor."""
    phases = np.array([_phase(u.reshape(shapes[0])) for u in U.T], U.dtype)
    roots = np.sqrt(values)
    return U * (roots * phases.conj()), W * (roots * phases)


def _symmetrized(columns: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Return the factors in the columns, those that miss Hermitian symmetry by rounding only made exactly so."""
    if shape[0] != shape[1]:
        return columns
    factors = columns.T.reshape(-1, *shape)
    mirrored = factors.conj().transpose(0, 2, 1)
    gap, size = (np.linalg.norm(part, axis=(1, 2)) for part in (factors - mirrored, factors))
    rounding = (gap > 0) & (gap <= np.sqrt(np.finfo(columns.dtype).eps) * size)
    if not rounding.any():
        return columns
    symmetric = np.where(rounding[:, None, None], (factors + mirrored) / 2, factors)
    return symmetric.reshape(columns.T.shape).T


def _phase(A: np.ndarray) -> complex:
    """Return the phase of the trace of A; where that vanishes, or A is not square, of its (first) largest entry."""
    magnitudes = np.abs(A).ravel()
    pivot = A.ravel()[np.argmax(magnitudes >= (1 - 1e-6) * magnitudes.max())]
    if A.shape[0] == A.shape[1]:
        trace = np.trace(A)
        if abs(trace) > 1e-6 * np.linalg.norm(A) * math.sqrt(len(A)):
            pivot = trace
    return pivot / abs(pivot) if pivot else 1.0


def _reason(spectrum: Spectrum, terms: int, tol: float) -> str:
    chosen = Candidate(spectrum.shapes, terms, spectrum.error(terms))
    if chosen.error <= tol:
        return f"tolerance: {sum_text(chosen)}, the fewest for an error of {tol:g}"
    return f"tolerance {tol:g} not met: {sum_text(chosen)} have error {chosen.error:.4g}"
