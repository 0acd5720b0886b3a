"""Sums of Kronecker products: how they are joined, recompressed, solved, preconditioned, and what they refuse."""

import numpy as np
import pytest
import scipy.linalg
from market import definite, hermitian, kron, matrix

import otimes as ox
from otimes.errors import (
    ArrayMixError,
    NonFiniteError,
    NoRule,
    NotPositiveDefinite,
    OtimesError,
    ShapeError,
    SingularError,
    StructureError,
)


def known(a, fact="positive_definite"):
    return ox.assume(a, fact)


def close(got, wanted, rtol=1e-12):
    np.testing.assert_allclose(np.asarray(got), wanted, rtol=0, atol=rtol * np.abs(wanted).max())


class TestSums:
    def test_what_differs_in_one_factor_is_one_term(self):
        A, B, C, D = matrix(2), matrix(3), matrix(3, seed=1), matrix(2, seed=1)
        assert isinstance(ox.kron(A, B) + ox.kron(A, C), ox.Kronecker)
        K = (ox.kron(A, B) + ox.kron(D, C)) + ox.kron(A, C)
        assert len(K.terms) == 2
        close(K, kron(A, B + C) + kron(D, C))

    def test_equal_terms_are_counted(self):
        L = ox.kron(matrix(2), matrix(3)) + 2.0 * ox.kron(matrix(2, seed=1), matrix(3, seed=1))
        assert len((L + L).terms) == len(L.terms) == 2
        close(L + L, 2 * np.asarray(L))

    @pytest.mark.parametrize("dtype", [bool, np.int8, np.uint8, np.float32, complex])
    def test_dtypes_are_those_of_numpy(self, dtype):
        A, B = np.ones((2, 2), dtype), np.ones((3, 3), dtype)
        K = ox.kron(A, B) + ox.kron(A.copy(), B.copy())
        assert np.asarray(K).dtype == K.dtype == (kron(A, B) + kron(A, B)).dtype
        assert (np.asarray(K) == kron(A, B) + kron(A, B)).all()

    def test_unequal_partitions_are_kept_apart(self):
        K = ox.kron(matrix(2), matrix(3)) + ox.kron(matrix(3), matrix(2))
        assert type(K) is ox.Sum
        close(K, kron(matrix(2), matrix(3)) + kron(matrix(3), matrix(2)))
        L = ox.kron(matrix(2), matrix(3), matrix(4))
        merged = ox.regroup(L, [(6, 6), (4, 4)]) + ox.kron(matrix(6), matrix(4, seed=1))
        assert type(merged) is ox.KroneckerTerms
        close(merged, np.asarray(L) + kron(matrix(6), matrix(4, seed=1)))

    def test_products_do_not_blow_up(self):
        stacks = [np.random.default_rng(0).random((5, n, n)) for n in (3, 4)]
        K = ox.kron_terms(stacks)
        assert isinstance(K @ K, ox.Product)  # not 25 terms
        assert len((K @ ox.kron(matrix(3), matrix(4))).terms) == 5
        close(K @ K, np.asarray(K) @ np.asarray(K))

    def test_factorizations_come_out_as_terms(self):
        M = kron(matrix(3), matrix(4)) + kron(matrix(3, seed=1), matrix(4, seed=1))
        F = ox.nearest_kronecker(M, shapes=((3, 3), (4, 4)), terms=2)
        assert isinstance(F.operator, ox.KroneckerTerms)
        close(F.operator, M)


