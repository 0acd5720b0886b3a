"""Masses: M u' = A u + f + M g(t, u), with everything that is computed of M⁻¹ A, a Kronecker sum itself."""

import numpy as np
import pytest
import scipy.linalg

import otimes as ox
from otimes import pde
from otimes.errors import SingularError

rng = np.random.default_rng(9)


def stiffness(n):
    return 2 * np.eye(n) - np.eye(n, k=1) - np.eye(n, k=-1)


def finite_elements(n):
    return np.eye(n) * 2 / 3 + (np.eye(n, k=1) + np.eye(n, k=-1)) / 6


def heat():
    """Return (A, M⁻¹ A formed, M formed) with a consistent and a lumped mass."""
    M = [finite_elements(4), np.diag(rng.uniform(0.5, 2, 3))]
    A = -ox.kronsum(5 * stiffness(4), stiffness(3), masses=M)
    mass = np.kron(*M)
    return A, np.linalg.solve(mass, np.asarray(A)), mass


def defective():
    """Return the same of factors without eigenvectors, with one mass that is an identity."""
    jordan = np.diag([-2.0] * 4) + 3 * np.eye(4, k=1)
    A = ox.kronsum(jordan, -stiffness(3), masses=[None, finite_elements(3)])
    mass = np.kron(np.eye(4), finite_elements(3))
    return A, np.linalg.solve(mass, np.asarray(A)), mass


@pytest.mark.parametrize("make", [heat, defective])
def test_evolution_with_a_source_in_weak_form(make):
    A, L, mass = make()
    f, u0 = rng.standard_normal((2, 4, 3))
    W = np.block([[L, np.linalg.solve(mass, f.reshape(-1, 1))], [np.zeros((1, 13))]])
    wanted = (scipy.linalg.expm(0.3 * W) @ np.append(u0, 1))[:12].reshape(4, 3)
    np.testing.assert_allclose(pde.evolve(A, u0, 0.3, source=f), wanted, rtol=0, atol=1e-13)
    waves = pde.evolve(A, u0 + 0j, 0.3j)
    np.testing.assert_allclose(waves.reshape(-1), scipy.linalg.expm(0.3j * L) @ u0.reshape(-1), rtol=0, atol=1e-13)
    np.testing.assert_allclose(pde.evolve(1j * A, u0 + 0j, 0.3), waves, rtol=0, atol=1e-13)


def test_a_singular_mass_is_refused():
    A = ox.kronsum(-stiffness(3), np.triu(np.ones((2, 2))), masses=[np.diag([1.0, 0.0, 1.0]), None])
    with pytest.raises(SingularError, match="a mass of A, 3×3, is singular"):
        pde.evolve(A, np.ones((3, 2)), 1.0)


def test_a_source_leads_to_the_steady_state():
    A, _, _ = heat()
    f = rng.standard_normal((4, 3))
    steady = -np.linalg.solve(np.asarray(A), f.reshape(-1)).reshape(4, 3)
    np.testing.assert_allclose(pde.evolve(A, np.zeros((4, 3)), 100.0, source=f), steady, rtol=1e-12)


@pytest.mark.parametrize("make", [heat, defective])
@pytest.mark.parametrize(("method", "bound"), [(pde.ETDRK4, 1e-8), (pde.Strang, 1e-4)])
def test_integrators_with_a_source_in_weak_form(make, method, bound):
    A, L, mass = make()
    f, u0 = rng.standard_normal((4, 3)), rng.uniform(-1, 1, (4, 3))
    plain = ox.kronsum(L)  # one axis, which has no mass
    rate = np.linalg.solve(mass, f.reshape(-1))
    wanted = pde.ETDRK4(step=5e-3).solve(plain, lambda t, u: u - u**3 + rate, u0.reshape(-1), 1.0).final
    found = method(step=0.01).solve(A, lambda t, u: u - u**3, u0, 1.0, source=f).final
    np.testing.assert_allclose(found.reshape(-1), wanted, rtol=0, atol=bound)


@pytest.mark.parametrize("scheme", ["fd2", "fem1", "cell"])
def test_the_weak_form_of_a_stretched_grid_evolves_as_its_laplacian(scheme):
    axes = [
        pde.Axis(np.tanh(1.5 * np.linspace(-1, 1, 9)), scheme=scheme),
        pde.Axis(7, (0, 1), bc=("neumann", ("robin", 1.0, 2.0)), scheme=scheme),
        pde.Axis(6, (0, 1), bc="periodic", scheme=scheme),
    ]
    weak, strong = -pde.Elliptic(axes).weak, pde.laplacian(axes)
    u0 = rng.uniform(-1, 1, [len(axis) for axis in axes])
    np.testing.assert_allclose(pde.evolve(weak, u0, 0.01), pde.evolve(strong, u0, 0.01), rtol=0, atol=1e-13)
    by_weak, by_strong = (pde.ETDRK4(step=0.1).solve(A, lambda t, u: u - u**3, u0, 0.5).final for A in (weak, strong))
    np.testing.assert_allclose(by_weak, by_strong, rtol=0, atol=1e-13)
