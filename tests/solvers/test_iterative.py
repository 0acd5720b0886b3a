"""CG, MINRES, GMRES and LSMR: what they reach, what they say of it, and what they refuse."""

import warnings

import numpy as np
import pytest
import scipy.linalg
import scipy.sparse
import scipy.sparse.linalg
import torch
from market import definite, hermitian, matrix

import otimes as ox
from otimes.errors import (
    DTypeError,
    NonFiniteError,
    NotConverged,
    ShapeError,
    StructureError,
)

SOLVERS = (ox.CG, ox.MINRES, ox.GMRES, ox.LSMR)
every_solver = pytest.mark.parametrize("solver", SOLVERS, ids=lambda s: s.__name__)
N = 42


def system(dtype=float):
    """A sum of two Kronecker products, which no identity solves, and its main term."""
    K = ox.kron(definite(6, dtype, 1), definite(7, dtype, 2))
    return K + ox.kron(definite(6, dtype, 3), definite(7, dtype, 4)) / 8, K


def side(*shape, dtype=float, seed=0):
    rng = np.random.default_rng(seed)
    b = rng.standard_normal(shape)
    return (b + 1j * rng.standard_normal(shape) if np.dtype(dtype).kind == "c" else b).astype(dtype)


def residual(A, x, b):
    gaps = np.linalg.norm(np.asarray(A) @ x - b, axis=0) / np.linalg.norm(b, axis=0)
    return np.max(gaps, initial=0)


@every_solver
@pytest.mark.parametrize("preconditioned", [False, True], ids=["plain", "preconditioned"])
@pytest.mark.parametrize("dtype", [float, complex, np.float32])
@pytest.mark.parametrize("columns", [(), (3,), (1,), (0,)], ids=str)
def test_the_solution_and_what_is_said_of_it(solver, preconditioned, dtype, columns):
    A, K = system(dtype)
    rtol = 1e-5 if dtype is np.float32 else 1e-10
    b = side(N, *columns, dtype=dtype)
    solution = solver(rtol=rtol, preconditioner=K if preconditioned else None).solve(A, b)
    assert solution.converged
    assert solution.value.shape == b.shape
    assert solution.value.dtype == b.dtype
    assert solution.residual == pytest.approx(
        residual(A, solution.value, b), rel=1e-2, abs=4 * float(np.finfo(dtype).eps)
    )
    bound = rtol if solver is not ox.LSMR else rtol * np.linalg.cond(np.asarray(A)) * 2
    assert solution.residual <= bound
    assert (solution.iterations > 0) == (b.size > 0)


@every_solver
def test_a_preconditioner_is_inverted_and_saves_iterations(solver):
    """K⁻¹ is applied: the system is near K, so few steps are left; applying K itself would take more than none."""
    A, K = system()
    b = side(N)
    plain, helped = solver()(A, b), solver(preconditioner=K)(A, b)
    assert helped.iterations < 0.7 * plain.iterations
    exact = solver(preconditioner=A if solver is ox.LSMR else np.asarray(A))(A, b)
    assert exact.iterations <= 3


def test_a_preconditioner_by_a_function():
    A, K = system()
    P = scipy.sparse.csc_array(np.asarray(K))
    given = ox.CG(preconditioner=scipy.sparse.linalg.splu(P).solve)(A, side(N, 2))
    by_rule = ox.CG(preconditioner=K)(A, side(N, 2))
    assert given.iterations == by_rule.iterations
    np.testing.assert_allclose(given.value, by_rule.value, rtol=1e-6, atol=1e-9)
    for b in (side(N, 2), side(N, 2, dtype=complex)):
        sparse, by_rule = ox.CG(preconditioner=P)(A, b), ox.CG(preconditioner=K)(A, b)
        assert sparse.iterations == by_rule.iterations
        np.testing.assert_allclose(sparse.value, by_rule.value, rtol=1e-6, atol=1e-9)


