"""Linear evolution in one step: against the formed exponential, and against what is known of heat and waves."""

import numpy as np
import pytest
import scipy.linalg

import otimes as ox
from otimes import pde
from otimes.errors import DTypeError, NonFiniteError, ShapeError, StructureError, TooLarge

rng = np.random.default_rng(7)


def second_difference(n, length=1.0):
    h = length / (n + 1)
    return (np.eye(n, k=1) - 2 * np.eye(n) + np.eye(n, k=-1)) / h**2


def first_difference(n, length=1.0):
    h = length / (n + 1)
    return (np.eye(n, k=1) - np.eye(n, k=-1)) / (2 * h)


def test_heat_of_one_eigenvector_decays_by_its_eigenvalue():
    sizes = (9, 6, 7)
    sines = [np.sin(np.pi * (i + 1) * np.arange(1, n + 1) / (n + 1)) for i, n in enumerate(sizes)]
    u0 = np.einsum("i,j,k->ijk", *sines)
    rate = sum(-4 * (n + 1) ** 2 * np.sin((i + 1) * np.pi / (2 * (n + 1))) ** 2 for i, n in enumerate(sizes))
    found = pde.evolve(ox.kronsum(*map(second_difference, sizes)), u0, 0.03)
    np.testing.assert_allclose(found, np.exp(0.03 * rate) * u0, rtol=1e-11, atol=1e-14)


def test_advection_diffusion_in_one_step_and_as_a_semigroup():
    sizes = (8, 5, 6)
    A = ox.kronsum(*(0.5 * second_difference(n) + 10 * first_difference(n) for n in sizes))
    u0 = rng.standard_normal(sizes)
    wanted = (scipy.linalg.expm(0.1 * np.asarray(A)) @ u0.reshape(-1)).reshape(sizes)
    np.testing.assert_allclose(pde.evolve(A, u0, 0.1), wanted, rtol=0, atol=1e-12)
    times = pde.evolve(A, u0, [0.0, 0.04, 0.1])
    np.testing.assert_allclose(times[0], u0, rtol=0, atol=1e-14)
    np.testing.assert_allclose(times[2], pde.evolve(A, times[1], 0.06), rtol=0, atol=1e-12)


def test_a_source_leads_to_the_steady_state():
    A, f = ox.kronsum(second_difference(5), second_difference(4)), rng.standard_normal((5, 4))
    steady = -np.linalg.solve(np.asarray(A), f.reshape(-1)).reshape(5, 4)
    np.testing.assert_allclose(pde.evolve(A, np.zeros((5, 4)), 50.0, source=f), steady, rtol=1e-12)
    W = np.block([[np.asarray(A), f.reshape(-1, 1)], [np.zeros((1, 21))]])
    wanted = (scipy.linalg.expm(0.01 * W) @ np.ones(21))[:20].reshape(5, 4)
    np.testing.assert_allclose(pde.evolve(A, np.ones((5, 4)), 0.01, source=f), wanted, rtol=1e-12)


def test_a_quantum_state_keeps_its_norm_and_returns():
    H = ox.kronsum(-second_difference(6), -second_difference(5))
    state = rng.standard_normal((6, 5)) + 1j * rng.standard_normal((6, 5))
    later = pde.evolve(H, state, -0.3j)
    np.testing.assert_allclose(np.linalg.norm(later), np.linalg.norm(state), rtol=1e-13)
    wanted = scipy.linalg.expm(-0.3j * np.asarray(H)) @ state.reshape(-1)
    np.testing.assert_allclose(later.reshape(-1), wanted, rtol=0, atol=1e-11)
    np.testing.assert_allclose(pde.evolve(-1j * H, later, -0.3), state, rtol=0, atol=1e-12)


