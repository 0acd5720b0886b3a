"""Initiators of Kronecker graphs by their moments: the subgraphs that are expected as often as they are seen."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import least_squares

from otimes.errors import ShapeError, StructureError
from otimes.graphs.initiator import MAX_LEVELS, is_whole
from otimes.graphs.moments import (
    SubgraphCounts,
    counts_of_sums,
    expected_subgraph_counts,
    level_sums,
    simple_adjacency,
    subgraph_counts,
)

GRID = 17  # values of each parameter where the search begins
STARTS = 4


@dataclass(frozen=True, slots=True)
class MomentFit:
    """An initiator fitted to the subgraph counts of a graph.

    Attributes
    ----------
    initiator : (2, 2)
        [[a, b], [b, c]] with a ≥ c: exchanging the two digits gives the same graphs.
    levels : int
    expected, observed : SubgraphCounts
        Of the model and of the graph.
    objective : float
        Σ ((expected − observed) / observed)² over the subgraphs that occur.
    """

    initiator: np.ndarray
    levels: int
    expected: SubgraphCounts
    observed: SubgraphCounts
    objective: float


def fit_moments(graph: Any, levels: int | None = None) -> MomentFit:
    """Return the 2×2 initiator whose expected subgraph counts are nearest to those of a graph.

    Minimizes Σ ((E F(a, b, c) − F) / F)² over 0 ≤ a, b, c ≤ 1, for the numbers F of edges, wedges, tripins and
    triangles: by their values on a grid, and from the best of these by Gauss-Newton steps within the bounds.

    Parameters
    ----------
    graph : NetworkX graph, SciPy sparse matrix, array or EdgeList
        Undirected; weights and loops are not looked at.
    levels : int or None
        None takes the least k with 2^k nodes for those of the graph; isolated nodes do not count.

    Returns
    -------
    MomentFit
        Of graphs that are no Kronecker graphs the objective says how far off the model is.

    Raises
    ------
    StructureError
        The graph is directed, or has no edges.
    ShapeError
        2^levels are fewer than the nodes that have edges.

    Notes
    -----
    After counting, the time does not depend on the graph: some 0.1 seconds.

    References
    ----------
    Gleich & Owen (2012), Moment-based estimation of stochastic Kronecker graph parameters.

    Examples
    --------
    >>> from otimes.graphs import fit_moments, stochastic_kronecker
    >>> graph = stochastic_kronecker([[0.99, 0.5], [0.5, 0.2]], 14, seed=0)
    >>> fit_moments(graph, 14).initiator.round(1)
    array([[1. , 0.5],
           [0.5, 0.2]])
    """
    A = simple_adjacency(graph, "fit_moments")
    levels = checked_levels(A, levels, "fit_moments")
    observed = subgraph_counts(A)
    seen = np.array(observed, dtype=float)

    def misfits(parameters: np.ndarray) -> np.ndarray:
        """Return the relative errors of those that occur, (counts, …) for parameters (3, …)."""
        a, b, c = parameters
        theta = np.moveaxis(np.array([[a, b], [b, c]]), (0, 1), (-2, -1))
        sums = {name: value**levels for name, value in level_sums(theta).items()}
        return (np.array(counts_of_sums(sums))[seen > 0].T / seen[seen > 0] - 1).T

    values = np.linspace(0, 1, GRID)
    grid = np.stack(np.meshgrid(values, values, values, indexing="ij")).reshape(3, -1)
    grid = grid[:, grid[0] >= grid[2]]
    starts = grid[:, np.argsort((misfits(grid) ** 2).sum(axis=0), kind="stable")[:STARTS]].T
    tries = [least_squares(misfits, np.clip(start, 0.01, 0.99), bounds=(0, 1), xtol=1e-12) for start in starts]
    a, b, c = min(tries, key=lambda tried: tried.cost).x
    initiator = np.array([[max(a, c), b], [b, min(a, c)]])
    expected = expected_subgraph_counts(initiator, levels)
    error = np.array(expected)[seen > 0] / seen[seen > 0] - 1
    return MomentFit(initiator, levels, expected, observed, float(error @ error))


def checked_levels(A: Any, levels: int | None, name: str) -> int:
    """Return the number of levels, so many that 2^levels nodes are enough."""
    nodes = int((np.diff(A.indptr) > 0).sum())
    if not nodes:
        raise StructureError(f"{name}: the graph has no edges between different nodes, and nothing to fit")
    least = max(1, math.ceil(math.log2(nodes)))
    if levels is None:
        return least
    if not is_whole(levels, least) or levels > MAX_LEVELS:
        raise ShapeError(
            f"{name}: levels={levels!r}, and {nodes} nodes have edges; give an integer from {least} to {MAX_LEVELS}"
        )
    return int(levels)
