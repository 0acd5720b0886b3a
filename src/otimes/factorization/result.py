"""What a factorization gives back: the factors, their error and what vouches for it, the alternatives tried."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from otimes.core.checks import shape_text
from otimes.core.operator import LinearOperator
from otimes.factorization.certificate import Certificate
from otimes.factorization.conditioning import condition_left
from otimes.factorization.report import Report, report_of
from otimes.factorization.shapes import Shapes, stored_numbers
from otimes.operators.kronecker.kronecker import kron
from otimes.operators.tensors.tensor_train import TensorTrain
from otimes.operators.terms.kronecker_terms_construct import kron_terms

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Term = tuple[np.ndarray, ...]


@dataclass(frozen=True)
class Candidate:
    """Shapes of the factors with a number of terms: their price and their error.

    ``error`` is the relative Frobenius error, right to about four digits; ``compression`` the numbers of the matrix
    for each number stored; ``score`` the value of the criterion that chose, the less the better.
    """

    shapes: Shapes
    terms: int
    error: float
    score: float | None = None

    @property
    def numbers_stored(self) -> int:
        """Entries of all factors: terms · (m₁ n₁ + m₂ n₂ + …)."""
        return self.terms * stored_numbers(self.shapes)

    @property
    def compression(self) -> float:
        """Entries of the matrix for each number stored."""
        return math.prod(m * n for m, n in self.shapes) / self.numbers_stored


def product_text(shapes: Shapes) -> str:
    """Return '37×37 ⊗ 49×49'."""
    return " ⊗ ".join(map(shape_text, shapes))


def sum_text(candidate: Candidate) -> str:
    """Return '4 terms of 37×37 ⊗ 49×49'."""
    return f"{terms_text(candidate.terms)} of {product_text(candidate.shapes)}"


def terms_text(terms: int) -> str:
    """Return '4 terms'."""
    return "1 term" if terms == 1 else f"{terms} terms"


def shapes_of(term: Term) -> Shapes:
    """Return the shapes of the factors of a term."""
    return tuple((factor.shape[0], factor.shape[1]) for factor in term)


def sum_of(factors: Sequence[Term]) -> LinearOperator:
    """Return the lazy operator Σ_r A_r ⊗ B_r ⊗ …; the terms may have factors of different shapes."""
    if len(factors) == 1:
        return kron(*factors[0])
    if len(set(map(shapes_of, factors))) == 1:
        return kron_terms(factors)
    first, *others = (kron(*term) for term in factors)
    return sum(others, first)


@dataclass(frozen=True, eq=False, repr=False)
class KroneckerApproximation:
    """M ≈ Σ_r A_r ⊗ B_r ⊗ …, or a tensor train, with its error and what vouches for it.

    Shapes: M is m₁m₂⋯ × n₁n₂⋯, each A_r is m₁ × n₁, each B_r is m₂ × n₂, and so on.

    Parameters
    ----------
    factors : tuple of (A_r, B_r, …)
        The arrays, largest term first; none for a tensor train. Two unconstrained factors have ‖A_r‖ = ‖B_r‖,
        ⟨A_r, A_s⟩ = ⟨B_r, B_s⟩ = 0 and the trace of A_r (or, where it vanishes or A_r is not square, the largest
        entry) real and positive.
    singular_values : numpy.ndarray
        Those of the rearrangement that were computed, at least one for each of the terms of two factors, largest
        first, in double precision; infinite where they are beyond its range, as the first of 1e308 · ones(4, 4) is.
    error : float
        ‖M − K‖ / ‖M‖ in the Frobenius norm, known as ``certificate`` says; 0 for a matrix of zeros.
    candidates : tuple of Candidate
        The frontier of error against numbers stored, the one chosen among them.
    reason : str
        Why this form, these shapes and this number of terms: one sentence.
    certificate : Certificate
        How the error is known, and what was measured beside it.
    history : tuple of float
        The error after each sweep of an iteration, where there was one; of a hybrid after each term.
    train : TensorTrain, optional
        The approximation itself where it is no sum of terms.
    stages : str
        What each error of the history comes after: "sweeps", or "terms".

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> M = np.kron([[1.0, 2.0], [3.0, 4.0]], np.eye(3))
    >>> F = ox.nearest_kronecker(M, shapes=((2, 2), (3, 3)))
    >>> F.terms, F.numbers_stored, round(F.compression, 2), F.error < 1e-15
    (1, 13, 2.77, True)
    >>> bool(np.allclose(F.operator @ np.ones(6), M @ np.ones(6)))
    True
    """

    factors: tuple[Term, ...]
    singular_values: np.ndarray
    error: float
    candidates: tuple[Candidate, ...]
    reason: str
    certificate: Certificate
    history: tuple[float, ...] = ()
    train: TensorTrain | None = None
    stages: str = "sweeps"

    @property
    def terms(self) -> int:
        """Number of terms; 0 for a tensor train, which is no sum."""
        return len(self.factors)

    @property
    def shapes(self) -> Shapes:
        """((m₁, n₁), (m₂, n₂), …), of the first term where the terms differ."""
        return self.train.partition if self.train is not None else shapes_of(self.factors[0])

    @property
    def shape(self) -> tuple[int, int]:
        """Shape of the matrix approximated."""
        rows, columns = zip(*self.shapes, strict=True)
        return math.prod(rows), math.prod(columns)

    @property
    def operator(self) -> LinearOperator:
        """The approximation as a lazy operator; it holds the factors and nothing else."""
        return self.train if self.train is not None else sum_of(self.factors)

    @property
    def numbers_stored(self) -> int:
        """Entries of all factors, or cores."""
        if self.train is not None:
            return sum(math.prod(core.shape) for core in self.train.cores)
        return sum(factor.size for term in self.factors for factor in term)

    @property
    def compression(self) -> float:
        """Entries of the matrix for each number stored."""
        return math.prod(self.shape) / self.numbers_stored

    @property
    def form(self) -> str:
        """What the approximation is, in words: '4 terms of 37×37 ⊗ 49×49'."""
        if self.train is not None:
            ranks = ", ".join(map(str, self.train.ranks[1:-1]))
            return f"a train of {product_text(self.shapes)} with ranks {ranks}"
        counts = Counter(map(shapes_of, self.factors))
        return " + ".join(f"{terms_text(terms)} of {product_text(shapes)}" for shapes, terms in counts.items())

    def condition(self, M: Any, *, rtol: float = 0.01, steps: int = 200, seed: int = 0) -> float:
        """Return an estimate of the condition number that is left where this preconditions M: that of K⁻¹ M.

        For Hermitian positive definite M and K it is λ_max / λ_min, which preconditioned conjugate gradients feel;
        otherwise σ_max / σ_min. Infinite if K is singular. The estimate is from below, by a Krylov process; without
        definiteness that finds σ_min slowly, and up to 1024 rows K⁻¹ M is formed and decomposed instead.

        Shapes: M is n × n, as this is.

        Cost: a product with M and a solution with K for each step, some tens of them; without definiteness those
        with Mᴴ and Kᴴ too.

        Parameters
        ----------
        M : operator or array_like, (n, n)
            What was approximated, or a change of it.
        rtol : float
            Stop when five steps, and the last quarter of all, change the estimate by less.
        steps : int
            The most steps; where they are reached the condition number may be far greater.
        seed : int
            Of the starting vector.

        Raises
        ------
        ShapeError
            M is not square, or not of the shape of this.
        NoRule
            There is no way to solve with K: it is a sum of many terms, and too large to be formed.

        Examples
        --------
        >>> import numpy as np, otimes as ox
        >>> A, B = np.diag([1.0, 10.0]), np.diag([1.0, 100.0])
        >>> M = np.kron(A, B) + 0.1 * np.eye(4)
        >>> F = ox.nearest_kronecker(M, shapes=((2, 2), (2, 2)))
        >>> round(float(np.linalg.cond(M))), round(F.condition(M), 2)
        (909, 1.09)
        """
        return condition_left(M, self.operator, rtol=rtol, steps=steps, seed=seed)

    def report(self, M: Any = None) -> Report:
        """Return what is known of the approximation, a line for each thing; prints as text.

        Parameters
        ----------
        M : operator or array_like, optional
            What was approximated: then, if it is square, `condition` of it is reported too.

        Examples
        --------
        >>> import numpy as np, otimes as ox
        >>> M = np.kron([[1.0, 2.0], [3.0, 4.0]], np.eye(3)) + np.diag([0, 0, 0, 0, 0, 0.5])
        >>> print(ox.nearest_kronecker(M, shapes=((2, 2), (3, 3))).report())
        6×6 ≈ 1 term of 2×2 ⊗ 3×3
          error          0.02808 of ‖M‖ (Frobenius), exact: the norm of the whole residual; seed 0
          fresh vectors  ‖(M − K) X‖ / ‖M X‖ = 0.02201, four Gaussian vectors X
          gap            σ_R / σ_R+1 = 35.6, R = 1
          stored         13 numbers, 2.77 times fewer than the matrix has
          why            given: shapes and number of terms
        """
        rows, columns = self.shape
        return report_of(self, None if M is None or rows != columns else self.condition(M))

    def plot(self, M: Any = None) -> "Figure":
        """Draw the spectrum or the history of the error, the approximation and the price of accuracy.

        Parameters
        ----------
        M : array, SciPy sparse array or LinearOperator, optional
            What was approximated, to be drawn beside the approximation.

        Returns
        -------
        matplotlib.figure.Figure
            As in a notebook it shows itself; ``figure.savefig(…)`` writes it.

        Raises
        ------
        MissingExtra
            matplotlib is not installed.

        Examples
        --------
        >>> import numpy as np, otimes as ox
        >>> M = np.diag([4.0, 2.0, 2.0, 1.1])
        >>> figure = ox.nearest_kronecker(M, shapes=((2, 2), (2, 2))).plot(M)
        >>> [axes.get_title(loc="left") for axes in figure.axes[:3]]
        ['Singular values', 'Original, 4×4', '1 term, error 0.0159']
        """
        from otimes.plots import plot_factorization

        return plot_factorization(
            original=M,
            approximation=self.operator,
            singular_values=self.singular_values.tolist(),
            history=self.history,
            stages=self.stages,
            candidates=self.candidates,
            chosen=self,
        )

    def __repr__(self) -> str:
        return (
            f"KroneckerApproximation({shape_text(self.shape)} ≈ {self.form}, error {self.error:.4g}, "
            f"{self.numbers_stored:,} numbers, compression {self.compression:.3g})"
        )
