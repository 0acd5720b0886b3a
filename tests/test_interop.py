"""Beside NumPy and SciPy: what they hold comes in as it is, and our operators go into their solvers."""

import copy
import pickle
import warnings

import numpy as np
import pytest
import scipy.sparse
import scipy.sparse.linalg as sla

import otimes as ox

E = ox.errors
FORMATS = ("bsr", "coo", "csc", "csr", "dia", "dok", "lil")
CONTAINERS = [getattr(scipy.sparse, f"{name}_{kind}") for name in FORMATS for kind in ("matrix", "array")]


def random(seed, *shape):
    return np.random.default_rng(seed).standard_normal(shape)


def positive(seed, n):
    a = random(seed, n, n)
    return a @ a.T + n * np.eye(n)


def assert_same(found, wanted, rtol=1e-9):
    np.testing.assert_allclose(np.asarray(found), wanted, rtol=rtol, atol=rtol * float(np.abs(wanted).max(initial=1)))


def operators():
    """One operator of every class, square and positive definite where that is possible."""
    A, B = positive(0, 3), positive(1, 2)
    K = ox.kron(A, B)
    return {
        "kronecker": K,
        "kronecker sum": ox.kronsum(A, B),
        "sum": K + ox.kron(np.eye(3), B @ B) + ox.commutation(3, 2) @ ox.commutation(2, 3),
        "product": ox.kron(A, B) @ ox.diag(np.arange(1.0, 7.0)) @ K,
        "multiple": 2 * K,
        "shifted": K + 3 * ox.eye(6),
        "dense": ox.aslinearoperator(positive(2, 6)),
        "diagonal": ox.diag(np.arange(1.0, 7.0)),
        "identity": ox.eye(6),
        "sparse": ox.aslinearoperator(scipy.sparse.csr_array(positive(3, 6))),
        "permutation": ox.permutation([3, 1, 0, 2, 5, 4]),
        "commutation": ox.commutation(2, 3),
        "zero": ox.zeros(6),
        "external": ox.aslinearoperator(sla.aslinearoperator(positive(4, 6))),
    }


every_operator = pytest.mark.parametrize("name", list(operators()))


class TestSciPySolvers:
    """scipy.sparse.linalg takes our operators as they are."""

    @pytest.fixture
    def K(self):
        return ox.kron(positive(0, 6), positive(1, 5))

    @pytest.mark.parametrize(
        "name", ["cg", "bicg", "bicgstab", "cgs", "gmres", "lgmres", "minres", "qmr", "gcrotmk", "tfqmr"]
    )
    def test_krylov_methods(self, K, name):
        b = random(2, 30)
        x, info = getattr(sla, name)(K, b, maxiter=2000, rtol=1e-10)
        assert info == 0
        assert_same(K @ x, b, rtol=1e-6)

    def test_a_preconditioner(self, K):
        b = random(2, 30)
        C = K + 0.1 * ox.eye(30)
        x, info = sla.cg(C, b, M=ox.inv(K), rtol=1e-12)
        assert info == 0
        assert_same(x, np.linalg.solve(np.asarray(C), b), rtol=1e-6)

    @pytest.mark.parametrize("name", ["lsmr", "lsqr"])
    def test_least_squares(self, name):
        K = ox.kron(random(0, 5, 3), random(1, 4, 2))
        b = random(2, 20)
        x = getattr(sla, name)(K, b, atol=1e-13, btol=1e-13)[0]
        assert_same(x, np.linalg.lstsq(np.asarray(K), b)[0], rtol=1e-6)

    @pytest.mark.parametrize("which", ["LA", "SA", "LM"])
    def test_symmetric_eigenvalues(self, K, which):
        found = np.sort(sla.eigsh(K, k=3, which=which, return_eigenvectors=False))
        ours = {"LA": "largest", "SA": "smallest", "LM": "magnitude"}[which]
        assert_same(found, np.sort(ox.eigvalsh(K, k=3, which=ours)))

    def test_general_eigenvalues(self):
        K = ox.kron(random(0, 5, 5), random(1, 4, 4))
        found = sla.eigs(K, k=2, which="LM", return_eigenvectors=False)
        wanted = np.asarray(ox.eigvals(K))
        assert_same(np.sort(np.abs(found)), np.sort(np.abs(wanted))[-2:])

    def test_singular_values(self):
        K = ox.kron(random(0, 5, 3), random(1, 4, 6))
        found = np.sort(sla.svds(K, k=3, return_singular_vectors=False))[::-1]
        assert_same(found, ox.svdvals(K, k=3))

    def test_the_exponential_of_a_product_with_a_vector(self):
        S = ox.kronsum(-positive(0, 3), -positive(1, 2))
        x = random(2, 6)
        found = sla.expm_multiply(sla.aslinearoperator(S), x, traceA=ox.trace(S))
        w, Q = np.linalg.eigh(np.asarray(S))
        assert_same(found, Q @ (np.exp(w) * (Q.T @ x)))

    def test_norm_estimate(self, K):
        assert sla.onenormest(sla.aslinearoperator(K)) == pytest.approx(ox.norm(K, 1))

    @every_operator
    def test_aslinearoperator_of_scipy(self, name):
        A = operators()[name]
        S, dense = sla.aslinearoperator(A), np.asarray(A)
        X = random(9, 6, 3)
        assert S.shape == A.shape
        assert S.dtype == A.dtype
        assert_same(S @ X, dense @ X)
        assert_same(S.matvec(X[:, 0]), dense @ X[:, 0])
        assert_same(S.H @ X, dense.conj().T @ X)
        assert_same(S.rmatvec(X[:, 0]), dense.conj().T @ X[:, 0])

    def test_complex_adjoints_survive_the_round_trip(self):
        a = random(0, 3, 2) + 1j * random(1, 3, 2)
        K = ox.kron(a, a)
        back = ox.aslinearoperator(sla.aslinearoperator(K))
        for ours, wanted in ((back, K), (back.T, K.T), (back.H, K.H), (back.conj(), K.conj())):
            assert_same(ours, np.asarray(wanted))