class TestRecompress:
    @pytest.mark.parametrize("dtype", [float, complex])
    def test_the_error_is_the_true_one(self, dtype):
        K = ox.kron_terms([(matrix(4, 3, dtype, s), matrix(3, 5, dtype, s)) for s in range(9)])
        dense = np.asarray(K)
        for rank in (1, 3, 6):
            R, error = ox.recompress(K, rank=rank)
            assert len(R.terms) == rank
            assert error == pytest.approx(np.linalg.norm(dense - np.asarray(R)) / np.linalg.norm(dense), rel=1e-10)
            best = ox.nearest_kronecker(dense, shapes=K.partition, terms=rank)
            assert error == pytest.approx(best.error, rel=1e-8)

    def test_small_errors_do_not_cancel(self):
        exact = ox.kron_terms([(matrix(5, seed=s), matrix(6, seed=s)) for s in range(3)])
        K = exact + 1e-12 * ox.kron(matrix(5, seed=7), matrix(6, seed=7))
        _, error = ox.recompress(K, rank=3)
        assert 1e-14 < error < 1e-12
        assert len(ox.recompress(K, rtol=1e-10).operator.terms) == 3
        assert ox.norm(K - exact) == pytest.approx(
            1e-12 * ox.norm(ox.kron(matrix(5, seed=7), matrix(6, seed=7))), rel=1e-2
        )

    def test_hermitian_factors_stay_so(self):
        pairs = [(hermitian(3, complex, s), hermitian(4, complex, s + 5)) for s in range(4)]
        R, error = ox.recompress(ox.kron_terms(pairs), rank=2)
        assert all(F.facts.hermitian for product in R.products for F in product.factors)
        dense = sum(kron(*pair) for pair in pairs)
        assert error == pytest.approx(np.linalg.norm(dense - np.asarray(R)) / np.linalg.norm(dense), rel=1e-10)

    def test_real_entries_of_complex_dtype_are_known_to_be_hermitian(self):
        assert ox.aslinearoperator(np.eye(3, dtype=complex)).facts.hermitian
        K = ox.kron_terms([(np.full((1, 1), 2 + 0j), hermitian(4, complex, s)) for s in range(3)])
        assert ox.recompress(K).operator.facts.hermitian

    def test_a_single_product_is_one_term(self):
        A, B, C = matrix(2), matrix(3), matrix(3, seed=1)
        K = ox.kron(A, B) + ox.kron(A, C)  # A ⊗ (B + C)
        for operator in (K, 2.0 * K):
            R, error = ox.recompress(operator)
            assert error == 0.0
            np.testing.assert_allclose(np.asarray(R), np.asarray(operator))

    def test_more_slots_are_regrouped(self):
        K = ox.kron_terms([(matrix(2, seed=s), matrix(3, seed=s), matrix(2, seed=s + 3)) for s in range(4)])
        with pytest.raises(NoRule, match="regroup"):
            ox.recompress(K)
        R, error = ox.recompress(ox.regroup(K, [(2, 2), (6, 6)]))
        close(R, np.asarray(K))
        assert error < 1e-14


