"""The internet of one day, and the Kronecker graphs that are nearest to it.

Initiators are fitted to the graph as20 by the numbers of its small subgraphs and by likelihood, a graph is drawn from
each, and the degrees of all three are shown: what a model of three numbers gets right, and what it does not.

Run `python examples/kronecker_as20.py picture.png [iterations of the likelihood's fit]`.
"""

import sys
from pathlib import Path

import numpy as np

import otimes as ox
from otimes import plots
from otimes.graphs import expected_subgraph_counts, fit_likelihood, fit_moments, stochastic_kronecker, subgraph_counts
from otimes.plots.style import COLOURS, INK, drawing, new_figure


def main(picture: Path, iterations: int = 60) -> dict[str, tuple[float, ...]]:
    """Fit, draw graphs and their degrees, and return the subgraphs counted and expected."""
    internet = ox.datasets.load_as20().adjacency
    initiators = {
        "by moments": fit_moments(internet).initiator,
        "by likelihood": fit_likelihood(internet, iterations=iterations, seed=0).initiator,
    }
    graphs = {"as20": internet}
    graphs |= {name: stochastic_kronecker(theta, 13, seed=1).adjacency() for name, theta in initiators.items()}
    degrees = {name: np.asarray(A.sum(axis=1), dtype=int) for name, A in graphs.items()}
    draw(picture, degrees)
    counts = {"as20": tuple(subgraph_counts(internet))}
    return counts | {name: tuple(expected_subgraph_counts(theta, 13)) for name, theta in initiators.items()}


def draw(picture: Path, degrees: dict[str, np.ndarray]) -> None:
    """Write the picture: how many nodes have each degree, and how many have at least that."""
    with drawing():
        figure = new_figure(10, 4)
        each, more = figure.subplots(1, 2)
        for (name, d), colour in zip(degrees.items(), (INK, *COLOURS), strict=False):
            numbers = np.bincount(d)[1:]
            values = np.flatnonzero(numbers) + 1
            each.loglog(values, numbers[values - 1], ".", color=colour, label=name, markersize=4)
            at_least = np.cumsum(numbers[::-1])[::-1]
            more.loglog(np.arange(1, len(numbers) + 1), at_least, color=colour, label=name, linewidth=1.2)
        each.set(title="Nodes of a degree", xlabel="degree", ylabel="nodes")
        more.set(title="Nodes of a degree or more", xlabel="degree")
        more.legend()
        plots.save_figure(figure, picture)


if __name__ == "__main__":
    for name, counts in main(Path(sys.argv[1]), *map(int, sys.argv[2:])).items():
        print(f"{name:14}", *(f"{count:12.0f}" for count in counts))
