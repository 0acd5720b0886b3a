"""Kronecker powers: one factor, whose work is done once, and exponents of determinants (T2)."""

import numpy as np
import pytest
from market import agree, definite, kron, matrix

import otimes as ox
from otimes.errors import ShapeError


@pytest.mark.parametrize("k", [1, 2, 3, 4])
def test_determinants_have_the_exponent_k_n_to_the_k_minus_1(k):
    A = np.diag([2.0, 1.0])
    assert float(ox.det(ox.kron_power(A, k))) == pytest.approx(2.0 ** (k * 2 ** (k - 1)))
    B = -matrix(3)
    wanted = np.linalg.slogdet(kron(*[B] * k))
    found = ox.slogdet(ox.kron_power(B, k))
    assert found.sign == wanted.sign
    assert found.logabsdet == pytest.approx(wanted.logabsdet, rel=1e-12)


def test_small_powers():
    A = matrix(2, 3)
    assert np.array_equal(np.asarray(ox.kron_power(A, 0)), [[1.0]])
    assert np.array_equal(np.asarray(ox.kron_power(A, 1)), A)
    agree(ox.to_dense(ox.kron_power(A, 3)), kron(A, A, A), 1e-16)
    assert np.array_equal(np.asarray(ox.kron_power(2.0 * ox.aslinearoperator(A), 2)), 4.0 * kron(A, A))
    assert ox.kron_power(A.astype(np.float32), 0).dtype == np.float32


@pytest.mark.parametrize("k", [-1, 2.0, True, "2", None])
def test_other_exponents_are_refused(k):
    with pytest.raises(ShapeError, match="k must be an integer"):
        ox.kron_power(np.eye(2), k)


@pytest.mark.parametrize("function", ["inv", "eigh", "eigvalsh", "svd", "slogdet", "cholesky", "qr", "lu", "trace"])
def test_the_factor_is_worked_on_once(function, monkeypatch):
    calls, f = [], getattr(ox, function)
    reference = f.reference
    monkeypatch.setattr(f, "reference", lambda a, **options: calls.append(a) or reference(a, **options))
    K = ox.kron_power(definite(3), 30)
    assert K.shape[0] == 3**30
    assert K.nbytes == 30 * 72
    f(K)
    assert len(calls) == 1
    f(K.T)
    assert len(calls) == 2
    if function == "eigh":
        f(ox.kronsum(*K.factors))
        assert len(calls) == 3


def test_the_inverse_of_the_inverse_shares_its_factor_too():
    factors = ox.inv(ox.inv(ox.kron_power(matrix(3), 30))).factors
    assert len({id(F) for F in factors}) == 1