class TestSolve:
    def test_three_slots_of_stiffness_and_mass(self):
        """Finite elements on a grid: a pencil for each axis, whatever the number of terms."""
        sizes = (20, 25, 30)
        stiff = [2 * np.eye(n) - np.eye(n, k=1) - np.eye(n, k=-1) for n in sizes]
        mass = [known((4 * np.eye(n) + np.eye(n, k=1) + np.eye(n, k=-1)) / 6) for n in sizes]
        K = ox.kron_terms([[stiff[j] if i == j else mass[j] for j in range(3)] for i in range(3)])
        b = np.random.default_rng(0).standard_normal((K.shape[0], 2))
        x = ox.solve(K, b)
        assert np.linalg.norm(K @ x - b) <= 1e-10 * np.linalg.norm(b)
        close(ox.inv(K) @ b, x, 1e-10)

    @pytest.mark.parametrize("sizes", [(7, 5), (5, 7), (3, 4, 5), (1, 6), (6, 1)])
    @pytest.mark.parametrize("dtype", [float, complex, np.float32])
    def test_general_pairs(self, sizes, dtype):
        rows = [[matrix(n, dtype=dtype, seed=s) for n in sizes] for s in (0, 1)]
        K, dense = ox.kron_terms(rows), sum(kron(*row) for row in rows)
        assert "Schur" in ox.solve.select(K).says
        b = np.arange(len(dense)).astype(dtype)
        tolerance = 1e-3 if dtype is np.float32 else 1e-9
        x = ox.solve(K, b)
        assert x.dtype == dtype
        close(x, np.linalg.solve(dense.astype(np.result_type(dtype, float)), b), tolerance)
        sign, log = ox.slogdet(K)
        wanted = np.linalg.slogdet(dense.astype(np.result_type(dtype, float)))
        assert abs(sign - wanted.sign) < tolerance
        assert log == pytest.approx(wanted.logabsdet, rel=tolerance)

    def test_kinds_in_any_number_of_terms(self):
        A, B, C, D = matrix(3), matrix(3, seed=1), matrix(4), matrix(4, seed=1)
        K = 3.0 * ox.kron(A, D) - ox.kron(B, C) + 0.5j * ox.kron(B, D)
        dense = 3 * kron(A, D) - kron(B, C) + 0.5j * kron(B, D)
        close(ox.solve(K, np.arange(12.0), dense_limit=1), np.linalg.solve(dense, np.arange(12.0)), 1e-9)

    @pytest.mark.parametrize("dtype", [float, complex])
    @pytest.mark.parametrize("condition", [1e4, 1e8, 1e12])
    @pytest.mark.parametrize("kind", ["first", "second", "both", "indefinite"])
    def test_nearly_singular_metrics_lose_no_digits(self, dtype, condition, kind):
        """The sum may be well-conditioned though the definite factor by which a pencil is solved is not."""

        def definite(n, seed, condition=3.0):
            Q = np.linalg.qr(matrix(n, dtype=dtype, seed=seed))[0]
            A = (Q * np.geomspace(1, 1 / condition, n)) @ Q.conj().T
            return (A + A.conj().T) / 2

        worse = [condition if kind != "second" else 3.0, condition if kind in ("second", "both") else 3.0]
        pairs = [[definite(n, 5 * n + r, worse[r]) for r in range(2)] for n in (6, 5)]
        known = [[ox.assume(A, "positive_definite") for A in pair] for pair in pairs]
        if kind == "indefinite":
            for n, pair, facts in zip((6, 5), pairs, known, strict=True):
                pair[1] = facts[1] = 4 * np.diag((-1.0) ** np.arange(n)).astype(dtype) + definite(n, 7)
        K = ox.kron_terms(list(zip(*known, strict=True)))
        dense = sum(np.kron(A, B) for A, B in zip(*pairs, strict=True))
        b = matrix(30, 2, dtype=dtype)
        x, size = ox.solve(K, b), np.linalg.norm(dense, 2)
        assert np.linalg.norm(dense @ x - b) <= 1e-14 * (size * np.linalg.norm(x) + np.linalg.norm(b))
        sign, log = np.linalg.slogdet(dense)
        found, error = ox.slogdet(K), (1e-8 if kind == "indefinite" else 1e-13 * np.linalg.cond(dense))
        assert abs(found.logabsdet - log) <= error
        assert abs(found.sign - sign) <= error

    def test_slots_of_size_0(self):
        empty, B, D = ox.assume(np.zeros((0, 0)), "positive_definite"), hermitian(2), hermitian(2, seed=1)
        K = ox.kron_terms([(empty, B), (np.ones((0, 0)), D), (empty, D)])
        assert ox.slogdet(K) == (1.0, 0.0)
        assert ox.solve(K, np.ones((0, 3))).shape == (0, 3)
        definite = ox.assume(np.eye(2) + 0.1, "positive_definite")
        pencil = ox.kron_terms([(np.zeros((0, 0)), definite), (np.ones((0, 0)), B)])
        assert ox.slogdet(pencil) == (1.0, 0.0)
        assert ox.solve(pencil, np.ones((0, 3))).shape == (0, 3)

    def test_a_semidefinite_factor_may_be_zero(self):
        definite = [ox.assume(np.eye(n) + 0.1, "positive_definite") for n in (3, 2)]
        zero = ox.assume(np.zeros((3, 3)), "positive_semidefinite")
        K, b = ox.kron_terms([tuple(definite), (zero, hermitian(2))]), matrix(6, 2)
        np.testing.assert_allclose(ox.solve(K, b), np.linalg.solve(np.asarray(K), b), rtol=1e-12, atol=1e-12)

    def test_stein_equations(self):
        """A X Bᵀ + c X = E, and three summands without symmetry."""
        A, B, C = matrix(4), matrix(5), matrix(3)
        b = np.arange(20.0)
        close(ox.solve(ox.kron(A, B) + 0.5 * ox.eye(20), b), np.linalg.solve(kron(A, B) + 0.5 * np.eye(20), b), 1e-9)
        S = ox.kronsum(A, B, C)
        b = np.arange(60.0)
        close(ox.solve(S, b, dense_limit=1), np.linalg.solve(np.asarray(S), b), 1e-9)

    def test_singular_sums_are_refused(self):
        A, B = np.diag([1.0, 2.0]), np.diag([1.0, 3.0, -2.0])
        with pytest.raises(SingularError, match="lstsq"):
            ox.solve(ox.kron(A, ox.eye(3)) + ox.kron(ox.eye(2), B), np.ones(6))
        nilpotent = np.array([[4.0, -2.0], [8.0, -4.0]])
        with pytest.warns(scipy.linalg.LinAlgWarning, match="condition"):
            ox.solve(2.0 * ox.kron(nilpotent, matrix(3)) + ox.kron(nilpotent, matrix(3, seed=1)), np.ones(6))

    def test_three_kinds_are_not_solved_unasked(self):
        K = ox.kron_terms([(matrix(50, seed=s), matrix(50, seed=s)) for s in range(3)])
        with pytest.raises(NoRule, match="at most two kinds"):
            ox.solve(K, np.ones(2500))


