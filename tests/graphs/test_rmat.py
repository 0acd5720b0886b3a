"""R-MAT: edges by the law of the Kronecker product, seeds, lists of edges, and the nodes that stay isolated."""

import networkx as nx
import numpy as np
import pytest
import scipy.stats

from otimes.errors import DTypeError, NonFiniteError, ShapeError, StructureError, TooLarge
from otimes.graphs import GRAPH500, EdgeList, expected_isolated, rmat

SKEW = np.array([[0.5, 0.3], [0.1, 0.05]])  # not symmetric
TRIPLE = np.array([[0.9, 0.2, 0.1], [0.3, 0.0, 0.2], [0.4, 0.1, 0.6]])


def kron(*factors):
    product = np.ones((1, 1))
    for factor in factors:
        product = np.kron(product, factor)
    return product


def drawn_cells(graph):
    cells = graph.sources * graph.number_of_nodes + graph.targets
    return np.bincount(cells, minlength=graph.number_of_nodes**2)


class TestLaw:
    @pytest.mark.parametrize("thetas", [[SKEW] * 3, [TRIPLE, SKEW], [SKEW, TRIPLE, SKEW]], ids=["2³", "3·2", "2·3·2"])
    def test_cells_come_up_by_their_probabilities(self, thetas):
        graph = rmat(None, 200_000, initiator=thetas, seed=1)
        P = kron(*thetas).reshape(-1)
        seen, possible = drawn_cells(graph), P > 0
        assert not seen[~possible].any()
        wanted = 200_000 * P / P.sum()
        assert scipy.stats.chisquare(seen[possible], wanted[possible]).pvalue > 0.01

    def test_the_test_can_fail(self):
        graph = rmat(3, 200_000, initiator=SKEW.T, seed=1)
        P = kron(SKEW, SKEW, SKEW).reshape(-1)
        assert scipy.stats.chisquare(drawn_cells(graph), 200_000 * P / P.sum()).pvalue < 1e-9

    def test_levels_of_several_tables_are_independent(self):
        """Of 16 levels, in tables of up to six: the digits of each pair of levels."""
        graph = rmat(16, 100_000, seed=2)
        bits = (graph.sources[:, None] >> np.arange(15, -1, -1)) & 1
        up = 0.24  # of a source's bit
        assert np.abs(bits.mean(axis=0) - up).max() < 5 * np.sqrt(up * (1 - up) / 100_000)
        assert np.abs(np.corrcoef(bits.T) - np.eye(16)).max() < 5 / np.sqrt(100_000)

    def test_noise_moves_each_level_and_keeps_the_sum(self):
        """Rows of one level have the sums a + b − μ (a − d) / (a + d): the spread over levels is that of μ."""
        graph = rmat(20, 400_000, noise=0.1, seed=3)
        bits = (graph.sources[:, None] >> np.arange(19, -1, -1)) & 1
        shares = bits.mean(axis=0)
        most = 0.1 * (0.57 - 0.05) / 0.62
        assert np.abs(shares - 0.24).max() < most + 0.005
        assert shares.std() > most / 4

    def test_large_numbers_of_nodes(self):
        graph = rmat(62, 1000, seed=4)
        assert graph.sources.max() < 2**62
        assert graph.sources.min() >= 0


class TestSeeds:
    def test_the_same_seed_gives_the_same_edges(self):
        first, second, other = (rmat(12, seed=seed) for seed in (5, 5, 6))
        np.testing.assert_array_equal(first.sources, second.sources)
        np.testing.assert_array_equal(first.targets, second.targets)
        assert (first.sources != other.sources).any()

    def test_a_generator_goes_on(self):
        rng = np.random.default_rng(5)
        first, second = rmat(12, seed=rng), rmat(12, seed=rng)
        np.testing.assert_array_equal(first.sources, rmat(12, seed=5).sources)
        assert (first.sources != second.sources).any()


class TestEdgeList:
    def test_simple_is_the_pattern_without_loops(self):
        graph = rmat(8, seed=0)
        A = graph.adjacency().toarray()
        wanted = (A + A.T > 0) & ~np.eye(256, dtype=bool)
        np.testing.assert_array_equal(graph.simple().adjacency().toarray(), wanted)

    def test_many_nodes_are_paired_without_overflow(self):
        far = np.array([2**61, 2**61 + 1, 3, 3])
        near = np.array([2**61 + 1, 2**61, 3, 2**60])
        simple = EdgeList(2**62, far, near).simple()
        assert list(zip(simple.sources, simple.targets, strict=True)) == [(3, 2**60), (2**61, 2**61 + 1)]

    def test_undirected_lists_have_both_directions_and_loops_once(self):
        graph = EdgeList(3, np.array([0, 2]), np.array([1, 2]), directed=False)
        np.testing.assert_array_equal(graph.adjacency().toarray(), [[0, 1, 0], [1, 0, 0], [0, 0, 1]])

    def test_relabelling_keeps_the_graph(self):
        graph = rmat(5, 40, seed=0)
        moved = graph.relabelled(seed=1)
        assert (moved.sources != graph.sources).any()
        assert nx.is_isomorphic(graph.simple().to_networkx(), moved.simple().to_networkx())

    def test_networkx_has_every_edge(self):
        graph = rmat(5, 400, seed=0)
        found = nx.to_scipy_sparse_array(graph.to_networkx(), nodelist=range(32))
        assert (found != graph.adjacency()).nnz == 0

    def test_no_matrix_of_too_many_nodes(self):
        with pytest.raises(TooLarge, match=r"adjacency of EdgeList\(1073741824 nodes, 5 edges"):
            rmat(30, 5).adjacency()


