"""Tensors as arrays: unfoldings in both orders, mode products and outer products against TensorLy and NumPy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from market import kron, matrix

import otimes as ox
from otimes.errors import ArrayMixError, ShapeError, TooLarge

shapes = st.lists(st.integers(0, 4), min_size=1, max_size=4).map(tuple)


def tensor(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape)


def kolda():
    """Return the 3 × 4 × 2 tensor of Kolda & Bader's example in section 2.4: X₁ = 1 … 12, X₂ = 13 … 24 by columns."""
    return np.arange(1, 25).reshape(3, 4, 2, order="F")


KOLDA_MODE_1 = [
    [1, 4, 7, 10, 13, 16, 19, 22],
    [2, 5, 8, 11, 14, 17, 20, 23],
    [3, 6, 9, 12, 15, 18, 21, 24],
]
KOLDA_MODE_2 = [
    [1, 2, 3, 13, 14, 15],
    [4, 5, 6, 16, 17, 18],
    [7, 8, 9, 19, 20, 21],
    [10, 11, 12, 22, 23, 24],
]


class TestUnfold:
    def test_in_order_f_it_is_kolda_and_bader_s(self):
        assert ox.unfold(kolda(), 0, order="F").tolist() == KOLDA_MODE_1
        assert ox.unfold(kolda(), 1, order="F").tolist() == KOLDA_MODE_2
        assert ox.unfold(kolda(), 2, order="F").tolist() == [[*range(1, 13)], [*range(13, 25)]]

    def test_in_order_c_it_is_tensorly_s(self):
        tensorly = pytest.importorskip("tensorly")
        T = tensor(3, 4, 2, 5)
        for mode in range(4):
            assert np.array_equal(ox.unfold(T, mode), tensorly.unfold(T, mode))
            assert np.array_equal(
                ox.fold(ox.unfold(T, mode), mode, T.shape), tensorly.fold(tensorly.unfold(T, mode), mode, T.shape)
            )
        assert not np.array_equal(ox.unfold(T, 1), ox.unfold(T, 1, order="F"))

    @given(shapes, st.data(), st.sampled_from("CF"))
    def test_fold_undoes_it(self, shape, data, order):
        T = tensor(*shape)
        mode = data.draw(st.integers(-len(shape), len(shape) - 1))
        M = ox.unfold(T, mode, order=order)
        assert M.shape[0] == shape[mode]
        assert np.array_equal(ox.fold(M, mode, shape, order=order), T)

    def test_identities_of_both_orders(self):
        """T13: the other factors stand in the order of the axes for C, reversed for F."""
        T, A, B, C = tensor(2, 3, 4), matrix(5, 2), matrix(4, 3), matrix(2, 4)
        Y = ox.multi_mode_product(T, [A, B, C])
        for mode, one, others in ((0, A, (B, C)), (1, B, (A, C)), (2, C, (A, B))):
            assert np.allclose(ox.unfold(Y, mode), one @ ox.unfold(T, mode) @ kron(*others).T)
            by_columns = one @ ox.unfold(T, mode, order="F") @ kron(*others[::-1]).T
            assert np.allclose(ox.unfold(Y, mode, order="F"), by_columns)

    def test_what_is_refused(self):
        T = tensor(2, 3, 4)
        with pytest.raises(ShapeError, match=r"no mode 3; T has 3 axes, and the modes are 0, …, 2"):
            ox.unfold(T, 3)
        with pytest.raises(ShapeError, match=r"integer, not 1\.0"):
            ox.unfold(T, 1.0)
        with pytest.raises(ShapeError, match="a scalar has no modes"):
            ox.unfold(2.0, 0)
        with pytest.raises(ShapeError, match="order='K'"):
            ox.unfold(T, 0, order="K")
        with pytest.raises(ShapeError, match="M is 3×8; the mode-0 unfolding of 2×3×4 is 2×12"):
            ox.fold(ox.unfold(T, 1), 0, T.shape)
        with pytest.raises(ShapeError, match="an integer ≥ 0, not -3"):
            ox.fold(T[0], 0, (2, -3))
        with pytest.raises(ShapeError, match=r"the shape in fold.* must be a list or tuple, not 12"):
            ox.fold(T[0], 0, 12)


