"""The rearrangement: definition, inverse, and products that do not form it."""

import numpy as np
import pytest

import otimes as ox
from otimes.factorization import rearrangement
from otimes.factorization.operand import read_operand
from otimes.factorization.rearrangement import Rearrangement

SPLITS = [((3, 4), (5, 2)), ((1, 4), (6, 1)), ((4, 1), (1, 6)), ((1, 1), (5, 7)), ((13, 11), (7, 9))]


def complex_matrix(shapes):
    (m1, n1), (m2, n2) = shapes
    rng = np.random.default_rng(1)
    return rng.standard_normal((m1 * m2, n1 * n2)) + 1j * rng.standard_normal((m1 * m2, n1 * n2))


@pytest.mark.parametrize("shapes", SPLITS)
def test_definition_and_inverse(shapes):
    M = complex_matrix(shapes)
    (m1, n1), (m2, n2) = shapes
    R = ox.rearrange(M, shapes=shapes)
    for i1, j1 in np.ndindex(m1, n1):
        block = M[i1 * m2 : (i1 + 1) * m2, j1 * n2 : (j1 + 1) * n2]
        np.testing.assert_array_equal(R[i1 * n1 + j1], block.ravel())
    np.testing.assert_array_equal(ox.restore(R, shapes=shapes), M)


@pytest.mark.parametrize("side", [3, 8, 256])
@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("shapes", SPLITS)
def test_products(monkeypatch, shapes, order, side):
    monkeypatch.setattr(rearrangement.Rearrangement.panels, "__kwdefaults__", {"height": side, "width": side})
    M = complex_matrix(shapes)
    dense = ox.rearrange(M, shapes=shapes)
    R = Rearrangement.of(read_operand(np.asarray(M, order=order)), shapes)
    rng = np.random.default_rng(2)
    V, U = (rng.standard_normal((size, 3)) * (1 + 2j) for size in dense.shape[::-1])
    np.testing.assert_allclose(R.product(V), dense @ V, rtol=1e-12)
    np.testing.assert_allclose(R.adjoint_product(U), dense.conj().T @ U, rtol=1e-12)
    np.testing.assert_allclose(R.T.product(U), dense.T @ U, rtol=1e-12)
    norms = np.linalg.norm(dense - U @ V.T), np.linalg.norm(dense)
    np.testing.assert_allclose(R.residual_norms(U, V), norms, rtol=1e-12)
    assert R.norm() == pytest.approx(norms[1], rel=1e-12)


def test_panels_tile_the_rearrangement():
    shapes = ((40, 3), (7, 600))
    M = np.arange(40 * 7 * 3 * 600.0).reshape(280, 1800)
    R = Rearrangement.of(read_operand(M), shapes)
    seen = np.full(R.shape, -1.0)
    for rows, columns, panel in R.panels():
        assert panel.size <= 2 * 256**2
        seen[rows, columns] = panel
    np.testing.assert_array_equal(seen, ox.rearrange(M, shapes=shapes))
