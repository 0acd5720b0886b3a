"""R-MAT: edges drawn with replacement from a Kronecker product of probabilities; the nodes they leave isolated."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import xlog1py

from otimes.errors import ShapeError, StructureError, TooLarge
from otimes.graphs.alias import alias_tables, draw_edges
from otimes.graphs.edge_list import EdgeList
from otimes.graphs.initiator import is_whole, read_initiators
from otimes.graphs.multisets import arrangements, crossed, equal_levels, multisets, powers, require_few

GRAPH500 = ((0.57, 0.19), (0.19, 0.05))
MAX_EDGES = 2**31  # 32 GiB


def rmat(
    scale: int | None,
    edges: int | None = None,
    *,
    initiator: ArrayLike | Sequence[ArrayLike] = GRAPH500,
    noise: float = 0.0,
    seed: int | np.random.Generator | None = None,
) -> EdgeList:
    """Draw edges from the Kronecker power of an initiator: edge (i, j) with probability (Θ ⊗ ⋯ ⊗ Θ)_ij / (Σ Θ)^scale.

    The edges are drawn with replacement: loops and parallel edges are among them, and many nodes have none
    (`expected_isolated`). `simple()` of the result makes a simple graph of them, with fewer edges, and `relabelled()`
    shuffles the nodes.

    Parameters
    ----------
    scale : int
        The number of levels; there are n0^scale nodes. None with a sequence of initiators.
    edges : int or None
        How many to draw; None draws 16 for each node, as Graph500 does.
    initiator : (n0, n0), or a sequence of them, one for each level
        In [0, 1]; drawn in proportion, so their sum need not be 1.
    noise : float
        Each level has its own Θ + μ [[−2a / (a + d), 1], [1, −2d / (a + d)]] with μ uniform in ±noise, for 2×2
        initiators [[a, b], [c, d]]: the degrees lose their waves. At most min((a + d) / 2, b, c).
    seed : int, Generator or None
        The same seed gives the same edges.

    Returns
    -------
    EdgeList
        Directed.

    Raises
    ------
    ShapeError
        An initiator that is not square, more than 2⁶² nodes or 2³¹ edges.
    StructureError
        Probabilities outside [0, 1], or noise that takes them there.

    Notes
    -----
    Several levels are drawn at once from a table, O(edges · scale / log 4096) operations, 16 bytes an edge.

    References
    ----------
    Chakrabarti, Zhan & Faloutsos (2004), R-MAT. Seshadhri, Pinar & Kolda (2013), An in-depth analysis of stochastic
    Kronecker graphs. Hübschle-Schneider & Sanders (2020), Linear work generation of R-MAT graphs.

    Examples
    --------
    >>> from otimes.graphs import rmat
    >>> graph = rmat(16, seed=0)
    >>> graph
    EdgeList(65536 nodes, 1048576 edges, directed)
    >>> graph.sources[:3], graph.targets[:3]
    (array([41373, 17412,     2]), array([41476, 17504,    64]))
    """
    thetas = read_initiators(initiator, scale, "rmat")
    nodes = math.prod(map(len, thetas))
    count = _checked_edges(16 * nodes if edges is None else edges, "rmat")
    rng = np.random.default_rng(seed)
    if noise:
        thetas = [_with_noise(theta, noise, rng) for theta in thetas]
    return EdgeList(nodes, *draw_edges(alias_tables(thetas), count, rng))


def expected_isolated(
    scale: int | None, edges: int | None = None, *, initiator: ArrayLike | Sequence[ArrayLike] = GRAPH500
) -> float:
    """Return the expected number of nodes of an R-MAT graph that have no edge to another node.

    Σ_v (1 − p_v)^edges, where p_v = r_v + c_v − 2 P_vv is the probability that an edge begins or ends at v and is no
    loop. The nodes are summed in classes that have the same digits, C(scale + n0 − 1, n0 − 1) of them.

    Parameters
    ----------
    scale, edges, initiator
        As for `rmat`.

    Returns
    -------
    float

    Raises
    ------
    ShapeError, StructureError
        As for `rmat`, but for any number of edges.

    References
    ----------
    Seshadhri, Pinar & Kolda (2013), An in-depth analysis of stochastic Kronecker graphs, §5.

    Examples
    --------
    >>> from otimes.graphs import expected_isolated
    >>> [round(100 * expected_isolated(scale) / 2**scale, 1) for scale in (26, 29, 32, 36, 39, 42)]
    [51.1, 56.6, 61.5, 67.3, 71.0, 74.4]
    """
    thetas = read_initiators(initiator, scale, "expected_isolated")
    nodes = math.prod(map(len, thetas))
    count = _checked_edges(16 * nodes if edges is None else edges, "expected_isolated", most=math.inf)
    groups = equal_levels(thetas)
    counts = [multisets(len(theta), len(levels), "expected_isolated") for theta, levels in groups]
    require_few(math.prod(map(len, counts)), "expected_isolated")
    sizes = crossed([arrangements(c, float) for c in counts])
    leaving, arriving, looping = (
        crossed([powers(sums(theta) / theta.sum(), c) for (theta, _), c in zip(groups, counts, strict=True)])
        for sums in (lambda theta: theta.sum(axis=1), lambda theta: theta.sum(axis=0), np.diagonal)
    )
    touched = np.minimum(leaving + arriving - 2 * looping, 1.0)
    return float(sizes @ np.exp(xlog1py(count, -touched)))


def _checked_edges(edges: int, name: str, most: float = MAX_EDGES) -> int:
    if not is_whole(edges, 0):
        raise ShapeError(f"{name}: edges={edges!r}; give a number of edges, an integer ≥ 0")
    if edges > most:
        raise TooLarge(f"{name}: {edges} edges are more than 2³¹, of 32 GiB; give fewer with edges=")
    return int(edges)


def _with_noise(theta: np.ndarray, noise: float, rng: np.random.Generator) -> np.ndarray:
    if theta.shape != (2, 2):
        raise ShapeError(f"rmat: noise is for 2×2 initiators; this one is {len(theta)}×{len(theta)}")
    (a, b), (c, d) = theta
    most = min((a + d) / 2, b, c)
    if not 0 <= noise <= most:
        raise StructureError(f"rmat: noise={noise} takes entries of {theta.tolist()} below 0; it is 0 to {most:.4g}")
    mu = rng.uniform(-noise, noise)
    return theta + mu * np.array([[-2 * a / (a + d), 1.0], [1.0, -2 * d / (a + d)]])
