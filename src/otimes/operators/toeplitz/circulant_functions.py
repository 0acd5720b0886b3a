"""Functions of circulants: f(C) is the circulant whose eigenvalues are f(λ)."""

from collections.abc import Callable
from typing import Any

import numpy as np

from otimes.core.array import Array, is_complex, namespace
from otimes.core.branches import logarithm, narrowed, power, root, rounded
from otimes.core.checks import shape_text
from otimes.core.tracing import certainly
from otimes.functions.eig import eig
from otimes.functions.expm import expm
from otimes.functions.fractional_matrix_power import fractional_matrix_power
from otimes.functions.funm import funm, mapped
from otimes.functions.logm import logm
from otimes.functions.schur import SchurResult, schur
from otimes.functions.sqrtm import sqrtm
from otimes.operators.diagonal import Diagonal
from otimes.operators.toeplitz.circulant import Circulant
from otimes.operators.toeplitz.circulant_spectrum import hermitian, of_values, values_of


def _of_principal(C: Circulant, f: Callable[[Array], Array]) -> Circulant:
    """Return the circulant with eigenvalues f(λ) for a function with a branch."""
    return _narrowed(f(rounded(values_of(C), C) + 0), C)  # −0 in an imaginary part would be the lower side of the cut


def _narrowed(values: Array, C: Circulant) -> Circulant:
    """Return the circulant with these eigenvalues, real where C is and nothing but rounding is imaginary."""
    result = of_values(values, C, real=C.real and not is_complex(values.dtype))
    column, xp = result.column, namespace(result.column)
    if isinstance(column, np.ndarray):
        return Circulant(narrowed(column, C.column))
    if not C.real or not is_complex(column.dtype) or not C.shape[0]:
        return result
    rounding = 1000 * float(xp.finfo(column.dtype).eps) * xp.max(xp.abs(column))
    return Circulant(xp.real(column)) if certainly(xp.max(xp.abs(xp.imag(column))) <= rounding) else result


def _name(C: Circulant) -> str:
    return f"Circulant {shape_text(C.shape)}"


@expm.rule(Circulant, says="exp(C) = Fᴴ diag(exp λ) F", cite="Davis1994")
def _(C: Circulant) -> Circulant:
    return of_values(namespace(C.column).exp(values_of(C)), C, real=C.real)


@sqrtm.rule(Circulant, says="√C = Fᴴ diag(√λ) F", cite="Davis1994")
def _(C: Circulant) -> Circulant:
    return _of_principal(C, root)


@logm.rule(Circulant, says="log C = Fᴴ diag(log λ) F", cite="Davis1994")
def _(C: Circulant) -> Circulant:
    return _of_principal(C, lambda λ: logarithm(λ, _name(C)))


@fractional_matrix_power.rule(Circulant, says="Cᵖ = Fᴴ diag(λᵖ) F", cite="Davis1994")
def _(C: Circulant, p: float) -> Circulant:
    return _of_principal(C, lambda λ: power(λ, p, _name(C)))


@funm.rule(Circulant, says="f(C) = Fᴴ diag(f(λ)) F", cite="Davis1994")
def _(C: Circulant, f: Callable[[Any], Any]) -> Circulant:
    return _narrowed(mapped(f, values_of(C)), C)


@schur.rule(Circulant, when=~hermitian, says="C is normal: C = Fᴴ diag(λ) F", cite="Davis1994")
def _(C: Circulant) -> SchurResult:
    values, Q = eig(C)
    return SchurResult(Diagonal(values), Q)
