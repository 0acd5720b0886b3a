"""An approximation in use: as a preconditioner, in reports and pictures, in files, as parameters of PyTorch."""

import numpy as np
import pytest
from scipy import linalg, sparse

import otimes as ox
from otimes.errors import ShapeError, StructureError
from otimes.factorization import conditioning
from otimes.io import load_factors, save_factors

GRID = ((12, 12), (12, 12))


def covariance(n=12, noise=0.1):
    axis = np.linspace(0, 3, n)
    squares = np.subtract.outer(axis, axis) ** 2
    distance = np.sqrt(squares[:, None, :, None] + 2 * squares[None, :, None, :])
    return np.exp(-distance).reshape(n * n, n * n) + noise * np.eye(n * n)


class TestCondition:
    @pytest.mark.parametrize("terms", [1, 2, 3])
    def test_of_a_definite_pencil(self, terms):
        M = covariance()
        F = ox.nearest_kronecker(M, shapes=GRID, terms=terms)
        values = linalg.eigh(M, np.asarray(F.operator), eigvals_only=True)
        assert F.condition(M, rtol=1e-6) == pytest.approx(values[-1] / values[0], rel=1e-5)
        assert F.condition(M) == pytest.approx(values[-1] / values[0], rel=0.03)

    @pytest.mark.parametrize("formed", [0, 1024])
    @pytest.mark.parametrize("dtype", ["float64", "complex128"])
    def test_without_symmetry_it_is_that_of_singular_values(self, dtype, formed, monkeypatch):
        monkeypatch.setattr(conditioning, "_FORMED", formed)
        rng = np.random.default_rng(0)
        A, B = (rng.standard_normal((n, n)) + n * np.eye(n) for n in (6, 7))
        M = np.kron(A, B) + 0.3 * rng.standard_normal((42, 42))
        M = M + 1j * rng.standard_normal((42, 42)) if dtype == "complex128" else M
        F = ox.nearest_kronecker(M, shapes=((6, 6), (7, 7)))
        expected = np.linalg.cond(np.linalg.solve(np.asarray(F.operator), M))
        assert F.condition(M, rtol=1e-8) == pytest.approx(expected, rel=1e-6)

    def test_of_an_indefinite_matrix(self, monkeypatch):
        M = covariance() - 0.5 * np.eye(144)
        F = ox.nearest_kronecker(M, shapes=GRID, terms=2)
        expected = np.linalg.cond(np.linalg.solve(np.asarray(F.operator), M))
        assert F.condition(M) == pytest.approx(expected, rel=1e-10)
        monkeypatch.setattr(conditioning, "_FORMED", 0)
        assert F.condition(M, rtol=1e-9) == pytest.approx(expected, rel=1e-8)  # in no more steps than M has rows
        assert F.condition(M, steps=50) < expected  # from below, and in time

    def test_of_an_indefinite_matrix_that_is_singular(self):
        M = np.kron(np.diag([1.0, -1.0, 0.0]), np.eye(4))
        M[0, 0] = 2
        assert ox.nearest_kronecker(np.diag(np.arange(-5.0, 7) + 0.5), shapes=((3, 3), (4, 4))).condition(M) == np.inf

    def test_of_an_exact_product_is_one(self):
        A = np.array([[2.0, 1.0], [1.0, 3.0]])
        M = sparse.csr_array(np.kron(A, covariance(3)))
        assert ox.nearest_kronecker(M, shapes=((2, 2), (9, 9))).condition(M) == pytest.approx(1)

    def test_of_a_singular_approximation_is_infinite(self):
        M = np.diag([1.0, 0, 0, 1e-3])
        assert ox.nearest_kronecker(M, shapes=((2, 2), (2, 2))).condition(M) == np.inf

    def test_shapes_are_those_of_the_matrix(self):
        F = ox.nearest_kronecker(covariance(3), shapes=((3, 3), (3, 3)))
        with pytest.raises(ShapeError, match="condition: M is 4×4, and what approximates it 9×9"):
            F.condition(np.eye(4))
        with pytest.raises(ShapeError, match="needs a square operator"):
            ox.nearest_kronecker(np.ones((4, 6)), shapes=((2, 2), (2, 3))).condition(np.ones((4, 6)))

    def test_predicts_that_conjugate_gradients_need_fewer_iterations(self):
        M, b = covariance(noise=1e-4), np.ones(144)
        F = ox.nearest_kronecker(M, shapes=GRID, terms=2)
        plain = ox.CG(rtol=1e-10).solve(M, b)
        helped = ox.CG(rtol=1e-10, preconditioner=F.operator).solve(M, b)
        assert F.condition(M) < np.linalg.cond(M) / 20
        assert helped.iterations < plain.iterations / 2
        np.testing.assert_allclose(helped.value, np.linalg.solve(M, b), rtol=1e-5)


