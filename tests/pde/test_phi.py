"""φ-functions of numbers against rational arithmetic, of Kronecker sums against exponentials of augmented matrices."""

import math
from fractions import Fraction

import numpy as np
import pytest
import scipy.linalg

import otimes as ox
from otimes import pde
from otimes.pde.time.choice import linear_part
from otimes.pde.time.doubling import Doubling
from otimes.pde.time.eigenbasis import Eigenbasis
from otimes.pde.time.phi import phi_functions
from otimes.pde.time.state import blocks_of

EPS = np.finfo(float).eps
rng = np.random.default_rng(6)


def exact_phi(p, x):
    """Return φ_p of a double by its series in rational arithmetic."""
    z, total, term, j = Fraction(x), Fraction(0), Fraction(1, math.factorial(p)), 0
    while abs(term) > abs(total) * Fraction(1, 10**20) or j < abs(z):
        total += term
        j += 1
        term = (term * z / (j + p)).limit_denominator(10**60)
    return float(total)


@pytest.mark.parametrize("p", [0, 1, 2, 3, 5, 9])
def test_phi_is_exact_to_rounding_everywhere(p):
    near = p + 1.0  # where the two ways meet
    points = [0.0, 1e-300, -1e-9, 1e-4, -0.5, 1.0, -3.7, near, np.nextafter(near, 99), -near, -near - 1e-9, -37.5, 20.0]
    wanted = np.array([exact_phi(p, x) for x in points])
    np.testing.assert_allclose(pde.phi(p, points), wanted, rtol=8 * EPS + 40 * EPS * (p == 0))


def test_phi_of_complex_numbers_obeys_the_recurrence():
    z = rng.uniform(-9, 9, 400) + 1j * rng.uniform(-9, 9, 400)
    values = phi_functions(z, 4)
    for p in range(4):
        np.testing.assert_allclose(
            z * values[p + 1], values[p] - 1 / math.factorial(p), rtol=0, atol=8 * EPS * abs(values[0]).max()
        )
    np.testing.assert_array_equal(pde.phi(3, z.conj()), pde.phi(3, z).conj())


def test_phi_keeps_single_precision_and_overflows_to_infinity():
    assert pde.phi(2, np.float32([0.5])).dtype == np.float32
    assert pde.phi(1, 1e4) == np.inf
    assert pde.phi(1, -1e300) == pytest.approx(1e-300)


def augmented(L, vectors, t):
    """Return Σ tᵏ φ_k(t L) b_k: the first rows of the exponential of t [[L, b_p … b_1], [0, J]] times (b₀, e_p)."""
    n, p = len(L), len(vectors) - 1
    W = np.zeros((n + p, n + p), dtype=np.result_type(L, *vectors))
    W[:n, :n] = L
    W[:n, n:] = np.stack(vectors[:0:-1], axis=1) if p else W[:n, n:]
    W[n:, n:] = np.eye(p, k=1)
    start = np.concatenate([vectors[0], np.eye(p)[-1] if p else []])
    return (scipy.linalg.expm(t * W) @ start)[:n]


def symmetric(n):
    K = rng.standard_normal((n, n))
    return -K @ K.T


JORDAN = np.diag([-1.0] * 4) + 3 * np.eye(4, k=1)
ADVECTION = np.diag([-4.0] * 5) + 3.999 * np.eye(5, k=1) + 0.001 * np.eye(5, k=-1)


def kronecker_sums():
    """Return (name, operator, M⁻¹ A formed, how it is computed)."""
    general = [rng.standard_normal((n, n)) for n in (3, 4, 2)]
    hermitian = [symmetric(n) + 1j * (K - K.T) for n in (3, 4) for K in [rng.standard_normal((n, n))]]
    cases = {
        "symmetric": (ox.kronsum(symmetric(4), symmetric(3), symmetric(2)), Eigenbasis),
        "one axis": (ox.aslinearoperator(symmetric(5)), Eigenbasis),
        "general": (ox.kronsum(*general), Eigenbasis),
        "Hermitian": (ox.kronsum(*hermitian), Eigenbasis),
        "quantum": (-1j * ox.kronsum(symmetric(3), symmetric(4)), Eigenbasis),
        "periodic advection": (
            ox.kronsum(np.roll(np.eye(4), 1, 0) - np.roll(np.eye(4), -1, 0), symmetric(3)),
            Eigenbasis,
        ),
        "defective": (ox.kronsum(JORDAN, rng.standard_normal((3, 3))), Doubling),
        "advection": (ox.kronsum(ADVECTION, 1j * symmetric(2), symmetric(3)), Doubling),
        "stiff and not normal": (ox.kronsum(200 * ADVECTION, 30 * JORDAN), Doubling),
    }
    return {name: (A, np.asarray(A), how) for name, (A, how) in cases.items()}


SUMS = kronecker_sums()


@pytest.mark.parametrize("name", SUMS)
@pytest.mark.parametrize("t", [0.7, 1e-3, 0.0])
def test_combinations_of_phi_functions_equal_the_exponential_of_an_augmented_matrix(name, t):
    A, L, how = SUMS[name]
    assert isinstance(linear_part(blocks_of(A, ""), np.dtype(complex)), how)
    vectors = [rng.standard_normal(len(L)) for _ in range(4)]
    wanted = augmented(L, vectors, t)
    # the rounding of an exponential is that of t L, relative to all that was summed, times what eigenvectors cost
    rounding = EPS * max(1, np.linalg.norm(t * L, 1)) * (100 if name == "general" else 10)
    np.testing.assert_allclose(pde.phi_combination(A, vectors, t), wanted, rtol=0, atol=rounding * abs(wanted).max())
    for p in range(4):
        wanted = augmented(t * L, [np.zeros_like(vectors[0])] * p + [vectors[0]], 1)
        found = pde.phi_multiply(A, vectors[0], p, t)
        np.testing.assert_allclose(found, wanted, rtol=0, atol=rounding * abs(wanted).max())


def test_a_combination_on_the_grid_with_missing_vectors():
    A, L, _ = SUMS["symmetric"]
    b = rng.standard_normal((4, 3, 2))
    wanted = augmented(L, [np.zeros(24), np.zeros(24), b.reshape(-1)], 0.5).reshape(4, 3, 2)
    np.testing.assert_allclose(pde.phi_combination(A, [None, None, b], 0.5), wanted, atol=1e-14)