def test_a_sparse_preconditioner_is_decomposed_once(monkeypatch):
    calls, splu = [], scipy.sparse.linalg.splu
    monkeypatch.setattr(scipy.sparse.linalg, "splu", lambda *a, **k: calls.append(1) or splu(*a, **k))
    A, K = system()
    assert ox.CG(preconditioner=ox.to_sparse(K))(A, side(N, 3)).iterations > 3
    assert len(calls) == 1


def test_a_preconditioner_without_an_inverse_is_solved_with():
    """A large product of sparse factors has no inverse that is not dense; its factors are solved with."""
    D = scipy.sparse.diags_array([-1.0, 2.1, -1.0], offsets=[-1, 0, 1], shape=(2500, 2500))
    A = ox.kron(D, np.eye(2)) + ox.kron(0.01 * ox.eye(2500), np.diag([1.0, 2.0]))
    solution = ox.CG(preconditioner=ox.kron(D, np.eye(2)))(A, side(5000))
    assert solution.converged
    assert solution.iterations < 20


@every_solver
def test_a_first_guess(solver):
    A, _ = system()
    b = side(N, 2)
    x = np.linalg.solve(np.asarray(A), b)
    assert solver()(A, b, x0=x).iterations <= 1
    cold, warm = solver()(A, b), solver()(A, b, x0=x + 1e-5 * side(N, 2, seed=1))
    assert warm.iterations < cold.iterations
    assert warm.converged
    with pytest.raises(ShapeError, match=r"x0 is \(42,\); for b 42×2 it is 42×2"):
        solver()(A, b, x0=x[:, 0])
    with pytest.raises(ShapeError, match="42×2"):
        solver()(A, b, x0=x[:-1])


@every_solver
def test_the_first_guess_is_not_changed(solver):
    A, _ = system()
    x0 = np.linalg.solve(np.asarray(A), side(N, 2))
    kept = x0.copy()
    for tolerance in (1e-8, 1e-14):
        solution = solver(rtol=tolerance, maxiter=5)(A, side(N, 2), x0=x0)
        assert not np.shares_memory(solution.value, x0)
    assert (x0 == kept).all()


@pytest.mark.parametrize("solver", [ox.CG, ox.MINRES])
def test_an_exact_preconditioner_of_an_ill_conditioned_operator(solver):
    """Where rounding alone is left, its sign is no sign of an indefinite preconditioner."""
    H = scipy.linalg.hilbert(8)
    for b in side(8, 20).T:
        assert solver(preconditioner=H, maxiter=20)(H, H @ b).residual < 1e-6


@every_solver
def test_stopped_early_it_says_so(solver):
    A, _ = system()
    b = side(N)
    short = solver(maxiter=3).solve(A, b)
    assert not short.converged
    assert short.iterations <= 4
    assert short.residual == pytest.approx(residual(A, short.value, b), rel=1e-9)
    with pytest.raises(NotConverged, match=rf"{solver.__name__} stopped after {short.iterations} .*=1e-08") as error:
        ox.solve(A, b, method=solver(maxiter=3))
    np.testing.assert_array_equal(error.value.solution.value, short.value)
    none = solver(maxiter=0).solve(A, b) if solver is not ox.LSMR else solver(maxiter=1).solve(A, b)
    assert not none.converged


@pytest.mark.parametrize("solver", [ox.CG, ox.MINRES])
def test_below_rounding_it_stops_by_itself(solver):
    A, _ = system(np.float32)
    solution = solver(rtol=1e-12, maxiter=10**6)(A, side(N, dtype=np.float32))
    assert not solution.converged
    assert solution.iterations < 2000
    assert solution.residual < 1e-5
    with pytest.raises(NotConverged, match="below what float32 resolves"):
        solution.checked()


@every_solver
def test_zero_and_empty_right_sides(solver):
    A, _ = system()
    for b in (np.zeros(N), np.zeros((N, 2)), np.zeros((N, 0))):
        solution = solver()(A, b)
        assert solution.converged
        assert solution.residual == 0
        assert not solution.value.any()
    assert solver()(np.zeros((0, 0)), np.zeros(0)).value.shape == (0,)


