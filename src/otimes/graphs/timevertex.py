"""JointFourier: the transform of signals on graph × time."""

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.sparse

import otimes as ox
from otimes.errors import ShapeError
from otimes.graphs.product import ProductGraph
from otimes.graphs.signals import as_columns

TIMES = ("dct", "dft", "path")


class JointFourier:
    """The joint Fourier transform of signals on a graph over T steps of time: C = (Uᴴ ⊗ F) x, X vertex-major.

    ======  ========================  =========================================  ====================
    time    basis                     for                                        frequencies ω
    ======  ========================  =========================================  ====================
    `dct`   cosines, real             data with a beginning and an end           π k / T
    `dft`   complex exponentials      periodic data                              2π k / T, ± in pairs
    `path`  the cosines of `dct`      the same, as a graph: filters in λ and μ   eigenvalues of L_T
    graph   its eigenvectors          seasons, branching time                    eigenvalues of L_T
    ======  ========================  =========================================  ====================

    Cosines are the eigenvectors of the path of T nodes, exponentials those of the ring. With data that ends elsewhere
    than it begins, a trend of 81 years say, `dft` sees a jump from the end to the beginning.

    Parameters
    ----------
    graph : ProductGraph, or a graph as `ProductGraph` takes
        Undirected.
    steps : int
        T.
    time : {"dct", "dft", "path"} or an undirected graph of T nodes

    Attributes
    ----------
    graph : ProductGraph
    shape : (n₁, …, T)
        Of a signal; (n, T) will do.
    graph_frequencies : (n, 1)
        λ, the eigenvalues of the graph's Laplacian.
    time_frequencies : (1, T)
        ω, in radians per step, or eigenvalues.
    time_graph : ProductGraph
        The path, the ring or the graph given; its Laplacian has the `time_eigenvalues` (1, T), 2 − 2 cos ω of the first
        two.
    operator : (n T, n T)
        Uᴴ ⊗ F, unitary.

    Raises
    ------
    ShapeError
        T < 1, an unknown time axis, or a graph of another size.
    StructureError
        A graph is directed.

    References
    ----------
    Grassi, Loukas, Perraudin & Ricaud (2018), A time-vertex signal processing framework.

    Examples
    --------
    >>> import numpy as np
    >>> from otimes.graphs import JointFourier
    >>> ring = np.roll(np.eye(4), 1, axis=0) + np.roll(np.eye(4), -1, axis=0)
    >>> J = JointFourier(ring, 6, "dft")
    >>> X = np.arange(24.0).reshape(4, 6)
    >>> bool(np.allclose(J.inverse(J.transform(X)), X))
    True
    """

    def __init__(self, graph: Any, steps: int, time: Any = "dct"):
        self.graph = graph if isinstance(graph, ProductGraph) else ProductGraph([graph])
        if isinstance(steps, bool) or not isinstance(steps, (int, np.integer)) or steps < 1:
            raise ShapeError(f"JointFourier: steps={steps!r} is no number of time steps; give an integer ≥ 1")
        self.steps = int(steps)
        self.shape = (*self.graph.shape, self.steps)
        graph_fourier = self.graph.fourier()
        self.time_graph, transform, ω, eigenvalues = _time_axis(self.steps, time)
        self.operator = ox.kron(graph_fourier.eigenvectors.H, transform)
        self.graph_frequencies = np.asarray(graph_fourier.eigenvalues)[:, None]
        self.time_frequencies, self.time_eigenvalues = ω[None, :], eigenvalues[None, :]

    def __repr__(self) -> str:
        return f"JointFourier({self.graph!r}, {self.steps} steps)"

    def transform(self, X: Any) -> np.ndarray:
        """Return the coefficients of a signal of shape `shape` or (n, T), with further axes at the end."""
        columns, restore = self.columns(X, "the signal")
        return restore(self.operator @ columns)

    def inverse(self, C: Any) -> np.ndarray:
        """Return the signal of coefficients in the shape of theirs."""
        columns, restore = self.columns(C, "the coefficients")
        return restore(self.operator.H @ columns)

    def filter(self, X: Any, h: Callable[[np.ndarray, np.ndarray], Any]) -> np.ndarray:
        """Return the signal filtered by h(λ, ω), which is called with λ (n, 1) and ω (1, T) and broadcast to (n, T).

        With `dft` the result is complex; it is real, up to rounding, where X is and h(λ, −ω) is the conjugate of
        h(λ, ω).
        """
        return self.filtered(X, h(self.graph_frequencies, self.time_frequencies))

    def filtered(self, X: Any, response: Any) -> np.ndarray:
        """Return the signal with the coefficients multiplied by a response that broadcasts to (n, T)."""
        due = (len(self.graph_frequencies), self.steps)
        try:
            response = np.broadcast_to(response, due)
        except ValueError:
            raise ShapeError(
                f"filter: h gave an array of shape {np.shape(response)}, which does not broadcast to {due} for λ "
                f"({due[0]}, 1) and ω (1, {due[1]})"
            ) from None
        columns, restore = self.columns(X, "the signal")
        return restore(self.operator.H @ (response.reshape(-1, 1) * (self.operator @ columns)))

    def columns(self, X: Any, what: str) -> tuple[np.ndarray, Callable[[np.ndarray], np.ndarray]]:
        """Return a signal as columns (n T, k), and the function that gives such columns the signal's shape."""
        n, shape = self.graph.number_of_nodes, self.shape
        if np.ndim(X) >= 2 and np.shape(X)[:2] == (n, self.steps):
            shape = (n, self.steps)
        return as_columns(X, shape, what)


def _time_axis(steps: int, time: Any) -> tuple[ProductGraph, ox.LinearOperator, np.ndarray, np.ndarray]:
    """Return the graph of the time axis, its transform, the frequencies and the Laplacian's eigenvalues, (T,)."""
    if isinstance(time, str):
        if time not in TIMES:
            raise ShapeError(f"JointFourier(…, time={time!r}): time is one of {', '.join(TIMES)}, or a graph")
        ω = 2 * np.pi * np.fft.fftfreq(steps) if time == "dft" else np.pi * np.arange(steps) / steps
        eigenvalues = 4 * np.sin(ω / 2) ** 2
        transform = ox.fourier(steps) if time == "dft" else ox.dct(steps)
        return _steps_graph(steps, time == "dft"), transform, eigenvalues if time == "path" else ω, eigenvalues
    graph = time if isinstance(time, ProductGraph) else ProductGraph([time])
    if graph.number_of_nodes != steps:
        raise ShapeError(
            f"JointFourier: the graph of the time axis has {graph.number_of_nodes} nodes for {steps} steps"
        )
    fourier = graph.fourier()
    eigenvalues = np.asarray(fourier.eigenvalues)
    return graph, fourier.eigenvectors.H, eigenvalues, eigenvalues


def _steps_graph(steps: int, closed: bool) -> ProductGraph:
    """Return the path from step to step, closed to a ring or not."""
    first = np.arange(steps if closed else steps - 1)
    forth = scipy.sparse.coo_array((np.ones(len(first)), (first, (first + 1) % steps)), shape=(steps, steps)).tocsr()
    return ProductGraph([forth + forth.T])
