"""Matrices of blocks: layout, partitions, Hermitian by construction, elimination, what is refused."""

import numpy as np
import pytest
import scipy.linalg
from hypothesis import given
from hypothesis import strategies as st
from market import agree, definite, hermitian, kron, matrix, singular

import otimes as ox
from otimes.errors import ArrayMixError, DTypeError, NoRule, ShapeError, SingularError, StructureError

EPS = np.finfo(float).eps
sizes = st.lists(st.integers(0, 3), min_size=1, max_size=3)


@given(sizes, sizes, st.integers(0, 9))
def test_a_grid_is_laid_out_as_numpy_does(heights, widths, seed):
    grid = [[matrix(m, n, seed=seed + i + 3 * j) for j, n in enumerate(widths)] for i, m in enumerate(heights)]
    K, dense = ox.block(grid), np.block(grid)
    agree(np.asarray(K), dense, EPS)
    agree(K @ np.ones(dense.shape[1]), dense @ np.ones(dense.shape[1]), EPS, scale=10)
    agree(ox.diagonal(K), dense.diagonal(), EPS)
    agree(np.asarray(ox.partition(dense, heights, widths)), dense, EPS)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=4))
def test_a_block_diagonal_is_laid_out_as_scipy_does(shapes):
    blocks = [matrix(m, n, seed=i) for i, (m, n) in enumerate(shapes)]
    K, dense = ox.block_diag(*blocks), scipy.linalg.block_diag(*blocks)
    agree(np.asarray(K), dense, EPS)
    agree(ox.diagonal(K), dense.diagonal(), EPS)
    agree(K.T @ np.ones(len(dense)), dense.T @ np.ones(len(dense)), EPS, scale=10)


def test_zeros_leave_what_structure_there_is():
    A, B = ox.aslinearoperator(matrix(2)), matrix(3)
    assert isinstance(ox.block([[A, None], [0, B]]), ox.BlockDiagonal)
    assert isinstance(ox.block([[ox.zeros(2, 3), ox.zeros(2, 1)]]), ox.Zero)
    assert ox.block([[A]]) is A
    assert isinstance(ox.block_diag(A, A, A), ox.Kronecker)
    complex_zero = ox.block([[A, ox.zeros(2, 3, complex)], [0, B]])
    assert complex_zero.dtype == complex


def test_a_kronecker_product_is_seen_as_blocks_and_back():
    A, B = matrix(2, 3), matrix(3)
    K = ox.partition(ox.kron(A, B, A))
    assert (K.row_sizes, K.column_sizes) == ((6, 6), (9, 9, 9))
    agree(np.asarray(K.rows[1][2]), A[1, 2] * kron(B, A), EPS)
    I = ox.partition(ox.kron(ox.eye(3), B))  # noqa: E741  the textbook's name
    assert isinstance(I, ox.BlockDiagonal)
    assert len(I.blocks) == 3
    assert ox.block_diag(*I.blocks).factors[0].shape == (3, 3)
    agree(np.asarray(ox.block_diag(*I.blocks)), kron(np.eye(3), B), EPS)
    assert ox.partition(K, K.row_sizes, K.column_sizes) is K


def test_products_are_fused_where_that_is_no_dearer():
    A, B = matrix(2), matrix(3)
    K = ox.block(
        [[ox.kron(A, B), ox.kron(A.T, B)], [ox.kron(A, B.T), ox.kron(A, A[:1])[:0] if False else ox.kron(B, A)]]
    )
    dense = np.asarray(K)
    lower = ox.block([[ox.kron(A, B), 0], [ox.kron(A, B), ox.kron(A, B)]])
    product = lower @ lower
    assert isinstance(product, ox.Block)
    agree(np.asarray(product), np.asarray(lower) @ np.asarray(lower), EPS, scale=100)
    assert isinstance(K @ lower, ox.Product)
    agree(np.asarray(K @ lower), dense @ np.asarray(lower), EPS, scale=100)
    row, column = ox.block([[matrix(2, 3), matrix(2)]]), ox.block([[matrix(3)], [matrix(2, 3)]])
    agree(np.asarray(row @ column), np.asarray(row) @ np.asarray(column), EPS, scale=100)