class TestPreconditioner:
    def galerkin(self, slots=2):
        """A diffusion with a random coefficient: Σ G_k ⊗ Dᵀ diag(a_k) D."""
        rng, n, p = np.random.default_rng(1), 30, 8
        D = np.eye(n + 1, n) - np.eye(n + 1, n, k=-1)
        terms = [(np.eye(p), D.T @ D)]
        for k in range(1, 5):
            G = rng.standard_normal((p, p))
            G = (G + G.T) / np.linalg.norm(G + G.T, 2)
            S = D.T @ np.diag(rng.uniform(-1, 1, n + 1)) @ D
            terms.append((0.25 * 0.8**k * G, (S + S.T) / 2))
        extra = [(np.eye(3) + 0.1 * k * definite(3),) if slots == 3 else () for k in range(5)]
        return known(ox.kron_terms([t + e for t, e in zip(terms, extra, strict=True)]))

    @pytest.mark.parametrize(("slots", "terms"), [(2, 1), (2, 2), (3, 1)])
    def test_conjugate_gradients_take_far_fewer_iterations(self, slots, terms):
        K = self.galerkin(slots)
        b = np.random.default_rng(0).standard_normal(K.shape[0])
        P = ox.kronecker_preconditioner(K, terms=terms)
        assert P.facts.positive_definite
        assert np.linalg.eigvalsh(np.asarray(P))[0] > 0
        plain, helped = ox.CG().solve(K, b), ox.CG(preconditioner=P).solve(K, b)
        assert helped.converged
        assert 4 * helped.iterations <= plain.iterations
        close(K @ helped.value, b, 1e-6)

    def test_it_is_the_nearest(self):
        K = self.galerkin()
        best = ox.nearest_kronecker(np.asarray(K), shapes=K.partition).operator
        close(ox.kronecker_preconditioner(K), np.asarray(best), 1e-7)

    def test_shifts_and_sums_are_taken(self):
        K = known(ox.kron(known(definite(3)), known(definite(4)))) + 0.1 * ox.eye(12)
        assert ox.kronecker_preconditioner(K).facts.positive_definite
        S = ox.kronsum(*map(known, (definite(2), definite(3), definite(4))))
        P = ox.kronecker_preconditioner(S)
        assert P.facts.positive_definite
        assert np.linalg.norm(np.asarray(P) - np.asarray(S)) < np.linalg.norm(np.asarray(S)) / 2

    def test_refusals(self):
        K = ox.kron(matrix(2), matrix(3)) + ox.kron(matrix(3), matrix(2))
        with pytest.raises(StructureError, match="regroup"):
            ox.kronecker_preconditioner(K)
        L = ox.kron_terms([(matrix(2), matrix(3)), (matrix(2, seed=1), matrix(3, seed=1))])
        with pytest.raises(StructureError, match="assume"):
            ox.kronecker_preconditioner(L, terms=2)
        with pytest.raises(ShapeError, match="terms=3"):
            ox.kronecker_preconditioner(L, terms=3)
        entries = np.random.default_rng(0).random((4, 2, 4)) ** 10 + 1e-6
        pairs = [(np.diag(d), np.diag(e)) for d, e in entries]
        with pytest.raises(NotPositiveDefinite, match="take one term"):
            ox.kronecker_preconditioner(known(ox.kron_terms(pairs)), terms=2)