@every_solver
def test_columns_of_different_size_each_meet_their_tolerance(solver):
    A, K = system()
    b = side(N, 3) * np.array([1e-8, 1.0, 1e8])
    x = solver(rtol=1e-9, preconditioner=K)(A, b).value
    assert (np.linalg.norm(np.asarray(A) @ x - b, axis=0) <= 1e-7 * np.linalg.norm(b, axis=0)).all()


def test_atol():
    A, _ = system()
    b = side(N)
    for solver in (ox.CG, ox.MINRES, ox.GMRES):
        solution = solver(rtol=0.0, atol=1e-3).solve(A, b)
        assert solution.converged
        assert 1e-6 < np.linalg.norm(np.asarray(A) @ solution.value - b) <= 1e-3


@pytest.mark.parametrize("dtype", [float, complex])
def test_minres_takes_indefinite_and_singular_operators(dtype):
    A = ox.kron(hermitian(5, dtype), hermitian(4, dtype, 1)) + ox.kron(hermitian(5, dtype, 2), np.eye(4))
    b = side(20, 2, dtype=dtype)
    x = ox.solve(A, b, method=ox.MINRES(rtol=1e-10, maxiter=1000))
    np.testing.assert_allclose(x, np.linalg.solve(np.asarray(A), b), rtol=1e-6, atol=1e-7)
    D = ox.kron(np.diag([0.0, -1.0, 2.0]), definite(3, dtype))
    b = D @ side(9, dtype=dtype)
    assert ox.MINRES()(D, b).residual < 1e-8


def test_minres_is_scipys_where_that_is_right():
    A = np.asarray(ox.kron(hermitian(5), hermitian(4, seed=1)))
    b = side(20)
    theirs, ours = [], []
    scipy.sparse.linalg.minres(A, b, maxiter=6, rtol=1e-16, callback=lambda x: theirs.append(x.copy()))
    ox.MINRES(maxiter=6, callback=lambda X: ours.append(X[:, 0]))(A, b)
    np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-10)


@pytest.mark.parametrize("solver", [ox.CG, ox.MINRES])
@pytest.mark.parametrize("dtype", [torch.float64, torch.complex128])
def test_torch(solver, dtype):
    kind = complex if dtype.is_complex else float
    A, K = system(kind)
    b = side(N, 2, dtype=kind)
    factors = [torch.tensor(definite(n, kind, s)) for n, s in ((6, 1), (7, 2), (6, 3), (7, 4))]
    K_torch = ox.kron(*factors[:2])
    A_torch = K_torch + ox.kron(*factors[2:]) / 8
    wanted = np.linalg.solve(np.asarray(A), b)
    for settings in ({}, {"preconditioner": K_torch}):
        solution = solver(rtol=1e-11, **settings)(A_torch, torch.tensor(b))
        assert solution.converged
        assert isinstance(solution.value, torch.Tensor)
        np.testing.assert_allclose(solution.value.numpy(), wanted, rtol=1e-8, atol=1e-9)
    counts = [solver(preconditioner=P)(M, c).iterations for P, M, c in ((K, A, b), (K_torch, A_torch, torch.tensor(b)))]
    assert abs(counts[0] - counts[1]) <= 2


@pytest.mark.parametrize("solver", [ox.CG, ox.MINRES])
def test_gradients_are_those_of_the_solution(solver):
    """By one more solve; iterations differentiated one by one are right for symmetric changes of A only."""
    a = torch.tensor(definite(4), requires_grad=True)
    b = torch.tensor(side(12), requires_grad=True)
    other = ox.kron(torch.tensor(definite(4, seed=1)), torch.tensor(definite(3)))

    def value(a):
        return ox.solve(ox.kron(a, torch.tensor(definite(3, seed=2))) + other, b, method=solver(rtol=1e-12)).sum()

    dense = torch.kron(a, torch.tensor(definite(3, seed=2))) + torch.tensor(np.asarray(other))
    wanted = torch.autograd.grad(torch.linalg.solve(dense, b).sum(), (a, b))
    found = torch.autograd.grad(value(a), (a, b))
    torch.testing.assert_close(found, wanted, rtol=1e-8, atol=1e-11)


