"""Thumbnails are the block means of the dense matrix, whatever holds it."""

from itertools import pairwise

import numpy as np
import pytest
from scipy import sparse

import otimes as ox
from otimes.plots import thumbnail

A, B = np.random.default_rng(0).standard_normal((2, 20, 35))
DENSE = np.kron(A, B)


@pytest.mark.parametrize("matrix", [DENSE, sparse.csr_array(DENSE), ox.kron(A, B)], ids=["array", "sparse", "operator"])
def test_block_means(matrix):
    image = thumbnail(matrix, pixels=50)
    expected = DENSE[:400, :1225].reshape(50, 8, 1225).mean(axis=1)
    assert image.shape == (50, 50)
    columns = np.linspace(0, 1225, 51).round().astype(int)
    means = [expected[:, start:stop].mean(axis=1) for start, stop in pairwise(columns)]
    np.testing.assert_allclose(image, np.stack(means, axis=1), atol=1e-12)


def test_a_small_matrix_is_itself():
    np.testing.assert_allclose(thumbnail(A), A)
    np.testing.assert_allclose(thumbnail(ox.kron(A[:3], B[:2, :8])), np.kron(A[:3], B[:2, :8]))


def test_complex_and_mapped(tmp_path):
    np.save(tmp_path / "M.npy", DENSE * (1 + 2j))
    np.testing.assert_allclose(
        thumbnail(np.load(tmp_path / "M.npy", mmap_mode="r"), pixels=7), thumbnail(DENSE, pixels=7) * (1 + 2j)
    )


def test_a_huge_operator_is_not_formed():
    image = thumbnail(ox.kron(np.ones((300, 300)), np.ones((200, 200))), pixels=10)
    np.testing.assert_allclose(image, np.ones((10, 10)))
