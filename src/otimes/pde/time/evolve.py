"""Linear evolution in one step, and the actions of φ-functions."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from otimes.errors import DTypeError, NonFiniteError, ShapeError
from otimes.pde.time.choice import linear_part
from otimes.pde.time.eigenvectors import eigenvectors, orthonormal_eigenvectors
from otimes.pde.time.linear_part import Row
from otimes.pde.time.state import Blocks, blocks_of, common_dtype, read_field, without_mass


def evolve(A: Any, u0: Any, t: Any, *, source: Any = None) -> np.ndarray:
    """Return the solution of M u' = A u + f from u(0) = u0 at the time t, or at several times, without time steps.

    u(t) = exp(t L) u0 + t φ₁(t L) M⁻¹ f with L = M⁻¹ A, a Kronecker sum of small matrices: heat, advection, diffusion,
    waves of matter. There is no error but rounding, which grows with t ‖L‖ as in every matrix exponential.

    Parameters
    ----------
    A : operator or array_like, (n, n)
        What `ox.kronsum` makes, with masses or without, its multiples, and sums of such on one grid; several components
        by `ox.block_diag`. Any other operator counts as one axis.
    u0 : array_like, (n₁, …, n_N) or (n,)
        On the grid of A, or its entries by rows; in front of it an axis of components, if there are several.
    t : scalar or array_like, (m,)
        In the unit of time of A. It may be negative, where diffusion grows without bound, or complex: −i t evolves the
        state of a quantum system with Hamiltonian A.
    source : array_like of the shape of u0, optional
        f, constant in time: a source, or what `lift` makes of boundary data; a load vector where A has masses.

    Returns
    -------
    numpy.ndarray
        Of the shape of u0, or (m, …) for several times. For axes of n points and real symmetric factors the cost is
        some 10 n³ operations for each axis once, and 4 N n operations an unknown; one table of as many numbers.

    Raises
    ------
    ShapeError
        A is not square, u0 or source is not on its grid (the message names the axis), or t has several axes.
    StructureError
        A is a sum of operators on different grids or with different masses.
    NonFiniteError
        NaN or infinite entries, or a solution that overflows.
    DTypeError, TooLarge
        Something is not of numbers; an axis has more than 16384 points.

    References
    ----------
    Caliari, Cassini & Zivcovich (2023), A μ-mode BLAS approach for multidimensional tensor-structured problems,
    Numerical Algorithms 92, 2483-2508.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> from otimes import pde
    >>> n = 63
    >>> x = np.arange(1, n + 1) / (n + 1)
    >>> D = (np.eye(n, k=1) - 2 * np.eye(n) + np.eye(n, k=-1)) * (n + 1) ** 2
    >>> hot = np.outer(np.sin(np.pi * x), np.sin(np.pi * x))
    >>> u = pde.evolve(ox.kronsum(D, D), hot, 0.1)
    >>> bool(np.allclose(u, np.exp(-0.2 * np.pi**2) * hot, rtol=1e-3))
    True
    """
    times = _times(t, "evolve", (0, 1))
    blocks = blocks_of(A, "evolve")
    u0 = read_field(blocks, u0, "evolve: u0")
    vectors = [u0.reshape(-1)]
    if source is not None:
        vectors.append(without_mass(blocks, read_field(blocks, source, "evolve: source").reshape(-1)))
    found = _summed(blocks, times, vectors, lambda t: [{(k, 1.0): t**k} for k in range(len(vectors))])
    return found.reshape(*times.shape, *u0.shape)


def phi_multiply(A: Any, b: Any, p: int, t: Any = 1.0) -> np.ndarray:
    """Return φ_p(t A) b; with masses φ_p(t M⁻¹ A) b.

    φ₀ is the exponential. By eigenvectors of the factors where they are orthogonal or well-conditioned (κ ≤ 10⁶, six
    digits at the most); otherwise by doubling, which multiplies the rounding by t ‖A‖ at the most.

    Parameters
    ----------
    A : operator or array_like, (n, n)
        As in `evolve`.
    b : array_like, (n₁, …, n_N) or (n,)
    p : int
        At least 0.
    t : scalar
        Real or complex.

    Returns
    -------
    numpy.ndarray of the shape of b
        At 4 N n operations an unknown by eigenvectors; by doubling at p (8 + log₂ ‖t A‖) times 2 N n.

    Raises
    ------
    ShapeError
        p is no integer ≥ 0, or A or b have the wrong shape.
    DTypeError, NonFiniteError, StructureError, TooLarge
        As in `evolve`.

    References
    ----------
    Hochbruck & Ostermann (2010), Exponential integrators, Acta Numerica 19, section 2; Caliari, Cassini & Zivcovich
    (2024), A μ-mode approach for exponential integrators: actions of φ-functions of Kronecker sums, Calcolo 61.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> from otimes import pde
    >>> A = ox.kronsum([[-2.0, 1.0], [1.0, -2.0]], [[-3.0]])
    >>> u = pde.phi_multiply(A, np.array([1.0, 1.0]), 1)  # the eigenvalue is −4
    >>> bool(np.allclose(u, pde.phi(1, -4.0)))
    True
    """
    if isinstance(p, bool) or not hasattr(p, "__index__") or p < 0:
        raise ShapeError(f"phi_multiply: p={p!r} must be an integer ≥ 0")
    blocks = blocks_of(A, "phi_multiply")
    b = read_field(blocks, b, "phi_multiply: b")
    return _summed(blocks, _times(t, "phi_multiply"), [b.reshape(-1)], lambda _: [{(int(p), 1.0): 1.0}]).reshape(
        b.shape
    )


def phi_combination(A: Any, bs: Sequence[Any], t: Any = 1.0) -> np.ndarray:
    """Return Σ_k tᵏ φ_k(t A) b_k: the solution at t of u' = A u + Σ_k≥1 sᵏ⁻¹ / (k − 1)! b_k from u(0) = b₀.

    A source that is a polynomial in time is integrated exactly by it, in one pass.

    Parameters
    ----------
    A : operator or array_like, (n, n)
        As in `evolve`; with masses M⁻¹ A takes the place of A.
    bs : sequence of array_like, (n₁, …, n_N) or (n,)
        b₀, b₁, …, all of one shape; None stands for zero.
    t : scalar
        Real or complex.

    Returns
    -------
    numpy.ndarray of the shape of the b
        At the cost of `phi_multiply`, and with eigenvectors of one more transform for each b.

    Raises
    ------
    ShapeError
        There is no b, or one is not on the grid of A.
    DTypeError, NonFiniteError, StructureError, TooLarge
        As in `evolve`.

    References
    ----------
    Hochbruck & Ostermann (2010), Exponential integrators, Acta Numerica 19, section 2; Al-Mohy & Higham (2011).

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> from otimes import pde
    >>> A = ox.kronsum([[0.0]], [[0.0]])  # u' = 1 + s from u(0) = 2, at s = 3
    >>> pde.phi_combination(A, [[2.0], [1.0], [1.0]], 3.0)
    array([9.5])
    """
    blocks = blocks_of(A, "phi_combination")
    given = [None if b is None else read_field(blocks, b, f"phi_combination: b[{k}]") for k, b in enumerate(bs)]
    shapes = {b.shape for b in given if b is not None}
    if len(shapes) != 1:
        raise ShapeError(
            f"phi_combination: {len(given)} vectors of {len(shapes)} shapes; give at least one, of one shape"
        )
    used = {k: b.reshape(-1) for k, b in enumerate(given) if b is not None}
    times, vectors = _times(t, "phi_combination"), list(used.values())
    return _summed(blocks, times, vectors, lambda t: [{(k, 1.0): t**k} for k in used]).reshape(shapes.pop())


def _times(t: Any, name: str, ndims: Sequence[int] = (0,)) -> np.ndarray:
    times = np.asarray(t)
    if times.dtype.kind not in "iufc":
        raise DTypeError(f"{name}: t must be a number, not {type(t).__name__}")
    if times.ndim not in ndims or not np.isfinite(times).all():
        several = " or a 1-D array of them" if 1 in ndims else ""
        raise ShapeError(f"{name}: t={t!r:.60} must be a finite number{several}")
    return times if times.dtype.kind in "fc" else times.astype(float)


def _summed(
    blocks: Blocks, times: np.ndarray, vectors: Sequence[np.ndarray], row: Callable[[complex], Row]
) -> np.ndarray:
    """Return Σⱼ row(t)[j](t A) vⱼ for each time t, as rows."""
    dtype = common_dtype(blocks, *vectors, *([1j] if times.dtype.kind == "c" else []))
    exponentials_alone = all(p == 0 for combination in row(1.0) for p, _ in combination)  # which lose no digits
    part = linear_part(blocks, dtype, orthonormal_eigenvectors if exponentials_alone else eigenvectors)
    coordinates = [part.forward(v) for v in vectors]
    found = np.empty((times.size, len(vectors[0])), dtype)
    for i, time in enumerate(times.reshape(-1).tolist()):
        with np.errstate(over="ignore", invalid="ignore"):  # which is an error below
            (apply,) = part.rows(time, [row(time)])
            found[i] = part.backward(apply(coordinates))
    if not np.isfinite(found).all():
        raise NonFiniteError(f"the result overflows: exp(t λ) is beyond {dtype} for some eigenvalue λ of A")
    return found
