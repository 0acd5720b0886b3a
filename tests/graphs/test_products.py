"""Product graphs beside NetworkX's: matrices, nodes, edges, and NetworkX's own tests of its products."""

import functools
import inspect
import itertools
import math

import networkx as nx
import numpy as np
import pytest
import scipy.sparse
from networkx.algorithms.operators.tests import test_product as suite_of_networkx

import otimes as ox
from otimes.errors import (
    DTypeError,
    InvalidIndex,
    MissingExtra,
    NonFiniteError,
    ShapeError,
    StructureError,
    TooLarge,
)
from otimes.graphs import ProductGraph

KINDS = ("cartesian", "tensor", "strong", "lexicographic")
PRODUCTS = {kind: getattr(nx, f"{kind}_product") for kind in KINDS}
every_kind = pytest.mark.parametrize("kind", KINDS)


def random_graph(rng, n, directed=False, weighted=False, loops=False):
    pattern = rng.random((n, n)) < 0.4
    pattern = pattern if directed else np.triu(pattern)
    if not loops:
        np.fill_diagonal(pattern, False)
    weights = rng.integers(1, 9, (n, n)) / 4 if weighted else np.ones((n, n))
    A = pattern * weights
    A = A if directed else np.maximum(A, A.T)
    return nx.relabel_nodes(
        nx.from_numpy_array(A, create_using=nx.DiGraph if directed else nx.Graph),
        dict(enumerate(rng.permutation([f"v{i}" for i in range(n)]).tolist())),
    )


def matrix_of(P, nodes, pairs):
    """The adjacency matrix of a product of NetworkX's, whose weights are pairs where two edges meet."""
    for _, _, data in P.edges(data=True):
        weights = data.get("weight", 1.0)
        data["weight"] = (
            math.prod(1.0 if w is None else w for w in weights) if pairs and isinstance(weights, tuple) else weights
        )
    return nx.to_numpy_array(P, nodelist=nodes)


@every_kind
@pytest.mark.parametrize("directed", [False, True])
@pytest.mark.parametrize("seed", range(5))
def test_matrices_are_those_of_networkx(kind, directed, seed):
    rng = np.random.default_rng(seed)
    weighted = seed % 2 == 1
    G, H = (random_graph(rng, n, directed, weighted) for n in (4, 5))
    nodes = list(itertools.product(G, H))
    P = ProductGraph([G, H], kind)
    expected = matrix_of(PRODUCTS[kind](G, H), nodes, pairs=True)
    assert np.array_equal(np.asarray(P.adjacency()), expected)
    assert np.array_equal(np.asarray(P.degree()), np.diag(expected.sum(axis=1)))
    assert np.allclose(np.asarray(P.laplacian()), np.diag(expected.sum(axis=1)) - expected, rtol=0, atol=1e-13)
    assert np.array_equal(nx.to_numpy_array(P.to_networkx(), nodelist=nodes), expected)
    assert [P.node(i) for i in range(20)] == nodes
    assert [P.index(node) for node in nodes] == list(range(20))
    assert P.number_of_edges == PRODUCTS[kind](G, H).number_of_edges()
    assert P.directed == directed


@every_kind
@pytest.mark.parametrize("directed", [False, True])
def test_loops(kind, directed):
    """Their pattern is NetworkX's; where two terms make one edge, its weights add."""
    rng = np.random.default_rng(3)
    G, H = (random_graph(rng, n, directed, True, loops=True) for n in (4, 5))
    G.add_edge("v0", "v0", weight=0.5)
    H.add_edge("v1", "v1", weight=1.5)
    A, B = nx.to_numpy_array(G), nx.to_numpy_array(H)
    separate = np.kron(A, np.eye(5)) + np.kron(np.eye(4), B)
    expected = {
        "cartesian": separate,
        "tensor": np.kron(A, B),
        "strong": separate + np.kron(A, B),
        "lexicographic": np.kron(A, np.ones((5, 5))) + np.kron(np.eye(4), B),
    }[kind]
    P, theirs = ProductGraph([G, H], kind), PRODUCTS[kind](G, H)
    nodes = list(itertools.product(G, H))
    assert np.array_equal(np.asarray(P.adjacency()), expected)
    assert np.array_equal(expected != 0, nx.to_numpy_array(theirs, nodelist=nodes, weight=None) != 0)
    assert np.array_equal(nx.to_numpy_array(P.to_networkx(), nodelist=nodes), expected)
    assert P.number_of_edges == theirs.number_of_edges()


