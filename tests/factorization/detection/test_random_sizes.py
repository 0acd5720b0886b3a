"""What has a structure is found to have one, at any sizes, kinds of entries and noise below the tolerance."""

import numpy as np
import pytest
import scipy.linalg

import otimes as ox

ENTRIES = {
    "real": lambda rng, *shape: rng.standard_normal(shape),
    "complex": lambda rng, *shape: rng.standard_normal(shape) + 1j * rng.standard_normal(shape),
    "small integers": lambda rng, *shape: rng.integers(-3, 4, shape).astype(float),
    "many zeros": lambda rng, *shape: rng.standard_normal(shape) * (rng.random(shape) < 0.4),
    "many orders of magnitude": lambda rng, *shape: rng.standard_normal(shape) * 10.0 ** rng.integers(-6, 7, shape),
}

STRUCTURES = {
    "product": lambda draw, a, b, c, d: np.kron(draw(a, b), draw(c, d)),
    "product of three": lambda draw, a, b, c, d: np.kron(np.kron(draw(a, b), draw(c, 2)), draw(2, d)),
    "sum": lambda draw, a, b, c, d: np.kron(draw(a, a), np.eye(b)) + np.kron(np.eye(a), draw(b, b)),
    "Toeplitz": lambda draw, a, b, c, d: scipy.linalg.toeplitz(draw(a * b), draw(c * d)),
    "circulant": lambda draw, a, b, c, d: scipy.linalg.circulant(draw(a * b)),
    "two levels": lambda draw, a, b, c, d: np.asarray(ox.multilevel_toeplitz(draw(2 * a - 1, 2 * b - 1))),
    "block circulant": lambda draw, a, b, c, d: np.asarray(ox.block_circulant(draw(a, b, c))),
    "block diagonal": lambda draw, a, b, c, d: scipy.linalg.block_diag(draw(a, b), draw(c, d), draw(d, a)),
    "commuted": lambda draw, a, b, c, d: (
        np.asarray(ox.commutation(a, c)).astype(float) @ np.kron(draw(c, b), draw(a, d))
    ),
}


@pytest.mark.parametrize("noise", [0, 1e-12, 1e-6])
@pytest.mark.parametrize("entries", ENTRIES)
@pytest.mark.parametrize("structure", STRUCTURES)
def test_found(structure, entries, noise):
    rng = np.random.default_rng([len(structure), len(entries), int(noise > 0)])
    for _ in range(3):
        sizes = map(int, rng.integers(2, 7, 4))
        M = STRUCTURES[structure](lambda *shape: ENTRIES[entries](rng, *shape), *sizes)
        N = rng.standard_normal(M.shape)
        M = M + 0.4 * noise * N * np.linalg.norm(M) / np.linalg.norm(N)
        found = ox.detect(M, rtol=noise or 1e-13)
        assert found
        distance = np.linalg.norm(M - np.asarray(found.operator)) / (np.linalg.norm(M) or 1)
        assert distance <= found.distance * (1 + 1e-6) + 1e-15