@pytest.mark.parametrize("solver", [ox.GMRES, ox.LSMR])
def test_scipys_methods_say_that_they_need_numpy(solver):
    with pytest.raises(DTypeError, match=rf"{solver.__name__} runs on NumPy arrays, not torch; CG and MINRES"):
        solver()(torch.eye(3) * 2, torch.ones(3))


class TestLeastSquares:
    """LSMR on operators of any shape and rank."""

    @pytest.mark.parametrize("dtype", [float, complex])
    @pytest.mark.parametrize("shapes", [((6, 3), (4, 2)), ((3, 6), (2, 4)), ((6, 3), (2, 5))], ids=str)
    def test_the_minimizer_of_least_norm(self, dtype, shapes):
        A = ox.kron(*(matrix(*shape, dtype=dtype, seed=i) for i, shape in enumerate(shapes)))
        b = side(A.shape[0], 2, dtype=dtype)
        exact = ox.lstsq(A, b)
        x, residuals, rank, values = ox.lstsq(A, b, method=ox.LSMR(rtol=1e-12))
        np.testing.assert_allclose(x, exact.x, rtol=1e-6, atol=1e-8)
        np.testing.assert_allclose(residuals, exact.residuals, rtol=1e-6, atol=1e-12)
        assert rank is None
        assert values is None

    def test_a_preconditioner_from_the_right(self):
        a, b = np.vander(np.linspace(0, 1, 12), 6), matrix(5, 4)
        A = ox.kron(a, b) + ox.kron(1e-3 * matrix(12, 6), matrix(5, 4, seed=1))
        R = ox.qr(ox.kron(a, b)).R
        y = side(60)
        plain, helped = ox.LSMR()(A, y), ox.LSMR(preconditioner=R)(A, y)
        assert helped.iterations < plain.iterations / 3
        wanted = np.linalg.lstsq(np.asarray(A), y)[0]
        assert np.linalg.norm(helped.value - wanted) < 1e-3 * np.linalg.norm(wanted)

    def test_refusals(self):
        A = matrix(6, 3)
        with pytest.raises(DTypeError, match=r"CG solves A x = b only; give method=otimes\.LSMR"):
            ox.lstsq(A, np.ones(6), method=ox.CG())
        with pytest.raises(ShapeError, match="preconditioner is 6×6; for A 6×3 it has 3 rows"):
            ox.LSMR(preconditioner=np.eye(6))(A, np.ones(6))
        with pytest.raises(DTypeError, match="adjoint"):
            ox.LSMR(preconditioner=lambda r: r)(A, np.ones(6))
        with pytest.raises(DTypeError, match="callback"):
            ox.LSMR(callback=print)
        with pytest.raises(NotConverged):
            ox.lstsq(A, np.ones(6), method=ox.LSMR(maxiter=1))