class TestHermitian:
    """Covariances of several tasks: one triangle is given."""

    def test_either_triangle(self):
        A, D, C = definite(2, complex), definite(3), matrix(3, 2, complex)
        dense = np.block([[A, C.conj().T], [C, D]])
        for K in (ox.block_hermitian([[A], [C, D]]), ox.block_hermitian([[A, C.conj().T], [D]])):
            assert K.facts.hermitian
            assert K.H.facts.hermitian
            assert (K + K).facts.hermitian
            assert (2.0 * K).facts.hermitian
            agree(np.asarray(K), dense, EPS)

    def test_mirrored_blocks_hold_the_same_numbers(self):
        C = matrix(3, 2)
        K = ox.block_hermitian([[definite(2)], [C, definite(3)]])
        assert np.shares_memory(K.rows[0][1].array, C)

    def test_zeros_and_three_tasks(self):
        A, B, C = definite(1), definite(2), definite(3)
        E = matrix(3, 1)
        K = ox.block_hermitian([[A], [0, B], [E, None, C]])
        agree(
            np.asarray(K),
            np.block([[A, np.zeros((1, 2)), E.T], [np.zeros((2, 1)), B, np.zeros((2, 3))], [E, np.zeros((3, 2)), C]]),
            EPS,
        )

    def test_what_is_seen_without_it(self):
        A, C, H = definite(2), matrix(3, 2), ox.aslinearoperator(hermitian(2))
        assert ox.block([[A, C.T], [C, definite(3)]]).facts.hermitian
        assert ox.block([[A, H], [H, A]]).facts.hermitian
        assert ox.block([[A, C.T], [C + 1, definite(3)]]).facts.hermitian is None
        assert ox.block([[A, matrix(2)], [matrix(2), A]]).facts.hermitian is None

    def test_what_is_refused(self):
        with pytest.raises(StructureError, match="block 1 of the diagonal, 3×3, is not known to be Hermitian"):
            ox.block_hermitian([[definite(2)], [matrix(3, 2), matrix(3)]])
        with pytest.raises(ShapeError, match=r"rows of \[1, 1\] blocks are no triangle"):
            ox.block_hermitian([[definite(2)], [definite(3)]])
        with pytest.raises(ShapeError, match="no triangle"):
            ox.block_hermitian([definite(2)])
        with pytest.raises(ShapeError, match=r"block \(0, 1\) is 3×2"):
            ox.block_hermitian([[definite(2), matrix(3, 2)], [definite(3)]])


class TestElimination:
    """Elimination exchanges no rows: where that would cost digits, or fails, small matrices are formed."""

    @pytest.mark.parametrize("scale", [1.0, 1e-6, 1e-12, 0.0])
    def test_a_small_or_zero_pivot_costs_no_digits(self, scale):
        blocks = [[scale * matrix(3), matrix(3)], [matrix(3, seed=1), matrix(3, seed=2)]]
        K, dense, x = ox.block(blocks), np.block(blocks), np.arange(6.0)
        condition = np.linalg.cond(dense)
        agree(ox.solve(K, dense @ x), x, EPS, growth=condition)
        agree(np.asarray(ox.inv(K)), np.linalg.inv(dense), EPS, growth=condition)
        agree(ox.slogdet(K).logabsdet, np.linalg.slogdet(dense).logabsdet, EPS, growth=condition)

    def test_a_singular_pivot_is_passed_over(self):
        blocks = [[singular(3), matrix(3)], [matrix(3, seed=1), definite(3)]]
        K, dense = ox.block(blocks), np.block(blocks)
        agree(ox.solve(K, dense @ np.ones(6), dense_limit=3), np.ones(6), EPS, growth=np.linalg.cond(dense))

    def test_large_blocks_beside_a_small_one(self):
        """A border of a product of a million rows: the complement is 2 × 2."""
        factors = [definite(10, seed=i) for i in range(6)]
        A, border = ox.kron(*factors), np.random.default_rng(0).standard_normal((10**6, 2))
        K = ox.block_hermitian([[A], [border.T, -np.eye(2)]])
        x = np.linspace(-1, 1, 10**6 + 2)
        found = ox.solve(K, K @ x)
        assert np.abs(K @ found - K @ x).max() <= 1e-10 * np.abs(K @ x).max()
        inner = border.T @ ox.solve(A, border)
        wanted = ox.slogdet(A).logabsdet + np.linalg.slogdet(-np.eye(2) - inner).logabsdet
        assert ox.slogdet(K).logabsdet == pytest.approx(wanted, rel=1e-12)

    def test_large_blocks_whose_complement_has_no_rule(self):
        factors = [definite(10, seed=i) for i in range(6)]
        A, B = ox.kron(*factors), ox.kron(*[M[::-1] for M in factors])
        K = ox.block([[A, B], [ox.Product(B, A, B), ox.aslinearoperator(A) + ox.Product(A, B)]])
        with pytest.raises(NoRule, match="fails for a part of the matrix"):
            ox.slogdet(K)

    def test_a_singular_diagonal_block_of_a_triangular_one_is_named(self):
        K = ox.block([[matrix(2), 0], [matrix(3, 2), singular(3)]])
        with pytest.raises(SingularError):
            ox.solve(K, np.ones(5))
        with pytest.raises(SingularError, match="diagonal block 1"):
            ox.inv(K)


