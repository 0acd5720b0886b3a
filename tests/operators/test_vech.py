"""vech, duplication and elimination: the identities of Magnus & Neudecker (1980), and what is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from market import matrix

import otimes as ox
from otimes.errors import ShapeError

sizes = st.integers(0, 7)


def symmetric(n):
    a = np.round(4 * matrix(n))
    return a + a.T


@given(sizes)
def test_vech_and_unvech(n):
    A = symmetric(n)
    wanted = [A[i, j] for j in range(n) for i in range(j, n)]  # the lower triangle, by columns
    assert ox.vech(A).tolist() == wanted
    assert np.array_equal(ox.unvech(ox.vech(A)), A)


def test_vech_does_not_look_above_the_diagonal():
    assert ox.vech(np.array([[1, np.nan], [2, 3]])).tolist() == [1, 2, 3]


@given(sizes)
def test_identities(n):
    D, L, K = ox.duplication(n), ox.elimination(n), ox.commutation(n, n)
    A, B = symmetric(n), matrix(n)
    lower, p = np.tril(B), n * (n + 1) // 2
    assert np.array_equal(D @ ox.vech(A), ox.vec(A))
    assert np.array_equal(L @ ox.vec(B), ox.vech(B))
    assert np.array_equal(L.T @ ox.vech(lower), ox.vec(lower))
    assert np.array_equal(D.T @ ox.vec(B), ox.vech(B + B.T - np.diag(np.diag(B))))
    assert np.allclose(ox.pinv(D) @ ox.vec(B), ox.vech((B + B.T) / 2))
    assert np.array_equal(np.asarray(L @ D), np.eye(p))
    assert np.allclose(np.asarray(ox.pinv(D) @ D), np.eye(p))
    N = (ox.eye(n * n) + K) / 2
    assert np.array_equal(np.asarray(K @ D), np.asarray(D))
    assert np.allclose(np.asarray(D @ ox.pinv(D)), np.asarray(N))
    assert np.allclose(np.asarray(D @ L @ N), np.asarray(N))


def test_products_of_symmetric_matrices():
    """D⁺ (A ⊗ A) D vech(X) = vech(A X Aᵀ), the operator of a covariance matrix's half."""
    A, X = matrix(4), symmetric(4)
    half = ox.pinv(ox.duplication(4)) @ ox.kron(A, A) @ ox.duplication(4)
    assert half.shape == (10, 10)
    assert np.allclose(half @ ox.vech(X), ox.vech(A @ X @ A.T))


def test_products_that_are_known():
    D, L = ox.duplication(5), ox.elimination(5)
    assert type(L @ D) is type(L @ L.T) is ox.Identity
    assert type(D.T @ D) is ox.Diagonal
    assert ox.commutation(5, 5) @ D is D
    assert D.T.T is D
    assert (D @ np.ones((15, 2), np.float32)).dtype == np.float32


@pytest.mark.parametrize("n", [-1, 2.5, True, "3", None])
def test_orders_that_are_no_sizes(n):
    for constructor in (ox.duplication, ox.elimination):
        with pytest.raises(ShapeError, match="n must be an integer ≥ 0"):
            constructor(n)


def test_wrong_lengths():
    with pytest.raises(ShapeError, match=r"v has 5 entries.*2×2 has 3 and that of 3×3 has 6"):
        ox.unvech(np.ones(5))
    with pytest.raises(ShapeError, match=r"v has shape 2×3"):
        ox.unvech(np.ones((2, 3)))
    with pytest.raises(ShapeError, match=r"A has shape 2×3; it must be a square matrix"):
        ox.vech(np.ones((2, 3)))
    with pytest.raises(ShapeError, match=r"A @ x: A is 9×6 and x is \(9,\)"):
        ox.duplication(3) @ np.ones(9)


def test_infinite_entries_stay_where_they_are():
    assert (ox.duplication(2).T @ np.array([np.inf, 1, 2, 3])).tolist() == [np.inf, 3, 3]
    assert (ox.elimination(2).T @ np.array([1, np.inf, 2])).tolist() == [1, np.inf, 0, 2]


def test_torch():
    torch = pytest.importorskip("torch")
    A = torch.tensor(symmetric(3), requires_grad=True)
    D, L = ox.duplication(3), ox.elimination(3)
    assert torch.equal(D @ ox.vech(A), ox.vec(A))
    assert torch.equal(L.T @ (L @ ox.vec(A)), ox.vec(torch.tril(A)))
    assert torch.equal(D.T @ ox.vec(A), ox.vech(2 * A - torch.diag(torch.diag(A))))
    assert torch.equal(ox.unvech(ox.vech(A)), A)
    ox.vech(A).sum().backward()
    assert torch.equal(A.grad, torch.tril(torch.ones(3, 3, dtype=A.dtype)))
