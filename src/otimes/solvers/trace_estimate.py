"""The trace of an operator from its products with random vectors."""

from collections.abc import Callable
from typing import Any

import numpy as np

from otimes.core.array import Array, adjoint, as_float, namespace
from otimes.core.checks import require_square
from otimes.core.convert import aslinearoperator
from otimes.errors import ShapeError
from otimes.solvers.probes import (
    ROUNDING,
    Estimate,
    Seed,
    gaussians,
    generator,
    mean_and_error,
    phases,
    quadratic_forms,
    real_where_known,
    require_count,
    unit_vectors,
)


def trace_estimate(A: Any, *, matvecs: int = 60, method: str = "xtrace", rng: Seed = None) -> Estimate:
    """Estimate the trace of an operator, without bias, from its products with random vectors.

    tr A = E xᴴ A x for random x with E x xᴴ = I. Hutch++ and XTrace take the part of A on the range of A Ω exactly, so
    that for operators of decaying spectrum the error falls like 1/matvecs and faster, not like 1/√matvecs.

    Parameters
    ----------
    A : operator or array_like, (n, n)
        Only A @ X is used. Where `trace` has a rule it is exact, and cheaper.
    matvecs : int
        Products with A, at most; n or more give the exact trace from n.
    method : {"xtrace", "hutch++", "hutchinson"}
    rng : int, numpy.random.Generator or None
        The seed; with one the estimate is reproducible.

    Returns
    -------
    Estimate
        (value, standard_error, matvecs). That of XTrace is the spread of its leave-one-out estimates, over √k.

    Raises
    ------
    ShapeError
        A is not square, too few `matvecs`, or an unknown method.
    DTypeError
        `rng` is no seed.

    References
    ----------
    Hutchinson (1990), A stochastic estimator of the trace of the influence matrix for Laplacian smoothing splines;
    Meyer, Musco, Musco & Woodruff (2021), Hutch++: optimal stochastic trace estimation;
    Epperly, Tropp & Webber (2024), XTrace: making the most of every sample in stochastic trace estimation.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> A = ox.kronsum(np.diag(0.5 ** np.arange(20)), np.diag(0.5 ** np.arange(20)))
    >>> estimate = ox.trace_estimate(A, rng=0)
    >>> bool(abs(estimate.value - ox.trace(A)) < 4 * estimate.standard_error), estimate.matvecs
    (True, 60)
    """
    A = aslinearoperator(A)
    require_square(A, "trace_estimate", "there is no trace of a rectangle")
    if method not in METHODS:
        raise ShapeError(f"trace_estimate: method={method!r} is not one of {', '.join(map(repr, METHODS))}")
    least, estimate = METHODS[method]
    matvecs = require_count(matvecs, least, f"trace_estimate by {method}: matvecs")
    random = generator(rng, "trace_estimate")
    if matvecs >= A.shape[0]:
        X = unit_vectors(A)
        value = namespace(X).sum(quadratic_forms(X, A @ X))
        return Estimate(real_where_known(A, value), 0.0, A.shape[0])
    value, error, used = estimate(A, matvecs, random)
    return Estimate(real_where_known(A, value), error, used)


def _hutchinson(A: Any, matvecs: int, rng: np.random.Generator) -> tuple[Any, Any, int]:
    """Average xᴴ A x."""
    X = phases(A, matvecs, rng)
    return *mean_and_error(quadratic_forms(X, A @ X)), matvecs


def _hutch_plus_plus(A: Any, matvecs: int, rng: np.random.Generator) -> tuple[Any, Any, int]:
    """Take tr Qᴴ A Q exactly, and average xᴴ A x over x = (I − Q Qᴴ) ω for the rest."""
    k = matvecs // 3
    Q, _ = _qr(A @ phases(A, k, rng))
    X = phases(A, matvecs - 2 * k, rng)
    X = X - Q @ (adjoint(Q) @ X)
    rest, error = mean_and_error(quadratic_forms(X, A @ X))
    return namespace(Q).sum(quadratic_forms(Q, A @ Q)) + rest, error, matvecs


def _xtrace(A: Any, matvecs: int, rng: np.random.Generator) -> tuple[Any, Any, int]:
    """Average over i of Hutch++ with Q from all test vectors but ωᵢ, and ωᵢ for the rest.

    Q without ωᵢ spans Q (I − sᵢ sᵢᴴ), where sᵢ is column i of R⁻ᴴ, normalized (Epperly et al., section 2.1). The rest
    of ωᵢ is uniform on a sphere of n − k + 1 dimensions once its length is divided out.
    """
    n, k = A.shape[0], matvecs // 2
    Ω = gaussians(A, k, rng)
    Y = A @ Ω
    xp = namespace(Y)
    Q, R = _qr(Y)
    Z = A @ Q
    H = quadratic_forms(Q, Z)
    sizes = xp.abs(xp.linalg.diagonal(R))
    if as_float(xp.min(sizes)) <= ROUNDING * float(xp.finfo(sizes.dtype).eps) * as_float(xp.max(sizes)):
        return xp.sum(H), 0.0, 2 * k  # the rank of A is below k: Q spans its range, and nothing is left
    S = adjoint(xp.linalg.inv(R))
    S = S / xp.linalg.vector_norm(S, axis=0)
    V = adjoint(Q) @ Ω
    V = V - S * quadratic_forms(S, V)
    rest, image = Ω - Q @ V, Y - Z @ V
    samples = quadratic_forms(rest, image) * (n - k + 1) / xp.linalg.vector_norm(rest, axis=0) ** 2
    QS = Q @ S
    samples = samples + xp.sum(H) - quadratic_forms(QS, Z @ S)
    return *mean_and_error(samples), 2 * k


def _qr(X: Array) -> tuple[Array, Array]:
    return namespace(X).linalg.qr(X)


METHODS: dict[str, tuple[int, Callable[[Any, int, np.random.Generator], tuple[Any, Any, int]]]] = {
    "xtrace": (4, _xtrace),
    "hutch++": (4, _hutch_plus_plus),
    "hutchinson": (2, _hutchinson),
}