class TestFromSciPy:
    """Sparse matrices of every format and linear operators come in."""

    @pytest.mark.parametrize("container", CONTAINERS, ids=lambda c: c.__name__)
    def test_sparse_factors(self, container):
        a = np.triu(np.arange(1.0, 10).reshape(3, 3))
        B = random(0, 2, 2)
        K = ox.kron(container(a), B)
        assert_same(K, np.kron(a, B))
        x = random(1, 6)
        assert_same(K @ x, np.kron(a, B) @ x)
        assert_same(x @ K, x @ np.kron(a, B))
        assert_same(ox.solve(K, x), np.linalg.solve(np.kron(a, B), x))
        assert ox.aslinearoperator(container(a)).nbytes > 0

    def test_the_kronecker_product_of_scipy(self):
        A, B = (
            scipy.sparse.random_array((5, 4), density=0.4, rng=0),
            scipy.sparse.random_array((3, 6), density=0.4, rng=1),
        )
        assert_same(ox.kron(A, B), scipy.sparse.kron(A, B).toarray())
        S, T = scipy.sparse.csr_array(positive(0, 3)), scipy.sparse.csr_array(positive(1, 2))
        assert_same(ox.kronsum(S, T), scipy.sparse.kronsum(T, S).toarray())

    def test_duplicate_and_explicit_zero_entries(self):
        A = scipy.sparse.coo_array(([1.0, 2.0, 0.0], ([0, 0, 1], [1, 1, 0])), shape=(2, 2))
        assert_same(ox.aslinearoperator(A), [[0, 3], [0, 0]])

    @pytest.mark.parametrize("dtype", ["bool", "int8", "float32", "complex64"])
    def test_sparse_dtypes(self, dtype):
        A = scipy.sparse.csr_array(np.eye(2), dtype=dtype)
        K = ox.kron(A, A)
        assert K.dtype == dtype
        assert (K @ np.ones(4, dtype)).dtype == dtype
        assert_same(K @ np.ones(4), np.ones(4))

    def test_sparse_matrices_that_cannot_be_read(self):
        with pytest.raises(E.ShapeError, match="1-D"):
            ox.aslinearoperator(scipy.sparse.coo_array(np.ones(3)))

    def test_sums_and_products_with_sparse_matrices(self):
        K, S = ox.kron(random(0, 2, 2), random(1, 3, 3)), scipy.sparse.csr_array(positive(2, 6))
        dense, s = np.asarray(K), S.toarray()
        assert_same(K + S, dense + s)
        assert_same(K - S, dense - s)
        assert_same(K @ ox.aslinearoperator(S), dense @ s)
        assert_same(ox.aslinearoperator(S) @ K, s @ dense)
        assert_same(K @ S, dense @ s)

    def test_linear_operators(self):
        a, b = random(0, 3, 2), random(1, 2, 4)
        K = ox.kron(sla.aslinearoperator(a), b)
        X = random(2, 8, 3)
        assert_same(K @ X, np.kron(a, b) @ X)
        assert_same(X.T @ K.T, X.T @ np.kron(a, b).T)
        assert_same(K.H @ random(3, 6), np.kron(a, b).T @ random(3, 6))
        assert_same(K, np.kron(a, b))

    def test_linear_operators_by_functions(self):
        D = np.array([1.0, 2j, 3.0])
        operator = sla.LinearOperator(
            (3, 3), matvec=lambda x: D * x.reshape(-1), rmatvec=lambda x: D.conj() * x.reshape(-1), dtype=complex
        )
        A = ox.aslinearoperator(operator)
        assert A.dtype == complex
        for found, wanted in (
            (A, np.diag(D)),
            (A.T, np.diag(D)),
            (A.H, np.diag(D.conj())),
            (A.conj(), np.diag(D.conj())),
        ):
            assert_same(found, wanted)
        assert_same(ox.kron(operator, np.eye(2)), np.kron(np.diag(D), np.eye(2)))

    def test_objects_with_a_shape_and_a_product(self):
        class Doubling:
            shape, dtype = (3, 3), np.dtype(float)

            def matvec(self, x):
                return 2 * x

        assert_same(ox.kron(Doubling(), np.eye(2)), 2 * np.eye(6))

    @pytest.mark.parametrize(
        "call",
        [
            lambda A: A.T @ np.ones(3),
            lambda A: A.H @ np.ones((3, 2)),
            lambda A: np.ones(3) @ A,
            lambda A: ox.kron(A, np.eye(2)).T @ np.ones(6),
            lambda A: np.asarray(A.T),
        ],
    )
    def test_an_adjoint_that_is_missing(self, call):
        A = ox.aslinearoperator(sla.LinearOperator((3, 3), matvec=lambda x: 2 * x, dtype=float))
        assert_same(A, 2 * np.eye(3))
        assert_same(A.conj(), 2 * np.eye(3))
        with pytest.raises(E.StructureError, match=r"3×3 external operator .* define rmatvec"):
            call(A)

    def test_errors_of_a_product_are_the_users(self):
        def broken(x):
            raise TypeError("of the user")

        A = ox.aslinearoperator(sla.LinearOperator((3, 3), matvec=broken, dtype=float))
        with pytest.raises(TypeError, match="of the user"):
            A @ np.ones(3)


