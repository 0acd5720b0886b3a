"""Components, triangles, spanning trees and resistances of product graphs beside those of the graph itself."""

import math

import networkx as nx
import numpy as np
import pytest
import scipy.sparse

from otimes.errors import InvalidIndex, NoRule, ShapeError, StructureError, TooLarge
from otimes.graphs import (
    ProductGraph,
    is_connected,
    kirchhoff_index,
    log_spanning_trees,
    number_connected_components,
    number_of_triangles,
    resistance_distance,
    spanning_trees,
    triangles,
)

KINDS = ("cartesian", "tensor", "strong", "lexicographic")
every_kind = pytest.mark.parametrize("kind", KINDS)
ATLAS = [nx.graph_atlas(i) for i in (1, 2, 3, 5, 6, 7, 9, 16)]  # of one to four nodes


def path(n):
    return np.eye(n, k=1) + np.eye(n, k=-1)


@every_kind
def test_components_of_small_graphs(kind):
    """All pairs: isolated nodes, bipartite components and others, some with a loop."""
    looped = nx.Graph([(0, 0), (1, 2)])
    graphs = [*ATLAS, looped, nx.empty_graph(3), nx.Graph([(0, 0)])]
    for G in graphs:
        for H in graphs:
            P = ProductGraph([G, H], kind)
            A = nx.from_numpy_array(np.asarray(P.adjacency()))
            assert number_connected_components(P) == nx.number_connected_components(A)
            assert is_connected(P) == nx.is_connected(A)


@every_kind
def test_components_of_three_factors(kind):
    for graphs in ([0, 2, 5], [2, 2, 2], [5, 2, 4], [7, 1, 6], [3, 6, 3]):
        P = ProductGraph([ATLAS[i] for i in graphs], kind)
        assert number_connected_components(P) == nx.number_connected_components(
            nx.from_numpy_array(np.asarray(P.adjacency()))
        )


@every_kind
def test_triangles(kind):
    graphs = [nx.gnp_random_graph(n, 0.6, seed=n) for n in (3, 4, 5)]
    for factors in (graphs[:1], graphs[:2], graphs[1:], graphs):
        P = ProductGraph(factors, kind)
        expected = nx.triangles(nx.from_numpy_array(np.asarray(P.adjacency()) != 0))
        found = triangles(P)
        assert found.shape == P.shape
        assert found.reshape(-1).tolist() == [expected[i] for i in range(P.number_of_nodes)]
        assert number_of_triangles(P) == sum(expected.values()) // 3


def test_triangles_of_hubs_take_no_square_of_their_degree():
    """A wheel of 20,000 spokes, whose A² has 4 · 10⁸ nonzeros."""
    n = 20_000
    rim, spokes = np.arange(n), np.zeros(n, int)
    rows, columns = np.concatenate([rim, spokes]), np.concatenate([np.roll(rim, 1), rim + 1])
    rows[:n], columns[:n] = rows[:n] + 1, columns[:n] + 1
    A = scipy.sparse.coo_array((np.ones(2 * n), (rows, columns)), shape=(n + 1, n + 1))
    P = ProductGraph([A + A.T, path(2)])
    assert number_of_triangles(P) == 2 * n
    assert triangles(P).tolist() == [[n, n]] + [[2, 2]] * n


def test_triangles_beyond_64_bits():
    K20 = np.ones((20, 20)) - np.eye(20)
    P = ProductGraph([K20] * 16, "tensor")
    assert P.number_of_nodes > 2**64
    assert number_of_triangles(P) == 6**15 * math.comb(20, 3) ** 16


def test_spanning_trees_of_grids():
    """OEIS A007341."""
    known = {1: 1, 2: 4, 3: 192, 4: 100352, 5: 557568000, 6: 32565539635200}
    for n, number in known.items():
        P = ProductGraph([path(n), path(n)])
        assert spanning_trees(P) == number
        assert math.isclose(log_spanning_trees(P), math.log(number), rel_tol=1e-13, abs_tol=1e-13)


