"""ProductGraph: a product of graphs by its factors, with its matrices as operators."""

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

import otimes as ox
from otimes.errors import InvalidIndex, ShapeError, StructureError
from otimes.graphs.conversion import networkx_graph
from otimes.graphs.factor import Factor, read_factor
from otimes.graphs.kinds import KINDS
from otimes.graphs.kinds.kind import Places
from otimes.graphs.spectral import GraphFourier

if TYPE_CHECKING:
    import networkx

LAPLACIANS = ("combinatorial", "normalized", "random_walk")


class ProductGraph:
    """A product of graphs: its nodes are the tuples of the factors' nodes, in the order of `itertools.product`.

    ===============  =============================  =========================================
    kind             adjacency matrix               two nodes (u, x), (v, y) are neighbours if
    ===============  =============================  =========================================
    `cartesian`      A_G ⊗ I + I ⊗ A_H              u ~ v and x = y, or u = v and x ~ y
    `tensor`         A_G ⊗ A_H                      u ~ v and x ~ y
    `strong`         (A_G + I) ⊗ (A_H + I) − I      either of these
    `lexicographic`  A_G ⊗ 1 1ᵀ + I ⊗ A_H           u ~ v, or u = v and x ~ y
    ===============  =============================  =========================================

    Weights are those of the matrix: they add in a Cartesian product, and multiply in a tensor product. Where loops let
    two terms make one edge its weights add. Nothing of the size of the product is formed. With factors given by
    matrices nothing but SciPy is needed; the graphs may be directed, weighted, and have loops.

    Parameters
    ----------
    graphs : sequence of graphs
        NetworkX graphs, SciPy sparse matrices or arrays of weights (n, n); the nodes of a matrix are 0, …, n − 1.
    kind : {"cartesian", "tensor", "strong", "lexicographic"}
    weight : str or None
        The attribute of NetworkX's edges that holds the weight, 1 where it is missing; None ignores it.

    Attributes
    ----------
    factors : tuple of Factor
    shape : (n₁, n₂, …)
        The number of nodes of the factors: a signal on the product is an array of this shape.

    Raises
    ------
    ShapeError
        There are no graphs, a matrix is not square, or the kind is unknown.
    DTypeError
        Weights that are not real numbers.
    NonFiniteError
        Weights that are NaN or infinite.
    StructureError
        Directed and undirected NetworkX graphs together.

    References
    ----------
    Hammack, Imrich & Klavžar (2011), Handbook of Product Graphs. Sandryhaila & Moura (2014), Big data analysis with
    signal processing on graphs.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> from otimes.graphs import ProductGraph
    >>> edge, triangle = np.ones((2, 2)) - np.eye(2), np.ones((3, 3)) - np.eye(3)
    >>> prism = ProductGraph([edge, triangle])
    >>> prism
    ProductGraph(2 × 3 nodes, 9 edges, cartesian)
    >>> prism.node(4), prism.index((1, 1))
    ((1, 1), 4)
    >>> np.asarray(prism.laplacian())[0]
    array([ 3., -1., -1., -1.,  0.,  0.])
    """

    factors: tuple[Factor, ...]
    kind: str

    def __init__(self, graphs: Iterable[Any], kind: str = "cartesian", *, weight: str | None = "weight"):
        if kind not in KINDS:
            raise ShapeError(f"ProductGraph(…, kind={kind!r}): kind is one of {', '.join(KINDS)}")
        if not isinstance(graphs, Iterable) or hasattr(graphs, "is_directed") or getattr(graphs, "ndim", 3) < 3:
            raise ShapeError("ProductGraph: give a list of graphs, [G, H, …]; a single graph G is [G]")
        graphs = list(graphs)
        read: dict[int, Factor] = {}
        for position, graph in enumerate(graphs):
            if id(graph) not in read:
                read[id(graph)] = read_factor(graph, f"factor {position}", weight)
        self.factors = tuple(read[id(graph)] for graph in graphs)
        self.kind = kind
        if not self.factors:
            raise ShapeError("ProductGraph([]): give at least one graph; the product of none is [[0.0]] alone")
        stated = {F.directed for F in self.factors if F.stated}
        if len(stated) > 1:
            raise StructureError(
                "ProductGraph: some NetworkX graphs are directed and some are not; G.to_directed() has both directions"
            )

    @property
    def shape(self) -> tuple[int, ...]:
        """The number of nodes of each factor."""
        return tuple(F.size for F in self.factors)

    @property
    def number_of_nodes(self) -> int:
        """n₁ n₂ ⋯, exactly."""
        return math.prod(self.shape)

    @property
    def number_of_edges(self) -> int:
        """The number of edges, exactly, each loop once; of a directed graph the number of arcs."""
        rule = KINDS[self.kind].places
        total = Places(1, 0, 0) if self.kind != "tensor" else Places(1, 0, 1)
        for F in self.factors:
            loops = int(F.loops.sum())
            total = rule(total, Places(F.size, F.weights.nnz - loops, loops))
        return total.loops + (total.apart if self.directed else total.apart // 2)

    @property
    def directed(self) -> bool:
        """Whether some factor is directed."""
        return any(F.directed for F in self.factors)

    def __repr__(self) -> str:
        nodes = " × ".join(map(str, self.shape))
        edges = f"{self.number_of_edges} {'arcs' if self.directed else 'edges'}"
        return f"ProductGraph({nodes} nodes, {edges}, {self.kind})"

    def node(self, index: int) -> tuple:
        """Return the node at a place in the order of the matrices' rows: a tuple of the factors' nodes."""
        size = self.number_of_nodes
        if not -size <= index < size:
            raise InvalidIndex(f"node {index} of a product graph of {size} nodes")
        index, names = index % size, []
        for F in reversed(self.factors):
            index, place = divmod(index, F.size)
            names.append(F.nodes[place])
        return tuple(reversed(names))

    def index(self, node: Sequence[Any]) -> int:
        """Return the place of a node, given by the tuple of the factors' nodes."""
        names = tuple(node) if isinstance(node, (tuple, list, np.ndarray)) else (node,)
        if len(names) != len(self.factors):
            raise InvalidIndex(f"node {node!r} names {len(names)} nodes of {len(self.factors)} factors")
        index = 0
        for position, (F, name) in enumerate(zip(self.factors, names, strict=True)):
            if name not in F.places:
                raise InvalidIndex(f"node {node!r}: factor {position}, of {F.size} nodes, has no node {name!r}")
            index = index * F.size + F.places[name]
        return index

    def adjacency(self) -> ox.LinearOperator:
        """Return A, (n, n): A[i, j] is the weight of the edge from node i to node j."""
        return KINDS[self.kind].adjacency(self.factors)

    def degree(self) -> ox.LinearOperator:
        """Return D = diag(A 1), (n, n), a loop counted once; `otimes.diagonal` of it is the vector, lazy."""
        return KINDS[self.kind].degree(self.factors)

    def laplacian(self, kind: str = "combinatorial") -> ox.LinearOperator:
        """Return a Laplacian as an operator, (n, n).

        ==================  ==========================================================================
        `combinatorial`     D − A. Of a Cartesian product L_G ⊕ L_H; of a tensor or strong product it
                            is a sum of two products, D_G ⊗ D_H − A_G ⊗ A_H, without their spectrum
        `normalized`        I − D^−½ A D^−½. Of a tensor product I − N_G ⊗ N_H; of the others with n
                            numbers D^−½ between, but of regular factors
        `random_walk`       I − D⁻¹ A, likewise
        ==================  ==========================================================================

        At nodes of degree 0 the last two have a row of zeros.
        """
        if kind not in LAPLACIANS:
            raise ShapeError(f"laplacian(kind={kind!r}): kind is one of {', '.join(LAPLACIANS)}")
        return KINDS[self.kind].matrix(self.factors, kind)

    def fourier(self, matrix: str = "combinatorial") -> GraphFourier:
        """Return the graph Fourier transform: the eigenvectors of a Laplacian, or of "adjacency"."""
        return GraphFourier(self, matrix)

    def to_networkx(self, *, max_edges: int = 10_000_000) -> "networkx.Graph":
        """Return the product as a NetworkX graph, its nodes tuples, with the weights as attribute "weight".

        Other attributes of nodes and edges are not carried over.
        It is a DiGraph, MultiGraph, … if some factor is one. `TooLarge` is raised above `max_edges` edges.
        """
        return networkx_graph(self, max_edges)
