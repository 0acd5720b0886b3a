"""Factor: one graph of a product, as the weights of its edges and the names of its nodes."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse

import otimes as ox
from otimes.errors import DTypeError, NonFiniteError, ShapeError


@dataclass(frozen=True, eq=False)
class Factor:
    """A graph of n nodes: the weight of the edge from node i to node j is `weights[i, j]`.

    Its operators are made once, so that a graph that occurs again in a product is decomposed once.

    Attributes
    ----------
    weights : csr_array, (n, n)
        Parallel edges are summed. An edge of weight zero is none.
    nodes : sequence
        The names in order.
    directed : bool
        As its NetworkX graph says; a matrix is of a directed graph if it is not symmetric.
    stated : bool
        Whether that is what its graph says, not what a matrix shows.
    edges : coo_array or None
        Of a multigraph, its parallel edges one by one.
    """

    weights: scipy.sparse.csr_array
    nodes: Sequence[Any]
    directed: bool
    stated: bool
    edges: scipy.sparse.coo_array | None = None

    @property
    def size(self) -> int:
        """The number of nodes."""
        return len(self.nodes)

    @functools.cached_property
    def places(self) -> dict[Any, int]:
        """The place of each node."""
        return {node: i for i, node in enumerate(self.nodes)}

    @functools.cached_property
    def degrees(self) -> np.ndarray:
        """The sum of the weights of each row: of a directed graph, of the edges that leave."""
        return np.asarray(self.weights.sum(axis=1), dtype=self.weights.dtype).reshape(-1)

    @property
    def regular(self) -> float | None:
        """The degree that all nodes have, up to rounding, or None."""
        if not self.size:
            return None
        degree = float(self.degrees[0])
        return degree if np.allclose(self.degrees, degree, rtol=1e-14, atol=0) else None

    @functools.cached_property
    def loops(self) -> np.ndarray:
        """Which nodes have an edge to themselves, (n,) bool."""
        return self.weights.diagonal() != 0

    @property
    def nonnegative(self) -> bool:
        """Whether no weight is negative."""
        return bool(self.weights.data.min(initial=0) >= 0)

    @property
    def identity(self) -> ox.LinearOperator:
        """I of the nodes."""
        return ox.eye(self.size, dtype=self.weights.dtype)

    @property
    def ones(self) -> ox.LinearOperator:
        """1 1ᵀ, the matrix of ones."""
        return ox.low_rank(np.ones((self.size, 1), self.weights.dtype))

    @functools.cached_property
    def adjacency(self) -> ox.LinearOperator:
        """The weights as an operator."""
        return self._operator(self.weights, not self.directed)

    @property
    def degree(self) -> ox.LinearOperator:
        """The diagonal of the degrees; a multiple of I if they are equal."""
        return self.identity * self.regular if self.regular is not None else ox.diag(self.degrees)

    @functools.cached_property
    def with_loops(self) -> ox.LinearOperator:
        """A + I."""
        return self.adjacency + self.identity

    @functools.cached_property
    def laplacian(self) -> ox.LinearOperator:
        """L = D − A; of weights that are not negative it is positive semidefinite."""
        L = self._operator(scipy.sparse.diags_array(self.degrees).tocsr() - self.weights, not self.directed)
        return ox.assume(L, "positive_semidefinite") if self.nonnegative and not self.directed else L

    def scaled(self, rows: np.ndarray, columns: np.ndarray) -> ox.LinearOperator:
        """Return diag(rows) A diag(columns)."""
        product = scipy.sparse.diags_array(rows) @ self.weights @ scipy.sparse.diags_array(columns)
        return self._operator(product, not self.directed and np.array_equal(rows, columns))

    def _operator(self, matrix: Any, symmetric: bool) -> ox.LinearOperator:
        """Return a sparse matrix as an operator, that is known to be symmetric if it is."""
        A = ox.aslinearoperator(scipy.sparse.csr_array(matrix))
        return ox.assume(A, "symmetric", "hermitian") if symmetric else A


def read_factor(graph: Any, what: str, weight: str | None) -> Factor:
    """Return the factor for a NetworkX graph, a SciPy sparse matrix or an array; `what` names it in errors."""
    if hasattr(graph, "is_directed") and hasattr(graph, "edges"):
        return _of_networkx(graph, what, weight)
    matrix = graph if scipy.sparse.issparse(graph) else np.asarray(graph)
    if matrix.dtype.kind not in "biuf":
        raise DTypeError(
            f"{what} is of type {type(graph).__name__} and dtype {matrix.dtype}; give a NetworkX graph, or the matrix "
            "of its weights as a SciPy sparse matrix or an array of real numbers"
        )
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
        shape = "×".join(map(str, matrix.shape)) or "a scalar"
        raise ShapeError(f"{what} is {shape}; the matrix of a graph's weights is square, with a row for every node")
    dtype = matrix.dtype if matrix.dtype == np.float32 else float
    weights = _finite(scipy.sparse.csr_array(matrix.astype(dtype)), what)
    return Factor(weights, range(weights.shape[0]), (weights != weights.T).nnz > 0, stated=False)


def _of_networkx(graph: Any, what: str, weight: str | None) -> Factor:
    """Return the factor of a NetworkX graph; reading it takes nothing but its own methods."""
    nodes = tuple(graph.nodes)
    place = {node: i for i, node in enumerate(nodes)}
    named = [(u, v, 1.0) for u, v in graph.edges()] if weight is None else list(graph.edges(data=weight, default=1.0))
    rows = np.array([place[u] for u, _, _ in named], dtype=np.int64)
    columns = np.array([place[v] for _, v, _ in named], dtype=np.int64)
    try:
        values = np.array([float(w) for _, _, w in named])
    except (TypeError, ValueError):
        raise DTypeError(
            f"{what}: the attribute {weight!r} of some edge is not a real number; name another with weight=, "
            "or give weight=None for an unweighted graph"
        ) from None
    if not graph.is_directed():  # the edges in both directions, loops once
        apart = rows != columns
        rows, columns = np.concatenate([rows, columns[apart]]), np.concatenate([columns, rows[apart]])
        values = np.concatenate([values, values[apart]])
    edges = scipy.sparse.coo_array((values, (rows, columns)), shape=(len(nodes), len(nodes)))
    weights = _finite(edges.tocsr(), what)
    return Factor(weights, nodes, graph.is_directed(), True, edges if graph.is_multigraph() else None)


def _finite(weights: scipy.sparse.csr_array, what: str) -> scipy.sparse.csr_array:
    """Return the weights with every place stored once, without zeros."""
    if not np.isfinite(weights.data).all():
        raise NonFiniteError(f"{what} has weights that are NaN or infinite; leave the edges out that are not there")
    weights.sum_duplicates()
    weights.eliminate_zeros()
    return weights