@pytest.fixture(scope="module")
def pylops():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what it warns of on import are its own optional parts
        return pytest.importorskip("pylops", reason="PyLops is not installed")


class TestPyLops:
    """PyLops both ways, by its own dot test."""

    @every_operator
    def test_our_operators_pass_its_dot_test(self, pylops, name):
        A = operators()[name]
        P = pylops.aslinearoperator(A)
        assert pylops.utils.dottest(P, rtol=1e-9)
        assert_same(P @ np.arange(6.0), np.asarray(A) @ np.arange(6.0))
        assert_same(P.H @ np.arange(6.0), np.asarray(A).T @ np.arange(6.0))
        assert_same(P.todense(), np.asarray(A))

    def test_rectangular_and_complex(self, pylops):
        K = ox.kron(random(0, 4, 3) + 1j * random(1, 4, 3), random(2, 5, 2))
        P = pylops.aslinearoperator(K)
        assert pylops.utils.dottest(P, *K.shape, complexflag=3, rtol=1e-9)
        stacked = pylops.VStack([P, 2 * P])
        assert_same(stacked @ np.ones(6), np.concatenate([np.asarray(K) @ np.ones(6), 2 * np.asarray(K) @ np.ones(6)]))

    def test_its_operators_come_in(self, pylops):
        D = pylops.FirstDerivative(6, dtype=float)
        dense = D.todense()
        K = ox.kron(D, np.eye(2))
        for ours, wanted in ((K, np.kron(dense, np.eye(2))), (K.T, np.kron(dense, np.eye(2)).T)):
            assert_same(ours, wanted)
        A, B = (pylops.MatrixMult(random(i, 3, 3), dtype=float) for i in range(2))
        assert_same(ox.kron(A, B), np.asarray(pylops.Kronecker(A, B).todense()))
        assert_same(ox.aslinearoperator(pylops.aslinearoperator(K)), np.asarray(K))
        assert pylops.utils.dottest(pylops.aslinearoperator(K), rtol=1e-9)


