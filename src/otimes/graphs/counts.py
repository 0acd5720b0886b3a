"""Components and triangles of product graphs, counted by those of the factors: exact integers of any size."""

import functools

import numpy as np
import scipy.sparse
from scipy.sparse.csgraph import connected_components

from otimes.errors import ShapeError, StructureError
from otimes.graphs.factor import Factor
from otimes.graphs.kinds import KINDS
from otimes.graphs.kinds.kind import Components, Triangles
from otimes.graphs.moments import oriented
from otimes.graphs.product import ProductGraph


def number_connected_components(graph: ProductGraph) -> int:
    """Return the number of connected components of an undirected product graph.

    A Cartesian or strong product has the product of the factors' numbers. In a tensor product two components that have
    edges make one, but two if both are bipartite.

    Parameters
    ----------
    graph : ProductGraph, undirected

    Returns
    -------
    int
        Exact, of a product of any size; O(edges of the factors) operations.

    Raises
    ------
    StructureError
        The graph is directed.

    References
    ----------
    Weichsel (1962), The Kronecker product of graphs.

    Examples
    --------
    >>> import numpy as np
    >>> from otimes.graphs import ProductGraph, number_connected_components
    >>> edge = np.array([[0, 1], [1, 0]])
    >>> number_connected_components(ProductGraph([edge] * 30, "tensor")) == 2**29
    True
    """
    _require_undirected(graph, "number_connected_components")
    total = functools.reduce(KINDS[graph.kind].components, map(_components, graph.factors))
    return sum(total[1:])


def is_connected(graph: ProductGraph) -> bool:
    """Return whether an undirected product graph hangs together, by its factors.

    Parameters
    ----------
    graph : ProductGraph, undirected

    Returns
    -------
    bool

    Raises
    ------
    StructureError
        The graph is directed.
    ShapeError
        It has no nodes.

    References
    ----------
    Weichsel (1962), The Kronecker product of graphs.

    Examples
    --------
    >>> import numpy as np
    >>> from otimes.graphs import ProductGraph, is_connected
    >>> edge, triangle = np.ones((2, 2)) - np.eye(2), np.ones((3, 3)) - np.eye(3)
    >>> [is_connected(ProductGraph([edge, edge], kind)) for kind in ("cartesian", "tensor")]
    [True, False]
    >>> is_connected(ProductGraph([edge, triangle], "tensor"))
    True
    """
    _require_undirected(graph, "is_connected")
    if not graph.number_of_nodes:
        raise ShapeError(f"is_connected: {graph!r} has no nodes, and is neither connected nor not")
    return number_connected_components(graph) == 1


def triangles(graph: ProductGraph) -> np.ndarray:
    """Return the number of triangles at every node of a simple product graph.

    ½ diag(A³), from the triangles and degrees of the factors: tG + tH of a Cartesian product, 2 tG tH of a tensor
    product. Weights are not looked at.

    Parameters
    ----------
    graph : ProductGraph, undirected and without loops

    Returns
    -------
    array of int64, of the graph's shape

    Raises
    ------
    StructureError
        The graph is directed, or has loops.

    References
    ----------
    Sanders et al. (2018), Large-scale Kronecker graphs with ground truth.

    Examples
    --------
    >>> import numpy as np
    >>> from otimes.graphs import ProductGraph, triangles
    >>> triangle = np.ones((3, 3)) - np.eye(3)
    >>> triangles(ProductGraph([triangle, triangle], "tensor"))
    array([[2, 2, 2],
           [2, 2, 2],
           [2, 2, 2]])
    """
    return _triangles(graph, "triangles", sums=False).triangles.reshape(graph.shape)


def number_of_triangles(graph: ProductGraph) -> int:
    """Return the number of triangles of a simple product graph, exactly, of any size.

    Parameters
    ----------
    graph : ProductGraph, undirected and without loops

    Returns
    -------
    int

    Raises
    ------
    StructureError
        The graph is directed, or has loops.

    References
    ----------
    Sanders et al. (2018), Large-scale Kronecker graphs with ground truth.

    Examples
    --------
    >>> import numpy as np
    >>> from otimes.graphs import ProductGraph, number_of_triangles
    >>> K10 = np.ones((10, 10)) - np.eye(10)
    >>> number_of_triangles(ProductGraph([K10] * 12, "tensor")) == 6**11 * 120**12
    True
    """
    return _triangles(graph, "number_of_triangles", sums=True).triangles // 3


def _triangles(graph: ProductGraph, name: str, *, sums: bool) -> Triangles:
    """Return the counts of the product, node by node or summed."""
    _require_undirected(graph, name)
    for position, F in enumerate(graph.factors):
        if F.loops.any():
            raise StructureError(
                f"{name}: factor {position} has {int(F.loops.sum())} loops, with which every formula changes; "
                "take the diagonal of its matrix away"
            )
    return functools.reduce(KINDS[graph.kind].triangles, (_triangles_of(F, sums) for F in graph.factors))


def _triangles_of(F: Factor, sums: bool) -> Triangles:
    A = _pattern(F)
    U = oriented(A)
    first, middle = (U @ U).multiply(U), (U.T @ U).multiply(U)  # of u → v → w and u → w, at (u, w) and at (v, w)
    numbers = np.ones(F.size, np.int64), A.sum(axis=1), first.sum(axis=1) + first.sum(axis=0) + middle.sum(axis=1)
    ones, degrees, counts = (int(v.sum()) if sums else v for v in numbers)
    return Triangles(F.size, A.nnz // 2, ones, degrees, counts)


def _components(F: Factor) -> Components:
    """Return the components of a factor; in A ⊗ [0 1; 1 0] those that are bipartite fall apart."""
    A = _pattern(F)
    if not F.size:
        return Components(0, 0, 0, 0)
    count, doubled = (
        connected_components(M, directed=False, return_labels=False)
        for M in (A, scipy.sparse.kron([[0, 1], [1, 0]], A, format="csr"))
    )
    isolated = int((np.diff(A.indptr) == 0).sum())
    return Components(F.size, isolated, doubled - count - isolated, 2 * count - doubled)


def _pattern(F: Factor) -> scipy.sparse.csr_array:
    """Return the edges without their weights."""
    A = F.weights
    return scipy.sparse.csr_array((np.ones(A.nnz, np.int64), A.indices, A.indptr), shape=A.shape)


def _require_undirected(graph: ProductGraph, name: str) -> None:
    if graph.directed:
        raise StructureError(f"{name}: {graph!r} is directed; it is for undirected graphs, where A = Aᵀ")


def require_nonnegative(graph: ProductGraph, name: str) -> None:
    """Raise `StructureError` unless the Laplacian is positive semidefinite by the signs of the weights."""
    for position, F in enumerate(graph.factors):
        if not F.nonnegative:
            raise StructureError(f"{name}: factor {position} has negative weights; they must be ≥ 0")