class TestModeProducts:
    def test_they_are_tensorly_s(self):
        tenalg = pytest.importorskip("tensorly.tenalg")
        T, As = tensor(2, 3, 4), [matrix(5, 2), matrix(1, 3), matrix(6, 4)]
        for mode, A in enumerate(As):
            assert np.allclose(ox.mode_product(T, A, mode), tenalg.mode_dot(T, A, mode))
            assert np.allclose(ox.mode_product(T, A, mode - 3), tenalg.mode_dot(T, A, mode))
        assert np.allclose(ox.multi_mode_product(T, As), tenalg.multi_mode_dot(T, As))
        assert np.allclose(ox.multi_mode_product(T, As[::2], [0, 2]), tenalg.multi_mode_dot(T, As[::2], [0, 2]))
        assert np.allclose(ox.multi_mode_product(T, As[2::-2], [2, 0]), tenalg.multi_mode_dot(T, As[::2], [0, 2]))

    def test_they_are_a_kronecker_product_by_rows(self):
        T, As = tensor(2, 3, 4), [matrix(5, 2, complex), matrix(2, 3), matrix(4)]
        assert np.allclose(ox.multi_mode_product(T, As).reshape(-1), kron(*As) @ T.reshape(-1))

    def test_operators_keep_their_structure(self):
        T = tensor(4, 5, 6)
        got = ox.multi_mode_product(T, [ox.kron(matrix(2), matrix(2)), ox.eye(5), ox.diag(np.arange(6.0))])
        assert np.allclose(got, np.einsum("ia,ajk,k->ijk", kron(matrix(2), matrix(2)), T, np.arange(6.0)))

    def test_a_vector_is_a_row(self):
        T = tensor(2, 3)
        assert np.allclose(ox.mode_product(T, np.ones(3), 1), T.sum(1, keepdims=True))

    def test_dtypes_and_sizes_of_zero(self):
        T = tensor(2, 3).astype(np.float32)
        assert ox.mode_product(T, matrix(4, 3, np.float32), 1).dtype == np.float32
        assert ox.mode_product(T, matrix(4, 3, complex), 1).dtype == np.complex128
        assert ox.multi_mode_product(T, []).tolist() == T.tolist()
        assert ox.mode_product(np.ones((0, 3)), matrix(4, 3), 1).shape == (0, 4)
        assert ox.mode_product(np.ones((2, 0)), np.ones((4, 0)), 1).tolist() == np.zeros((2, 4)).tolist()

    def test_torch_and_its_gradient(self):
        torch = pytest.importorskip("torch")
        T, A = torch.ones(2, 3, 4, dtype=torch.float64), torch.tensor(matrix(5, 3), requires_grad=True)
        Y = ox.mode_product(T, A, 1)
        assert Y.shape == (2, 5, 4)
        Y.sum().backward()
        assert torch.equal(A.grad, torch.full((5, 3), 8.0, dtype=torch.float64))
        assert torch.equal(ox.fold(ox.unfold(T, 1, order="F"), 1, T.shape, order="F"), T)

    def test_what_is_refused(self):
        T = tensor(2, 3, 4)
        with pytest.raises(ShapeError, match=r"A has 5 columns and axis 1 of T has size 3; A.T would conform"):
            ox.mode_product(T, np.ones((3, 5)), 1)
        with pytest.raises(ShapeError, match="no mode 3"):
            ox.mode_product(T, np.ones((3, 3)), 3)
        with pytest.raises(ShapeError, match="1 matrices and 2 modes"):
            ox.multi_mode_product(T, [np.eye(2)], [0, 1])
        with pytest.raises(ShapeError, match=r"modes \[1, -2\] name one twice"):
            ox.multi_mode_product(T, [np.eye(3), np.eye(3)], [1, -2])
        with pytest.raises(ShapeError, match=r"As is one matrix 2×2; give a list, or use mode_product"):
            ox.multi_mode_product(T, np.eye(2))
        with pytest.raises(ShapeError, match="modes must be a list or tuple, not 0"):
            ox.multi_mode_product(T, [np.eye(2)], 0)
        with pytest.raises(ShapeError, match="one of these is a batch 5×4×2"):
            ox.mode_product(T, np.ones((5, 4, 2)), 0)
        with pytest.raises(ShapeError, match="no mode 3"):
            ox.multi_mode_product(T, [np.eye(n) for n in (2, 3, 4, 5)])


class TestOuter:
    @given(st.lists(shapes, min_size=1, max_size=3))
    def test_it_is_numpy_s(self, given):
        tensors = [tensor(*shape, seed=i) for i, shape in enumerate(given)]
        wanted = tensors[0]
        for x in tensors[1:]:
            wanted = np.multiply.outer(wanted, x)
        assert np.array_equal(ox.outer(*tensors), wanted)

    def test_of_vectors_it_is_the_kronecker_product(self):
        x, y = tensor(3), tensor(4, seed=1) * 1j
        assert np.array_equal(ox.vec(ox.outer(x, y), order="C"), np.kron(x, y))
        assert np.array_equal(ox.vec(ox.outer(x, y)), np.kron(y, x))  # x yᵀ by columns: vec(x yᵀ) = y ⊗ x
        for order in ("F", "C"):
            assert np.array_equal(ox.vec(ox.outer(x, x), order=order), np.asarray(ox.kron(x, x))[0])

    def test_what_is_refused(self):
        with pytest.raises(ShapeError, match="outer"):
            ox.outer()
        with pytest.raises(TooLarge, match="kron does not form it"):
            ox.outer(*[np.ones(10**3)] * 3)
        torch = pytest.importorskip("torch")
        with pytest.raises(ArrayMixError, match="tensor 1"):
            ox.outer(np.ones(2), torch.ones(2))