class TestWithNumPy:
    """Arrays and scalars of NumPy on either side."""

    @pytest.fixture
    def K(self):
        return ox.kron(random(0, 3, 2), random(1, 2, 4))

    @every_operator
    def test_arrays_on_the_left_come_to_us(self, name):
        A = operators()[name]
        dense = np.asarray(A)
        for x in (random(5, 6), random(5, 2, 6), random(5, 3, 2, 6)):
            found = x @ A
            assert isinstance(found, np.ndarray)
            assert_same(found, x @ dense)

    @every_operator
    def test_np_asarray(self, name):
        A = operators()[name]
        for found in (np.asarray(A), np.array(A), np.asanyarray(A)):
            assert type(found) is np.ndarray
            assert_same(found, ox.to_dense(A))
        assert np.asarray(A, dtype=np.complex64).dtype == np.complex64
        fresh = np.array(A)
        fresh[:] = 7
        assert not (np.asarray(A) == 7).all()

    def test_np_asarray_is_guarded(self):
        K = ox.kron(*[np.ones((10, 10))] * 6)
        for form in (np.asarray, np.array, ox.to_dense):
            with pytest.raises(E.TooLarge, match=r"7\.28 TiB.*2 GiB"):
                form(K)

    @pytest.mark.parametrize(
        "c", [np.float64(2), np.float32(2), np.int64(2), np.uint8(2), np.array(2.0), np.complex128(2)], ids=repr
    )
    def test_scalars_on_either_side(self, K, c):
        for found in (c * K, K * c):
            assert isinstance(found, ox.LinearOperator)
            assert_same(found, c * np.asarray(K))
            assert found.dtype == (np.ones(1) * c).dtype
        assert_same(K / c, np.asarray(K) / c)
        assert (K / c).dtype == (np.ones(1) / c).dtype

    @pytest.mark.parametrize("c", [2, 2.0, np.float32(2), np.float64(2), np.int64(2), 1j, np.complex64(1j)], ids=repr)
    def test_scalars_promote_as_in_numpy(self, c):
        a = np.ones((2, 2), np.float32)
        assert (c * ox.kron(a, a)).dtype == (c * a).dtype
        assert ((c * ox.kron(a, a)) @ np.ones(4, np.float32)).dtype == (c * a).dtype
        assert np.asarray(c * ox.kron(a, a)).dtype == (c * a).dtype

    def test_arrays_are_added_from_either_side(self, K):
        a = random(7, 6, 8)
        for found, wanted in (
            (K + a, np.asarray(K) + a),
            (a + K, a + np.asarray(K)),
            (K - a, np.asarray(K) - a),
            (a - K, a - np.asarray(K)),
        ):
            assert isinstance(found, ox.LinearOperator)
            assert_same(found, wanted)

    def test_ufuncs_do_not_take_operators_apart(self, K):
        with pytest.raises(TypeError):
            np.exp(K)
        with pytest.raises(E.DTypeError, match="scalar"):
            np.ones((6, 8)) * K

    def test_nested_lists(self):
        assert_same(ox.kron([[1, 2], [3, 4]], [[5, 6], [7, 8]]), np.kron([[1, 2], [3, 4]], [[5, 6], [7, 8]]))
        K = ox.kron([[1, 2]], ((3, 4),))
        assert K.dtype == int
        assert_same(K @ [1, 1, 1, 1], [21])
        assert_same([2] @ K, [6, 8, 12, 16])
        assert_same(ox.solve([[2.0, 0], [0, 4]], [2, 4]), [1, 1])

    def test_vectors_are_rows_as_in_np_kron(self):
        assert ox.kron(np.eye(2), np.ones(3)).shape == np.kron(np.eye(2), np.ones(3)).shape == (2, 6)
        assert_same(ox.kron(np.arange(3.0), np.eye(2)), np.kron(np.arange(3.0), np.eye(2)))
        assert_same(ox.kron([1, 2], [3, 4]), np.kron([1, 2], [3, 4])[None])

    @pytest.mark.filterwarnings("ignore:the matrix subclass:PendingDeprecationWarning")
    def test_np_matrix(self):
        a, b, x = np.matrix(random(0, 3, 2)), np.matrix(random(1, 2, 4)), np.matrix(random(2, 8, 1))
        A, B, X = map(np.asarray, (a, b, x))
        K = ox.kron(a, b)
        assert_same(K, np.kron(A, B))
        assert type(np.asarray(K)) is np.ndarray
        assert_same(K @ x, np.kron(A, B) @ X)
        assert_same(x.T @ K.T, X.T @ np.kron(A, B).T)
        assert_same(K @ random(3, 8), np.kron(A, B) @ random(3, 8))
        assert_same(ox.diag([1.0, 2.0]) @ np.matrix(np.ones((2, 2))), [[1, 1], [2, 2]])
        assert_same(
            ox.kron(ox.diag([1.0, 2.0]), a) @ np.matrix(np.ones((4, 2))), np.kron(np.diag([1, 2]), A) @ np.ones((4, 2))
        )
        assert_same(2 * ox.aslinearoperator(a) @ ox.diag([1.0, 2.0]), 2 * A @ np.diag([1, 2]))

    def test_memory_maps(self, tmp_path):
        A, B = random(0, 3, 3), random(1, 2, 2)
        np.save(tmp_path / "a.npy", A)
        mapped = np.load(tmp_path / "a.npy", mmap_mode="r")
        K = ox.kron(mapped, B)
        assert_same(K, np.kron(A, B))
        x = np.memmap(tmp_path / "x.dat", dtype=float, mode="w+", shape=6)
        x[:] = np.arange(6)
        assert_same(K @ x, np.kron(A, B) @ np.arange(6))
        assert_same(ox.solve(K, x), np.linalg.solve(np.kron(A, B), np.arange(6)))

    def test_read_only_arrays(self):
        A, x = positive(0, 3), np.arange(9.0)
        for array in (A, x):
            array.setflags(write=False)
        K = ox.kron(A, A)
        assert_same(K @ x, np.kron(A, A) @ x)
        assert_same(ox.solve(K, x), np.linalg.solve(np.kron(A, A), x))
        assert_same(ox.cholesky(K), np.linalg.cholesky(np.kron(A, A)))
        S = ox.kronsum(A, -2 * A)
        assert_same(S @ x, np.asarray(S) @ x)

    def test_byte_order(self):
        A = random(0, 3, 3).astype(">f8")
        assert_same(ox.kron(A, A) @ np.ones(9, ">f8"), np.kron(A, A) @ np.ones(9))
        assert_same(ox.inv(ox.kron(A, A)), np.linalg.inv(np.kron(A, A).astype(float)))

    def test_masked_arrays_are_refused(self):
        masked = np.ma.masked_array(np.ones((2, 2)), mask=[[True, False], [False, False]])
        with pytest.raises(E.DTypeError, match="mask"):
            ox.kron(masked, np.eye(2))
        with pytest.raises(E.DTypeError, match="mask"):
            ox.kron(np.eye(1), np.eye(2)) @ masked

    def test_lazy_vectors_in_numpy(self):
        w = ox.eigh(ox.kron(positive(0, 3), positive(1, 2))).eigenvalues
        formed = np.asarray(w)
        assert formed.ndim == 1
        assert len(w) == w.size == 6
        assert w.shape == formed.shape
        assert w.dtype == formed.dtype == float
        assert_same(list(w), formed)
        assert_same(w[[0, 2, -1]], formed[[0, 2, -1]])
        assert_same(w[::-2], formed[::-2])
        assert_same(w[formed > 0], formed)
        assert_same(np.sort(w), np.sort(formed))
        assert w.sum() == pytest.approx(formed.sum())
        with pytest.raises(IndexError, match="6"):
            w[6]


