"""The diagonal of an operator from its products with random vectors."""

from typing import Any

from otimes.core.array import namespace
from otimes.core.checks import require_square
from otimes.core.convert import aslinearoperator
from otimes.solvers.probes import (
    Estimate,
    Seed,
    generator,
    mean_and_error,
    phases,
    real_where_known,
    require_count,
    unit_vectors,
)


def diagonal_estimate(A: Any, *, matvecs: int = 60, rng: Seed = None) -> Estimate:
    """Estimate the diagonal of an operator, without bias, from its products with random vectors.

    diag A = E x̄ ∘ A x for x of independent entries of modulus 1; the variance at i is Σⱼ≠ᵢ |Aᵢⱼ|² / matvecs.

    Parameters
    ----------
    A : operator or array_like, (n, n)
        Only A @ X is used. Where `diagonal` has a rule it is exact, and cheaper.
    matvecs : int
        Products with A, at most; n or more give the exact diagonal from n.
    rng : int, numpy.random.Generator or None
        The seed; with one the estimate is reproducible.

    Returns
    -------
    Estimate
        (value, standard_error, matvecs), value and standard error (n,).

    Raises
    ------
    ShapeError
        A is not square, or `matvecs` below 2.
    DTypeError
        `rng` is no seed.

    References
    ----------
    Bekas, Kokiopoulou & Saad (2007), An estimator for the diagonal of a matrix.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> A = ox.kron(np.eye(30) + 0.01, np.diag([1.0, 2.0]))
    >>> estimate = ox.diagonal_estimate(A, matvecs=40, rng=0)
    >>> bool(np.abs(estimate.value - ox.diagonal(A)).max() < 4 * estimate.standard_error.max())
    True
    """
    A = aslinearoperator(A)
    require_square(A, "diagonal_estimate")
    matvecs = require_count(matvecs, 2, "diagonal_estimate: matvecs")
    random = generator(rng, "diagonal_estimate")
    exact = matvecs >= A.shape[0]
    X = unit_vectors(A) if exact else phases(A, matvecs, random)
    xp = namespace(X)
    samples = real_where_known(A, xp.conj(X) * (A @ X))
    if exact:
        value = xp.sum(samples, axis=1)
        return Estimate(value, xp.zeros_like(xp.abs(value)), A.shape[0])
    return Estimate(*mean_and_error(samples), matvecs)
