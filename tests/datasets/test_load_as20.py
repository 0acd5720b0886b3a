"""The graph of autonomous systems that ships with the package."""

from importlib.resources import files

import numpy as np
import pytest

import otimes as ox


@pytest.fixture(scope="module")
def internet():
    return ox.datasets.load_as20()


def test_content(internet):
    A = internet.adjacency
    assert A.shape == (6474, 6474)
    assert (A != A.T).nnz == 0
    assert (A.nnz, set(A.data), A.diagonal().sum()) == (2 * 12572, {1.0}, 0)
    assert A.sum(axis=1).min() >= 1
    assert (np.diff(internet.numbers) > 0).all()
    assert (internet.loops.shape, internet.loops.sum()) == ((6474,), 1323)


def test_edges_are_those_of_the_file(internet):
    """AS 1 exchanges traffic with AS 3, the first line of the file."""
    place = {number: i for i, number in enumerate(internet.numbers.tolist())}
    assert internet.adjacency[place[1], place[3]] == 1


def test_the_source_is_kept(internet):
    text = (files("otimes.datasets") / "README.md").read_text(encoding="utf-8")
    for phrase in ("as20", "AS-733", "SNAP"):
        assert phrase in internet.attribution
        assert phrase in text