def test_sums_multiples_and_shifts_of_operators_on_one_grid():
    D, C = (ox.kronsum(f(5), f(4)) for f in (second_difference, first_difference))
    A = 0.1 * D - 3 * C + 2 * ox.eye(20) + ox.kronsum(np.diag(rng.standard_normal(5)), np.zeros((4, 4)))
    u0 = rng.standard_normal((5, 4))
    wanted = scipy.linalg.expm(0.2 * np.asarray(A)) @ u0.reshape(-1)
    np.testing.assert_allclose(pde.evolve(A, u0, 0.2).reshape(-1), wanted, rtol=1e-11)


def test_components_on_their_own_grids():
    A, B = ox.kronsum(second_difference(3), second_difference(4)), 2 * ox.kronsum(np.triu(np.ones((2, 2))), -np.eye(3))
    u0 = rng.standard_normal(18)
    wanted = np.concatenate([pde.evolve(A, u0[:12], 0.1), pde.evolve(B, u0[12:], 0.1)])
    np.testing.assert_allclose(pde.evolve(ox.block_diag(A, B), u0, 0.1), wanted, rtol=1e-14)


def test_single_precision_stays():
    A = ox.kronsum(second_difference(4).astype(np.float32), second_difference(3).astype(np.float32))
    u0 = rng.standard_normal((4, 3)).astype(np.float32)
    found = pde.evolve(A, u0, 0.05)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, pde.evolve(A, u0.astype(float), 0.05), rtol=1e-4, atol=1e-6)


HEAT = ox.kronsum(second_difference(5), second_difference(4))
FIELD = np.ones((5, 4))


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (
            (HEAT, np.ones((5, 3)), 1.0),
            ShapeError,
            "u0 is 5×3, but A is on the grid 5×4: axis 1 has 3 points in place of 4",
        ),
        ((HEAT, np.ones(19), 1.0), ShapeError, "u0 is 19, but A takes 5×4 or a vector of 20"),
        ((HEAT, FIELD * np.nan, 1.0), NonFiniteError, r"u0 has NaN or infinite entries, the first at \(0, 0\)"),
        ((HEAT, FIELD, np.inf), ShapeError, "t=inf must be a finite number"),
        ((HEAT, FIELD, np.ones((2, 2))), ShapeError, "or a 1-D array"),
        ((HEAT, FIELD, "1"), DTypeError, "t must be a number, not str"),
        ((HEAT, FIELD.astype(str), 1.0), DTypeError, "u0 must be an array of numbers"),
        ((HEAT, FIELD, -10.0), NonFiniteError, "overflows"),
        ((np.ones((3, 4)), np.ones(4), 1.0), ShapeError, "A is 3×4"),
        ((ox.kronsum(np.full((2, 2), np.inf), np.eye(3)), np.ones(6), 1.0), NonFiniteError, "axis 0 of A, 2×2"),
        ((ox.eye(20_000), np.ones(20_000), 1.0), TooLarge, "axis 0 of A has 20000 points"),
        ((HEAT + ox.kronsum(np.eye(2), np.eye(10)), np.ones(20), 1.0), StructureError, "grids 5×4 and 2×10"),
        ((ox.block_diag(HEAT, HEAT), np.ones((2, 4, 4)), 1.0), ShapeError, "grid 2×5×4: axis 1 has 4 points"),
    ],
)
def test_what_is_refused(arguments, error, message):
    with pytest.raises(error, match=message):
        pde.evolve(*arguments)


def test_what_phi_refuses():
    with pytest.raises(ShapeError, match="p=-1 must be an integer"):
        pde.phi_multiply(HEAT, FIELD, -1)
    with pytest.raises(ShapeError, match="at least one, of one shape"):
        pde.phi_combination(HEAT, [FIELD, FIELD.reshape(-1)])
    with pytest.raises(ShapeError, match="at least one"):
        pde.phi_combination(HEAT, [])
    with pytest.raises(ShapeError, match=r"b\[1\] is 4×5, but A is on the grid 5×4: axis 0"):
        pde.phi_combination(HEAT, [FIELD, FIELD.T])
    with pytest.raises(DTypeError, match="z must be numbers"):
        pde.phi(1, ["a"])