@every_kind
def test_three_factors_are_products_of_products(kind):
    rng = np.random.default_rng(4)
    graphs = [random_graph(rng, n) for n in (2, 3, 4)]
    nodes = list(itertools.product(*graphs))
    theirs = functools.reduce(PRODUCTS[kind], graphs)
    expected = nx.to_numpy_array(theirs, nodelist=[((u, v), w) for u, v, w in nodes], weight=None)
    P = ProductGraph(graphs, kind)
    assert np.array_equal(np.asarray(P.adjacency()), expected)
    assert np.array_equal(nx.to_numpy_array(P.to_networkx(), nodelist=nodes), expected)
    assert P.number_of_edges == theirs.number_of_edges()


@every_kind
@pytest.mark.parametrize("laplacian", ["normalized", "random_walk"])
@pytest.mark.parametrize("loops", [False, True])
def test_laplacians_with_isolated_nodes(kind, laplacian, loops):
    rng = np.random.default_rng(5)
    G, H = (random_graph(rng, n, weighted=True, loops=loops) for n in (4, 5))
    G.remove_edges_from(list(G.edges("v0")))
    P = ProductGraph([G, H], kind)
    A = np.asarray(P.adjacency())
    d = A.sum(axis=1)
    if laplacian == "normalized":
        expected = nx.normalized_laplacian_matrix(nx.from_numpy_array(A)).toarray()
    else:
        expected = (np.diag(d) - A) / np.where(d > 0, d, 1)[:, None]
    assert np.allclose(np.asarray(P.laplacian(laplacian)), expected, rtol=0, atol=1e-14)


@every_kind
def test_laplacians_are_sums_of_products_and_semidefinite(kind):
    star, path = nx.star_graph(3), nx.path_graph(5)
    L = ProductGraph([star, path], kind).laplacian()
    assert isinstance(L, ox.KroneckerSum if kind == "cartesian" else ox.KroneckerTerms)
    for laplacian in ("combinatorial", "normalized"):
        M = ProductGraph([star, path], kind).laplacian(laplacian)
        assert M.facts.positive_semidefinite
        assert np.linalg.eigvalsh(np.asarray(M)).min() > -1e-14
    signed = ProductGraph([-nx.to_numpy_array(star), path], kind).laplacian()
    assert not signed.facts.positive_semidefinite
    directed = ProductGraph([nx.DiGraph(star.edges), nx.DiGraph(path.edges)], kind)
    assert not directed.laplacian().facts.symmetric
    assert not directed.laplacian("normalized").facts.symmetric


def test_matrices_and_graphs_are_read_alike():
    rng = np.random.default_rng(6)
    G, H = (random_graph(rng, n, weighted=True) for n in (3, 4))
    A, B = nx.to_numpy_array(G), nx.to_scipy_sparse_array(H, format="coo")
    expected = np.asarray(ProductGraph([G, H]).adjacency())
    assert np.array_equal(np.asarray(ProductGraph([A, B]).adjacency()), expected)
    assert np.array_equal(np.asarray(ProductGraph([A.tolist(), H]).adjacency()), expected)
    assert ProductGraph([A.astype(np.float32), B.astype(np.float32)]).adjacency().dtype == np.float32
    unweighted = ProductGraph([G, H], weight=None).adjacency()
    assert np.array_equal(np.asarray(unweighted), (expected > 0).astype(float))


