"""Kronecker graphs: R-MAT beside plain Python and networkit, the exact model beside coin flips, and fits to as20."""

import random

import numpy as np

import otimes as ox
from benchmarks.harness import race, record
from otimes.graphs import (
    GRAPH500,
    expected_isolated,
    expected_subgraph_counts,
    fit_likelihood,
    fit_moments,
    kronecker_log_likelihood,
    rmat,
    stochastic_kronecker,
    subgraph_counts,
)

TITLE = "Kronecker graphs: drawing and fitting"
CLAIM = "R-MAT at 3 million edges a second and more; the moments of as20 fitted in less than a second"
KRONFIT = np.array([[0.987, 0.571], [0.571, 0.049]])  # of as20, Leskovec et al. (2010)


def run() -> list[dict]:
    return [drawn_by_loops(16), edges(20), built(16), exact(12), exact(18), by_moments(), by_likelihood()]


def drawn_by_loops(scale: int) -> dict:
    """Draw one edge for each node; no other rival draws edges alone."""
    rivals = {"plain Python": lambda: plain_rmat(scale, 1 << scale), "otimes": lambda: rmat(scale, 1 << scale, seed=0)}
    for pairs in (plain_rmat(scale, 1 << scale), sources_and_targets(scale)):  # both by the same law
        share = np.mean([source >> (scale - 1) for source, _ in pairs])
        np.testing.assert_allclose(share, 0.24, atol=5 * 0.43 / 2 ** (scale / 2))
    timings = race(rivals, repeats=3, target=0.05)
    return rated(f"R-MAT, 2^{scale} edges, scale {scale}", timings, 1 << scale)


def sources_and_targets(scale: int) -> list[tuple[int, int]]:
    drawn = rmat(scale, 1 << scale, seed=0)
    return list(zip(drawn.sources.tolist(), drawn.targets.tolist(), strict=True))


def plain_rmat(scale: int, count: int) -> list[tuple[int, int]]:
    """Choose a quadrant for every edge and level."""
    (a, b), (c, _) = GRAPH500
    uniform, pairs = random.Random(0).random, []
    for _ in range(count):
        row = column = 0
        for _ in range(scale):
            u = uniform()
            row, column = 2 * row + (u >= a + b), 2 * column + (a <= u < a + b or u >= a + b + c)
        pairs.append((row, column))
    return pairs


def edges(scale: int) -> dict:
    """Draw the edge list of Graph500, 16 edges a node; the isolated nodes are as many as expected."""
    timings = race({"otimes": lambda: rmat(scale, seed=0)}, repeats=3)
    graph = rmat(scale, seed=0)
    touched = np.zeros(1 << scale, bool)
    apart = graph.sources != graph.targets
    touched[graph.sources[apart]] = touched[graph.targets[apart]] = True
    share, expected = 1 - touched.mean(), expected_isolated(scale) / 2**scale
    np.testing.assert_allclose(share, expected, atol=1e-3)
    return rated(f"R-MAT, 16 · 2^{scale} edges", timings, 16 << scale, isolated=f"{share:.4f}, expected {expected:.4f}")


def built(scale: int) -> dict:
    """Build an undirected graph; networkit draws on until 16 · 2^scale different edges are there, otimes does not."""
    rivals = {"otimes": lambda: rmat(scale, seed=0).simple().adjacency()}
    try:
        import networkit
    except ImportError:
        pass
    else:
        (a, b), (c, d) = GRAPH500
        rivals["networkit"] = lambda: networkit.generators.RmatGenerator(scale, 16, a, b, c, d).generate()
    timings = race(rivals, repeats=3, target=0.05)
    return rated(f"R-MAT, a graph of 2^{scale} nodes", timings, rmat(scale, seed=0).simple().number_of_edges)


def exact(scale: int) -> dict:
    """Draw a directed stochastic Kronecker graph; coin flips take 4^scale random numbers."""
    rivals = {"otimes": lambda: stochastic_kronecker(KRONFIT, scale, directed=True, loops=True, seed=0)}
    count, mean = rivals["otimes"]().number_of_edges, KRONFIT.sum() ** scale
    np.testing.assert_allclose(count, mean, atol=5 * mean**0.5)
    if scale <= 12:
        rivals["coin flips"] = lambda: coin_flips(scale)
        np.testing.assert_allclose(len(coin_flips(scale)[0]), mean, atol=5 * mean**0.5)
    return rated(f"exact model, 2^{scale} nodes", race(rivals, repeats=3, target=0.05), count)


def coin_flips(scale: int) -> tuple[np.ndarray, np.ndarray]:
    """Flip a coin for every pair of nodes, a block of rows at a time."""
    rng, half = np.random.default_rng(0), scale // 2
    upper = ox.kron_dense(*[KRONFIT] * half)
    lower = ox.kron_dense(*[KRONFIT] * (scale - half))
    found = [np.nonzero(rng.random(block.shape) < block) for row in upper for block in [np.kron(row, lower)]]
    rows = np.concatenate([i + k * len(lower) for k, (i, _) in enumerate(found)])
    return rows, np.concatenate([j for _, j in found])


def by_moments() -> dict:
    graph = ox.datasets.load_as20().adjacency
    fit = fit_moments(graph)
    np.testing.assert_allclose(fit.initiator, [[1, 0.632], [0.632, 0]], atol=5e-4)
    timings = race({"otimes": lambda: fit_moments(graph)}, repeats=5)
    return record("as20 fitted by moments", timings, "otimes", seconds=timings[0].best, initiator=shown(fit.initiator))


def by_likelihood() -> dict:
    """Fit by likelihood, and compare with what is published at the order that was found."""
    graph = ox.datasets.load_as20().adjacency
    fit = fit_likelihood(graph, seed=0)
    published = kronecker_log_likelihood(graph, KRONFIT, order=fit.order)
    np.testing.assert_array_less(published, fit.log_likelihood)
    expected, seen = expected_subgraph_counts(fit.initiator, 13), subgraph_counts(graph)
    timings = race({"otimes": lambda: fit_likelihood(graph, seed=0)}, repeats=1)
    return record(
        "as20 fitted by likelihood",
        timings,
        "otimes",
        seconds=timings[0].best,
        initiator=shown(fit.initiator),
        edges=f"{expected.edges:.0f} of {seen.edges}",
    )


def rated(case: str, timings: list, count: int, **more: object) -> dict:
    """Return the record with millions of edges a second."""
    ours = next(t.best for t in timings if t.name == "otimes")
    return record(case, timings, "otimes", million_edges_a_second=count / ours / 1e6, **more)


def shown(theta: np.ndarray) -> str:
    return "; ".join(" ".join(f"{entry:.3f}" for entry in row) for row in theta)
