"""Fits of initiators: by moments and by likelihood, on graphs drawn from the model and on as20."""

import functools
import itertools

import networkx as nx
import numpy as np
import pytest

import otimes as ox
from otimes.errors import DTypeError, ShapeError, StructureError, TooLarge
from otimes.graphs import (
    expected_subgraph_counts,
    fit_likelihood,
    fit_moments,
    kronecker_log_likelihood,
    rmat,
    stochastic_kronecker,
)
from otimes.graphs.order_chain import OrderChain
from otimes.graphs.pair_classes import PairClasses

THETA = np.array([[0.99, 0.6], [0.6, 0.2]])
TRIPLE = np.array([[0.9, 0.4, 0.2], [0.4, 0.7, 0.3], [0.2, 0.3, 0.1]])
EMPTY = np.zeros((8, 8))


@pytest.fixture(scope="module")
def internet():
    return ox.datasets.load_as20().adjacency


class TestMoments:
    def test_as20(self, internet):
        """All four counts by squared relative errors: a = 1, c = 0, and no Kronecker graph has the counts."""
        fit = fit_moments(internet)
        np.testing.assert_allclose(fit.initiator, [[1, 0.632], [0.632, 0]], atol=5e-4)
        assert fit.levels == 13
        assert fit.observed.edges == 12572
        assert fit.expected == expected_subgraph_counts(fit.initiator, 13)
        errors = np.array(fit.expected) / np.array(fit.observed) - 1
        np.testing.assert_allclose(fit.objective, errors @ errors, rtol=1e-12)

    def test_no_point_near_is_better(self, internet):
        fit = fit_moments(internet)
        seen = np.array(fit.observed, dtype=float)
        for step in itertools.product([-0.01, 0, 0.01], repeat=3):
            a, b, c = np.clip([1 + step[0], fit.initiator[0, 1] + step[1], step[2]], 0, 1)
            other = np.array(expected_subgraph_counts([[a, b], [b, c]], 13)) / seen - 1
            assert other @ other >= fit.objective * (1 - 1e-6)

    @pytest.mark.parametrize("theta", [THETA, [[0.9, 0.45], [0.45, 0.7]]])
    def test_graphs_of_the_model(self, theta):
        drawn = stochastic_kronecker(theta, 14, seed=3)
        fit = fit_moments(drawn, 14)
        np.testing.assert_allclose(fit.initiator, theta, atol=0.02)
        assert fit.objective < 1e-4

    def test_subgraphs_that_do_not_occur_are_left_out(self):
        fit = fit_moments(nx.cycle_graph(64))
        assert (fit.observed.tripins, fit.observed.triangles) == (0, 0)
        np.testing.assert_allclose(fit.objective, sum((count / 64 - 1) ** 2 for count in fit.expected[:2]), rtol=1e-12)
        rng = np.random.default_rng(0)
        for a, b, c in rng.random((500, 3)):
            other = expected_subgraph_counts([[a, b], [b, c]], 6)
            assert sum((count / 64 - 1) ** 2 for count in other[:2]) >= fit.objective

    def test_bad_input(self):
        with pytest.raises(StructureError, match="no edges"):
            fit_moments(EMPTY)
        with pytest.raises(StructureError, match="directed"):
            fit_moments(rmat(5, seed=0))
        with pytest.raises(ShapeError, match="levels=5, and 34 nodes"):
            fit_moments(nx.karate_club_graph(), 5)
        for levels in (np.nan, np.inf, "6", 6.5, 2000):
            with pytest.raises(ShapeError, match="an integer from 6 to 62"):
                fit_moments(nx.karate_club_graph(), levels)


