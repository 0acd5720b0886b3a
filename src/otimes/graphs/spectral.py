"""GraphFourier: the spectrum of a product graph from those of its factors, and what is a function of it."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from otimes.errors import NoRule, ShapeError, StructureError
from otimes.graphs.kinds import KINDS
from otimes.graphs.signals import as_columns

if TYPE_CHECKING:
    from otimes.graphs.product import ProductGraph

MATRICES = ("combinatorial", "normalized", "adjacency")


class GraphFourier:
    """The graph Fourier transform c = Uᴴ x in the eigenvectors of a product graph's Laplacian or adjacency matrix.

    U is orthonormal and kept by factors: that of a Cartesian product is U_G ⊗ U_H. Each factor is decomposed once,
    O(Σ nᵢ³) operations; a transform costs O(n Σ nᵢ), and no memory but for the result. Paths and rings of 200 nodes and
    more in a Cartesian product, with equal weights and nodes in order, are not decomposed: fast transforms take
    O(n log nᵢ). Signs of eigenvectors, and their choice for repeated eigenvalues, are no property of the graph; filters
    do not depend on them.

    Parameters
    ----------
    graph : ProductGraph, undirected
    matrix : {"combinatorial", "normalized", "adjacency"}
        The Laplacian, or A.

    Attributes
    ----------
    eigenvalues : (n,)
        The graph frequencies, lazy where they are combined from the factors', in the order of the columns of U.
    eigenvectors : LinearOperator U, (n, n)

    Raises
    ------
    StructureError
        The graph is directed.
    NoRule
        The matrix does not have the spectrum of the factors', and is too large to be decomposed as a whole.

    References
    ----------
    Shuman et al. (2013), The emerging field of signal processing on graphs. Barik, Kalita, Pati & Sahoo (2018),
    Spectra of graphs resulting from various graph operations and products.

    Examples
    --------
    >>> import numpy as np
    >>> from otimes.graphs import ProductGraph
    >>> path = np.eye(3, k=1) + np.eye(3, k=-1)
    >>> F = ProductGraph([path, path]).fourier()
    >>> np.sort(F.eigenvalues).round(8)
    array([0., 1., 1., 2., 3., 3., 4., 4., 6.])
    >>> x = np.arange(9.0).reshape(3, 3)
    >>> bool(np.allclose(F.inverse(F.transform(x)), x))
    True
    """

    def __init__(self, graph: "ProductGraph", matrix: str = "combinatorial"):
        if matrix not in MATRICES:
            raise ShapeError(f"fourier({matrix!r}): the matrix is one of {', '.join(MATRICES)}")
        if graph.directed:
            raise StructureError(
                "the eigenvectors of a directed graph are not orthogonal: otimes.schur(P.adjacency()), "
                "otimes.svd(P.adjacency()) and otimes.eig(P.adjacency()) keep its factors too. Of a matrix that is "
                "symmetric but for rounding give (A + Aᵀ)/2"
            )
        if not graph.number_of_nodes:
            raise ShapeError(f"{graph!r} has no nodes, and no spectrum")
        self.graph, self.matrix = graph, matrix
        rules = KINDS[graph.kind]
        try:
            self.eigenvalues, self.eigenvectors = rules.eigh(graph.factors, matrix)
        except NoRule:
            raise NoRule(
                f"the {matrix} matrix of {graph!r} does not have the spectrum of its factors; in a {graph.kind} "
                f"product that is so of {rules.spectra}. scipy.sparse.linalg.eigsh takes the operator itself"
            ) from None

    def __repr__(self) -> str:
        return f"GraphFourier({self.matrix} of {self.graph!r})"

    def transform(self, x: Any) -> np.ndarray:
        """Return c = Uᴴ x for a signal x of the graph's shape, (n,), or with further axes: an array of x's shape."""
        columns, restore = as_columns(x, self.graph.shape, "the signal")
        return restore(self.eigenvectors.H @ columns)

    def inverse(self, c: Any) -> np.ndarray:
        """Return x = U c for the coefficients c of a signal: an array of c's shape."""
        columns, restore = as_columns(c, self.graph.shape, "the coefficients")
        return restore(self.eigenvectors @ columns)

    def filter(self, x: Any, h: Callable[[np.ndarray], Any]) -> np.ndarray:
        """Return U h(Λ) Uᴴ x for a function h of an array of eigenvalues; exact, at the cost of two transforms."""
        columns, restore = as_columns(x, self.graph.shape, "the signal")
        return restore(self.eigenvectors @ (self._response(h)[:, None] * (self.eigenvectors.H @ columns)))

    def heat(self, x: Any, t: float) -> np.ndarray:
        """Return exp(−t M) x: x after diffusion for the time t."""
        t = _time(t)
        return self.filter(x, lambda values: np.exp(-t * values))

    def wave(self, x: Any, t: float) -> np.ndarray:
        """Return cos(t √M) x: the solution at time t of u″ = −M u with u(0) = x and u′(0) = 0."""
        if self.matrix == "adjacency":
            raise StructureError("wave: the adjacency matrix has negative eigenvalues; take a Laplacian")
        t = _time(t)
        return self.filter(x, lambda values: np.cos(t * np.sqrt(np.maximum(values, 0))))

    def eigenpairs(self, k: int, which: str = "smallest") -> tuple[np.ndarray, np.ndarray]:
        """Return exactly the k extreme eigenvalues, from the extreme inwards, and their eigenvectors (n, k).

        `which` is "smallest", "largest" or "magnitude". They are found among the sums or products of the factors'
        eigenvalues in O(k Σ nᵢ); the columns are formed.
        """
        places = self._extremes(k, which)
        return np.asarray(self.eigenvalues[places]), np.asarray(self.eigenvectors[:, places])

    def extremes(self, k: int, which: str = "smallest") -> np.ndarray:
        """Return exactly the k extreme eigenvalues, from the extreme inwards; of a graph of any size."""
        return np.asarray(self.eigenvalues[self._extremes(k, which)])

    def _extremes(self, k: int, which: str) -> np.ndarray:
        if not isinstance(self.eigenvalues, np.ndarray):
            return self.eigenvalues.extreme_indices(k, which)
        keys = {"smallest": self.eigenvalues, "largest": -self.eigenvalues, "magnitude": -abs(self.eigenvalues)}
        if which not in keys or not 0 <= k <= len(self.eigenvalues):
            raise ShapeError(
                f"k={k} of {len(self.eigenvalues)} eigenvalues, which={which!r}: it is one of {', '.join(keys)}"
            )
        return np.argsort(keys[which], stable=True)[:k]

    def _response(self, h: Callable[[np.ndarray], Any]) -> np.ndarray:
        """Return h of all eigenvalues, (n,)."""
        values = np.asarray(self.eigenvalues)
        response = np.asarray(h(values))
        if response.shape != values.shape:
            raise ShapeError(
                f"filter: h of {len(values)} eigenvalues gave an array of shape {response.shape}; it must return a "
                "number for each"
            )
        return response


def _time(t: Any) -> float:
    """Return the time as a finite number."""
    if np.ndim(t) or not np.isrealobj(t) or not np.isfinite(t):
        raise ShapeError(f"t={t!r} is no time; give a finite real number")
    return float(t)
