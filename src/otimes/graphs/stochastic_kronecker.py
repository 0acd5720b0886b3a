"""Stochastic Kronecker graphs: every possible edge drawn on its own, by classes of equally probable ones."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from otimes.errors import ShapeError, TooLarge
from otimes.graphs.arrangements import Words
from otimes.graphs.edge_list import EdgeList, distinct
from otimes.graphs.initiator import read_initiators, require_symmetric
from otimes.graphs.multisets import crossed, equal_levels, powers, require_few

MAX_CELLS = 2**62  # whose numbers are int64
MAX_EXPECTED = 2**28  # in both directions; each takes 50 bytes and more while it is drawn
CHUNK = 1 << 13  # edges whose digits are found at once, in cache


def stochastic_kronecker(
    initiator: ArrayLike | Sequence[ArrayLike],
    levels: int | None = None,
    *,
    directed: bool = False,
    loops: bool = False,
    seed: int | np.random.Generator | None = None,
) -> EdgeList:
    """Draw a graph in which edge (i, j) is there with probability (Θ ⊗ ⋯ ⊗ Θ)_ij, independently of all others.

    This is the model itself: the number of edges is random, and none is drawn twice. Pairs of nodes whose digits are
    the same up to their order have the same probability: there are C(levels + n0² − 1, n0² − 1) such classes, of
    known sizes. Of each a Poisson number of pairs is drawn with replacement, of mean −log(1 − p) for each pair; what
    is drawn once or more is an edge, which happens with probability p exactly.

    Parameters
    ----------
    initiator : (n0, n0), or a sequence of such matrices, one for each level
        Probabilities. Levels may differ, in size too; the classes of few different initiators are few.
    levels : int or None
        The Kronecker power, for a single initiator.
    directed : bool
        Undirected graphs have symmetric initiators, and one draw for each pair of nodes.
    loops : bool
        Whether nodes may have an edge to themselves.
    seed : int, Generator or None
        The same seed gives the same graph.

    Returns
    -------
    EdgeList
        In which no edge is listed twice; i ≤ j if undirected.

    Raises
    ------
    ShapeError
        An initiator that is not square, or more than 2³¹ nodes.
    StructureError
        Probabilities outside [0, 1], or an undirected graph of an initiator that is not symmetric.
    TooLarge
        Too many classes, or more than 2²⁸ edges expected.

    Notes
    -----
    O(edges · levels · n0²) operations; O(edges) memory, for undirected graphs of both directions while drawing.

    References
    ----------
    Leskovec et al. (2010), Kronecker graphs: an approach to modeling networks. Moreno, Pfeiffer, Kirshner & Neville
    (2014), A scalable method for exact sampling from Kronecker family models. Ramani, Eikmeier & Gleich (2019),
    Coin-flipping, ball-dropping, and grass-hopping for generating random graphs from matrices of probabilities.

    Examples
    --------
    >>> from otimes.graphs import stochastic_kronecker
    >>> stochastic_kronecker([[0.987, 0.571], [0.571, 0.049]], 13, seed=0)
    EdgeList(8192 nodes, 12552 edges, undirected)
    """
    name = "stochastic_kronecker"
    thetas = read_initiators(initiator, levels, name)
    if not directed:
        require_symmetric(thetas, name, "an undirected graph's is; directed=True draws each direction on its own")
    nodes = math.prod(map(len, thetas))
    if nodes**2 > MAX_CELLS:
        raise ShapeError(f"{name}: {nodes} nodes are more than 2³¹; rmat takes up to 2⁶²")
    rows, columns = _draw_cells(thetas, np.random.default_rng(seed), name)
    kept = rows != columns
    if loops:
        kept[:] = True
    if not directed:
        kept &= rows <= columns  # one of the two cells of a pair, drawn on its own
    return EdgeList(nodes, rows[kept], columns[kept], directed)


def _draw_cells(thetas: list[np.ndarray], rng: np.random.Generator, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Return rows and columns of the cells that are drawn, by all cells and both triangles."""
    groups = equal_levels(thetas)
    cells = [np.argwhere(theta > 0) for theta, _ in groups]
    words = [Words(len(c), len(levels), name) for c, (_, levels) in zip(cells, groups, strict=True)]
    require_few(math.prod(len(w.counts) for w in words), name)
    values = [powers(theta[tuple(c.T)], w.counts) for (theta, _), c, w in zip(groups, cells, words, strict=True)]
    of_class, place = _members(crossed(values), crossed([w.numbers for w in words]), rng, name)
    rows, columns = np.zeros_like(place), np.zeros_like(place)
    weights = np.cumprod([1, *(len(theta) for theta in thetas[:0:-1])])[::-1]  # of the digit of each level
    for start in range(0, len(place), CHUNK):
        some = slice(start, start + CHUNK)
        class_here, place_here = of_class[some], place[some]
        for (_, levels), c, w in reversed(list(zip(groups, cells, words, strict=True))):
            class_here, multiset = np.divmod(class_here, len(w.counts))
            place_here, of_group = np.divmod(place_here, w.numbers[multiset])
            for level, letter in zip(levels, w.letters(multiset, of_group), strict=True):
                rows[some] += weights[level] * c[letter, 0]
                columns[some] += weights[level] * c[letter, 1]
    return rows, columns


def _members(p: np.ndarray, sizes: np.ndarray, rng: np.random.Generator, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the class and the place in it of every member that is drawn, each with the probability p of its class."""
    if p @ sizes > MAX_EXPECTED:
        raise TooLarge(f"{name}: {p @ sizes:.3g} edges are expected, more than 2²⁸; take fewer levels")
    dense = p > 0.5  # of which those are drawn that are left out
    drawn = rng.poisson(-np.log1p(-np.where(dense, 1 - p, p)) * sizes)
    first = np.cumsum(sizes) - sizes
    of_class = np.repeat(np.arange(len(p)), drawn)
    numbers = distinct(first[of_class] + rng.integers(0, sizes[of_class]))
    of_class = np.searchsorted(first, numbers, side="right") - 1
    left_out = dense[of_class]
    everyone = np.repeat(np.flatnonzero(dense), sizes[dense])
    begins = np.cumsum(sizes[dense]) - sizes[dense]
    place = np.arange(len(everyone)) - np.repeat(begins, sizes[dense])
    among = np.zeros(len(p), np.int64)
    among[dense] = begins
    kept = np.ones(len(everyone), bool)
    kept[(among - first)[of_class[left_out]] + numbers[left_out]] = False
    sparse = of_class[~left_out]
    return (
        np.concatenate([everyone[kept], sparse]),
        np.concatenate([place[kept], numbers[~left_out] - first[sparse]]),
    )
