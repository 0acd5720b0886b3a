"""A Markov chain of orders of the nodes of a graph, many exchanges of two nodes decided at once."""

import numpy as np

from otimes.graphs.pair_classes import PairClasses


class OrderChain:
    """A Markov chain of orders of the nodes, with the class that each edge has in it."""

    def __init__(self, classes: PairClasses, rows: np.ndarray, columns: np.ndarray, order: np.ndarray):
        self.classes, self.rows, self.columns, self.order = classes, rows, columns, order
        self.of_edge = classes.of_nodes(order[rows], order[columns])

    def found(self) -> np.ndarray:
        """Return the number of edges in each class."""
        return np.bincount(self.of_edge, minlength=len(self.classes.pairs))

    def run(self, log_odds: np.ndarray, rounds: int, rng: np.random.Generator) -> float:
        """Propose exchanges in so many rounds; return the share accepted."""
        n, proposed, accepted = len(self.order), 0, 0
        for _ in range(rounds):
            most = int(2 ** rng.uniform(0, np.log2(n // 2)))  # few at once where nodes of large degree are to move
            pairs = rng.permutation(n)[: 2 * most].reshape(2, -1)
            among, yes = self._round(log_odds, pairs, rng)
            proposed, accepted = proposed + among, accepted + yes
        return accepted / max(proposed, 1)

    def _round(self, log_odds: np.ndarray, pairs: np.ndarray, rng: np.random.Generator) -> tuple[int, int]:
        """Exchange the numbers of pairs of nodes; return how many were proposed, and how many accepted.

        Of two pairs between which there is an edge the later one is left out. Which are left depends on the graph, not
        on the order, so proposals are symmetric; and the decisions are independent.
        """
        count = pairs.shape[1]
        pair = np.full(len(self.order), -1)
        pair[pairs] = np.arange(count)
        p, q = pair[self.rows], pair[self.columns]
        kept = np.ones(count + 1, bool)
        kept[np.maximum(p, q)[(p >= 0) & (q >= 0) & (p != q)]] = False
        kept[-1] = False  # of nodes in no pair, whose pair is −1
        edges = np.flatnonzero(kept[p] | kept[q])
        of_pair = np.where(kept[p[edges]], p[edges], q[edges])
        order = self.order.copy()
        self._exchange(order, pairs[:, kept[:-1]])
        after = self.classes.of_nodes(order[self.rows[edges]], order[self.columns[edges]])
        gain = np.bincount(of_pair, log_odds[after] - log_odds[self.of_edge[edges]], minlength=count)
        accepted = kept[:-1] & (np.log1p(-rng.random(count)) < gain)
        self._exchange(self.order, pairs[:, accepted])
        moved = accepted[of_pair]
        self.of_edge[edges[moved]] = after[moved]
        return int(kept.sum()), int(accepted.sum())

    @staticmethod
    def _exchange(order: np.ndarray, pairs: np.ndarray) -> None:
        order[pairs] = order[pairs[::-1]]
