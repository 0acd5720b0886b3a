"""Tensor trains: ranks of sums and products, rounding with its error, conversions, other libraries, bad input."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from market import kron, kronsum, matrix
from tensor_formats import cores, twin

import otimes as ox
from otimes.errors import ArrayMixError, NoRule, ShapeError

SHAPES = ((1, 2, 3, 4), (4, 3, 2, 5), (5, 2, 2, 1))


def train(*shapes, dtype=float, seed=0):
    return ox.tensor_train(cores(*(shapes or SHAPES), dtype=dtype, seed=seed))


def best_errors(a, slots):
    """Return the singular values of each unfolding that separates the first k slots from the others."""
    d = len(slots)
    axes = [axis for k in range(d) for axis in (k, d + k)]
    T = a.reshape([m for m, _ in slots] + [n for _, n in slots]).transpose(axes)
    heads = np.cumprod([m * n for m, n in slots])[:-1]
    return [np.linalg.svd(T.reshape(head, -1), compute_uv=False) for head in heads]


def test_ranks_of_sums_and_products():
    S, T = train(), train((1, 2, 3, 2), (2, 3, 2, 3), (3, 2, 2, 1), seed=1)
    assert (S + T).ranks == (1, 6, 8, 1)
    assert (S @ T.T).ranks == (1, 8, 15, 1)
    assert (2j * S).ranks == S.ranks
    assert (2j * S).dtype == complex
    assert type(S + T) is type(S @ T.T) is type(S.H) is type(S - T) is ox.TensorTrain
    assert np.allclose(np.asarray(S - 3 * T), np.asarray(S) - 3 * np.asarray(T))
    assert np.allclose(np.asarray(S @ T.T), np.asarray(S) @ np.asarray(T).T)


def test_products_too_large_to_multiply_out_are_applied():
    T = train((1, 2, 2, 100), (100, 2, 2, 100), (100, 2, 2, 1))
    assert type(T @ T) is ox.Product
    assert np.allclose((T @ T) @ np.ones(8), np.asarray(T) @ (np.asarray(T) @ np.ones(8)))


@given(st.integers(0, 100), st.sampled_from([0.5, 0.1, 1e-3]), st.sampled_from([float, complex]))
def test_rounding_keeps_its_promise(seed, rtol, dtype):
    T = train(dtype=dtype, seed=seed)
    B, error = ox.recompress(T, rtol=rtol)
    gap = np.linalg.norm(np.asarray(B) - np.asarray(T)) / np.linalg.norm(np.asarray(T))
    assert error <= rtol
    assert error == pytest.approx(gap, rel=1e-6, abs=1e-14)
    assert all(r <= s for r, s in zip(B.ranks, T.ranks, strict=True))


@given(st.integers(0, 100), st.integers(1, 3))
def test_error_is_within_the_bound_of_oseledets(seed, rank):
    """T20: no train of these ranks can beat the largest tail of an unfolding, and √(d − 1) of the best is promised."""
    T = train((1, 2, 2, 6), (6, 3, 3, 6), (6, 2, 3, 4), (4, 2, 2, 1), seed=seed)
    B, error = ox.recompress(T, rank=rank)
    assert max(B.ranks) <= rank
    tails = [np.linalg.norm(values[rank:]) for values in best_errors(np.asarray(T), T.partition)]
    error *= np.linalg.norm(np.asarray(T))
    assert max(tails) * (1 - 1e-9) <= error <= np.sqrt(np.sum(np.square(tails))) * (1 + 1e-9)


def test_rounding_finds_the_ranks():
    T = train((1, 2, 2, 2), (2, 3, 3, 2), (2, 2, 2, 1))
    for A, ranks in ((T + T, (1, 2, 2, 1)), (T - T + T, (1, 2, 2, 1)), (T, (1, 2, 2, 1))):
        B, error = ox.recompress(A)
        assert B.ranks == ranks
        assert error < 1e-13
        assert np.allclose(np.asarray(B), np.asarray(A))


def test_two_slots_are_optimal():
    """For two slots it is the nearest sum of Kronecker products."""
    A = matrix(6)
    T = ox.to_tensor_train(A, (2, 3))
    _, error = ox.recompress(T, rank=2)
    assert error == pytest.approx(ox.nearest_kronecker(A, shapes=((2, 2), (3, 3)), terms=2).error, rel=1e-10)


class TestConversions:
    def test_kronecker_products_and_sums_have_their_ranks(self):
        A, B, C = matrix(2), matrix(3), matrix(2, seed=1)
        P = ox.to_tensor_train(ox.kron(A, B, C))
        S = ox.to_tensor_train(ox.kronsum(A, B, C))
        assert P.ranks == (1, 1, 1, 1)
        assert S.ranks == (1, 2, 2, 1)
        assert np.allclose(np.asarray(P), kron(A, B, C))
        assert np.allclose(np.asarray(S), kronsum(A, B, C))
        both = ox.to_tensor_train(ox.kron(A, B, C) - 2 * ox.kronsum(A, B, C))
        assert both.ranks == (1, 3, 3, 1)
        assert np.allclose(np.asarray(both), kron(A, B, C) - 2 * kronsum(A, B, C))
        assert np.allclose(np.asarray(ox.to_tensor_train(ox.eye(12), (2, 3, 2)) + P), np.eye(12) + kron(A, B, C))

    @given(st.integers(0, 50), st.sampled_from([float, np.float32, complex]))
    def test_dense_matrices(self, seed, dtype):
        a = matrix(12, 8, dtype, seed)
        T = ox.to_tensor_train(a, (2, 3, 2), (2, 1, 4))
        assert T.partition == ((2, 2), (3, 1), (2, 4))
        assert T.dtype == dtype
        assert np.allclose(np.asarray(T), a, atol=100 * np.finfo(dtype).eps)

    def test_ranks_of_a_dense_matrix_are_the_ranks_of_its_unfoldings(self):
        a = kron(matrix(2), matrix(3), matrix(2)) + kron(matrix(2, seed=1), matrix(3, seed=1), np.eye(2))
        assert ox.to_tensor_train(a, (2, 3, 2)).ranks == (1, 2, 2, 1)
        assert ox.to_tensor_train(np.zeros((6, 6)), (2, 3)).ranks == (1, 1, 1)
        assert ox.to_tensor_train(ox.kron(matrix(2), matrix(6)), (2, 2, 3)).partition == ((2, 2), (2, 2), (3, 3))

    def test_what_is_refused(self):
        with pytest.raises(ShapeError, match=r"A is 6×6, and the slots 2×2 ⊗ 2×2 multiply to 4×4"):
            ox.to_tensor_train(matrix(6), (2, 2))
        with pytest.raises(ShapeError, match="one size of each for every slot"):
            ox.to_tensor_train(matrix(6), (2, 3), (6,))
        with pytest.raises(ShapeError, match="one size of each for every slot"):
            ox.to_tensor_train(matrix(6), columns=(2, 3))
        with pytest.raises(NoRule, match="too large to be formed"):
            ox.to_tensor_train(ox.kron(*[matrix(10)] * 4), (100, 100))


def test_a_billion_rows():
    """Sums and products of a Laplacian on 10⁹ points, rounded back to rank 2; nothing of that size is made."""
    L = ox.to_tensor_train(ox.kronsum(*[2 * np.eye(10) - np.eye(10, k=1) - np.eye(10, k=-1)] * 9))
    B, error = ox.recompress(2 * L - L)
    assert B.shape == (10**9, 10**9)
    assert max(B.ranks) == 2
    assert error < 1e-12
    assert ox.trace(B) == pytest.approx(9 * 2 * 10**9, rel=1e-10)
    assert ox.norm(L) == pytest.approx(np.sqrt(9 * 58 * 10**8 + 72 * 20**2 * 10**7), rel=1e-10)
    assert ox.norm(B - L) < 1e-10 * ox.norm(L)


def test_a_shift_adds_one_to_the_ranks():
    A, B = matrix(3), matrix(4)
    T = ox.to_tensor_train(ox.kron(A, B) + 2j * ox.eye(12))
    assert T.ranks == (1, 2, 1)
    assert np.allclose(np.asarray(T), kron(A, B) + 2j * np.eye(12))
    rectangles = ox.kron(matrix(2, 3), matrix(3, 2)) + 2.0 * ox.eye(6)
    assert np.allclose(np.asarray(ox.to_tensor_train(rectangles)), np.asarray(rectangles))
    large = ox.to_tensor_train(ox.kron(*[np.ones((10, 10))] * 9) + 0.5 * ox.eye(10**9))
    assert ox.trace(large) == 1.5 * 10**9


class TestBadInput:
    def test_cores_that_make_no_train(self):
        with pytest.raises(ShapeError, match="at least one core"):
            ox.tensor_train([])
        with pytest.raises(ShapeError, match=r"core 1 .* has shape 3×2×1; it must have four axes"):
            ox.tensor_train([np.ones((1, 2, 2, 3)), np.ones((3, 2, 1))])
        with pytest.raises(ShapeError, match=r"core 1 .* is 4×2×2×1, and core 0 ends with rank 3"):
            ox.tensor_train([np.ones((1, 2, 2, 3)), np.ones((4, 2, 2, 1))])
        with pytest.raises(ShapeError, match=r"core 0 .* is 2×2×2×1, and a train begins with rank 1"):
            ox.tensor_train([np.ones((2, 2, 2, 1))])
        with pytest.raises(ShapeError, match=r"ends with rank 1, and its last core is 1×2×2×3"):
            ox.tensor_train([np.ones((1, 2, 2, 3))])

        with pytest.raises(ShapeError, match="the cores of a tensor train must be a list or tuple, not None"):
            ox.tensor_train(None)

    def test_slots_that_are_no_lists(self):
        with pytest.raises(ShapeError, match="rows must be a list or tuple, not 6"):
            ox.to_tensor_train(np.eye(6), 6)
        with pytest.raises(ShapeError, match="give one size of each for every slot"):
            ox.to_tensor_train(np.eye(6), columns=(2, 3))

    def test_libraries_that_meet(self):
        torch = pytest.importorskip("torch")
        with pytest.raises(ArrayMixError, match="core 1 holds torch"):
            ox.tensor_train([np.ones((1, 2, 2, 3)), torch.ones(3, 2, 2, 1)])

    def test_recompress(self):
        T = train()
        for rtol in (-0.1, 1.0, np.nan, "small"):
            with pytest.raises(ShapeError, match=r"must lie in \[0, 1\)"):
                ox.recompress(T, rtol=rtol)
        with pytest.raises(ShapeError, match="rank must be at least 1"):
            ox.recompress(T, rank=0)
        with pytest.raises(NoRule, match="recompress is defined for"):
            ox.recompress(matrix(3))


class TestOtherLibraries:
    def test_torch_and_its_gradient(self):
        torch = pytest.importorskip("torch")
        arrays = cores(*SHAPES)
        T = ox.tensor_train([torch.tensor(G, requires_grad=True) for G in arrays])
        a = twin(arrays)
        x = torch.ones(a.shape[1], dtype=torch.float64)
        y = T @ x
        assert np.allclose(y.detach(), a.sum(1))
        y.sum().backward()
        assert all(torch.isfinite(G.grad).all() and G.grad.abs().max() > 0 for G in T.cores)
        B, error = ox.recompress(T + T)
        assert B.ranks == (1, 4, 4, 1)
        assert error < 1e-13
        assert np.allclose(ox.to_dense(T @ T.T).detach(), a @ a.T)
        assert np.allclose(ox.to_dense(ox.to_tensor_train(torch.tensor(a), (2, 6), (6, 2))), a)

    def test_jax_traces_the_product(self):
        jax = pytest.importorskip("jax")
        arrays = [G.astype(np.float32) for G in cores(*SHAPES)]

        def total(cores):
            return (ox.tensor_train(cores) @ jax.numpy.ones(12, dtype="float32")).sum()

        got = jax.jit(total)([jax.numpy.asarray(G) for G in arrays])
        assert float(got) == pytest.approx(float(twin(arrays).sum()), rel=1e-4)
        assert jax.grad(total)([jax.numpy.asarray(G) for G in arrays])[0].shape == SHAPES[0]

    def test_the_standard_is_enough(self):
        xp = pytest.importorskip("array_api_strict")
        arrays = cores((1, 2, 2, 3), (3, 3, 3, 1))
        T, a = ox.tensor_train([xp.asarray(G) for G in arrays]), twin(arrays)
        assert np.allclose(np.asarray(T @ xp.ones((6, 2), dtype=xp.float64)), a @ np.ones((6, 2)))
        assert np.allclose(np.asarray(ox.to_dense((T + 2.0 * T) @ T.T)), 3 * a @ a.T)
        assert float(ox.trace(T)) == pytest.approx(a.trace())
        assert np.allclose(np.asarray(ox.diagonal(T)), a.diagonal())
        assert ox.recompress(T + T)[0].ranks == T.ranks
        assert np.allclose(
            np.asarray(ox.diagonal(ox.tensor_train([xp.asarray(G) for G in cores(*SHAPES)]))),
            twin(cores(*SHAPES)).diagonal(),
        )


def test_entries_of_more_rows_than_integers_count():
    """2⁷⁰ rows: indices are Python integers, an entry the product of those of the factors."""
    A = np.array([[1.0, 2], [3, 0.5]])
    T = ox.to_tensor_train(ox.kron(*[A] * 70))
    assert T[0, 2**70 - 1] == 2.0**70
    assert T[-1, -1] == 0.5**70
    assert T[5, 3] == pytest.approx(2 * 3 * 0.5)
