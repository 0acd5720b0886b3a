"""Sign and logarithm of the determinant."""

import cmath
import math
from typing import Any, NamedTuple

from otimes.core.array import is_array, is_complex, namespace
from otimes.core.checks import require_square
from otimes.core.lapack import lapack
from otimes.core.rules import function
from otimes.core.tracing import traced


class SlogdetResult(NamedTuple):
    """det A = sign · exp(logabsdet)."""

    sign: Any
    logabsdet: Any


@function()
def slogdet(A: Any) -> SlogdetResult:
    """Return the sign and the natural logarithm of |det A|.

    log|det(A ⊗ B)| = m log|det A| + n log|det B| for A n × n and B m × m, and the sign
    by exact integer powers. Costs the factorizations of the factors.

    Parameters
    ----------
    A : operator or array_like, (n, n)

    Returns
    -------
    SlogdetResult
        (sign, logabsdet), as `numpy.linalg.slogdet`: sign 0 and −inf if A is singular.

    Raises
    ------
    ShapeError
        A is not square.

    References
    ----------
    Van Loan (2000), section 1.

    Examples
    --------
    >>> import otimes as ox
    >>> sign, logabsdet = ox.slogdet(ox.kron([[0.0, 1.0], [1.0, 0.0]], 2 * ox.eye(3)))
    >>> float(sign), round(float(logabsdet / 0.6931471805599453), 12)  # det = −64 = −2⁶
    (-1.0, 6.0)
    """
    require_square(A, "slogdet")
    return slogdet.dispatch(A)


@slogdet.dense
def _(a: Any) -> SlogdetResult:
    return SlogdetResult(*lapack("slogdet", a))


def phase_power(phase: Any, power: int) -> Any:
    """Return phaseᵖ for a phase of modulus 1 and any p ≥ 0, on the unit circle.

    Real phases, and ±i, go by the exact integer p, which may pass 2⁵³. Of others the angle is multiplied, and its
    error with it: for p eps > 1 nothing is left of it.
    """
    if not is_complex(getattr(phase, "dtype", type(phase))):
        return abs(phase) if power % 2 == 0 else phase
    if traced(phase):
        xp = namespace(phase)
        return xp.exp(1j * (power * xp.atan2(xp.imag(phase), xp.real(phase))))
    if is_array(phase):
        result = phase ** (power % 4 if abs(phase**4 - 1) == 0 else power)
        return result / abs(result)
    if phase in (1, -1, 1j, -1j):
        return phase ** (power % 4)
    angle = math.fmod(math.fmod(power, 2**53) * cmath.phase(phase), 2 * math.pi)
    return type(phase)(cmath.exp(1j * angle))
