"""`kronsum`: the Kronecker sum of operators, and the generalized one of pairs."""

from collections.abc import Sequence
from typing import Any

from otimes.core.array import ANY
from otimes.core.batch import Batch, batched
from otimes.core.checks import require_sequence, require_square_factors, shape_text
from otimes.core.operator import LinearOperator
from otimes.errors import ShapeError
from otimes.operators.identity import Identity
from otimes.operators.kronecker.generalized_kronecker_sum import GeneralizedKroneckerSum
from otimes.operators.kronecker.kronecker import converted_factor
from otimes.operators.kronecker.kronecker_sum import KroneckerSum


@batched
def kronsum(*factors: Any, masses: Sequence[Any] | None = None) -> LinearOperator:
    """Return the Kronecker sum K₁ ⊕ … ⊕ K_N as an operator, or with masses Σᵢ M₁ ⊗ … ⊗ Kᵢ ⊗ … ⊗ M_N.

    A ⊕ B = A ⊗ I + I ⊗ B (`scipy.sparse.kronsum` has the operands the other way round). With masses it is the
    generalized sum of tensor-product finite elements and of stretched grids, K₁ ⊗ M₂ + M₁ ⊗ K₂ for two axes.

    Parameters
    ----------
    *factors : operators or array_like, square
        At least one.
    masses : sequence, optional
        Of one operator or array for each factor, of its shape; None among them stands for the identity.

    Returns
    -------
    LinearOperator, (n₁ ⋯ n_N, n₁ ⋯ n_N)
        A product with a vector costs 2 Σᵢ nᵢ · n operations, and with masses up to three times that.

    Raises
    ------
    ShapeError
        No factor is given, one is not square, or a mass has not the shape of its factor; the message gives its
        position.
    ArrayMixError
        Factors of different array libraries or devices.

    See Also
    --------
    FastDiagonalization : solves with such sums, and has their spectra and functions.

    References
    ----------
    Horn & Johnson (1991), section 4.4; Lynch, Rice & Thomas (1964) for the sums with masses.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> L = ox.kronsum([[2, -1], [-1, 2]], [[2, -1], [-1, 2]])  # a Laplacian on a 2 × 2 grid
    >>> np.asarray(L)
    array([[ 4, -1, -1,  0],
           [-1,  4,  0, -1],
           [-1,  0,  4, -1],
           [ 0, -1, -1,  4]])
    >>> K, M = np.array([[1.0, -1.0], [-1.0, 1.0]]), np.diag([0.5, 2.0])
    >>> A = ox.kronsum(K, K, masses=(M, None))  # K ⊗ I + M ⊗ K
    >>> bool(np.allclose(np.asarray(A), np.kron(K, np.eye(2)) + np.kron(M, K)))
    True
    """
    if not factors:
        raise ShapeError("kronsum() of no factors: give at least one; the empty sum would be otimes.zeros(1)")
    operators = [converted_factor(F, position, "kronsum") for position, F in enumerate(factors)]
    require_square_factors(tuple(operators), "kronsum")
    if masses is not None and (given := _masses(operators, masses)) is not None:
        return GeneralizedKroneckerSum(tuple(operators), given)
    flat = [G for F in operators for G in (F.factors if isinstance(F, KroneckerSum) else (F,))]
    return flat[0] if len(flat) == 1 else KroneckerSum(*flat)


def _masses(operators: list[LinearOperator], masses: Any) -> tuple[LinearOperator, ...] | None:
    """Return the masses as operators, or None if all of them are identities."""
    masses = require_sequence(masses, "kronsum: masses")
    if len(masses) != len(operators):
        raise ShapeError(f"kronsum: {len(operators)} factors and {len(masses)} masses; give one, or None, for each")
    found: list[LinearOperator] = []
    for position, (F, given) in enumerate(zip(operators, masses, strict=True)):
        M = Identity(F.shape[0], ANY) if given is None else converted_factor(given, position, "kronsum", "mass")
        if isinstance(M, Batch) or M.shape != F.shape:
            raise ShapeError(
                f"kronsum: mass {position} is {shape_text(M.shape)} and factor {position} is {shape_text(F.shape)}; "
                "they must be equal"
            )
        found.append(M)
    return None if all(isinstance(M, Identity) for M in found) else tuple(found)
