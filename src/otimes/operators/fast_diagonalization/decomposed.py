"""What a fast diagonalization holds: the bases of the axes and the spectrum on the grid."""

import math
from typing import Any, NoReturn

import numpy as np

from otimes.core.algebra import matmul
from otimes.core.array import Array, inexact, is_complex, namespace, numpy_spec
from otimes.core.checks import require_square
from otimes.core.convert import aslinearoperator
from otimes.core.indexing import split_index, submatrix
from otimes.core.operator import LinearOperator, inexact_operator
from otimes.errors import StructureError
from otimes.operators.fast_diagonalization.pairs import (
    as_kronecker_sum,
    in_precision_of,
    pairs_of,
    require_options,
    shifted_sum,
)
from otimes.operators.fast_diagonalization.pencil import Pencil, decompose
from otimes.operators.fast_diagonalization.spectrum import Extent, Spectrum
from otimes.operators.kronecker.khatri_rao import khatri_rao
from otimes.operators.kronecker.kronecker import kron


class Decomposed:
    """The pencils of the axes of A + s M, with left U = U₁ ⊗ … ⊗ U_N and right V = V₁ ⊗ … ⊗ V_N."""

    operator: LinearOperator
    shift: Any
    null: str
    rtol: float
    eps: float
    grid: tuple[int, ...]
    masses: tuple[LinearOperator, ...]
    pencils: tuple[Pencil, ...]
    spectrum: Spectrum
    extent: Extent
    left: LinearOperator
    right: LinearOperator

    def __init__(
        self,
        A: Any,
        *,
        shift: Any = 0.0,
        method: str = "auto",
        null: str = "raise",
        rtol: float | None = None,
    ):
        A = inexact_operator(aslinearoperator(A))
        require_square(A, "FastDiagonalization")
        require_options(shift, method, null)
        A = as_kronecker_sum(A.with_spec(numpy_spec(float)) if A.spec.weak else A)
        pairs = pairs_of(A)
        pencils = tuple(decompose(pairs, method))
        spectrum = Spectrum([pencil.values for pencil in pencils], shift)
        xp = A.spec.xp or np
        eps = float(xp.finfo(inexact(A.dtype, xp)).eps)
        rounding = sum(pencil.values.shape[0] * min(pencil.condition**0.5, 1 / eps) for pencil in pencils) * eps
        self.__dict__.update(
            operator=shifted_sum(A, shift),
            shift=shift,
            null=null,
            eps=eps,
            rtol=min(rounding, eps**0.5) if rtol is None else rtol,
            masses=tuple(M for _, M in pairs),
            pencils=pencils,
            grid=tuple(K.shape[0] for K, _ in pairs),
            spectrum=spectrum,
            left=kron(*(in_precision_of(A, pencil.left) for pencil in pencils)),
            right=kron(*(in_precision_of(A, pencil.right) for pencil in pencils)),
        )
        self.__dict__["extent"] = spectrum.extent(self.rtol)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError("a decomposition is a value and does not change; make a new one")

    def __repr__(self) -> str:
        size = f"{'×'.join(map(str, self.grid))} ({self.spectrum.size} rows)"
        methods = ", ".join(self.methods)
        growth = math.prod(self.basis_conditions)
        bases = f", bases of condition {growth:.2g}" if growth > 1 else ""
        null = f", nullity {self.nullity}" if self.nullity else ""
        return f"FastDiagonalization of {size} by {methods}{bases}; min|λ|/max|λ| = {self.condition:.2g}{null}"

    @property
    def methods(self) -> tuple[str, ...]:
        """What was done on each axis: "eigh", "eig" or "schur"."""
        return tuple(pencil.method for pencil in self.pencils)

    @property
    def basis_conditions(self) -> tuple[float, ...]:
        """κ(Uᵢ) κ(Vᵢ) for each axis."""
        return tuple(pencil.condition for pencil in self.pencils)

    @property
    def condition(self) -> float:
        """The smallest over the largest |λ|, of those that are not zero."""
        return self.extent.smallest / self.extent.largest if self.extent.largest else 1.0

    @property
    def nullity(self) -> int:
        """How many eigenvalues are zero to rtol."""
        return len(self.extent.null)

    def real_for(self, X: Array, B: Array) -> Array:
        """Return X computed from B, without the imaginary parts that rounding leaves where both A and B are real."""
        real = self.operator.real and not is_complex(B.dtype)
        return namespace(X).real(X) if real and is_complex(X.dtype) else X

    def without_rounding(self, X: Array, B: Array) -> Array:
        """Return f(A) B without imaginary parts where A and B are real and they are rounding; f(A) may be complex."""
        if not (self.operator.real and not is_complex(B.dtype) and is_complex(X.dtype) and isinstance(X, np.ndarray)):
            return X
        rounding = 1e3 * self.eps * math.prod(self.basis_conditions) ** 0.5
        return X.real if np.abs(X.imag).max(initial=0) <= rounding * np.abs(X.real).max(initial=0) else X

    @property
    def from_left(self) -> LinearOperator:
        """V⁻¹ = U M, which takes vectors to their coefficients."""
        lefts = (in_precision_of(self.operator, pencil.left) for pencil in self.pencils)
        return kron(*(matmul(U, M) for U, M in zip(lefts, self.masses, strict=True)))

    def require_diagonal(self, name: str) -> None:
        """Raise `StructureError` if an axis has no eigenvectors that could be used."""
        if "schur" in self.methods:
            axes = ", ".join(str(i) for i, method in enumerate(self.methods) if method == "schur")
            raise StructureError(
                f"FastDiagonalization.{name}: axis {axes} is held as a triangle, since its eigenvectors are "
                "ill-conditioned; method='eig' takes them all the same"
            )

    def vectors(self, places: np.ndarray) -> LinearOperator:
        """Return the eigenvectors at places of the grid, an operator (n, k): products of the columns of the bases."""
        columns = split_index(places, list(self.grid))
        bases = (in_precision_of(self.operator, pencil.right) for pencil in self.pencils)
        return khatri_rao(*(submatrix(V, slice(None), c) for V, c in zip(bases, columns, strict=True)))
