"""The log-determinant of a positive definite operator from Lanczos processes of random vectors."""

from typing import Any

import numpy as np
import scipy.linalg

from otimes.core.array import Array, namespace, to_numpy
from otimes.core.checks import require_square
from otimes.core.convert import aslinearoperator
from otimes.errors import NotPositiveDefinite
from otimes.solvers.iterative import inner, norms, ratio, require_hermitian_fact
from otimes.solvers.probes import (
    ROUNDING,
    Estimate,
    Seed,
    generator,
    mean_and_error,
    phases,
    require_count,
    unit_vectors,
)


def logdet_estimate(A: Any, *, probes: int = 30, steps: int = 30, rng: Seed = None) -> Estimate:
    """Estimate log det A of a Hermitian positive definite operator by stochastic Lanczos quadrature.

    log det A = tr log A = E xᴴ (log A) x, and each form ≈ ‖x‖² Σⱼ τⱼ² log θⱼ with the eigenvalues θⱼ of the
    tridiagonal matrix of `steps` Lanczos steps from x, and the first entries τⱼ of its eigenvectors.

    Parameters
    ----------
    A : operator or array_like, (n, n), Hermitian positive definite
        Only A @ X is used. Where `slogdet` has a rule it is exact, and cheaper.
    probes : int
        Random vectors; from n on the unit vectors instead, and nothing is random.
    steps : int
        Lanczos steps for each; the error they leave falls like exp(−4 steps / √κ(A)).
    rng : int, numpy.random.Generator or None
        The seed; with one the estimate is reproducible.

    Returns
    -------
    Estimate
        (value, standard_error, matvecs). The standard error is that of the probes; what `steps` leaves is not in it.

    Raises
    ------
    NotPositiveDefinite
        A Lanczos process found an eigenvalue that is not positive.
    StructureError
        A is known not to be Hermitian.
    ShapeError
        A is not square, `probes` below 2, or `steps` below 1.
    DTypeError
        `rng` is no seed.

    References
    ----------
    Ubaru, Chen & Saad (2017), Fast estimation of tr(f(A)) via stochastic Lanczos quadrature.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> a = np.diag(np.linspace(1.0, 2.0, 30))
    >>> estimate = ox.logdet_estimate(ox.kron(a, a) + ox.eye(900), rng=0)
    >>> exact = ox.slogdet(ox.kron(a, a) + ox.eye(900)).logabsdet
    >>> bool(abs(estimate.value - exact) < 1e-10)  # nothing random about a diagonal matrix
    True
    """
    A = aslinearoperator(A)
    require_square(A, "logdet_estimate")
    require_hermitian_fact(A, "logdet_estimate")
    probes = require_count(probes, 2, "logdet_estimate: probes")
    steps = min(require_count(steps, 1, "logdet_estimate: steps"), A.shape[0])
    random = generator(rng, "logdet_estimate")
    if not A.shape[0]:
        return Estimate(0.0, 0.0, 0)
    exact = probes >= A.shape[0]
    X = unit_vectors(A) if exact else phases(A, probes, random)
    forms = _log_forms(*_lanczos(A, X, steps))
    matvecs = X.shape[1] * steps
    if exact:
        return Estimate(forms.sum(), 0.0, matvecs)
    return Estimate(*mean_and_error(forms * A.shape[0]), matvecs)


def _log_forms(α: np.ndarray, β: np.ndarray) -> np.ndarray:
    """Return Σⱼ τⱼ² log θⱼ for each tridiagonal matrix, with diagonals α (steps, k) and β (steps − 1, k)."""
    forms = []
    for diagonal, beside in zip(α.T, β.T, strict=True):
        θ, U = scipy.linalg.eigh_tridiagonal(diagonal, beside)
        if θ[0] <= 0:
            raise NotPositiveDefinite(
                f"logdet_estimate: a Lanczos process found {θ[0]:.3g} in the spectrum of A, which is not positive "
                "definite; slogdet takes indefinite operators"
            )
        forms.append(U[0] ** 2 @ np.log(θ))
    return np.array(forms)


def _lanczos(A: Any, X: Array, steps: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the diagonals of the tridiagonal matrices of the Lanczos processes from the columns of X.

    A process that ends early, in an invariant subspace, goes on with the identity, whose logarithm is 0.
    """
    xp = namespace(X)
    V, V_last = X / norms(X), xp.zeros_like(X)
    β = norms(V_last)
    alive, one = β == 0, xp.ones_like(β)
    tiny = ROUNDING * float(xp.finfo(β.dtype).eps)
    diagonal, beside = [], []
    for _ in range(steps):
        W = A @ V - β * V_last
        α = inner(V, W)
        W = W - α * V
        diagonal.append(to_numpy(xp.where(alive, α, one)))
        β = norms(W)
        alive = alive & (β > tiny * xp.abs(α))
        β = xp.where(alive, β, xp.zeros_like(β))
        beside.append(to_numpy(β))
        V, V_last = W * ratio(one, β), V
    return np.stack(diagonal), np.stack(beside)[:-1]