class TestCopies:
    """Operators are values: copied and pickled they are the same."""

    @every_operator
    @pytest.mark.parametrize("how", ["copy", "deepcopy", "pickle"])
    def test_copies(self, name, how):
        A = operators()[name]
        same = {"copy": copy.copy, "deepcopy": copy.deepcopy, "pickle": lambda a: pickle.loads(pickle.dumps(a))}[how](A)
        assert type(same) is type(A)
        assert repr(same) == repr(A)
        assert same.facts == A.facts
        assert same.dtype == A.dtype
        x = random(0, 6)
        assert_same(same @ x, A @ x)
        assert_same(same.H @ x, A.H @ x)
        with pytest.raises(AttributeError, match="values"):
            same.shape = (1, 1)

    def test_functions_and_results(self):
        K = ox.kron(positive(0, 3), positive(1, 2))
        assert pickle.loads(pickle.dumps(ox.inv)) is ox.inv
        for result in (ox.eigh(K), ox.svd(K), ox.qr(K), ox.lu(K), ox.slogdet(K), ox.lstsq(K, np.ones(6)), ox.plan(K)):
            same = pickle.loads(pickle.dumps(result))
            assert type(same) is type(result)
            assert repr(same) == repr(result)

    def test_a_deep_copy_is_independent(self):
        A = positive(0, 3)
        K = ox.kron(A, np.eye(2))
        other = copy.deepcopy(K)
        before = np.array(other)
        A[:] = 0
        assert_same(other, before)
        assert not np.asarray(K).any()
