"""Initiators of Kronecker graphs by their likelihood, the order of the nodes sampled: KronFit."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import minimize

from otimes.errors import ShapeError, StructureError
from otimes.graphs.initiator import is_whole, read_initiator, require_symmetric
from otimes.graphs.moments import simple_adjacency
from otimes.graphs.order_chain import OrderChain
from otimes.graphs.pair_classes import PairClasses

LIMIT = 1e-6  # how near to 0 and 1 a fitted entry comes
MAX_LEVELS = 26
MAX_NODES = 2**MAX_LEVELS


@dataclass(frozen=True, slots=True)
class LikelihoodFit:
    """An initiator of large likelihood, and an order of the nodes that has it.

    Attributes
    ----------
    initiator : (n0, n0)
        Symmetric.
    levels : int
    order : (nodes,) int
        The number that each node of the graph has in the Kronecker graph.
    log_likelihood : float
        Of the graph in this order.
    history : (iterations,)
        The log-likelihood after each iteration.
    accepted : float
        The share of proposed exchanges that were accepted in the last iteration.
    """

    initiator: np.ndarray
    levels: int
    order: np.ndarray
    log_likelihood: float
    history: np.ndarray
    accepted: float


def kronecker_log_likelihood(
    graph: Any, initiator: ArrayLike, levels: int | None = None, *, order: np.ndarray | None = None
) -> float:
    """Return the log-likelihood of an undirected graph under a stochastic Kronecker model, with its nodes in order.

    Σ log P_uv over the edges + Σ log(1 − P_uv) over all other pairs u < v, where P = Θ ⊗ ⋯ ⊗ Θ: exactly, the pairs
    summed in classes of equal probability.

    Parameters
    ----------
    graph : NetworkX graph, SciPy sparse matrix, array or EdgeList
        Undirected; weights and loops are not looked at.
    initiator : (n0, n0) symmetric
    levels : int or None
        None takes the least with n0^levels nodes for all of the graph; further nodes have no edges.
    order : (nodes,) int or None
        Which number each node has; None numbers them as they come.

    Returns
    -------
    float
        −inf if an edge has probability 0, or a pair without an edge has probability 1.

    Raises
    ------
    ShapeError
        Fewer nodes than the graph has, an order that is none.
    StructureError
        A directed graph, an initiator that is not symmetric or has entries outside [0, 1].

    References
    ----------
    Leskovec et al. (2010), Kronecker graphs: an approach to modeling networks.

    Examples
    --------
    >>> import numpy as np
    >>> from otimes.graphs import kronecker_log_likelihood
    >>> triangle = np.ones((3, 3)) - np.eye(3)
    >>> likelihood = kronecker_log_likelihood(triangle, [[0.5, 0.5], [0.5, 0.5]])
    >>> bool(np.isclose(likelihood, 3 * np.log(0.25) + 3 * np.log(0.75)))      # of four nodes, three pairs have edges
    True
    """
    name = "kronecker_log_likelihood"
    rows, columns, nodes = _edges(graph, name)
    theta, levels = _read_initiator(initiator, levels, nodes, name)
    places = np.arange(nodes) if order is None else _checked_order(order, nodes, len(theta) ** levels)
    classes = PairClasses(len(theta), levels, name)
    found = np.bincount(classes.of_nodes(places[rows], places[columns]), minlength=len(classes.pairs))
    return classes.log_likelihood(found, theta)


def fit_likelihood(
    graph: Any,
    levels: int | None = None,
    *,
    start: ArrayLike = ((0.9, 0.5), (0.5, 0.2)),
    iterations: int = 60,
    rounds: int = 100,
    seed: int | np.random.Generator | None = None,
) -> LikelihoodFit:
    """Fit an initiator by maximum likelihood over the orders of the nodes, which Metropolis steps sample: KronFit.

    Each iteration exchanges the numbers of pairs of nodes, accepted by the likelihood of the graph, and then
    maximizes the likelihood of the numbers of edges in each class of pairs, which are averaged over the second half of
    the iterations. Many exchanges are decided at once: pairs between which there is no edge.

    Parameters
    ----------
    graph : NetworkX graph, SciPy sparse matrix, array or EdgeList
        Undirected; weights and loops are not looked at.
    levels : int or None
        None takes the least with n0^levels nodes for all of the graph; further nodes have no edges.
    start : (n0, n0) symmetric
        Where the initiator begins, inside (0, 1); its size is that of the result.
    iterations : int
    rounds : int
        Of proposed exchanges in each iteration.
    seed : int, Generator or None
        The same seed gives the same fit.

    Returns
    -------
    LikelihoodFit

    Raises
    ------
    ShapeError, StructureError
        As for `kronecker_log_likelihood`; a graph without edges.
    TooLarge
        An initiator and levels with too many classes of pairs.

    Notes
    -----
    O(iterations · rounds · edges) operations: seconds for thousands of edges, minutes for a million. What is found is a
    local maximum; other seeds may find others. Where minutes matter, `fit_moments` takes a fraction of a second.

    References
    ----------
    Leskovec et al. (2010), Kronecker graphs: an approach to modeling networks. Delyon, Lavielle & Moulines (1999),
    Convergence of a stochastic approximation version of the EM algorithm.

    Examples
    --------
    >>> from otimes.graphs import fit_likelihood, stochastic_kronecker
    >>> graph = stochastic_kronecker([[0.99, 0.6], [0.6, 0.2]], 9, seed=0).relabelled(seed=1)
    >>> fit = fit_likelihood(graph, iterations=20, rounds=50, seed=0)
    >>> fit.initiator.round(1)
    array([[1. , 0.6],
           [0.6, 0.2]])
    """
    name = "fit_likelihood"
    rows, columns, nodes = _edges(graph, name)
    if not len(rows):
        raise StructureError(f"{name}: the graph has no edges between different nodes, and nothing to fit")
    theta, levels = _read_initiator(start, levels, nodes, name)
    if theta.min() <= 0 or theta.max() >= 1:
        raise StructureError(f"{name}: start={theta.tolist()} has entries 0 or 1, which no step would leave")
    if not (is_whole(iterations, 1) and is_whole(rounds, 1)):
        raise ShapeError(f"{name}: iterations={iterations!r} and rounds={rounds!r}; both are integers, at least 1")
    iterations, rounds = int(iterations), int(rounds)
    rng = np.random.default_rng(seed)
    classes = PairClasses(len(theta), levels, name)
    chain = OrderChain(classes, rows, columns, _order_by_degree(theta, levels, rows, columns))
    mean, history = np.zeros(len(classes.pairs)), np.empty(iterations)
    for iteration in range(iterations):
        accepted = chain.run(classes.log_odds(theta), rounds, rng)
        weight = 1 / max(1, iteration - iterations // 2)
        mean += weight * (chain.found() - mean)
        theta = _maximized(classes, mean, theta)
        history[iteration] = classes.log_likelihood(chain.found(), theta)
    return LikelihoodFit(theta, levels, chain.order[:nodes], history[-1], history, accepted)


def _maximized(classes: PairClasses, edges: np.ndarray, theta: np.ndarray) -> np.ndarray:
    """Return the initiator of the largest likelihood for given numbers of edges in the classes."""

    def of_entries(entries: np.ndarray) -> np.ndarray:
        full = np.zeros_like(theta)
        full[classes.entries] = entries
        return np.maximum(full, full.T)

    def negative(entries: np.ndarray) -> tuple[float, np.ndarray]:
        full, scale = of_entries(entries), -1 / edges.sum()
        return scale * classes.log_likelihood(edges, full), scale * classes.gradient(edges, full)

    bounds = [(LIMIT, 1 - LIMIT)] * len(classes.entries[0])
    return of_entries(minimize(negative, theta[classes.entries], jac=True, method="L-BFGS-B", bounds=bounds).x)


def _order_by_degree(theta: np.ndarray, levels: int, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Return the order in which large degrees have the numbers where they are expected."""
    expected = np.ones(1)
    for _ in range(levels):
        expected = np.kron(expected, theta.sum(axis=1))
    degrees = np.bincount(np.concatenate([rows, columns]), minlength=len(expected))
    order = np.empty(len(expected), np.int64)
    order[np.argsort(-degrees, kind="stable")] = np.argsort(-expected, kind="stable")
    return order


