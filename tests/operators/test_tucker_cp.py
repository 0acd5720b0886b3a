"""Tucker and CP operators: forms of products, rounding with its error, TensorLy, other libraries, bad input."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from market import kron, matrix
from tensor_formats import cores, cp_twin, stacks, tucker_twin

import otimes as ox
from otimes.errors import ArrayMixError, NoRule, ShapeError
from otimes.operators.tensors.tucker import _split

SHAPES = ((2, 2, 3), (3, 3, 1), (2, 1, 2))


def tucker(dtype=float, seed=0, core=(2, 3, 2), shapes=SHAPES):
    return ox.tucker(cores(core, dtype=dtype, seed=seed + 1)[0], stacks(*shapes, dtype=dtype, seed=seed))


def cp(terms=3, dtype=float, seed=0, sizes=((2, 3), (3, 1), (1, 2))):
    shapes = [(terms, *size) for size in sizes]
    return ox.cp(cores((terms,), dtype=dtype, seed=seed + 1)[0], stacks(*shapes, dtype=dtype, seed=seed))


class TestTucker:
    def test_ranks_of_sums_and_products(self):
        A, B = tucker(), tucker(seed=5, core=(1, 2, 4), shapes=((1, 2, 3), (2, 3, 1), (4, 1, 2)))
        assert (A + B).ranks == (3, 5, 6)
        assert (A @ B.T).ranks == (2, 6, 8)
        assert np.allclose(np.asarray(A - 2 * B), np.asarray(A) - 2 * np.asarray(B))
        assert np.allclose(np.asarray(A @ B.T), np.asarray(A) @ np.asarray(B).T)

    @pytest.mark.parametrize("split", range(4))
    def test_the_core_may_stand_before_any_slot(self, split, monkeypatch):
        A = tucker(complex)
        monkeypatch.setattr("otimes.operators.tensors.tucker._split", lambda ranks, partition: split)
        X = np.random.default_rng(0).standard_normal((6, 2))
        assert np.allclose(A @ X, np.asarray(A) @ X)

    def test_the_core_stands_where_it_is_cheapest(self):
        assert _split((1, 9), ((4, 4), (4, 4))) == 1  # one matrix on the first slot: nothing is carried along
        assert _split((9, 1), ((4, 4), (4, 4))) < 2
        assert _split((3, 3), ((2, 200), (200, 200))) < 2

    @given(st.integers(0, 50), st.sampled_from([0.5, 0.1, 1e-3]), st.sampled_from([float, complex]))
    def test_rounding_keeps_its_promise(self, seed, rtol, dtype):
        A = tucker(dtype, seed, (4, 4, 4), ((4, 2, 2), (4, 2, 3), (4, 3, 2)))
        B, error = ox.recompress(A, rtol=rtol)
        gap = np.linalg.norm(np.asarray(B) - np.asarray(A)) / np.linalg.norm(np.asarray(A))
        assert error <= rtol
        assert error == pytest.approx(gap, rel=1e-6, abs=1e-14)

    @given(st.integers(0, 50), st.integers(1, 3))
    def test_error_is_within_the_bound(self, seed, rank):
        """T20: the tail of each unfolding is a lower bound, the root of the sum of their squares an upper one."""
        A = tucker(float, seed, (4, 4, 4), ((4, 2, 2), (4, 2, 3), (4, 3, 2)))
        B, error = ox.recompress(A, rank=rank)
        assert max(B.ranks) <= rank
        T = np.asarray(A).reshape(2, 2, 3, 2, 3, 2).transpose(0, 3, 1, 4, 2, 5).reshape(4, 6, 6)
        values = [np.linalg.svd(ox.unfold(T, mode), compute_uv=False) for mode in range(3)]
        tails = [np.linalg.norm(v[rank:]) for v in values]
        error *= np.linalg.norm(T)
        assert max(tails) * (1 - 1e-9) <= error <= np.linalg.norm(tails) * (1 + 1e-9)

    def test_rounding_finds_the_ranks(self):
        A = tucker()
        B, error = ox.recompress(A + A - 0.5 * A)
        assert B.ranks == (2, 3, 2)
        assert error < 1e-13
        assert np.allclose(np.asarray(B), 1.5 * np.asarray(A))

    def test_what_is_refused(self):
        with pytest.raises(ShapeError, match=r"the core is 2×3, and the stacks hold 2, 2 matrices"):
            ox.tucker(np.ones((2, 3)), [np.ones((2, 2, 2)), np.ones((2, 3, 3))])
        with pytest.raises(ShapeError, match=r"stack 1 of the Tucker operator has shape 3×3; it must have three axes"):
            ox.tucker(np.ones((2, 3)), [np.ones((2, 2, 2)), np.ones((3, 3))])
        with pytest.raises(ShapeError, match="at least one slot"):
            ox.tucker(1.0, [])
        torch = pytest.importorskip("torch")
        with pytest.raises(ArrayMixError, match="array 1 holds torch"):
            ox.tucker(np.ones(2), [torch.ones(2, 2, 2)])


class TestCP:
    def test_terms_of_sums_and_products(self):
        A, B = cp(), cp(2, seed=5)
        assert (A + B).rank == 5
        assert (A @ B.T).rank == 6
        assert np.allclose(np.asarray(A - 2 * B), np.asarray(A) - 2 * np.asarray(B))
        assert np.allclose(np.asarray(A @ B.T), np.asarray(A) @ np.asarray(B).T)

    def test_it_is_the_sum_of_kronecker_products(self):
        A = cp()
        terms = [w * ox.kron(*(S[r] for S in A.stacks)) for r, w in enumerate(A.weights)]
        x = np.arange(6.0)
        assert np.allclose(A @ x, sum(K @ x for K in terms))

    def test_its_terms_one_by_one_can_be_solved(self):
        A = ox.cp(None, [np.stack([matrix(3), np.eye(3)]), np.stack([np.eye(4), matrix(4)])])
        K = ox.kronecker_terms(A)
        assert type(K) is ox.KroneckerTerms
        assert np.allclose(ox.solve(K, np.ones(12)), np.linalg.solve(np.asarray(A), np.ones(12)))
        assert np.allclose(np.asarray(ox.to_tensor_train(K)), np.asarray(A))

    def test_no_terms_are_zero(self):
        A = ox.cp(np.ones(0), [np.ones((0, 2, 3)), np.ones((0, 4, 1))])
        assert type(ox.kronecker_terms(A)) is ox.Zero
        assert (A @ np.ones(3)).tolist() == [0.0] * 8
        assert ox.norm(A) == 0

    def test_terms_are_taken_in_blocks(self, monkeypatch):
        A, X = cp(7, complex), np.ones((6, 2))
        whole = A @ X
        monkeypatch.setattr("otimes.operators.tensors.cp.BLOCK_ENTRIES", 40)
        assert np.allclose(A @ X, whole)

    @given(st.integers(0, 50), st.integers(1, 3), st.sampled_from([float, complex]))
    def test_two_slots_are_rounded_best(self, seed, rank, dtype):
        A = cp(6, dtype, seed, ((2, 2), (3, 2)))
        B, error = ox.recompress(A, rank=rank)
        R = np.asarray(A).reshape(2, 3, 2, 2).transpose(0, 2, 1, 3).reshape(4, 6)
        values = np.linalg.svd(R, compute_uv=False)
        assert B.rank == rank
        assert error == pytest.approx(np.linalg.norm(values[rank:]) / np.linalg.norm(values), rel=1e-8)
        assert np.linalg.norm(np.asarray(A - B)) == pytest.approx(np.linalg.norm(values[rank:]), rel=1e-8)

    def test_more_slots_have_no_best_approximation(self):
        with pytest.raises(NoRule, match="at most two slots"):
            ox.recompress(cp())

    def test_the_norm_of_what_cancels(self):
        A = cp(5, sizes=((3, 3), (4, 4), (2, 2)))
        assert ox.norm(A - A) < 1e-13 * ox.norm(A)

    def test_as_a_train(self):
        A = cp(4)
        T = ox.to_tensor_train(A)
        assert T.ranks == (1, 4, 4, 1)
        assert ox.recompress(T)[0].ranks == (1, 4, 2, 1)  # no more than the two entries of the last slot
        assert np.allclose(np.asarray(T), np.asarray(A))

    def test_what_is_refused(self):
        with pytest.raises(ShapeError, match=r"the weights have shape \(2,\), and the stacks hold 2, 3 matrices"):
            ox.cp(np.ones(2), [np.ones((2, 2, 2)), np.ones((3, 3, 3))])
        with pytest.raises(ShapeError, match="the weights have shape 2×1"):
            ox.cp(np.ones((2, 1)), [np.ones((2, 2, 2))])
        with pytest.raises(ShapeError, match=r"stack 0 of the CP operator has shape 2×2"):
            ox.cp(None, [np.ones((2, 2))])
        with pytest.raises(ShapeError, match="at least one slot"):
            ox.cp(None, [])
        for make in (ox.cp, ox.tucker):
            with pytest.raises(ShapeError, match=r"the stacks of a .* must be a list or tuple, not None"):
                make(np.ones(2), None)


class TestOtherLibraries:
    @pytest.mark.parametrize("make", [tucker, cp])
    def test_torch_and_its_gradient(self, make):
        torch = pytest.importorskip("torch")
        a = np.asarray(make())
        A = ox.map_arrays(make(), lambda x: torch.tensor(x, requires_grad=True))
        y = A @ torch.ones(6, dtype=torch.float64)
        assert np.allclose(y.detach(), a.sum(1))
        y.sum().backward()
        assert all(S.grad.abs().max() > 0 for S in A.stacks)
        assert float(ox.norm(A).detach()) == pytest.approx(np.linalg.norm(a))

    @pytest.mark.parametrize("make", [tucker, cp])
    def test_the_standard_is_enough(self, make):
        xp = pytest.importorskip("array_api_strict")
        a = np.asarray(make())
        A = ox.map_arrays(make(), xp.asarray)
        assert np.allclose(np.asarray(A @ xp.ones((6, 2), dtype=xp.float64)), a @ np.ones((6, 2)))
        assert np.allclose(np.asarray(ox.to_dense((A + 2.0 * A) @ A.T)), 3 * a @ a.T)
        assert float(ox.norm(A)) == pytest.approx(np.linalg.norm(a))

    def test_jax_traces_the_products(self):
        jax = pytest.importorskip("jax")
        for make in (tucker, cp):
            A = ox.map_arrays(make(), lambda x: jax.numpy.asarray(x.astype(np.float32)))
            got = jax.jit(lambda A: (A @ jax.numpy.ones(6, dtype="float32")).sum())(A)
            assert float(got) == pytest.approx(float(np.asarray(make()).sum()), rel=1e-4)


def test_twins_differ_from_each_other():
    """The dense twins are of different sums: G = diag(w) makes a Tucker operator of a CP one."""
    A = cp(3, sizes=((2, 2), (3, 3)))
    assert np.allclose(tucker_twin(np.diag(A.weights), A.stacks), cp_twin(A.weights, A.stacks))
    assert np.allclose(np.asarray(ox.tucker(np.diag(A.weights), A.stacks)), np.asarray(A))
    assert not np.allclose(np.asarray(A), kron(matrix(2), matrix(3)))
