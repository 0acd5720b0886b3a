"""Expected subgraph counts against enumeration, and counts of given graphs."""

import functools
import itertools
import math

import networkx as nx
import numpy as np
import pytest
import scipy.sparse

import otimes as ox
from otimes.errors import ShapeError, StructureError
from otimes.graphs import (
    ProductGraph,
    expected_subgraph_counts,
    number_of_triangles,
    rmat,
    stochastic_kronecker,
    subgraph_counts,
)

A = np.array([[0.9, 0.6], [0.6, 0.3]])
B = np.array([[0.7, 0.2], [0.2, 0.8]])
C = np.array([[0.4, 0.5, 0.1], [0.5, 0.9, 0.0], [0.1, 0.0, 0.6]])


def enumerated(P):
    """Sum over all pairs, triples and fours of nodes."""
    n = len(P)
    pairs = itertools.combinations(range(n), 2)
    stars = [
        math.fsum(
            math.prod(P[v, u] for u in leaves)
            for v in range(n)
            for leaves in itertools.combinations([u for u in range(n) if u != v], size)
        )
        for size in (2, 3)
    ]
    triangles = math.fsum(P[i, j] * P[j, k] * P[i, k] for i, j, k in itertools.combinations(range(n), 3))
    return [math.fsum(P[i, j] for i, j in pairs), *stars, triangles]


@pytest.mark.parametrize("thetas", [[A] * 3, [A, B, A], [C, A], [B, C]], ids=["A³", "A·B·A", "C·A", "B·C"])
def test_expected_counts_by_enumeration(thetas):
    P = functools.reduce(np.kron, thetas)
    np.testing.assert_allclose(expected_subgraph_counts(thetas), enumerated(P), rtol=1e-12)


def test_a_power_is_a_sequence_of_equal_levels():
    assert expected_subgraph_counts(A, 5) == expected_subgraph_counts([A] * 5)


def test_expected_counts_by_graphs():
    rng = np.random.default_rng(0)
    counts = np.array([subgraph_counts(stochastic_kronecker(A, 6, seed=rng)) for _ in range(120)], dtype=float)
    error = counts.std(axis=0) / np.sqrt(120)
    assert (np.abs(counts.mean(axis=0) - expected_subgraph_counts(A, 6)) < 4 * error).all()


def test_kronfit_on_as20():
    """The maximum of the likelihood, of Leskovec et al. (2010), has the edges and misses the rest (Gleich & Owen)."""
    fitted = expected_subgraph_counts([[0.987, 0.571], [0.571, 0.049]], 13)
    assert round(fitted.edges) == 12408
    assert (round(fitted.wedges, -4), round(fitted.triangles)) == (340_000, 1144)
    assert subgraph_counts(ox.datasets.load_as20().adjacency) == (12572, 2059364, 674974421, 6584)


@pytest.mark.parametrize("graph", [nx.karate_club_graph(), nx.gnp_random_graph(60, 0.2, seed=1), nx.star_graph(2000)])
def test_counts_by_networkx(graph):
    degrees = [degree for _, degree in graph.degree()]
    wanted = [
        graph.number_of_edges(),
        sum(math.comb(d, 2) for d in degrees),
        sum(math.comb(d, 3) for d in degrees),
        sum(nx.triangles(graph).values()) // 3,
    ]
    assert list(subgraph_counts(graph)) == wanted
    assert subgraph_counts(nx.to_scipy_sparse_array(graph)) == subgraph_counts(graph)


def test_loops_and_weights_do_not_count():
    a = np.array([[5.0, 2.0, 1.0], [2.0, 0.0, -3.0], [1.0, -3.0, 0.0]])
    assert subgraph_counts(a) == (3, 3, 0, 1)


def test_triangles_of_a_kronecker_product():
    """6 t t′, counted on the formed product of two random graphs."""
    G, H = (nx.gnp_random_graph(n, 0.4, seed=n) for n in (12, 17))
    counts = [subgraph_counts(graph).triangles for graph in (G, H)]
    formed = scipy.sparse.kron(nx.to_scipy_sparse_array(G), nx.to_scipy_sparse_array(H))
    assert subgraph_counts(formed).triangles == 6 * math.prod(counts) > 0
    assert number_of_triangles(ProductGraph([G, H], "tensor")) == 6 * math.prod(counts)


def test_bad_input():
    with pytest.raises(StructureError, match="directed"):
        subgraph_counts(rmat(5, seed=0))
    with pytest.raises(ShapeError, match="no nodes"):
        subgraph_counts(nx.Graph())
    with pytest.raises(ShapeError, match="3×4"):
        subgraph_counts(np.ones((3, 4)))
    with pytest.raises(StructureError, match="not symmetric"):
        expected_subgraph_counts([[0.9, 0.5], [0.4, 0.1]], 3)
    with pytest.raises(ShapeError, match="levels="):
        expected_subgraph_counts(A)
