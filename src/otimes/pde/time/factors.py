"""The operator of a linear part, taken apart into the matrices of its axes."""

import math
from typing import Any, NamedTuple

import numpy as np

import otimes as ox
from otimes.errors import DTypeError, NonFiniteError, SingularError, StructureError, TooLarge

LARGEST = 16_384  # rows of one axis: beyond, its dense matrix passes 2 GiB


class AxisFactors(NamedTuple):
    """Σᵢ M₁ ⊗ … ⊗ Kᵢ ⊗ … ⊗ M_N as arrays; a mass None is the identity."""

    factors: tuple[np.ndarray, ...]
    masses: tuple[np.ndarray | None, ...]

    @property
    def grid(self) -> tuple[int, ...]:
        """The number of points of each axis."""
        return tuple(len(K) for K in self.factors)

    @property
    def size(self) -> int:
        """The number of unknowns."""
        return math.prod(self.grid)

    def scaled(self, c: Any) -> "AxisFactors":
        """Return c times the sum."""
        return AxisFactors(tuple(c * K for K in self.factors), self.masses)

    def shifted(self, c: Any) -> "AxisFactors":
        """Return the sum plus c times the identity, which without masses belongs to any axis."""
        if any(M is not None for M in self.masses):
            raise StructureError("a multiple of the identity and masses do not go together: add c times the mass")
        first = self.factors[0] + c * np.eye(len(self.factors[0]))
        return AxisFactors((first, *self.factors[1:]), self.masses)

    def plus(self, other: "AxisFactors") -> "AxisFactors":
        """Return the sum of two on one grid with the same masses."""
        if self.grid != other.grid:
            raise StructureError(
                f"A is a sum of operators on the grids {grid_text(self.grid)} and {grid_text(other.grid)}; "
                "exponentials need one grid"
            )
        if not all(map(_same, self.masses, other.masses)):
            raise StructureError("A is a sum of operators with different mass matrices; exponentials need one mass")
        return AxisFactors(tuple(K + L for K, L in zip(self.factors, other.factors, strict=True)), self.masses)

    def rates(self) -> tuple[np.ndarray, ...]:
        """Return Mᵢ⁻¹ Kᵢ of each axis, of which M⁻¹ A is the Kronecker sum."""
        return tuple(map(rate, self.factors, self.masses))

    def without_mass(self, f: np.ndarray) -> np.ndarray:
        """Return M⁻¹ f for a vector f."""
        if all(M is None for M in self.masses):
            return f
        return ox.solve(
            ox.kron(*(ox.eye(n) if M is None else M for n, M in zip(self.grid, self.masses, strict=True))), f
        )


def rate(K: np.ndarray, M: np.ndarray | None) -> np.ndarray:
    """Return M⁻¹ K."""
    if M is None:
        return K
    if not np.linalg.cond(M) * np.finfo(M.dtype).eps < 1:
        raise SingularError(f"a mass of A, {grid_text(M.shape)}, is singular: M u' = A u does not determine u'")
    return np.linalg.solve(M, K)


def axis_factors(A: Any) -> AxisFactors:
    """Return the matrices of the axes of a (generalized) Kronecker sum; what is none is one axis.

    Multiples, sums on one grid and multiples of the identity added to them are Kronecker sums too.
    """
    if isinstance(A, ox.GeneralizedKroneckerSum):
        masses = tuple(None if isinstance(M, ox.Identity) else _array(M, i) for i, M in enumerate(A.masses))
        return AxisFactors(tuple(map(_array, A.factors, range(len(A.factors)))), masses)
    if isinstance(A, ox.ScalarMultiple):
        return axis_factors(A.operator).scaled(A.scalar)
    if isinstance(A, ox.Shifted):
        return axis_factors(A.operator).shifted(A.shift)
    if isinstance(A, ox.Sum):
        first, *others = map(axis_factors, A.children)
        for other in others:
            first = first.plus(other)
        return first
    factors = A.factors if isinstance(A, ox.KroneckerSum) else (A,)
    return AxisFactors(tuple(map(_array, factors, range(len(factors)))), (None,) * len(factors))


def grid_text(grid: tuple[int, ...]) -> str:
    """Write a shape as 3×4×5."""
    return "×".join(map(str, grid)) or "()"


def _array(K: Any, axis: int) -> np.ndarray:
    """Return the factor of an axis as an array of finite numbers."""
    if K.shape[0] > LARGEST:
        raise TooLarge(
            f"axis {axis} of A has {K.shape[0]} points, above the limit of {LARGEST}: its exponential is "
            "dense. What is no Kronecker sum counts as one axis; ox.expm_multiply needs only its products"
        )
    if K.dtype.kind not in "iufc" if isinstance(K.dtype, np.dtype) else True:
        raise DTypeError(f"axis {axis} of A has entries of {K.dtype}; time stepping takes NumPy arrays of numbers")
    array = np.asarray(K)
    if not np.isfinite(array).all():
        raise NonFiniteError(f"axis {axis} of A, {grid_text(array.shape)}, has NaN or infinite entries")
    return array if array.dtype.kind in "fc" and array.dtype.itemsize >= 4 else array.astype(float)


def _same(M: np.ndarray | None, N: np.ndarray | None) -> bool:
    return M is N or (M is not None and N is not None and np.array_equal(M, N))