class TestReport:
    def test_says_how_the_error_is_known(self):
        F = ox.nearest_kronecker(covariance(), shapes=GRID, terms=2, seed=7)
        text = str(F.report())
        for part in (
            "144×144 ≈ 2 terms of 12×12 ⊗ 12×12",
            f"{F.error:.4g} of ‖M‖ (Frobenius), exact",
            "seed 7",
            f"{F.certificate.probe_residual:.4g}, four Gaussian vectors",
            f"{F.certificate.gap:.4g}, R = 2",
            "576 numbers, 36 times fewer",
            "given: shapes and number of terms",
        ):
            assert part in text
        assert "condition" not in text

    def test_of_the_matrix_says_what_is_left_to_a_preconditioner(self):
        M = covariance()
        F = ox.nearest_kronecker(M, shapes=GRID)
        assert f"condition left  {F.condition(M):.3g}" in str(F.report(M))

    def test_of_an_estimate_names_its_standard_error_and_the_sweeps(self):
        certificate = ox.Certificate("estimate", standard_error=0.012, seed=3, held_out_error=0.3, entries_read=12345)
        terms = ((np.eye(2), np.eye(2), np.eye(3)),)
        F = ox.KroneckerApproximation(terms, np.empty(0), 0.25, (), "by hand", certificate, history=(0.5, 0.25))
        text = str(F.report())
        for part in ("0.25 ± 0.012", "an estimate; seed 3", "error 0.3\n", "12,345", "2, error 0.5 → 0.25"):
            assert part in text
        assert "gap" not in text

    def test_repeated_values_are_called_exchangeable(self):
        swap = np.eye(4)[[0, 2, 1, 3]]
        assert "the last terms are exchangeable" in str(ox.nearest_kronecker(swap, shapes=((2, 2), (2, 2))).report())
        assert "exchangeable" not in str(ox.nearest_kronecker(covariance(3), shapes=((3, 3), (3, 3))).report())


class TestPlot:
    def titles(self, figure):
        return [title for axes in figure.axes if (title := axes.get_title(loc="left"))]

    def test_with_and_without_the_matrix(self):
        F = ox.factorize(covariance())
        frontier = "Error against numbers stored"
        error = f"{F.terms} term{'s' * (F.terms > 1)}, error {F.error:.3g}"
        assert self.titles(F.plot()) == ["Singular values", error, frontier]
        assert self.titles(F.plot(covariance())) == ["Singular values", "Original, 144×144", error, frontier]

    def test_of_an_iteration_draws_its_history(self):
        terms = ((np.eye(2), np.eye(2), np.eye(3)),)
        fields = (np.empty(0), 0.25, (), "by hand", ox.Certificate("exact"))
        figure = ox.KroneckerApproximation(terms, *fields, history=(0.5, 0.3, 0.25)).plot()
        assert self.titles(figure) == ["Error of the iteration", "1 term, error 0.25"]
        np.testing.assert_array_equal(figure.axes[0].lines[0].get_ydata(), [0.5, 0.3, 0.25])


class TestFiles:
    def test_terms_and_their_error_come_back(self, tmp_path):
        F = ox.nearest_kronecker(covariance(), shapes=GRID, terms=2)
        save_factors(tmp_path / "F.npz", F)
        saved = load_factors(tmp_path / "F.npz")
        assert saved.error == F.error
        np.testing.assert_array_equal(np.asarray(saved.operator), np.asarray(F.operator))

    def test_every_operator_comes_back(self, tmp_path):
        rng = np.random.default_rng(0)
        cores = rng.standard_normal((1, 2, 3, 4)), rng.standard_normal((4, 5, 5, 1))
        certificate = ox.Certificate("bound")
        train = ox.KroneckerApproximation((), np.empty(0), 0.5, (), "", certificate, train=ox.tensor_train(cores))
        mixed = ((np.eye(2), np.ones((3, 3))), (np.ones((3, 3)), np.eye(2)))
        for F in (train, ox.KroneckerApproximation(mixed, np.empty(0), 0.5, (), "", certificate)):
            ox.save(tmp_path / "K.npz", F.operator)
            np.testing.assert_array_equal(np.asarray(ox.load(tmp_path / "K.npz")), np.asarray(F.operator))
            with pytest.raises(StructureError, match=r"otimes\.save\(path, F\.operator\)"):
                save_factors(tmp_path / "F.npz", F)


class TestTorch:
    def test_a_linear_layer_becomes_parameters_that_learn(self):
        torch = pytest.importorskip("torch")
        weight = torch.nn.Linear(64, 36).weight
        F = ox.nearest_kronecker(weight, shapes=((6, 8), (6, 8)), terms=2)
        terms = [[torch.nn.Parameter(torch.from_numpy(factor)) for factor in term] for term in F.factors]
        parameters = torch.nn.ParameterList(factor for term in terms for factor in term)
        assert sum(p.numel() for p in parameters) == F.numbers_stored
        K = ox.kron_terms(terms)
        x = torch.ones(64)
        (K @ x).sum().backward()
        assert all(p.grad.abs().sum() > 0 for p in parameters)
        dense = sum(np.kron(A, B) for A, B in F.factors)
        rounding = 64 * np.finfo(np.float32).eps * np.abs(dense).sum(axis=1).max()
        np.testing.assert_allclose((K @ x).detach().numpy(), dense @ np.ones(64), atol=rounding)