def _edges(graph: Any, name: str) -> tuple[np.ndarray, np.ndarray, int]:
    A = simple_adjacency(graph, name)
    rows, columns = A.nonzero()
    return rows[rows < columns].astype(np.int64), columns[rows < columns].astype(np.int64), A.shape[0]


def _read_initiator(initiator: ArrayLike, levels: int | None, nodes: int, name: str) -> tuple[np.ndarray, int]:
    theta = read_initiator(initiator, name)
    require_symmetric([theta], name, "the graph is undirected; take (Θ + Θᵀ) / 2")
    if levels is None:
        levels = 1
        while len(theta) ** levels < nodes:
            levels += 1
    if not is_whole(levels, 1) or levels > MAX_LEVELS:
        raise ShapeError(f"{name}: levels={levels!r}; it is the Kronecker power, an integer from 1 to {MAX_LEVELS}")
    levels = int(levels)
    total = len(theta) ** levels
    if not nodes <= total <= MAX_NODES:
        raise ShapeError(f"{name}: {len(theta)}^{levels} = {total} nodes; the graph has {nodes}, and 2²⁶ is the limit")
    return theta, levels


def _checked_order(order: Any, nodes: int, total: int) -> np.ndarray:
    places = np.asarray(order)
    if places.shape != (nodes,) or places.dtype.kind not in "iu":
        raise ShapeError(f"kronecker_log_likelihood: order has a whole number for each of the {nodes} nodes")
    if len(np.unique(places)) < nodes or places.min() < 0 or places.max() >= total:
        raise ShapeError(f"kronecker_log_likelihood: order has different numbers, from 0 to {total - 1}")
    return places
