"""Graphs made by Kronecker products: products of graphs, signals on them, and graphs drawn at random."""

from otimes.graphs.counts import is_connected, number_connected_components, number_of_triangles, triangles
from otimes.graphs.edge_list import EdgeList
from otimes.graphs.fit_likelihood import LikelihoodFit, fit_likelihood, kronecker_log_likelihood
from otimes.graphs.fit_moments import MomentFit, fit_moments
from otimes.graphs.moments import SubgraphCounts, expected_subgraph_counts, subgraph_counts
from otimes.graphs.product import ProductGraph
from otimes.graphs.rmat import GRAPH500, expected_isolated, rmat
from otimes.graphs.smoothing import smooth
from otimes.graphs.spanning import kirchhoff_index, log_spanning_trees, resistance_distance, spanning_trees
from otimes.graphs.spectral import GraphFourier
from otimes.graphs.stochastic_kronecker import stochastic_kronecker
from otimes.graphs.timevertex import JointFourier

__all__ = [
    "GRAPH500",
    "EdgeList",
    "GraphFourier",
    "JointFourier",
    "LikelihoodFit",
    "MomentFit",
    "ProductGraph",
    "SubgraphCounts",
    "expected_isolated",
    "expected_subgraph_counts",
    "fit_likelihood",
    "fit_moments",
    "is_connected",
    "kirchhoff_index",
    "kronecker_log_likelihood",
    "log_spanning_trees",
    "number_connected_components",
    "number_of_triangles",
    "resistance_distance",
    "rmat",
    "smooth",
    "spanning_trees",
    "stochastic_kronecker",
    "subgraph_counts",
    "triangles",
]
