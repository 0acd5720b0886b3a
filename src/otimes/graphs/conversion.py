"""A product graph as a NetworkX graph, edge by edge."""

import functools
import itertools
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from otimes.errors import MissingExtra, TooLarge
from otimes.graphs.factor import Factor
from otimes.graphs.kinds import KINDS

if TYPE_CHECKING:
    import networkx

    from otimes.graphs.product import ProductGraph


class Edges(NamedTuple):
    """Edges one by one: where they begin, where they end, and their weights, among `size` nodes."""

    size: int
    rows: np.ndarray
    columns: np.ndarray
    weights: np.ndarray


def networkx_graph(P: "ProductGraph", max_edges: int) -> "networkx.Graph":
    """Return the product as NetworkX has it: each edge once if it is undirected, parallel edges of multigraphs kept."""
    nx = require_networkx()
    if P.number_of_edges > max_edges or P.number_of_nodes > max_edges:
        raise TooLarge(
            f"to_networkx: {P!r} has more than {max_edges} nodes or edges, which take some 100 bytes and more each; "
            "the operators of adjacency() and laplacian() need none of them. Raise max_edges= to form it"
        )
    multigraph = any(F.edges is not None for F in P.factors)
    graph = {
        (False, False): nx.Graph,
        (True, False): nx.DiGraph,
        (False, True): nx.MultiGraph,
        (True, True): nx.MultiDiGraph,
    }[P.directed, multigraph]()
    nodes = list(itertools.product(*(F.nodes for F in P.factors)))
    graph.add_nodes_from(nodes)
    for term in KINDS[P.kind].terms(len(P.factors)):
        edges = functools.reduce(_crossed, map(_edges_of, P.factors, term))
        for i, j, w in zip(edges.rows.tolist(), edges.columns.tolist(), edges.weights.tolist(), strict=True):
            if P.directed or i <= j:
                u, v = nodes[i], nodes[j]
                known = 0.0 if multigraph or not graph.has_edge(u, v) else graph.edges[u, v]["weight"]
                graph.add_edge(u, v, weight=w + known)
    return graph


def require_networkx() -> Any:
    """Return the module, or say how it is installed."""
    try:
        import networkx
    except ImportError:
        raise MissingExtra('NetworkX is not installed: pip install "otimes[graphs]"') from None
    return networkx


def _edges_of(F: Factor, part: str) -> Edges:
    """Return the edges of a factor ("A"), its nodes as loops ("I"), or all pairs of them ("1")."""
    if part == "I":
        places = np.arange(F.size)
        return Edges(F.size, places, places, np.ones(F.size))
    if part == "1":
        rows, columns = np.divmod(np.arange(F.size**2), max(F.size, 1))
        return Edges(F.size, rows, columns, np.ones(F.size**2))
    edges = F.weights.tocoo() if F.edges is None else F.edges
    return Edges(F.size, edges.row.astype(np.int64), edges.col.astype(np.int64), edges.data)


def _crossed(first: Edges, second: Edges) -> Edges:
    """Return the pairs of an edge of each, whose weights multiply."""
    rows = (first.rows[:, None] * second.size + second.rows).reshape(-1)
    columns = (first.columns[:, None] * second.size + second.columns).reshape(-1)
    return Edges(first.size * second.size, rows, columns, np.multiply.outer(first.weights, second.weights).reshape(-1))
