"""Places of words among all words of the same letters: the k-th arrangement of a multiset, for many k at once."""

from dataclasses import dataclass

import numpy as np

from otimes.graphs.multisets import arrangements, multisets, places


@dataclass(frozen=True, eq=False)
class Step:
    """What the first letter of a word says, for every multiset of one size that the word may be made of.

    Attributes
    ----------
    below : (kinds, multisets) int64
        How many words begin with a letter before each one.
    rest : (kinds, multisets) int64
        The place of the multiset that is left without the letter; −1 if it is not there.
    """

    below: np.ndarray
    rest: np.ndarray


class Words:
    """Words of `size` letters of `kinds` kinds, each known by its multiset and its place among the words of it.

    The words of a multiset are in alphabetical order. O(C(size + kinds, kinds) · kinds) memory.
    """

    def __init__(self, kinds: int, size: int, name: str):
        self.counts = multisets(kinds, size, name)
        self.numbers = arrangements(self.counts, np.int64)
        self._steps = [_step(multisets(kinds, length, name)) for length in range(size, 0, -1)]

    def letters(self, multiset: np.ndarray, place: np.ndarray) -> np.ndarray:
        """Return the letters of words, (size, words)."""
        found = np.zeros((len(self._steps), len(place)), np.int64)
        for letter, step in zip(found, self._steps, strict=True):
            for below in step.below[1:]:
                letter += below[multiset] <= place
            place = place - step.below[letter, multiset]
            multiset = step.rest[letter, multiset]
        return found


def _step(counts: np.ndarray) -> Step:
    size, kinds = int(counts[0].sum()), counts.shape[1]
    begun = arrangements(counts, np.int64)[:, None] * counts // size  # words that begin with each letter
    rest = np.full(counts.shape, -1)
    for kind in range(kinds):
        there = counts[:, kind] > 0
        fewer = counts[there]
        fewer[:, kind] -= 1
        rest[there, kind] = places(fewer)
    # A letter that is not there begins no words: the next one has the same `below`, and is the one that is counted.
    return Step(np.ascontiguousarray((np.cumsum(begun, axis=1) - begun).T), np.ascontiguousarray(rest.T))
