"""EdgeList: a graph as the list of its edges, as generators of random graphs draw it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse

from otimes.errors import TooLarge
from otimes.graphs.conversion import require_networkx

if TYPE_CHECKING:
    import networkx

MAX_ARRAY = 2**28  # nodes for which an array is made, of 2 GiB


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class EdgeList:
    """The edges of a graph on the nodes 0, …, n − 1.

    Attributes
    ----------
    number_of_nodes : int
    sources, targets : (m,) int64
        Edge e goes from `sources[e]` to `targets[e]`. What a generator draws with replacement may have loops and
        parallel edges; `simple()` has none.
    directed : bool
        Of an undirected graph each edge is listed once, in one direction.

    Examples
    --------
    >>> import otimes as ox
    >>> from otimes.graphs import rmat
    >>> drawn = rmat(10, seed=0)
    >>> drawn
    EdgeList(1024 nodes, 16384 edges, directed)
    >>> drawn.simple()
    EdgeList(1024 nodes, 10592 edges, undirected)
    """

    number_of_nodes: int
    sources: np.ndarray
    targets: np.ndarray
    directed: bool = True

    @property
    def number_of_edges(self) -> int:
        """The edges listed, parallel ones one by one."""
        return len(self.sources)

    def adjacency(self) -> scipy.sparse.csr_array:
        """Return the (n, n) matrix of the numbers of edges, in both directions of an undirected graph.

        O(n + m) memory.

        Raises
        ------
        TooLarge
            More than 2²⁸ nodes: the list itself has no row for each.

        Examples
        --------
        >>> from otimes.graphs import rmat
        >>> rmat(3, 20, seed=0).adjacency().sum()
        np.float64(20.0)
        """
        n = self._rows("adjacency")
        A = scipy.sparse.csr_array((np.ones(len(self.sources)), (self.sources, self.targets)), shape=(n, n))
        if self.directed:
            return A
        return A + A.T - scipy.sparse.diags_array(A.diagonal(), format="csr")

    def simple(self) -> "EdgeList":
        """Return the undirected graph of these edges without loops, each edge once.

        Examples
        --------
        >>> from otimes.graphs import rmat
        >>> graph = rmat(10, seed=0).simple()
        >>> bool((graph.sources < graph.targets).all())
        True
        """
        low, high = np.minimum(self.sources, self.targets), np.maximum(self.sources, self.targets)
        low, high = low[low < high], high[low < high]
        if self.number_of_nodes <= 2**31:  # both in one number, which sorts fast
            low, high = np.divmod(distinct(low * self.number_of_nodes + high), self.number_of_nodes)
        else:
            low, high = np.unique(np.stack([low, high]), axis=1)
        return EdgeList(self.number_of_nodes, low, high, directed=False)

    def relabelled(self, seed: int | np.random.Generator | None = None) -> "EdgeList":
        """Return the same graph with its nodes numbered in an order drawn at random.

        The number of a node of a Kronecker graph says what edges it has; where that must not be seen, it is shuffled.

        Examples
        --------
        >>> from otimes.graphs import rmat
        >>> rmat(10, seed=0).relabelled(seed=1)
        EdgeList(1024 nodes, 16384 edges, directed)
        """
        names = np.random.default_rng(seed).permutation(self._rows("relabelled"))
        return EdgeList(self.number_of_nodes, names[self.sources], names[self.targets], self.directed)

    def to_networkx(self) -> "networkx.Graph":
        """Return a NetworkX graph: a MultiDiGraph of directed edges, a Graph of undirected ones.

        Raises
        ------
        MissingExtra
            NetworkX is not installed.

        Examples
        --------
        >>> from otimes.graphs import rmat
        >>> print(rmat(3, 20, seed=0).to_networkx())
        MultiDiGraph with 8 nodes and 20 edges
        """
        nx = require_networkx()
        graph = nx.MultiDiGraph() if self.directed else nx.Graph()
        graph.add_nodes_from(range(self._rows("to_networkx")))
        graph.add_edges_from(zip(self.sources.tolist(), self.targets.tolist(), strict=True))
        return graph

    def _rows(self, name: str) -> int:
        if self.number_of_nodes > MAX_ARRAY:
            raise TooLarge(
                f"{name} of {self!r}: something is made for every node, of which there are more than 2²⁸; "
                "sources and targets have what there is of the graph"
            )
        return self.number_of_nodes

    def __repr__(self) -> str:
        kind = "directed" if self.directed else "undirected"
        return f"EdgeList({self.number_of_nodes} nodes, {self.number_of_edges} edges, {kind})"


def distinct(numbers: np.ndarray) -> np.ndarray:
    """Return the numbers in order, each once, by sorting: faster than the hashing of `numpy.unique`."""
    ordered = np.sort(numbers)
    first = np.ones(len(ordered), bool)
    first[1:] = ordered[1:] != ordered[:-1]
    return ordered[first]