class TestIsolated:
    def test_the_table_of_graph500(self):
        """Seshadhri, Pinar & Kolda (2013), table 3, with one more digit: isolated nodes, degrees of the rest."""
        scales = (26, 29, 32, 36, 39, 42)
        shares = np.array([expected_isolated(scale) / 2**scale for scale in scales])
        np.testing.assert_array_equal((100 * shares).round(1), [51.1, 56.6, 61.5, 67.3, 71.0, 74.4])
        np.testing.assert_array_equal((16 / (1 - shares)).round(1), [32.7, 36.9, 41.6, 48.9, 55.2, 62.5])

    @pytest.mark.parametrize("thetas", [[SKEW] * 4, [TRIPLE, SKEW, TRIPLE]], ids=["2⁴", "3·2·3"])
    def test_by_the_formed_matrix(self, thetas):
        P = kron(*thetas)
        P /= P.sum()
        touched = P.sum(axis=0) + P.sum(axis=1) - 2 * P.diagonal()
        expected = expected_isolated(None, 30, initiator=thetas)
        np.testing.assert_allclose(expected, ((1 - touched) ** 30).sum(), rtol=1e-13)

    def test_by_graphs(self):
        counts = [(rmat(9, seed=s).simple().adjacency().sum(axis=1) == 0).sum() for s in range(60)]
        error = np.std(counts) / np.sqrt(60)
        assert abs(np.mean(counts) - expected_isolated(9)) < 4 * error

    def test_a_node_that_every_edge_touches(self):
        assert expected_isolated(1, 5, initiator=[[0, 1], [1, 0]]) == 0.0
        assert expected_isolated(1, 0, initiator=[[0, 1], [1, 0]]) == 2.0


class TestBadInput:
    @pytest.mark.parametrize(
        ("initiator", "error", "says"),
        [
            ([[1.2, 0.1], [0.1, 0.1]], StructureError, r"outside \[0, 1\]"),
            ([[0.2, -0.1], [0.1, 0.1]], StructureError, r"outside \[0, 1\]"),
            ([[0.2, np.nan], [0.1, 0.1]], NonFiniteError, "NaN"),
            ([[0.2, 0.1, 0.3], [0.1, 0.1, 0.3]], ShapeError, "2×3"),
            ([0.2, 0.1], ShapeError, "square"),
            (0.2, ShapeError, "a scalar"),
            ([[0.2]], ShapeError, "1×1"),
            ([[0.2, 0.1], [0.1]], DTypeError, "no matrix"),
            ([["a", "b"], ["c", "d"]], DTypeError, "no matrix"),
            ([[0.2 + 0.1j, 0.1], [0.1, 0.1]], DTypeError, "no matrix of real numbers"),
            ([[0.0, 0.0], [0.0, 0.0]], StructureError, "without edges"),
            ([], ShapeError, "empty"),
            ([GRAPH500, GRAPH500], ShapeError, "2 initiators, one for each level, and levels=3"),
        ],
    )
    def test_initiators(self, initiator, error, says):
        with pytest.raises(error, match=says):
            rmat(3, initiator=initiator)

    @pytest.mark.parametrize("scale", [0, -1, 1.5, None, True, np.nan, np.inf, "3", [3]])
    def test_scales(self, scale):
        with pytest.raises(ShapeError, match="an integer ≥ 1"):
            rmat(scale)

    def test_sizes_over_the_limit(self):
        with pytest.raises(ShapeError, match="more than 2⁶²"):
            rmat(63, 10)
        with pytest.raises(ShapeError, match=r"rmat: 2\^1000000000 nodes"):
            rmat(10**9, 10)
        with pytest.raises(TooLarge, match="17179869184 edges"):
            rmat(30)
        with pytest.raises(ShapeError, match="edges=-1"):
            rmat(3, -1)
        for edges in (np.nan, np.inf, "9"):
            with pytest.raises(ShapeError, match="a number of edges, an integer"):
                rmat(3, edges)

    @pytest.mark.parametrize("noise", [-0.1, 0.2])
    def test_noise(self, noise):
        with pytest.raises(StructureError, match=r"0 to 0\.19"):
            rmat(3, noise=noise)

    def test_noise_of_larger_initiators(self):
        with pytest.raises(ShapeError, match="2×2"):
            rmat(3, initiator=TRIPLE, noise=0.01)
