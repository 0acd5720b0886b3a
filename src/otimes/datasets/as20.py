"""The internet's autonomous systems of one day, and who exchanges traffic with whom."""

import gzip
from dataclasses import dataclass
from importlib import resources

import numpy as np
import scipy.sparse

SOURCE = "autonomous systems AS-733, the graph as20, as distributed with SNAP (examples/as20graph.txt)"


@dataclass(frozen=True, slots=True, eq=False)
class AutonomousSystems:
    """An undirected graph of autonomous systems.

    Attributes
    ----------
    adjacency : csr_array, (6474, 6474) float64
        1 where two systems exchange traffic; symmetric, without loops, 12,572 edges.
    numbers : (6474,) int
        The number of each system, ascending.
    loops : (6474,) bool
        The 1,323 systems that the file also joins to themselves.
    attribution : str
    """

    adjacency: scipy.sparse.csr_array
    numbers: np.ndarray
    loops: np.ndarray
    attribution: str


def load_as20() -> AutonomousSystems:
    """Return the graph as20, on which models of random graphs are compared: 6,474 nodes, 12,572 edges.

    Returns
    -------
    AutonomousSystems

    References
    ----------
    Leskovec, Kleinberg & Faloutsos (2005), Graphs over time: densification laws, shrinking diameters and possible
    explanations. The file README.md beside the data gives the source.

    Examples
    --------
    >>> import otimes as ox
    >>> internet = ox.datasets.load_as20()
    >>> internet.adjacency.shape, internet.adjacency.nnz // 2, int(internet.loops.sum())
    ((6474, 6474), 12572, 1323)
    """
    file = resources.files("otimes.datasets") / "as20graph.txt.gz"
    with file.open("rb") as stream, gzip.open(stream, "rt", encoding="ascii") as text:
        pairs = np.loadtxt(text, dtype=np.int64)
    numbers, places = np.unique(pairs, return_inverse=True)
    rows, columns = places.reshape(pairs.shape).T
    apart = rows != columns
    adjacency = scipy.sparse.csr_array(
        (np.ones(apart.sum()), (rows[apart], columns[apart])), shape=(len(numbers), len(numbers))
    )
    loops = np.bincount(rows[~apart], minlength=len(numbers)) > 0
    return AutonomousSystems(adjacency, numbers, loops, SOURCE)