class TestLikelihood:
    @pytest.mark.parametrize(("theta", "levels"), [(THETA, 4), (TRIPLE, 3)], ids=["2⁴", "3³"])
    def test_by_the_formed_matrix(self, theta, levels):
        P = functools.reduce(np.kron, [theta] * levels)
        n, rng = len(P), np.random.default_rng(0)
        A = np.triu(rng.random((n, n)) < P, 1)
        order = rng.permutation(n)
        for places in (np.arange(n), order):
            p = P[np.ix_(places, places)][np.triu_indices(n, 1)]
            edge = A[np.triu_indices(n, 1)]
            wanted = np.log(np.where(edge, p, 1 - p)).sum()
            found = kronecker_log_likelihood(A + A.T, theta, order=places)
            np.testing.assert_allclose(found, wanted, rtol=1e-12)

    def test_gradient(self):
        classes, rng = PairClasses(3, 3, "test"), np.random.default_rng(0)
        edges = rng.binomial(classes.pairs.astype(int), 0.3)
        gradient = classes.gradient(edges, TRIPLE)
        for k, (i, j) in enumerate(zip(*classes.entries, strict=True)):
            moved = [TRIPLE.copy(), TRIPLE.copy()]
            for sign, theta in zip((-1, 1), moved, strict=True):
                theta[i, j] = theta[j, i] = TRIPLE[i, j] + sign * 1e-5
            below, above = (classes.log_likelihood(edges, theta) for theta in moved)
            np.testing.assert_allclose(gradient[k], (above - below) / 2e-5, rtol=1e-6)

    def test_levels_may_be_whole_floats(self):
        path = nx.path_graph(5)
        assert kronecker_log_likelihood(path, THETA, 3.0) == kronecker_log_likelihood(path, THETA)

    def test_impossible_graphs(self):
        edge = np.array([[0, 1], [1, 0]])
        assert kronecker_log_likelihood(edge, [[0.5, 0], [0, 0.5]]) == -np.inf
        assert kronecker_log_likelihood(np.zeros((2, 2)), [[0.5, 1], [1, 0.5]]) == -np.inf
        assert kronecker_log_likelihood(edge, [[0.5, 1], [1, 0.5]]) == 0.0

    def test_orders_come_up_by_their_likelihood(self):
        """All 24 orders of a path of four nodes: the chain visits each as often as its likelihood says."""
        path = nx.to_numpy_array(nx.path_graph(4))
        theta = np.array([[0.8, 0.5], [0.5, 0.3]])
        classes = PairClasses(2, 2, "test")
        rows, columns = np.array([0, 1, 2]), np.array([1, 2, 3])
        chain, rng = OrderChain(classes, rows, columns, np.arange(4)), np.random.default_rng(0)
        log_odds, visits = classes.log_odds(theta), {}
        for _ in range(8000):
            chain.run(log_odds, 2, rng)
            key = tuple(chain.order.tolist())
            visits[key] = visits.get(key, 0) + 1
        np.testing.assert_array_equal(chain.of_edge, classes.of_nodes(chain.order[rows], chain.order[columns]))
        orders = list(itertools.permutations(range(4)))
        weights = np.exp([kronecker_log_likelihood(path, theta, order=np.array(order)) for order in orders])
        shares = np.array([visits.get(order, 0) for order in orders]) / 8000
        assert np.abs(shares - weights / weights.sum()).max() < 0.01
        assert np.ptp(weights / weights.sum()) > 0.03

    def test_graphs_of_the_model(self):
        graph = stochastic_kronecker(THETA, 9, seed=0)
        fit = fit_likelihood(graph.relabelled(seed=1), iterations=20, rounds=50, seed=0)
        np.testing.assert_allclose(fit.initiator, THETA, atol=0.05)
        truth = kronecker_log_likelihood(graph, THETA)
        assert fit.log_likelihood > truth - 0.02 * abs(truth)
        found = kronecker_log_likelihood(graph.relabelled(seed=1), fit.initiator, order=fit.order)
        np.testing.assert_allclose(found, fit.log_likelihood, rtol=1e-12)
        again = fit_likelihood(graph.relabelled(seed=1), iterations=20, rounds=50, seed=0)
        np.testing.assert_array_equal(again.initiator, fit.initiator)

    def test_as20_in_few_steps(self, internet):
        """Near to Leskovec's [.987 .571; .571 .049], and likelier; its edges are right, where moments expect 20,500."""
        fit = fit_likelihood(internet, iterations=15, rounds=40, seed=0)
        np.testing.assert_allclose(fit.initiator, [[0.987, 0.571], [0.571, 0.049]], atol=0.04)
        assert abs(expected_subgraph_counts(fit.initiator, 13).edges - 12572) < 500
        published = kronecker_log_likelihood(internet, [[0.987, 0.571], [0.571, 0.049]], order=fit.order)
        assert fit.log_likelihood > published

    def test_bad_input(self, internet):
        with pytest.raises(StructureError, match="no edges"):
            fit_likelihood(EMPTY)
        with pytest.raises(StructureError, match="no step would leave"):
            fit_likelihood(internet, start=[[1.0, 0.5], [0.5, 0.2]])
        with pytest.raises(StructureError, match="not symmetric"):
            kronecker_log_likelihood(internet, [[0.9, 0.5], [0.4, 0.2]])
        with pytest.raises(ShapeError, match=r"2\^12 = 4096 nodes; the graph has 6474"):
            kronecker_log_likelihood(internet, THETA, 12)
        with pytest.raises(ShapeError, match="different numbers, from 0 to 8191"):
            kronecker_log_likelihood(internet, THETA, order=np.zeros(6474, int))
        with pytest.raises(ShapeError, match="6474 nodes"):
            kronecker_log_likelihood(internet, THETA, order=np.arange(5))
        with pytest.raises(TooLarge, match="too many classes"):
            kronecker_log_likelihood(internet, np.full((4, 4), 0.1))
        with pytest.raises(ShapeError, match="at least 1"):
            fit_likelihood(internet, iterations=0)
        with pytest.raises(ShapeError, match=r"rounds=2\.5"):
            fit_likelihood(internet, rounds=2.5)
        for levels in (0, np.nan, "13", 10**6):
            with pytest.raises(ShapeError, match="an integer from 1 to 26"):
                kronecker_log_likelihood(internet, THETA, levels)
        with pytest.raises(DTypeError, match="no matrix"):
            kronecker_log_likelihood(internet, [[0.9, 0.5], [0.5]])
        with pytest.raises(ShapeError, match="13×2×2"):
            kronecker_log_likelihood(internet, [THETA] * 13)