class TestRefusals:
    """What a method is not for is said before it runs, or when it shows."""

    def test_settings_of_another_kind(self):
        with pytest.raises(ShapeError, match="rtol='tight' is no tolerance"):
            ox.CG(rtol="tight")
        with pytest.raises(DTypeError, match="callback=3 cannot be called"):
            ox.MINRES(callback=3)

    def test_batches(self):
        A = ox.kron(np.stack([np.eye(2)] * 3), np.eye(2))
        with pytest.raises(ShapeError, match="a batch of operators, 3×4×4"):
            ox.CG()(A, np.ones(4))

    def test_operators_known_not_to_be_hermitian(self):
        A = ox.assume(matrix(4), hermitian=False)
        for solver in (ox.CG, ox.MINRES):
            with pytest.raises(StructureError, match=f"{solver.__name__} is for Hermitian .* GMRES"):
                solver()(A, np.ones(4))
        assert ox.GMRES()(A, np.ones(4)).converged

    def test_cg_of_indefinite_operators(self):
        with pytest.raises(StructureError, match=r"known not to be; MINRES"):
            ox.CG()(ox.diag([1.0, -1.0]), np.ones(2))
        for A, b in ((hermitian(6), side(6)), (torch.tensor(hermitian(6)), torch.tensor(side(6)))):
            with pytest.raises(StructureError, match=r"A is not positive definite: xᴴ M x < 0 .* MINRES"):
                ox.CG()(A, b)
        semidefinite = ox.diag([1.0, 2.0, 0.0])
        assert ox.CG()(semidefinite, np.array([1.0, 1.0, 0.0])).converged

    def test_indefinite_preconditioners(self):
        A = definite(6)
        for solver in (ox.CG, ox.MINRES):
            for P, M, b in ((-A, A, side(6)), (torch.tensor(-A), torch.tensor(A), torch.tensor(side(6)))):
                with pytest.raises(StructureError, match="preconditioner"):
                    solver(preconditioner=P)(M, b)

    @every_solver
    def test_shapes(self, solver):
        if solver is not ox.LSMR:
            with pytest.raises(ShapeError, match="4×3"):
                solver()(matrix(4, 3), np.ones(4))
            with pytest.raises(ShapeError, match="preconditioner is 3×3 and A is 4×4"):
                solver(preconditioner=np.eye(3))(definite(4), np.ones(4))
        with pytest.raises(ShapeError, match="b must have 4"):
            solver()(definite(4), np.ones(5))
        with pytest.raises(ShapeError, match="vector or a matrix of columns"):
            solver()(definite(4), np.ones((2, 4, 1)))
        with pytest.raises(NonFiniteError):
            solver()(definite(4), np.full(4, np.nan))

    @pytest.mark.parametrize(
        "settings", [{"rtol": -1.0}, {"rtol": np.nan}, {"atol": np.inf}, {"maxiter": -1}, {"maxiter": 2.5}], ids=str
    )
    @every_solver
    def test_settings(self, solver, settings):
        with pytest.raises(ShapeError, match=rf"{solver.__name__}: {next(iter(settings))}"):
            solver(**settings)

    def test_restart(self):
        with pytest.raises(ShapeError, match="restart=0"):
            ox.GMRES(restart=0)

    def test_methods_that_are_none(self):
        for method in ("cg", ox.CG, scipy.sparse.linalg.cg):
            with pytest.raises(DTypeError, match=r"give an iterative solver such as otimes\.CG\(\)"):
                ox.solve(definite(3), np.ones(3), method=method)

    def test_nothing_iterates_unasked(self):
        terms = [ox.kron(definite(50, seed=i), definite(60, seed=i)) for i in range(3)]
        A = terms[0] + terms[1] + terms[2]  # two terms are solved exactly; three have no identity
        with pytest.raises(ox.errors.NoRule):
            ox.solve(A, np.ones(3000))
        assert ox.solve(A, np.ones(3000), method=ox.CG(preconditioner=terms[0])).shape == (3000,)


def test_callbacks_see_the_iterates():
    A, _ = system()
    b = side(N, 2)
    for solver in (ox.CG, ox.MINRES, ox.GMRES):
        seen = []
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            solution = solver(callback=lambda x, seen=seen: seen.append(np.array(x)))(A, b)
        last = seen[-1][:, -1] if seen[-1].ndim == 2 else seen[-1]
        np.testing.assert_allclose(last, solution.value[:, -1], rtol=1e-12)


def test_solvers_are_values():
    assert ox.CG(rtol=1e-3) == ox.CG(rtol=1e-3)
    assert repr(ox.GMRES(restart=5)).startswith("GMRES(rtol=1e-08")
    with pytest.raises(AttributeError):
        ox.CG().rtol = 1.0