class TestMultiply:
    def test_of_a_billion_rows(self):
        factors = [matrix(10, seed=s) for s in range(9)]
        K = ox.multiply(ox.kron(*factors), ox.kron(*factors))
        assert isinstance(K, ox.Kronecker)
        assert ox.trace(K) == pytest.approx(np.prod([(np.diagonal(F) ** 2).sum() for F in factors]))

    def test_schur(self):
        A = known(definite(3))
        assert ox.multiply(ox.kron(A, A), ox.kron(A, ox.eye(3))).facts.positive_definite
        assert not ox.multiply(ox.kron(A, A), ox.kron(A, hermitian(3))).facts.positive_definite
        lower = ox.assume(np.tril(matrix(4)), "lower_triangular")
        assert ox.multiply(matrix(4), lower).facts.lower_triangular

    def test_refusals(self):
        with pytest.raises(ShapeError, match="6×6 and B is 2×2"):
            ox.multiply(ox.kron(matrix(2), matrix(3)), matrix(2))
        with pytest.raises(NoRule):
            ox.multiply(ox.kron(matrix(50), matrix(60)), ox.kron(matrix(60), matrix(50)))
        with pytest.raises(OtimesError, match="takes a scalar"):
            ox.kron(matrix(2), matrix(3)) * ox.kron(matrix(2), matrix(3))


BAD = {
    "no terms": ([], ShapeError, "no terms"),
    "a term of no factors": ([(np.eye(2),), ()], ShapeError, "term 1 has no factors"),
    "other shapes": ([(np.eye(2), np.eye(3)), (np.eye(3), np.eye(2))], ShapeError, "term 1 is 3×3 ⊗ 2×2"),
    "fewer factors": ([(np.eye(2), np.eye(3)), (np.eye(6),)], ShapeError, "term 1 is 6×6"),
    "a factor missing": ([(np.ones((2, 3)), np.ones((2, 3))), (np.ones((2, 3)),)], ShapeError, "term 1 is 2×3"),
    "stacks of other lengths": ([np.ones((2, 2, 2)), np.ones((3, 4, 4))], ShapeError, "2, 3 factors"),
    "empty stacks": ([np.ones((0, 2, 2)), np.ones((0, 4, 4))], ShapeError, "no terms"),
    "an array": (np.ones((2, 2, 2)), ShapeError, "ndarray"),
    "a matrix for a term": ([np.eye(2)], ShapeError, "tuple of its factors"),
    "ragged": ([([[1, 2], [3]], np.eye(2))], ShapeError, "term 0: factor 0"),
    "words": ([(np.array(["a"]), np.eye(2))], OtimesError, "term 0: factor 0"),
}


