"""Pairs of nodes of an undirected Kronecker graph in classes of equal probability, and the likelihood by these."""

import functools

import numpy as np
from scipy.special import xlog1py, xlogy

from otimes.errors import TooLarge
from otimes.graphs.multisets import arrangements, multisets

MAX_CODES = 2**22
TABLE = 2**16  # pairs of a block of digits looked up at once


class PairClasses:
    """The classes of pairs of nodes whose digits are the same pairs, up to their order and either direction.

    Attributes
    ----------
    counts : (classes, kinds)
        How often each entry (i ≤ j) of the initiator, in the order of `entries`, is a factor of the probability.
    pairs : (classes,) float
        How many pairs of different nodes there are.
    """

    def __init__(self, size: int, levels: int, name: str):
        self.entries = np.triu_indices(size)
        kinds = len(self.entries[0])
        self.codes_number = (levels + 1) ** (kinds - 1)  # the last count follows from the others
        if self.codes_number > MAX_CODES:
            raise TooLarge(
                f"{name}: {levels} levels of a symmetric {size}×{size} initiator have too many classes of pairs; the "
                "likelihood is for moderate sizes, of 2×2 initiators any"
            )
        self.counts = multisets(kinds, levels, name)
        apart = self.counts[:, self.entries[0] != self.entries[1]].sum(axis=1)
        self.pairs = np.where(apart > 0, arrangements(self.counts, float) * 2.0 ** (apart - 1), 0.0)
        radix = np.append((levels + 1) ** np.arange(kinds - 1), 0)
        self._class_of_code = np.zeros(self.codes_number, np.int64)
        self._class_of_code[self.counts @ radix] = np.arange(len(self.counts))
        self._blocks = _code_tables(size, levels, self.entries, radix)

    def of_nodes(self, first: np.ndarray, second: np.ndarray) -> np.ndarray:
        """Return the class of each pair of nodes."""
        code = np.zeros(len(first), np.int64)
        for table in self._blocks:
            first, i = np.divmod(first, len(table))
            second, j = np.divmod(second, len(table))
            code += table[i, j]
        return self._class_of_code[code]

    def probabilities(self, theta: np.ndarray) -> np.ndarray:
        """Return the probability of each class, for a symmetric initiator."""
        return np.power(theta[self.entries], self.counts).prod(axis=1)

    def log_odds(self, theta: np.ndarray) -> np.ndarray:
        """Return log(p / (1 − p)) of each class."""
        p = self.probabilities(theta)
        with np.errstate(divide="ignore"):  # of classes that have no edge, or all
            return np.log(p) - np.log1p(-p)

    def log_likelihood(self, edges: np.ndarray, theta: np.ndarray) -> float:
        """Return Σ edges log p + (pairs − edges) log(1 − p), for the number of edges in each class."""
        p = self.probabilities(theta)
        return float((xlogy(edges, p) + xlog1py(self.pairs - edges, -p)).sum())

    def gradient(self, edges: np.ndarray, theta: np.ndarray) -> np.ndarray:
        """Return the derivatives of the log-likelihood by the entries i ≤ j."""
        p = self.probabilities(theta)
        return ((edges - (self.pairs - edges) * p / (1 - p)) @ self.counts) / theta[self.entries]


def _code_tables(size: int, levels: int, entries: tuple[np.ndarray, ...], radix: np.ndarray) -> list[np.ndarray]:
    """Return tables of the codes of pairs of numbers with a few digits, the last digits first."""
    digit = np.zeros((size, size), np.int64)
    digit[entries] = radix
    digit = np.maximum(digit, digit.T)
    width = max(1, int(np.log(TABLE) / np.log(size**2)))
    widths = [min(width, levels - start) for start in range(0, levels, width)]

    def added(table: np.ndarray, one: np.ndarray) -> np.ndarray:
        n = len(table) * len(one)
        return (table[:, None, :, None] + one[None, :, None, :]).reshape(n, n)

    return [functools.reduce(added, [digit] * w) for w in widths]
