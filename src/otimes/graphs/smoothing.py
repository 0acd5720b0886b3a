"""Smooth signals on graph × time, from all of their values or some."""

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np

import otimes as ox
from otimes.errors import NonFiniteError, ShapeError, StructureError
from otimes.graphs.counts import require_nonnegative
from otimes.graphs.timevertex import JointFourier

ROUNDING = 1e-12  # of the largest eigenvalue, what a zero may be off


def smooth(
    graph: Any,
    X: Any,
    *,
    observed: Any = None,
    graph_weight: float = 1.0,
    time_weight: float = 1.0,
    time: Any = "dct",
    rtol: float = 1e-8,
    maxiter: int | None = None,
    callback: Callable[[np.ndarray], Any] | None = None,
) -> ox.Solution:
    """Return the signal on graph × time that is smooth and near the values observed.

    It minimizes ‖M ∘ (Z − X)‖² + γ_G tr Zᵀ L_G Z + γ_T tr Z L_T Zᵀ: a sparse system, solved by conjugate gradients with
    c I + γ_G L_G ⊕ γ_T L_T as preconditioner, c the part that is observed, which the joint Fourier transform makes
    diagonal. If everything is observed that is the system itself, and one iteration solves it.

    Parameters
    ----------
    graph : ProductGraph, or a graph as `ProductGraph` takes, undirected, of weights ≥ 0
    X : array_like of real numbers, (n₁, …, T) or (n, T)
        The time axis last. NaN are missing values.
    observed : array_like of bool, of X's shape, optional
        M: which values count, besides those that are not NaN.
    graph_weight, time_weight : float ≥ 0
        γ_G and γ_T: what a difference of one unit along an edge, of weight 1, or a step costs, beside a deviation of
        one unit from a value observed.
    time : {"dct", "dft", "path"} or a graph of T nodes
        As of `JointFourier`: "dct" smooths from step to step, "dft" also from the last to the first.
    rtol, maxiter, callback
        As of `CG`.

    Returns
    -------
    Solution
        `value` of X's shape, with `converged`, `iterations` and `residual`; `checked()` insists on convergence. An
        iteration costs two transforms, O(n T (Σ nᵢ + log T)).

    Raises
    ------
    ShapeError
        X or `observed` is not of the graph's shape, or a weight is negative.
    StructureError
        The graph is directed or has negative weights, or where it falls apart nothing is observed in some component.
    NonFiniteError
        Infinite values.

    References
    ----------
    Grassi, Loukas, Perraudin & Ricaud (2018), A time-vertex signal processing framework. Lynch, Rice & Thomas (1964).

    Examples
    --------
    >>> import numpy as np
    >>> from otimes.graphs import smooth
    >>> ring = np.roll(np.eye(30), 1, axis=0) + np.roll(np.eye(30), -1, axis=0)
    >>> X = np.sin(2 * np.pi * np.arange(30) / 30)[:, None] * np.linspace(0, 1, 40)
    >>> holes = np.where(np.random.default_rng(0).random(X.shape) < 0.5, np.nan, X)
    >>> Z = smooth(ring, holes, graph_weight=0.01, time_weight=0.01)
    >>> Z.converged, bool(abs(Z.value - X).max() < 0.1)
    (True, True)
    """
    for name, value in (("graph_weight", graph_weight), ("time_weight", time_weight)):
        if not (np.ndim(value) == 0 and 0 <= value < np.inf):
            raise ShapeError(f"smooth: {name}={value!r} must be a number ≥ 0")
    X = np.asarray(X)
    J = JointFourier(graph, X.shape[-1] if X.ndim else 1, time)
    known, values = _known(X, observed, J)
    penalty = graph_weight * J.graph_frequencies + time_weight * J.time_eigenvalues
    _require_determined(J, known, graph_weight, time_weight)
    part = known.mean()

    def precondition(R: np.ndarray) -> np.ndarray:
        return np.real(J.operator.H @ ((1 / (part + penalty)).reshape(-1, 1) * (J.operator @ R)))

    solver = ox.CG(rtol=rtol, maxiter=maxiter, preconditioner=precondition, callback=callback)
    K = ox.kronsum(J.graph.laplacian() * graph_weight, J.time_graph.laplacian() * time_weight)
    system = ox.assume(ox.diag(known.astype(float)) + K, "symmetric", "hermitian")
    solution = solver.solve(system, values)
    return dataclasses.replace(solution, value=solution.value.reshape(X.shape))


def _known(X: np.ndarray, observed: Any, J: JointFourier) -> tuple[np.ndarray, np.ndarray]:
    """Return which values count, and the values with 0 for the others, both (n T,)."""
    if X.dtype.kind not in "biuf":
        raise ShapeError(f"smooth: X has dtype {X.dtype}; it must hold real numbers, NaN where values are missing")
    known = ~np.isnan(X)
    if observed is not None:
        observed = np.asarray(observed)
        if observed.shape != X.shape or observed.dtype != bool:
            raise ShapeError(
                f"smooth: observed is {observed.dtype} of shape {observed.shape}; it must be bool, of X's {X.shape}"
            )
        known &= observed
    values = np.where(known, X, 0.0)
    if not np.isfinite(values).all():
        raise NonFiniteError("smooth: X has infinite values; NaN stands for what is missing")
    columns, _ = J.columns(values, "X")
    if columns.shape[1] != 1:
        raise ShapeError(
            f"smooth: X is {X.shape}; it takes one signal, {J.shape} or {(columns.shape[0] // J.steps, J.steps)}"
        )
    return known.reshape(-1), columns[:, 0]


def _require_determined(J: JointFourier, known: np.ndarray, graph_weight: float, time_weight: float) -> None:
    """Raise unless something is observed in every component that the penalty ties together.

    The projector onto its null space averages over each of them.
    """
    for graph in (J.graph, J.time_graph):
        require_nonnegative(graph, "smooth")
    λ, μ = J.graph_frequencies, J.time_eigenvalues
    null = (graph_weight * λ <= ROUNDING * graph_weight * λ.max()) & (
        time_weight * μ <= ROUNDING * time_weight * μ.max()
    )
    part = np.real(J.filtered(known.astype(float).reshape(-1, J.steps), null))
    if part.min() < 0.5 / known.size:
        raise StructureError(
            "smooth: there are nodes and times for which nothing is observed, neither there nor in anything that the "
            "penalty ties them to; give both weights > 0, or leave such components out"
        )