@pytest.mark.parametrize("name", [n for n in dir(suite_of_networkx) if n.startswith("test_")])
def test_of_networkx_with_our_products(name, monkeypatch):
    called = []

    def ours(kind, G, H):
        called.append(kind)
        try:
            return ProductGraph([G, H], kind).to_networkx()
        except StructureError as error:
            raise nx.NetworkXError(str(error)) from error

    for kind in KINDS:
        monkeypatch.setattr(nx, f"{kind}_product", functools.partial(ours, kind))
    test = getattr(suite_of_networkx, name)
    test()
    assert called or not any(f"nx.{kind}_product" in inspect.getsource(test) for kind in KINDS)


@every_kind
def test_a_billion_nodes(kind):
    """The matrices of 10⁹ nodes are made, and their entries read, in the memory of the factors."""
    ring = scipy.sparse.diags_array([1.0, 1.0, 1.0, 1.0], offsets=[-1, 1, 999, -999], shape=(1000, 1000)).tocsr()
    P = ProductGraph([ring] * 3, kind)
    degree = {"cartesian": 6, "tensor": 8, "strong": 26, "lexicographic": 2 * 10**6 + 2 * 10**3 + 2}[kind]
    assert P.number_of_nodes == 10**9
    assert P.number_of_edges == 10**9 * degree // 2
    assert P.index(P.node(123_456_789)) == 123_456_789
    L = P.laplacian()
    assert L.shape == (10**9, 10**9)
    assert L[0, 0] == degree == P.degree()[5, 5]
    assert np.isclose(P.laplacian("normalized")[7, 7], 1.0)
    with pytest.raises(TooLarge, match="max_edges"):
        P.to_networkx()


class TestBadInput:
    def test_of_graphs(self):
        square = np.ones((3, 3))
        with pytest.raises(ShapeError, match="at least one graph"):
            ProductGraph([])
        with pytest.raises(ShapeError, match="list of graphs"):
            ProductGraph(square)
        with pytest.raises(ShapeError, match="list of graphs"):
            ProductGraph(nx.path_graph(3))
        with pytest.raises(ShapeError, match="list of graphs"):
            ProductGraph(ProductGraph([square]))
        with pytest.raises(DTypeError, match="of type ProductGraph"):
            ProductGraph([ProductGraph([square]), square])
        with pytest.raises(ShapeError, match="factor 1 is 2×3"):
            ProductGraph([square, np.ones((2, 3))])
        with pytest.raises(ShapeError, match="kind is one of cartesian, tensor"):
            ProductGraph([square], "box")
        with pytest.raises(NonFiniteError, match="factor 0"):
            ProductGraph([[[0, np.nan], [np.nan, 0]]])
        with pytest.raises(DTypeError, match="real numbers"):
            ProductGraph([square * 1j])
        with pytest.raises(DTypeError, match="factor 0 is of type"):
            ProductGraph(["path"])
        with pytest.raises(DTypeError, match="attribute 'weight'"):
            ProductGraph([nx.Graph([(0, 1, {"weight": (1, 2)})])])
        with pytest.raises(StructureError, match=r"to_directed"):
            ProductGraph([nx.DiGraph(), nx.Graph()])

    def test_of_nodes(self):
        P = ProductGraph([nx.path_graph(["a", "b"]), np.ones((3, 3))])
        assert P.index(("b", 2)) == 5 == P.index(P.node(-1))
        with pytest.raises(InvalidIndex, match="factor 0, of 2 nodes, has no node 0"):
            P.index((0, 0))
        with pytest.raises(InvalidIndex, match="1 nodes of 2 factors"):
            P.index(["a"])
        with pytest.raises(InvalidIndex, match="node 6"):
            P.node(6)

    def test_of_kinds_of_laplacians(self):
        with pytest.raises(ShapeError, match="combinatorial, normalized, random_walk"):
            ProductGraph([np.ones((2, 2))]).laplacian("signed")
        with pytest.raises(StructureError, match="negative degree"):
            ProductGraph([-np.tri(3, 2) @ np.tri(2, 3)]).laplacian("normalized")

    def test_without_networkx(self, monkeypatch):
        monkeypatch.setitem(__import__("sys").modules, "networkx", None)
        P = ProductGraph([np.ones((2, 2))])
        assert ox.trace(P.adjacency()) == 2
        with pytest.raises(MissingExtra, match=r"otimes\[graphs\]"):
            P.to_networkx()
