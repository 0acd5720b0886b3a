"""FastDiagonalization: a Kronecker sum of pairs, decomposed once, that solves and has spectra and functions."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from otimes.core.algebra import matmul
from otimes.core.array import Array, is_complex
from otimes.core.operator import LinearOperator
from otimes.errors import SingularError
from otimes.functions.eig import EigResult
from otimes.functions.funm import mapped
from otimes.functions.slogdet import SlogdetResult, phase_power, slogdet
from otimes.operators.diagonal import Diagonal
from otimes.operators.fast_diagonalization.decomposed import Decomposed
from otimes.operators.fast_diagonalization.null_space import null_vectors
from otimes.operators.fast_diagonalization.pairs import in_precision_of
from otimes.operators.fast_diagonalization.right_sides import read_right_sides
from otimes.operators.fast_diagonalization.solutions import solved
from otimes.operators.identity import Identity


class FastDiagonalization(Decomposed):
    """The decomposition of A + s M, A = Σᵢ M₁ ⊗ … ⊗ Kᵢ ⊗ … ⊗ M_N and M = M₁ ⊗ … ⊗ M_N, axis by axis.

    With left bases U and right bases V of the axes, Uᵢ Kᵢ Vᵢ = Λᵢ and Uᵢ Mᵢ Vᵢ = I, the solution of (A + s M) x = b is
    x = V (Λ₁ ⊕ … ⊕ Λ_N + s I)⁻¹ U b with U = U₁ ⊗ … ⊗ U_N and V likewise. It is made once and used for any number of
    right-hand sides; as the preconditioner of an iteration, `CG(preconditioner=F)`, it is applied as it is.

    Parameters
    ----------
    A : operator or array_like, (n, n)
        What `kronsum` makes, with masses or without, or a multiple of it; any other operator counts as one axis.
    shift : scalar
        s, real or complex.
    method : {"auto", "eigh", "eig", "schur"}
        Of every axis, or by "auto" for each: "eigh" for a Hermitian Kᵢ with a Hermitian and definite mass. Of the
        others "eig" while the condition numbers κ(Vᵢ) of the eigenvectors have a product below 10⁶, else "schur": Λᵢ is
        then an upper triangle, which is solved backwards and loses no digits to eigenvectors.
    null : {"raise", "project"}
        What a singular A + s M does with right-hand sides that it does not reach: they are refused, or their component
        outside its range is taken away. In both cases the solution has no component along the null space.
    rtol : float, optional
        Eigenvalues count as zero up to rtol times the largest in modulus; by default what rounding makes of zeros,
        Σ nᵢ κᵢ eps.

    Attributes
    ----------
    operator : LinearOperator
        A + s M.
    grid : (n₁, …, n_N)
    methods : tuple of str
        What was done on each axis.
    basis_conditions : tuple of float
        κ(Uᵢ) κ(Vᵢ): 1 for orthogonal bases, κ(Mᵢ) with definite masses, κ(Vᵢ)² for eigenvectors of general factors.
    condition : float
        min |λ| / max |λ| over the eigenvalues that are not zero.
    nullity : int
        How many eigenvalues are zero.

    Raises
    ------
    StructureError
        A method does not fit: "eigh" of what is not Hermitian, "eig" of what has no full set of eigenvectors.
    SingularError
        A mass is singular.
    DTypeError
        Axes that are not Hermitian, of another library than NumPy.

    Notes
    -----
    Decomposing costs some 10 to 25 Σ nᵢ³ operations, and a solution 4 Σᵢ nᵢ · n for each right-hand side, in two passes
    of the compiled kernel; beside b it holds two vectors of its size. NumPy's single precision is decomposed in double.

    References
    ----------
    Lynch, Rice & Thomas (1964), Direct solution of partial difference equations by tensor product methods; Bartels &
    Stewart (1972) for triangles.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> L = 2 * np.eye(50) - np.eye(50, k=1) - np.eye(50, k=-1)
    >>> A = ox.kronsum(L, L[:40, :40], L[:30, :30])  # 60,000 unknowns
    >>> F = ox.FastDiagonalization(A)
    >>> b = np.ones((50, 40, 30))
    >>> x = F.solve(b)
    >>> x.shape, bool(np.allclose(A @ x.reshape(-1), b.reshape(-1)))
    ((50, 40, 30), True)
    >>> F.eigenvalues(3, which="smallest").round(5)
    array([0.01992, 0.03129, 0.03749])
    """

    def __call__(self, R: Array) -> Array:
        """Return the solution for R: what preconditioners are called for."""
        return self.solve(R)

    def solve(self, B: Any) -> Array:
        """Return the X with (A + s M) X = B.

        Parameters
        ----------
        B : array_like, (n,), (n, k), (…, n, k), or on the grid (…, n₁, …, n_N) for N > 1
            Axes in front of the grid are of right-hand sides.

        Returns
        -------
        array of the shape of B

        Raises
        ------
        SingularError
            A + s M is singular and B is not in its range; `null="project"` takes it.
        ShapeError, NonFiniteError
            B has another shape, or NaN or infinite entries.
        """
        sides = read_right_sides(self.operator, self.grid, B, "solve")
        return sides.restored(solved(self, sides.array))

    def apply(self, f: Callable[[Any], Any], B: Any) -> Array:
        """Return f(M⁻¹A + s I) B = V f(Λ) V⁻¹ B for a function of the eigenvalues; f(A + s I) B without masses.

        Parameters
        ----------
        f : callable
            Of an array of eigenvalues, entry by entry.
        B : array_like
            As in `solve`.

        Returns
        -------
        array of the shape of B
            Real for real A and B where imaginary parts are rounding, as they are if f(λ̄) is the conjugate of f(λ).

        Raises
        ------
        StructureError
            An axis is held as a triangle: `expm_multiply`, or method="eig" for well-conditioned eigenvectors.
        """
        self.require_diagonal("apply")
        sides = read_right_sides(self.operator, self.grid, B, "apply")
        Y = self.from_left @ sides.array
        Y = self.spectrum.transform(Y, lambda block, values: block * _on(f, values))
        return sides.restored(self.without_rounding(self.right @ Y, sides.array))

    def slogdet(self) -> SlogdetResult:
        """Return sign and logarithm of |det(A + s M)| = Π |λ| · Π det(Mᵢ)^(n/nᵢ).

        With `null="project"` eigenvalues that are zero are left out: the pseudo-determinant.
        """
        if self.nullity and self.null == "raise":
            return SlogdetResult(0.0, -math.inf)
        sign, log = self.spectrum.sign_and_log(self.rtol * self.extent.largest if self.nullity else -1.0)
        if self.operator.real and is_complex(getattr(sign, "dtype", None)):
            sign = np.sign(np.real(sign))
        for M in self.masses:
            if not isinstance(M, Identity):
                phase, size = slogdet(M)
                power = self.spectrum.size // M.shape[0]
                sign, log = sign * phase_power(phase, power), log + size * power
        return SlogdetResult(sign, log)

    def eigenvalues(self, k: int | None = None, *, which: str = "smallest", sigma: Any = None) -> Any:
        """Return eigenvalues of A x = λ M x, plus s: all as a lazy vector, or k of them, exactly.

        Parameters
        ----------
        k : int, optional
        which : {"smallest", "largest", "magnitude"}
            Which end, for real eigenvalues, or the largest in modulus.
        sigma : scalar, optional
            The k nearest to sigma, the nearest first, in place of `which`.

        Returns
        -------
        array (k,) from the extreme inwards, or a LazyVector (n,)
            In O((√n + k) log n) for real ones; complex ones are formed.
        """
        if k is None:
            return self.spectrum.vector
        return self.spectrum.chosen(k, which, sigma)[1]

    def eigenpairs(self, k: int, *, which: str = "smallest", sigma: Any = None) -> EigResult:
        """Return k eigenvalues and eigenvectors of A x = λ M x, plus s: `EigResult` of an array and an operator (n, k).

        The vectors are Kronecker products of those of the axes, orthonormal in M for Hermitian pairs; `np.asarray`
        forms them. Parameters are those of `eigenvalues`.
        """
        self.require_diagonal("eigenpairs")
        places, values = self.spectrum.chosen(k, which, sigma)
        return EigResult(values, self.vectors(places))

    @property
    def nullspace(self) -> LinearOperator:
        """The x ≠ 0 with (A + s M) x = 0: an operator (n, nullity)."""
        return null_vectors(self)[1]

    @property
    def left_nullspace(self) -> LinearOperator:
        """The w ≠ 0 with wᴴ (A + s M) = 0, to which every b that is reached is orthogonal: an operator (n, nullity)."""
        return null_vectors(self)[0]

    def inv(self) -> LinearOperator:
        """Return (A + s M)⁻¹ as an operator, or the pseudo-inverse V Λ⁺ U where it is singular and null="project"."""
        self.require_diagonal("inv")
        if self.nullity and self.null == "raise":
            raise SingularError(f"{self!r}: A is singular; null='project' gives the pseudo-inverse")
        values = self.spectrum.vector.form()
        values[self.extent.null] = np.inf
        return matmul(matmul(self.right, in_precision_of(self.operator, Diagonal(1 / values))), self.left)

    def funm(self, f: Callable[[Any], Any]) -> LinearOperator:
        """Return f(M⁻¹A + s I) = V f(Λ) V⁻¹ as an operator."""
        self.require_diagonal("funm")
        values = self.spectrum.vector.form()
        return matmul(matmul(self.right, in_precision_of(self.operator, Diagonal(mapped(f, values)))), self.from_left)


def _on(f: Callable[[Any], Any], values: Array) -> Array:
    return mapped(f, values.reshape(-1)).reshape(values.shape)
