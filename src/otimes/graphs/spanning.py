"""Spanning trees and resistances of product graphs, by their Laplacian spectra."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from otimes.errors import StructureError, TooLarge
from otimes.graphs.counts import is_connected, number_connected_components, require_nonnegative
from otimes.graphs.factor import Factor
from otimes.graphs.product import ProductGraph

EXACT_NODES = 1000  # up to which spanning trees are counted in integers: O(n²) products of O(n) bits, some seconds


def log_spanning_trees(graph: ProductGraph) -> float:
    """Return the logarithm of the number of spanning trees, by the matrix-tree theorem.

    τ = Π λ / n over the nonzero eigenvalues of the Laplacian. Of a weighted graph it is the sum over the trees of
    the products of their weights.

    Parameters
    ----------
    graph : ProductGraph, undirected, of weights ≥ 0

    Returns
    -------
    float
        The natural logarithm; −inf if the graph is not connected. O(Σ nᵢ³ + n) operations.

    Raises
    ------
    StructureError
        The graph is directed, or has negative weights.
    ShapeError
        It has no nodes.
    NoRule
        The Laplacian does not have the spectrum of the factors', and is too large to be decomposed as a whole.

    References
    ----------
    Kirchhoff (1847). Biggs (1993), Algebraic Graph Theory, chapter 6.

    Examples
    --------
    >>> import numpy as np
    >>> from otimes.graphs import ProductGraph, log_spanning_trees
    >>> path = np.eye(1000, k=1) + np.eye(1000, k=-1)
    >>> round(log_spanning_trees(ProductGraph([path, path])) / 1000**2, 4)  # 4/π times Catalan’s constant in the limit
    1.1645
    """
    require_nonnegative(graph, "log_spanning_trees")
    if not is_connected(graph):
        return -math.inf
    return float(np.log(_eigenvalues(graph, 1)).sum() - math.log(graph.number_of_nodes))


def spanning_trees(graph: ProductGraph) -> int:
    """Return the number of spanning trees of a Cartesian product, as an exact integer.

    The characteristic polynomial of L_G ⊕ L_H in integers: power sums of eigenvalues by the binomial theorem,
    tr (L_G ⊕ L_H)ᵏ = Σⱼ C(k, j) tr L_Gʲ tr L_Hᵏ⁻ʲ, and Newton's identities.

    Parameters
    ----------
    graph : ProductGraph, Cartesian and undirected, of integer weights ≥ 0, of at most 1000 nodes

    Returns
    -------
    int
        0 if the graph is not connected.

    Raises
    ------
    StructureError
        The product is not Cartesian, the graph directed, or a weight is negative or no integer.
    TooLarge
        It has more nodes; `log_spanning_trees` takes them.

    References
    ----------
    Kirchhoff (1847).

    Examples
    --------
    >>> import numpy as np
    >>> from otimes.graphs import ProductGraph, spanning_trees
    >>> path = np.eye(8, k=1) + np.eye(8, k=-1)
    >>> spanning_trees(ProductGraph([path, path]))
    126231322912498539682594816
    """
    require_nonnegative(graph, "spanning_trees")
    n = graph.number_of_nodes
    if graph.kind != "cartesian" or graph.directed:
        raise StructureError(
            "spanning_trees: in integers, of undirected Cartesian products; log_spanning_trees takes others"
        )
    if any((F.weights.data % 1).any() for F in graph.factors):
        raise StructureError("spanning_trees: some weights are no integers; log_spanning_trees takes them")
    if n > EXACT_NODES:
        raise TooLarge(f"spanning_trees: {n} nodes are more than {EXACT_NODES}; log_spanning_trees takes any")
    sums = _power_sums(graph.factors[0], n)
    for F in graph.factors[1:]:
        other = _power_sums(F, n)
        sums = [sum(math.comb(k, j) * sums[j] * other[k - j] for j in range(k + 1)) for k in range(n)]
    return _symmetric(sums, n - 1)[-1] // n if n else 0


def resistance_distance(graph: ProductGraph, u: Sequence[Any], v: Sequence[Any]) -> float:
    """Return the effective resistance between two nodes, the weights of edges being conductances.

    r = (e_u − e_v)ᵀ L⁺ (e_u − e_v).

    Parameters
    ----------
    graph : ProductGraph, undirected, of weights ≥ 0
    u, v : nodes
        Tuples of nodes of the factors.

    Returns
    -------
    float
        In units of 1/weight; infinite between components. O(Σ nᵢ³ + n Σ nᵢ) operations.

    Raises
    ------
    StructureError
        The graph is directed, or has negative weights.
    InvalidIndex
        There is no such node.
    NoRule
        The Laplacian does not have the spectrum of the factors', and is too large to be decomposed as a whole.

    References
    ----------
    Klein & Randić (1993), Resistance distance.

    Examples
    --------
    >>> import numpy as np
    >>> from otimes.graphs import ProductGraph, resistance_distance
    >>> edge = np.array([[0, 1], [1, 0]])
    >>> round(resistance_distance(ProductGraph([edge, edge]), (0, 0), (1, 1)), 12)  # a square, across
    1.0
    """
    require_nonnegative(graph, "resistance_distance")
    i, j = graph.index(u), graph.index(v)
    if i == j:
        return 0.0
    F = graph.fourier()
    x = np.zeros(graph.number_of_nodes)
    x[i], x[j] = 1.0, -1.0
    values, c = np.asarray(F.eigenvalues), F.transform(x)
    order = np.argsort(values)
    null, rest = np.split(order, [number_connected_components(graph)])
    if (c[null] ** 2).sum() > 1 / len(x):  # 1/|C(u)| + 1/|C(v)| between components, else 0
        return math.inf
    return float((c[rest] ** 2 / values[rest]).sum())


def kirchhoff_index(graph: ProductGraph) -> float:
    """Return the sum of the effective resistances between all pairs of nodes, n Σ 1/λ.

    Parameters
    ----------
    graph : ProductGraph, undirected, of weights ≥ 0

    Returns
    -------
    float
        In units of 1/weight; infinite if the graph is not connected. O(Σ nᵢ³ + n) operations.

    Raises
    ------
    StructureError
        The graph is directed, or has negative weights.
    ShapeError
        It has no nodes.
    NoRule
        The Laplacian does not have the spectrum of the factors', and is too large to be decomposed as a whole.

    References
    ----------
    Klein & Randić (1993), Resistance distance.

    Examples
    --------
    >>> import numpy as np
    >>> from otimes.graphs import ProductGraph, kirchhoff_index
    >>> edge = np.array([[0, 1], [1, 0]])
    >>> round(kirchhoff_index(ProductGraph([edge, edge])), 12)  # a square: 4 · 3/4 + 2 · 1
    5.0
    """
    require_nonnegative(graph, "kirchhoff_index")
    if not is_connected(graph):
        return math.inf
    return float(graph.number_of_nodes * (1 / _eigenvalues(graph, 1)).sum())


def _eigenvalues(graph: ProductGraph, zeros: int) -> np.ndarray:
    """Return the eigenvalues of the Laplacian but those that are known to be zero."""
    values = np.asarray(graph.fourier().eigenvalues)
    return np.partition(values, zeros - 1)[zeros:]


def _power_sums(F: Factor, count: int) -> list[int]:
    """Return tr Lᵏ for k = 0, …, count − 1, in integers."""
    weights = F.weights.toarray().astype(np.int64).astype(object)
    L = np.diag(weights.sum(axis=1)) - weights
    power, sums = L, [F.size]
    for _ in range(1, min(count, F.size + 1)):
        sums.append(int(np.trace(power)))
        power = power @ L
    e = _symmetric(sums, min(count - 1, F.size))
    for k in range(len(sums), count):  # by the characteristic polynomial, of degree F.size
        sums.append(sum((-1) ** (i - 1) * e[i] * sums[k - i] for i in range(1, F.size + 1)))
    return sums


def _symmetric(sums: list[int], count: int) -> list[int]:
    """Return the elementary symmetric polynomials e₀, …, e_count of numbers by their power sums."""
    e = [1]
    for k in range(1, count + 1):
        e.append(sum((-1) ** (i - 1) * e[k - i] * sums[i] for i in range(1, k + 1)) // k)
    return e
