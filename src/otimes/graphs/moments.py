"""Subgraphs of undirected graphs counted, and expected of stochastic Kronecker graphs in closed form."""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import scipy.sparse
from numpy.typing import ArrayLike

from otimes.errors import ShapeError, StructureError
from otimes.graphs.edge_list import EdgeList
from otimes.graphs.factor import read_factor
from otimes.graphs.initiator import read_initiators, require_symmetric


class SubgraphCounts(NamedTuple):
    """How often small subgraphs occur in a simple undirected graph.

    Attributes
    ----------
    edges : float
    wedges : float
        Pairs of edges that meet, Σ C(dᵥ, 2); hairpins.
    tripins : float
        Triples of edges at one node, Σ C(dᵥ, 3).
    triangles : float
    """

    edges: float
    wedges: float
    tripins: float
    triangles: float


def expected_subgraph_counts(initiator: ArrayLike | Sequence[ArrayLike], levels: int | None = None) -> SubgraphCounts:
    """Return the expected subgraph counts of the undirected stochastic Kronecker graph without loops.

    With P = Θ ⊗ ⋯ ⊗ Θ, of row sums r and diagonal d, 2 · edges = Σ r − Σ d and 6 · triangles = tr P³ − 3 Σ dᵢ(P²)ᵢᵢ +
    2 Σ d³; each of the sums is the product of its values for the levels. Wedges and tripins are the elementary
    symmetric functions of the rows without their diagonal, by Newton's identities.

    Parameters
    ----------
    initiator : (n0, n0) symmetric, or a sequence of such matrices, one for each level
    levels : int or None
        The Kronecker power, for a single initiator.

    Returns
    -------
    SubgraphCounts
        O(levels · n0³) operations, of at most 2⁶² nodes.

    Raises
    ------
    ShapeError, StructureError
        An initiator that is not square, not symmetric, or has entries outside [0, 1].

    References
    ----------
    Gleich & Owen (2012), Moment-based estimation of stochastic Kronecker graph parameters.

    Examples
    --------
    >>> from otimes.graphs import expected_subgraph_counts
    >>> counts = expected_subgraph_counts([[0.987, 0.571], [0.571, 0.049]], 13)
    >>> [round(count) for count in counts]
    [12408, 342687, 11876285, 1144]
    """
    thetas = read_initiators(initiator, levels, "expected_subgraph_counts")
    require_symmetric(thetas, "expected_subgraph_counts", "the counts are of undirected graphs; take (Θ + Θᵀ) / 2")
    return counts_of_sums({name: math.prod(float(s) for s in values) for name, values in _by_name(thetas).items()})


def _by_name(thetas: Sequence[np.ndarray]) -> dict[str, list[Any]]:
    each = [level_sums(theta) for theta in thetas]
    return {name: [sums[name] for sums in each] for name in each[0]}


def level_sums(theta: np.ndarray) -> dict[str, Any]:
    """Return the sums over one level that the counts are made of, for (…, n0, n0) matrices at once.

    A name says what is summed over the nodes: R row sums, D diagonal entries, S and T sums of the squares and cubes of
    rows; C is the trace of the cube.
    """
    D = np.diagonal(theta, axis1=-2, axis2=-1)
    R, S, T = (np.sum(theta**power, axis=-1) for power in (1, 2, 3))
    terms = {
        "R": R, "D": D, "RR": R * R, "RD": R * D, "DD": D * D, "S": S,
        "RRR": R**3, "RRD": R * R * D, "RDD": R * D * D, "DDD": D**3, "RS": R * S, "DS": D * S, "T": T,
        "C": np.sum((theta @ theta) * theta, axis=-1),
    }  # fmt: skip
    return {name: np.sum(term, axis=-1) for name, term in terms.items()}


def counts_of_sums(s: dict[str, Any]) -> SubgraphCounts:
    """Return the counts for the sums over all nodes."""
    edges = (s["R"] - s["D"]) / 2
    wedges = (s["RR"] - 2 * s["RD"] + 2 * s["DD"] - s["S"]) / 2
    cubes = s["RRR"] - 3 * s["RRD"] + 6 * s["RDD"] - 6 * s["DDD"]
    tripins = (cubes - 3 * s["RS"] + 3 * s["DS"] + 2 * s["T"]) / 6
    triangles = (s["C"] - 3 * s["DS"] + 2 * s["DDD"]) / 6
    return SubgraphCounts(edges, wedges, tripins, triangles)


def subgraph_counts(graph: Any) -> SubgraphCounts:
    """Return the subgraph counts of an undirected graph, exactly; weights and loops are not looked at.

    Parameters
    ----------
    graph : NetworkX graph, SciPy sparse matrix, array or EdgeList
        Undirected.

    Returns
    -------
    SubgraphCounts
        Integers. O(Σ over edges of the smaller degree) operations.

    Raises
    ------
    StructureError
        The graph is directed.

    Examples
    --------
    >>> import numpy as np
    >>> from otimes.graphs import subgraph_counts
    >>> subgraph_counts(np.ones((5, 5)) - np.eye(5))
    SubgraphCounts(edges=10, wedges=30, tripins=20, triangles=10)
    """
    A = simple_adjacency(graph, "subgraph_counts")
    degrees = np.diff(A.indptr).astype(object)  # Python's integers, for cubes of large degrees
    U = oriented(A)
    return SubgraphCounts(
        A.nnz // 2,
        int((degrees * (degrees - 1)).sum()) // 2,
        int((degrees * (degrees - 1) * (degrees - 2)).sum()) // 6,
        int((U @ U).multiply(U).sum()),
    )


def oriented(A: scipy.sparse.csr_array) -> scipy.sparse.csr_array:
    """Return each edge of a simple graph once, from the smaller degree to the larger: few edges leave a node."""
    rank = np.argsort(np.argsort(np.diff(A.indptr), kind="stable"))
    rows, columns = A.nonzero()
    up = rank[rows] < rank[columns]
    return scipy.sparse.csr_array((np.ones(up.sum(), np.int64), (rows[up], columns[up])), shape=A.shape)


def simple_adjacency(graph: Any, name: str) -> scipy.sparse.csr_array:
    """Return the edges between different nodes of an undirected graph, as ones; `name` asks for them."""
    if isinstance(graph, EdgeList):
        weights, directed = graph.adjacency(), graph.directed
    else:
        F = read_factor(graph, f"{name}: the graph", None)
        weights, directed = F.weights, F.directed
    if directed:
        raise StructureError(f"{name}: the graph is directed; take A + Aᵀ, or simple() of a list of edges")
    if not weights.shape[0]:
        raise ShapeError(f"{name}: the graph has no nodes")
    A = weights.tocoo()
    apart = (A.row != A.col) & (A.data != 0)
    return scipy.sparse.csr_array((np.ones(apart.sum()), (A.row[apart], A.col[apart])), shape=A.shape)