def test_spanning_trees_of_other_products():
    G, H, K = nx.cycle_graph(3), nx.path_graph(4), nx.star_graph(2)
    for graphs in ([G, H], [H, K, G]):
        P = ProductGraph(graphs)
        number = nx.number_of_spanning_trees(nx.from_numpy_array(np.asarray(P.adjacency())))
        assert math.isclose(spanning_trees(P), number, rel_tol=1e-10)
    for kind in KINDS:
        P = ProductGraph([G, H], kind)
        A = nx.from_numpy_array(np.asarray(P.adjacency()))
        number = nx.number_of_spanning_trees(A)
        assert math.isclose(log_spanning_trees(P), math.log(number), rel_tol=1e-12)
    assert spanning_trees(ProductGraph([nx.empty_graph(2), G])) == 0
    assert log_spanning_trees(ProductGraph([nx.empty_graph(2), G])) == -math.inf
    doubled = nx.MultiGraph([(0, 1), (0, 1), (1, 2)])
    assert spanning_trees(ProductGraph([doubled])) == 2


@every_kind
def test_resistances(kind):
    G = nx.gnp_random_graph(4, 0.7, seed=1)
    H = nx.cycle_graph(5)
    for u, v, data in G.edges(data=True):
        data["weight"] = 1 + (u + v) / 4
    P = ProductGraph([G, H], kind)
    A = nx.from_numpy_array(np.asarray(P.adjacency()))
    assert is_connected(P)
    expected = nx.resistance_distance(A, 3, weight="weight", invert_weight=False)
    for j in (0, 3, 11, 19):
        assert math.isclose(resistance_distance(P, P.node(3), P.node(j)), expected[j], rel_tol=1e-12, abs_tol=1e-14)
    total = sum(sum(nx.resistance_distance(A, i, weight="weight", invert_weight=False).values()) for i in A) / 2
    assert math.isclose(kirchhoff_index(P), total, rel_tol=1e-12)


def test_between_components_it_is_infinite():
    P = ProductGraph([path(3), path(2)], "tensor")  # two paths
    assert number_connected_components(P) == 2
    assert kirchhoff_index(P) == math.inf
    assert resistance_distance(P, (0, 0), (0, 1)) == math.inf
    assert math.isclose(resistance_distance(P, (0, 0), (2, 0)), 2.0)
    assert resistance_distance(P, (1, 1), (1, 1)) == 0.0


def test_bad_input():
    directed, weighted = ProductGraph([np.eye(3, k=1)]), ProductGraph([path(3) * -1.0])
    for count in (number_connected_components, is_connected, triangles, number_of_triangles):
        with pytest.raises(StructureError, match="directed"):
            count(directed)
    for count in (spanning_trees, log_spanning_trees, kirchhoff_index):
        with pytest.raises(StructureError, match="negative weights"):
            count(weighted)
        with pytest.raises(StructureError, match="directed"):
            count(directed)
    with pytest.raises(StructureError, match="1 loops"):
        triangles(ProductGraph([np.diag([0, 1.0])]))
    with pytest.raises(StructureError, match="log_spanning_trees"):
        spanning_trees(ProductGraph([path(3)], "tensor"))
    with pytest.raises(StructureError, match="no integers"):
        spanning_trees(ProductGraph([path(3) / 2]))
    with pytest.raises(TooLarge, match="log_spanning_trees"):
        spanning_trees(ProductGraph([path(50), path(50)]))
    with pytest.raises(ShapeError, match="no nodes"):
        is_connected(ProductGraph([np.zeros((0, 0)), path(3)]))
    with pytest.raises(InvalidIndex):
        resistance_distance(ProductGraph([path(3)]), (0,), (3,))
    with pytest.raises(NoRule, match="spectrum of its factors"):
        kirchhoff_index(ProductGraph([path(60) + np.eye(60), path(60)], "tensor"))
