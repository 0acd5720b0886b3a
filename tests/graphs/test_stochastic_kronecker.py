"""Stochastic Kronecker graphs: the law of coin flips, cell by cell and jointly; seeds; what is refused."""

import functools

import numpy as np
import pytest
import scipy.stats

from otimes.errors import ShapeError, StructureError, TooLarge
from otimes.graphs import stochastic_kronecker
from otimes.graphs.arrangements import Words

SYMMETRIC = np.array([[0.9, 0.6], [0.6, 0.3]])
SKEW = np.array([[1.0, 0.8], [0.3, 0.9]])  # a sure edge, others likely and not
TRIPLE = np.array([[0.9, 0.7, 0.1], [0.3, 0.0, 0.9], [1.0, 0.1, 0.6]])


def kron(thetas):
    return functools.reduce(np.kron, thetas)


def frequencies(thetas, repeats, seed, **how):
    """Count how often every cell came up."""
    rng, n = np.random.default_rng(seed), len(kron(thetas))
    seen = np.zeros(n * n)
    for _ in range(repeats):
        graph = stochastic_kronecker(thetas, seed=rng, **how)
        assert graph.number_of_nodes == n
        cells = graph.sources * n + graph.targets
        assert len(np.unique(cells)) == len(cells)
        seen[cells] += 1
    return seen.reshape(n, n)


def p_value(seen, P, repeats):
    """Return that of the sum of squared deviations of independent binomials, by χ²."""
    open_ = (P > 0) & (P < 1)
    np.testing.assert_array_equal(seen[~open_], repeats * P[~open_])
    squares = (seen - repeats * P)[open_] ** 2 / (repeats * P * (1 - P))[open_]
    return scipy.stats.chi2(open_.sum()).sf(squares.sum())


class TestLaw:
    @pytest.mark.parametrize("thetas", [[SKEW] * 3, [TRIPLE, SKEW], [SKEW, TRIPLE, SKEW]], ids=["2³", "3·2", "2·3·2"])
    def test_every_cell_has_its_probability(self, thetas):
        seen = frequencies(thetas, 300, 7, directed=True, loops=True)
        assert p_value(seen, kron(thetas), 300) > 0.01

    def test_the_test_can_fail(self):
        seen = frequencies([SKEW.T] * 3, 300, 7, directed=True, loops=True)
        assert p_value(seen, kron([SKEW] * 3), 300) < 1e-9

    @pytest.mark.parametrize("loops", [False, True])
    def test_undirected_pairs(self, loops):
        P = np.triu(kron([SYMMETRIC] * 3), 0 if loops else 1)
        assert p_value(frequencies([SYMMETRIC] * 3, 300, 8, loops=loops), P, 300) > 0.01

    def test_the_number_of_edges_varies_as_that_of_coin_flips(self):
        """Its variance is Σ p (1 − p), which dropping a fixed number of edges has not; and pairs are uncorrelated."""
        rng, P = np.random.default_rng(9), kron([SKEW] * 4)
        counts = [
            stochastic_kronecker(SKEW, 4, directed=True, loops=True, seed=rng).number_of_edges for _ in range(300)
        ]
        assert abs(np.mean(counts) - P.sum()) < 4 * np.sqrt((P * (1 - P)).sum() / 300)
        ratio = np.var(counts, ddof=1) / (P * (1 - P)).sum()
        assert scipy.stats.chi2(299).ppf(0.001) / 299 < ratio < scipy.stats.chi2(299).ppf(0.999) / 299

    def test_rows_of_a_large_graph(self):
        """Edges of nodes with so many ones among the digits, at 2¹³ nodes, against their expectation."""
        graph = stochastic_kronecker(SYMMETRIC, 13, directed=True, loops=True, seed=10)
        ones = np.bitwise_count(graph.sources)
        seen = np.bincount(ones, minlength=14)
        wanted = np.polynomial.polynomial.polypow([1.5, 0.9], 13)
        assert scipy.stats.chisquare(seen, wanted * seen.sum() / wanted.sum()).pvalue > 0.001
        assert abs(seen.sum() - 2.4**13) < 5 * np.sqrt(2.4**13)

    def test_zero_one_initiators_are_kronecker_powers(self):
        B = np.array([[1, 1, 0], [0, 0, 1], [1, 0, 1]])
        graph = stochastic_kronecker(B, 4, directed=True, loops=True)
        np.testing.assert_array_equal(graph.adjacency().toarray(), kron([B] * 4))


def test_large_initiators():
    B = np.random.default_rng(11).random((10, 10)) < 0.3
    graph = stochastic_kronecker(B, 2, directed=True, loops=True)
    np.testing.assert_array_equal(graph.adjacency().toarray(), np.kron(B, B))
    full = stochastic_kronecker(np.full((10, 10), 0.5), 2, directed=True, loops=True, seed=0)
    assert abs(full.number_of_edges - 100**2 / 4) < 5 * 100 * np.sqrt(3 / 16)


def test_words_are_in_alphabetical_order():
    words = Words(3, 5, "test")
    multiset = np.repeat(np.arange(len(words.numbers)), words.numbers)
    place = np.concatenate([np.arange(number) for number in words.numbers])
    spelled = [tuple(word) for word in words.letters(multiset, place).T.tolist()]
    assert len(set(spelled)) == 3**5
    for which, word in zip(multiset, spelled, strict=True):
        np.testing.assert_array_equal(np.bincount(word, minlength=3), words.counts[which])
    for which in range(len(words.numbers)):
        of_it = [word for m, word in zip(multiset, spelled, strict=True) if m == which]
        assert of_it == sorted(of_it)


def test_seeds_reproduce():
    first, second, other = (stochastic_kronecker(SYMMETRIC, 10, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.sources, second.sources)
    np.testing.assert_array_equal(first.targets, second.targets)
    assert first.number_of_edges != other.number_of_edges or (first.sources != other.sources).any()


class TestBadInput:
    def test_undirected_graphs_have_symmetric_initiators(self):
        with pytest.raises(StructureError, match="directed=True"):
            stochastic_kronecker(SKEW, 3)

    def test_probabilities(self):
        with pytest.raises(StructureError, match=r"outside \[0, 1\]"):
            stochastic_kronecker([[1.01, 0.5], [0.5, 0.1]], 3)

    def test_sizes_over_the_limit(self):
        with pytest.raises(ShapeError, match="4294967296 nodes are more than 2³¹"):
            stochastic_kronecker([[0.1, 0.1], [0.1, 0.1]], 32)
        with pytest.raises(TooLarge, match="edges are expected"):
            stochastic_kronecker(SYMMETRIC, 31)
        with pytest.raises(TooLarge, match="multisets"):
            stochastic_kronecker(np.full((6, 6), 0.1), 10)

    def test_too_many_different_levels(self):
        thetas = [SYMMETRIC - 0.01 * level for level in range(13)]
        with pytest.raises(TooLarge, match="rmat takes any"):
            stochastic_kronecker(thetas)
