"""Low rank and its updates: Woodbury at a million rows, accuracy, gradients, facts, what is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from market import agree, definite, hermitian, matrix

import otimes as ox
from otimes.errors import ArrayMixError, DTypeError, NoRule, ShapeError, SingularError

EPS = np.finfo(float).eps


def million(shift=0.0):
    """Return a product of six 10 × 10 factors of condition about 2, shifted."""
    factors = [np.eye(10) + 0.02 * hermitian(10, seed=i) for i in range(6)]
    return ox.kron(*factors) + shift * ox.eye(10**6) if shift else ox.kron(*factors)


BASES = {
    "kronecker": million,
    "kronecker and noise": lambda: million(0.5),
    "kronecker sum": lambda: ox.kronsum(*[definite(10, seed=i) for i in range(6)]),
    "noise alone": lambda: 0.5 * ox.eye(10**6),
}


@pytest.mark.parametrize("name", BASES)
def test_a_million_rows_are_solved_without_forming_them(name):
    A, U = BASES[name](), np.random.default_rng(0).standard_normal((10**6, 3)) / 1000
    K = A + ox.low_rank(U)
    assert isinstance(K, ox.LowRankUpdate)
    assert K.facts.hermitian
    x = np.sin(np.arange(10**6))
    b = K @ x
    assert np.abs(ox.solve(K, b) - x).max() <= 1e-11
    small = np.linalg.slogdet(np.eye(3) + U.T @ ox.solve(A, U)).logabsdet
    assert ox.slogdet(K).logabsdet == pytest.approx(ox.slogdet(A).logabsdet + small, rel=1e-12)
    assert ox.trace(K) == pytest.approx(ox.trace(A) + (U**2).sum(), rel=1e-12)
    inverse = ox.inv(K)
    assert isinstance(inverse, ox.LowRankUpdate)
    assert np.abs(inverse @ b - x).max() <= 1e-10


@given(st.integers(1, 5), st.integers(1, 5), st.integers(0, 4), st.integers(0, 4), st.integers(0, 9))
def test_the_algebra_stays_thin(m, n, r, s, seed):
    U, V, W, Z = (matrix(*shape, seed=seed) for shape in ((m, r), (n, r), (n, s), (m, s)))
    L, M = ox.low_rank(U, V), ox.low_rank(W, Z)
    product, total = L @ M, L + M.T
    assert isinstance(product, ox.LowRank)
    assert isinstance(total, ox.LowRank)
    agree(np.asarray(product), U @ V.T @ W @ Z.T, EPS, scale=100)
    agree(np.asarray(total), U @ V.T + Z @ W.T, EPS, scale=10)
    agree(np.asarray(matrix(2, m) @ np.asarray(L)), np.asarray(ox.aslinearoperator(matrix(2, m)) @ L), EPS, scale=100)


@pytest.mark.parametrize("scale", [1.0, 1e-6, 1e-13, 0.0])
def test_a_nearly_singular_base_costs_no_digits(scale):
    """diag(s, 1, 1, 1) and an update that makes up for s."""
    d = np.array([scale, 1.0, 1.0, 1.0])
    u = np.array([1.0, 2.0, -1.0, 0.5])
    K, dense = ox.diag(d) + ox.low_rank(u), np.diag(d) + np.outer(u, u)
    condition = np.linalg.cond(dense)
    agree(ox.solve(K, dense @ d), d, EPS, growth=condition)
    agree(np.asarray(ox.inv(K)), np.linalg.inv(dense), EPS, growth=condition)
    agree(ox.slogdet(K).logabsdet, np.linalg.slogdet(dense).logabsdet, EPS, growth=condition)


def test_large_singular_bases_are_refused():
    d = np.ones(3000)
    d[7] = 0
    K = ox.diag(d) + ox.low_rank(np.ones(3000))
    with pytest.raises(NoRule, match=r"fails for a part.*d\[7\] = 0"):
        ox.solve(K, np.ones(3000))


def test_facts_follow_the_core():
    U = matrix(4, 2)
    assert ox.low_rank(U).facts.positive_semidefinite
    assert ox.low_rank(U, C=hermitian(2)).facts.hermitian
    assert ox.low_rank(U, C=hermitian(2)).facts.positive_semidefinite is None
    assert (ox.low_rank(U) + ox.low_rank(U)).facts.positive_semidefinite
    assert (2.0 * ox.low_rank(U)).facts.hermitian
    known = ox.assume(definite(4), "positive_definite")
    assert (known + ox.low_rank(U)).facts.positive_definite
    assert ox.inv(known + ox.low_rank(U)).facts.positive_definite


def test_where_updates_meet_other_sums():
    U, K = matrix(6, 2), ox.kron(matrix(2), matrix(3))
    L, eye = ox.low_rank(U), ox.eye(6)
    for total in (K + eye + L, L + (K + eye), (L + K) + eye, eye + L + K, L + eye + K, eye + (K + L)):
        assert isinstance(total, ox.LowRankUpdate)
        agree(np.asarray(total), np.asarray(K) + np.eye(6) + U @ U.T, EPS, scale=10)
    assert L + ox.zeros(6) is L
    assert isinstance(ox.low_rank(U[:, :1], np.ones(3)) + matrix(6, 3), ox.Sum)


def test_singular_ones_say_what_takes_them():
    with pytest.raises(SingularError, match="rank at most 2 is singular; pinv and lstsq"):
        ox.solve(ox.low_rank(matrix(5, 2)), np.ones(5))


def test_what_does_not_conform():
    with pytest.raises(ShapeError, match="U is 5×2, V is 4×3 and C is 2×2; for U C Vᴴ it must be 2×3"):
        ox.low_rank(matrix(5, 2), matrix(4, 3), matrix(2))
    with pytest.raises(ShapeError, match="U is 5×2, V is 4×3"):
        ox.low_rank(matrix(5, 2), matrix(4, 3))
    with pytest.raises(DTypeError, match="factor U"):
        ox.low_rank("U")
    torch = pytest.importorskip("torch")
    with pytest.raises(ArrayMixError, match="factor"):
        ox.low_rank(matrix(5, 2), torch.ones(4, 2))


def test_gradients_pass_through_updates():
    torch = pytest.importorskip("torch")
    d, U = (
        torch.tensor([1.0, 2.0, 3.0], dtype=torch.float64, requires_grad=True),
        torch.tensor(matrix(3, 2), requires_grad=True),
    )
    b = torch.ones(3, dtype=torch.float64)
    assert torch.autograd.gradcheck(lambda d, U: ox.solve(ox.diag(d) + ox.low_rank(U), b), (d, U))
    assert torch.autograd.gradcheck(lambda d, U: ox.slogdet(ox.diag(d) + ox.low_rank(U))[1], (d, U))


def test_digits_lost_by_a_nearly_singular_part_come_back_or_are_missed():
    n = 3000  # too large to be formed
    b, e = np.cos(np.arange(n)), np.eye(n)[:, :1]
    d = 1 + np.arange(n) / n
    small, smaller = d.copy(), d.copy()
    small[0], smaller[0] = 1e-15, 1e-17
    assert np.abs(ox.solve(ox.diag(small) + ox.low_rank(e), b) - b / d).max() <= 1e-13
    with pytest.raises(NoRule, match="singular to working precision"):
        ox.solve(ox.diag(smaller) + ox.low_rank(e), b)