class TestBadInput:
    """The shapes of all blocks are shown, and the first that does not conform."""

    def test_blocks_that_do_not_conform(self):
        with pytest.raises(ShapeError) as caught:
            ox.block([[np.ones((2, 2)), np.ones((2, 3))], [np.ones((3, 2)), np.ones((4, 3))]])
        assert "block (1, 1) is 4×3" in str(caught.value)
        assert "  2×2  2×3\n  3×2  4×3" in str(caught.value)

    @pytest.mark.parametrize(
        ("rows", "message"),
        [
            ([], "at least one block"),
            ([[]], r"the rows have \[0\] blocks"),
            (np.ones((2, 2)), "takes a list of rows"),
            ([[np.eye(2)], [np.eye(2), np.eye(2)]], r"the rows have \[1, 2\] blocks"),
            ([[np.eye(2)], np.eye(2)], "entry 1 is no list"),
            ([[np.eye(2), None], [np.eye(2), 0]], "column 1 holds only zeros"),
            ([[np.eye(2), np.eye(2)], [None, None]], "row 1 holds only zeros"),
        ],
    )
    def test_layouts(self, rows, message):
        with pytest.raises(ShapeError, match=message):
            ox.block(rows)

    def test_what_is_no_matrix(self):
        with pytest.raises(DTypeError, match=r"block \(0, 1\)"):
            ox.block([[np.eye(2), "A"]])
        with pytest.raises(ShapeError, match="no blocks"):
            ox.block_diag()
        with pytest.raises(DTypeError, match="block 1"):
            ox.block_diag(np.eye(2), "A")

    def test_mixed_libraries(self):
        torch = pytest.importorskip("torch")
        with pytest.raises(ArrayMixError, match=r"block 0.*block 1"):
            ox.block_diag(np.eye(2), torch.eye(2))
        with pytest.raises(ArrayMixError, match=r"block 0.*block 1"):
            ox.block([[np.eye(2), torch.eye(2)]])

    def test_partitions(self):
        A = np.ones((5, 4))
        with pytest.raises(StructureError, match="Dense 5×4 is not made of blocks"):
            ox.partition(A)
        with pytest.raises(ShapeError, match=r"rows=\[2, 2\] add up to 4, and A has 5 rows"):
            ox.partition(A, [2, 2], [4])
        with pytest.raises(ShapeError, match="columns takes the sizes"):
            ox.partition(A, [2, 3], 4)
        with pytest.raises(ShapeError, match="must be an integer"):
            ox.partition(A, [2.5, 2.5], [4])


def test_batches_are_broadcast():
    stack = np.stack([matrix(2), definite(2)])
    corner = np.broadcast_to(matrix(3), (2, 3, 3))
    dense = np.block([[stack, np.zeros((2, 2, 3))], [np.ones((2, 3, 2)), corner]])
    K = ox.block([[stack, None], [np.ones((3, 2)), matrix(3)]])
    agree(np.asarray(K), dense, EPS)
    agree(np.asarray(ox.block_diag(stack, matrix(3)))[1], scipy.linalg.block_diag(stack[1], matrix(3)), EPS)
    rhs = np.ones((2, 5, 1))
    agree(
        ox.solve(ox.block([[stack, None], [np.ones((3, 2)), matrix(3)]]), rhs),
        np.linalg.solve(dense, rhs),
        EPS,
        growth=50,
    )


def test_cuts_are_relative_to_the_whole():
    """The pseudoinverse drops a block that is small beside the others, though by itself it is regular."""
    small, large = 1e-20 * matrix(2), matrix(3)
    K, dense = ox.block_diag(small, large), scipy.linalg.block_diag(small, large)
    agree(np.asarray(ox.pinv(K)), np.linalg.pinv(dense), EPS, growth=100)
    assert ox.matrix_rank(K) == np.linalg.matrix_rank(dense) == 3
    x, _, rank, _ = ox.lstsq(K, np.ones(5))
    agree(x, np.linalg.lstsq(dense, np.ones(5))[0], EPS, growth=100)
    assert rank == 3


def test_spectra_of_large_blocks_stay_lazy():
    factors = [definite(10, seed=i) for i in range(8)]
    K = ox.block_diag(ox.kron(*factors), 3.0 * ox.kron(*factors[:7]), definite(10))
    values = ox.eigvalsh(K)
    top = ox.eigvalsh(K.blocks[0], k=1)[0]
    assert values.shape == (10**8 + 10**7 + 10,)
    assert ox.eigvalsh(K, k=1)[0] == top
    assert values[10**8 + 10**7] == values[-10] == np.linalg.eigvalsh(definite(10))[0]
    assert values[10**8 - 1 : 10**8 + 1].shape == (2,)
    with pytest.raises(IndexError):
        values[10**8 + 10**7 + 10]
    assert ox.cond(K) == pytest.approx(top / ox.eigvalsh(K, k=1, which="smallest")[0], rel=1e-9)


def test_gradients_pass_through_elimination():
    torch = pytest.importorskip("torch")
    A, B, C, D = (torch.tensor(M, requires_grad=True) for M in (matrix(3), matrix(3, 2), matrix(2, 3), matrix(2)))
    assert torch.autograd.gradcheck(
        lambda *M: ox.solve(ox.block([M[:2], M[2:]]), torch.ones(5, dtype=torch.float64)), (A, B, C, D)
    )
    assert torch.autograd.gradcheck(lambda *M: ox.slogdet(ox.block([M[:2], M[2:]]))[1], (A, B, C, D))