class TestBadInput:
    @pytest.mark.parametrize("name", BAD)
    def test_kron_terms(self, name):
        terms, error, match = BAD[name]
        with pytest.raises(error, match=match):
            ox.kron_terms(terms)

    def test_mixed_libraries(self):
        torch = pytest.importorskip("torch")
        with pytest.raises(ArrayMixError, match="torch"):
            ox.kron_terms([(np.eye(2), np.eye(3)), (torch.eye(2), torch.eye(3))])

    def test_batches(self):
        with pytest.raises(ShapeError, match=r"kron\(…\) \+ kron\(…\) takes batches"):
            ox.kron_terms([(np.ones((5, 3, 3)), matrix(2)), (matrix(3), matrix(2))])

    @pytest.mark.parametrize("call", [lambda K: ox.solve(K, np.ones(4)), ox.slogdet, ox.recompress, ox.norm])
    def test_entries_that_are_not_finite(self, call):
        broken = np.array([[1.0, np.nan], [0.0, 1.0]])
        with pytest.raises(NonFiniteError, match="NaN"):
            call(ox.kron_terms([(broken, matrix(2)), (matrix(2, seed=1), matrix(2, seed=2))]))
        with pytest.raises(NonFiniteError, match="NaN"):
            ox.solve(ox.kronsum(broken, matrix(2)), np.ones(4))

    def test_regroup(self):
        K = ox.kron(matrix(2), matrix(3), matrix(4))
        for shapes in ([(4, 4), (6, 6)], [(2, 2), (3, 3)], [], [(24, 12)]):
            with pytest.raises(ShapeError, match="merging neighbours"):
                ox.regroup(K, shapes)
        for shapes in ("x", None, [24], [(2, 2, 2)]):
            with pytest.raises(ShapeError, match=r"pairs \(m, n\)"):
                ox.regroup(K, shapes)
        with pytest.raises(StructureError, match="no sum of Kronecker"):
            ox.regroup(matrix(4), [(2, 2), (2, 2)])


def test_gradients_and_tracing():
    torch = pytest.importorskip("torch")
    a = torch.tensor(definite(3), requires_grad=True)
    K = ox.kron(known(a), known(torch.tensor(hermitian(4)), "hermitian")) + ox.kron(
        known(torch.tensor(hermitian(3)), "hermitian"), known(torch.tensor(definite(4)))
    )
    dense = lambda: torch.kron(a, torch.tensor(hermitian(4))) + torch.tensor(kron(hermitian(3), definite(4)))  # noqa: E731
    b = torch.arange(12, dtype=torch.float64)
    (grad,) = torch.autograd.grad((ox.solve(K, b) ** 2).sum(), a)
    (wanted,) = torch.autograd.grad((torch.linalg.solve(dense(), b) ** 2).sum(), a)
    close(((grad + grad.T) / 2).numpy(), ((wanted + wanted.T) / 2).numpy(), 1e-8)
    (grad,) = torch.autograd.grad(ox.slogdet(K).logabsdet, a)
    (wanted,) = torch.autograd.grad(torch.linalg.slogdet(dense()).logabsdet, a)
    close(((grad + grad.T) / 2).numpy(), ((wanted + wanted.T) / 2).numpy(), 1e-8)


def test_jax_compiles_it():
    jax = pytest.importorskip("jax")
    with jax.enable_x64(True):
        A, B, C, D = (jax.numpy.asarray(x) for x in (definite(3), hermitian(4), hermitian(3), definite(4)))
        b = jax.numpy.arange(12.0)

        def f(A, B, C, D):
            K = ox.kron(known(A), known(B, "hermitian")) + ox.kron(known(C, "hermitian"), known(D))
            return ox.solve(K, b), ox.slogdet(K).logabsdet

        x, log = jax.jit(f)(A, B, C, D)
        dense = kron(A, B) + kron(C, D)
        close(x, np.linalg.solve(dense, np.asarray(b)), 1e-9)
        close(log, np.linalg.slogdet(dense).logabsdet, 1e-9)
