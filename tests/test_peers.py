"""Other libraries as oracles: linear_operator, CoLA, PyKronecker and TensorLy on random cases.

Where they are right we agree with them. Where they are not, `DIFFERENCES` lists the case with its reason: there our
value is that of the dense matrix and theirs is pinned not to be, so that a version that mends it is noticed.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np
import pytest
import scipy.linalg
import scipy.sparse
import torch
from market import definite, kron, kronsum, matrix

import otimes as ox

jax.config.update("jax_enable_x64", True)
SEEDS = range(3)


def imported(name: str, *parts: str) -> Any:
    """Return a peer; what it warns of on import (jax, torch and plum of other versions) is not ours to mend."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for part in parts:
            pytest.importorskip(f"{name}.{part}", reason=f"{name} is not installed")
        return pytest.importorskip(name, reason=f"{name} is not installed")


LO = imported("linear_operator", "operators")
COLA = imported("cola")
PK = imported("pykronecker")
TL = imported("tensorly", "tenalg")
# CoLA's dispatch reads type hints that its own dependency, beartype, warns of
pytestmark = pytest.mark.filterwarnings(r"ignore:.*PEP 484 type hint")


def tensor(a: Any) -> torch.Tensor:
    return torch.tensor(np.asarray(a))


def agree(ours: Any, theirs: Any, rtol: float = 1e-10) -> None:
    """Assert that two values, of whatever library, are equal up to rounding."""
    theirs = theirs.to_dense() if hasattr(theirs, "to_dense") and not torch.is_tensor(theirs) else theirs
    ours, theirs = np.asarray(ours), np.asarray(theirs.detach() if torch.is_tensor(theirs) else theirs)
    assert ours.shape == theirs.shape
    np.testing.assert_allclose(ours, theirs, rtol=rtol, atol=rtol * np.abs(theirs).max(initial=0))


@dataclass
class Square:
    """Positive definite factors of unequal sizes, their dense product and sum, and columns."""

    factors: list[np.ndarray]
    X: np.ndarray

    @property
    def K(self) -> Any:
        return ox.kron(*self.factors)

    @property
    def S(self) -> Any:
        return ox.kronsum(*self.factors)


@pytest.fixture(params=SEEDS, ids=lambda s: f"seed {s}")
def square(request):
    sizes = [(3, 4, 2), (5, 1, 3), (2, 2, 6)][request.param]
    factors = [definite(n, seed=10 * request.param + i) for i, n in enumerate(sizes)]
    X = np.random.default_rng(request.param).standard_normal((int(np.prod(sizes)), 2))
    return Square(factors, X)


@pytest.fixture(params=SEEDS, ids=lambda s: f"seed {s}")
def rectangular(request):
    return [matrix(*shape, seed=request.param + i) for i, shape in enumerate([(2, 3), (4, 2), (3, 5)])]


def lo_kron(*factors: Any) -> Any:
    return LO.operators.KroneckerProductLinearOperator(*(LO.to_linear_operator(tensor(a)) for a in factors))


class TestLinearOperator:
    """GPyTorch's linear_operator: products, solves and spectra of positive definite products, and two terms."""

    def test_products(self, square, rectangular):
        agree(square.K @ square.X, lo_kron(*square.factors) @ tensor(square.X))
        agree(square.K.T @ square.X, lo_kron(*square.factors).mT @ tensor(square.X))
        x = np.ones((30, 2))
        agree(ox.kron(*rectangular) @ x, lo_kron(*rectangular) @ tensor(x))

    def test_solutions_and_determinants(self, square):
        theirs = lo_kron(*square.factors)
        agree(ox.solve(square.K, square.X), LO.solve(theirs, tensor(square.X)))
        agree(ox.slogdet(square.K).logabsdet, theirs.logdet())
        agree(ox.cholesky(square.K), theirs.cholesky())

    def test_entries_and_spectra(self, square):
        theirs = lo_kron(*square.factors)
        agree(ox.diagonal(square.K), theirs.diagonal())
        agree(square.K, theirs)
        values, vectors = torch.linalg.eigh(theirs)
        agree(np.sort(ox.eigvalsh(square.K)), torch.sort(values)[0])
        agree(square.K @ vectors.to_dense().numpy(), vectors.to_dense() * values, rtol=1e-9)
        agree(np.sort(ox.svdvals(square.K)), torch.sort(theirs.svd()[1])[0])

    def test_a_product_with_noise(self, square):
        noisy = lo_kron(*square.factors) + LO.operators.ConstantDiagLinearOperator(tensor([0.3]), len(square.X))
        ours = square.K + 0.3 * ox.eye(len(square.X))
        agree(ox.solve(ours, square.X), LO.solve(noisy, tensor(square.X)))
        agree(ox.slogdet(ours).logabsdet, torch.logdet(noisy))

    @pytest.mark.parametrize("seed", SEEDS)
    def test_two_terms(self, seed):
        A, B, C, D = (definite(n, seed=4 * seed + i) for i, n in enumerate((3, 4, 3, 4)))
        theirs, ours = lo_kron(A, B) + lo_kron(C, D), ox.kron(A, B) + ox.kron(C, D)
        assert isinstance(theirs, LO.operators.SumKroneckerLinearOperator)
        x = np.ones((12, 2))
        agree(ours @ x, theirs @ tensor(x))
        agree(ox.solve(ours, x), LO.solve(theirs, tensor(x)))
        agree(ox.slogdet(ours).logabsdet, torch.logdet(theirs))

    @pytest.mark.parametrize("seed", SEEDS)
    def test_toeplitz_and_block_diagonal(self, seed):
        c = np.random.default_rng(seed).standard_normal(5)
        agree(ox.toeplitz(c) @ np.eye(5), LO.operators.ToeplitzLinearOperator(tensor(c)) @ tensor(np.eye(5)))
        blocks = np.stack([matrix(3, seed=seed + i) for i in range(2)])
        theirs = LO.operators.BlockDiagLinearOperator(LO.to_linear_operator(tensor(blocks)))
        agree(ox.block_diag(*blocks), theirs)


def cola_of(kind: Any, *factors: Any) -> Any:
    return kind(*(COLA.ops.Dense(tensor(a)) for a in factors))


class TestCoLA:
    """CoLA, on torch tensors: on NumPy arrays it computes in single precision."""

    def test_products(self, square, rectangular):
        K = cola_of(COLA.ops.Kronecker, *square.factors)
        agree(square.K @ square.X, K @ tensor(square.X))
        agree(square.K.T @ square.X, K.T @ tensor(square.X))
        x = np.ones((30, 2))
        agree(ox.kron(*rectangular) @ x, cola_of(COLA.ops.Kronecker, *rectangular) @ tensor(x))
        agree(square.S @ square.X, cola_of(COLA.ops.KronSum, *square.factors) @ tensor(square.X))
        agree(square.S, cola_of(COLA.ops.KronSum, *square.factors))

    def test_functions(self, square):
        K = cola_of(COLA.ops.Kronecker, *square.factors)
        agree(ox.solve(square.K, square.X), COLA.inv(K) @ tensor(square.X))
        agree(ox.slogdet(square.K).logabsdet, COLA.logdet(K))
        agree(ox.trace(square.K), COLA.trace(K))
        agree(ox.diagonal(square.K), COLA.diag(K))
        values = COLA.eig(COLA.SelfAdjoint(K), k=len(square.X))[0]
        agree(np.sort(ox.eigvalsh(square.K)), np.sort(values.numpy()))

    @pytest.mark.filterwarnings("ignore:Casting complex values to real")  # it goes by complex eigenvectors
    def test_the_exponential_of_a_sum(self, square):
        small = [a / 10 for a in square.factors]
        agree(ox.expm(ox.kronsum(*small)), COLA.exp(cola_of(COLA.ops.KronSum, *small)))


class TestPyKronecker:
    """PyKronecker, on JAX arrays: square factors, vectors and tensors."""

    def test_products_and_sums(self, square):
        K, S, x = PK.KroneckerProduct(square.factors), PK.KroneckerSum(square.factors), square.X[:, 0]
        for ours, theirs in ((square.K, K), (square.S, S)):
            agree(ours @ x, theirs @ x)
            agree(ours.T @ x, theirs.T @ x)
            agree(ours, theirs.to_array())
            agree(ox.diagonal(ours), theirs.diag())
        agree(ox.solve(square.K, x), K.inv() @ x)
        agree((square.K + square.S) @ x, (K + S) @ x)
        agree((square.K @ square.K) @ x, (K @ K) @ x)
        agree((-2.0 * square.K) @ x, (-2.0 * K) @ x)

    def test_a_tensor_is_its_vector(self, square):
        shape = [len(a) for a in square.factors]
        x = square.X[:, 0]
        agree((square.K @ x).reshape(shape), PK.KroneckerProduct(square.factors) @ x.reshape(shape))
        agree(
            ox.multi_mode_product(x.reshape(shape), square.factors),
            PK.KroneckerProduct(square.factors) @ x.reshape(shape),
        )

    def test_complex_adjoints(self):
        A, B = matrix(3, dtype=complex), matrix(4, dtype=complex)
        x = np.arange(12.0)
        agree(ox.kron(A, B).H @ x, PK.KroneckerProduct([A, B]).H @ x)


class TestTensorLy:
    """TensorLy: products of tensors, in the same C order."""

    def test_mode_products_and_products_of_matrices(self, rectangular):
        X = np.random.default_rng(0).standard_normal([a.shape[1] for a in rectangular])
        theirs = TL.tenalg.multi_mode_dot(X, rectangular)
        agree(ox.multi_mode_product(X, rectangular), theirs)
        agree((ox.kron(*rectangular) @ X.reshape(-1)).reshape(theirs.shape), theirs)
        agree(ox.kron(*rectangular), TL.tenalg.kronecker(rectangular))
        columns = [a[:, :2] for a in rectangular]
        agree(ox.khatri_rao(*columns), TL.tenalg.khatri_rao(columns))

    @pytest.mark.parametrize("mode", range(3))
    def test_unfoldings(self, mode):
        X = np.random.default_rng(0).standard_normal((2, 3, 4))
        agree(ox.unfold(X, mode), TL.unfold(X, mode))
        agree(ox.fold(ox.unfold(X, mode), mode, X.shape), TL.fold(TL.unfold(X, mode), mode, X.shape))
        agree(ox.mode_product(X, matrix(5, X.shape[mode]), mode), TL.tenalg.mode_dot(X, matrix(5, X.shape[mode]), mode))

    @pytest.mark.parametrize("seed", SEEDS)
    def test_trains_of_matrices(self, seed):
        rng = np.random.default_rng(seed)
        cores = [rng.standard_normal(s) for s in ((1, 2, 3, 4), (4, 3, 2, 2), (2, 2, 2, 1))]
        agree(ox.tensor_train(cores), TL.tt_matrix.TTMatrix(cores).to_matrix())


@dataclass
class Difference:
    """A value of ours and of theirs beside the dense one, and why theirs is another."""

    reason: str
    ours: Callable[[], Any]
    theirs: Callable[[], Any]
    dense: Callable[[], Any]


N, M = np.diag([-1.0, 2.0, 3.0]), np.diag([1.0, -2.0])
TINY, A, B = 1e-5 * definite(3), definite(3), definite(4)
WIDE, TALL = matrix(2, 3), matrix(3, 2)
Z = matrix(4, dtype=complex)
COLUMN = np.arange(12.0)[:, None]

DIFFERENCES = {
    "linear_operator, log-determinant of an indefinite product": Difference(
        "it clamps eigenvalues below 1e-7, negative ones too",
        lambda: ox.slogdet(ox.kron(N, M)).logabsdet,
        lambda: lo_kron(N, M).logdet(),
        lambda: np.linalg.slogdet(kron(N, M)).logabsdet,
    ),
    "linear_operator, log-determinant of a product of small scale": Difference(
        "it clamps eigenvalues below 1e-7, whatever the scale of the others",
        lambda: ox.slogdet(ox.kron(TINY, TINY)).logabsdet,
        lambda: lo_kron(TINY, TINY).logdet(),
        lambda: np.linalg.slogdet(kron(TINY, TINY)).logabsdet,
    ),
    "CoLA, log-determinant of a multiple": Difference(
        "its log det (c I) is log c for every size, not n log c",
        lambda: ox.slogdet(2.0 * ox.kron(A, B)).logabsdet,
        lambda: COLA.logdet(2.0 * cola_of(COLA.ops.Kronecker, A, B)),
        lambda: np.linalg.slogdet(2.0 * kron(A, B)).logabsdet,
    ),
    "CoLA, diagonal of a square product of rectangles": Difference(
        "it multiplies the factors' diagonals, of which there are fewer",
        lambda: ox.diagonal(ox.kron(WIDE, TALL)),
        lambda: COLA.diag(cola_of(COLA.ops.Kronecker, WIDE, TALL)),
        lambda: np.diagonal(kron(WIDE, TALL)),
    ),
    "CoLA, trace of a square product of rectangles": Difference(
        "it asks for square factors",
        lambda: ox.trace(ox.kron(WIDE, TALL)),
        lambda: COLA.trace(cola_of(COLA.ops.Kronecker, WIDE, TALL)),
        lambda: np.trace(kron(WIDE, TALL)),
    ),
    "CoLA, square root of a product of negative factors": Difference(
        "√(A ⊗ B) = √A ⊗ √B does not hold where the arguments of eigenvalues add up past π",
        lambda: ox.sqrtm(ox.kron(-A, -B)),
        lambda: COLA.sqrt(cola_of(COLA.ops.Kronecker, -A, -B)),
        lambda: scipy.linalg.sqrtm(kron(A, B)),
    ),
    "CoLA, product of a complex Kronecker sum with a real vector": Difference(
        "it adds into an array of the vector's dtype",
        lambda: ox.kronsum(A, Z) @ COLUMN,
        lambda: cola_of(COLA.ops.KronSum, A, Z) @ tensor(COLUMN),
        lambda: kronsum(A.astype(complex), Z) @ COLUMN,
    ),
    "PyKronecker, product with a single column": Difference(
        "it squeezes the column to a vector, which it may or may not be meant as",
        lambda: ox.kron(A, B) @ COLUMN,
        lambda: PK.KroneckerProduct([A, B]) @ COLUMN,
        lambda: kron(A, B) @ COLUMN,
    ),
    "PyKronecker, rectangular factors": Difference(
        "it takes square ones only",
        lambda: ox.kron(WIDE, TALL) @ np.ones(6),
        lambda: PK.KroneckerProduct([WIDE, TALL]) @ np.ones(6),
        lambda: kron(WIDE, TALL) @ np.ones(6),
    ),
    "PyKronecker, square of a product": Difference(
        "its powers are entry by entry",
        lambda: ox.matrix_power(ox.kron(A, B), 2),
        lambda: (PK.KroneckerProduct([A, B]) ** 2).to_array(),
        lambda: np.linalg.matrix_power(kron(A, B), 2),
    ),
    "SciPy, Kronecker sum": Difference(
        "its operands are the other way round: kronsum(A, B) is B ⊕ A",
        lambda: ox.kronsum(A, B),
        lambda: scipy.sparse.kronsum(A, B).toarray(),
        lambda: kronsum(A, B),
    ),
    "TensorLy, unfolding as Kolda & Bader define it": Difference(
        "its columns are in C order; theirs, and MATLAB's, in F order",
        lambda: ox.unfold(np.arange(24.0).reshape(2, 3, 4), 1, order="F"),
        lambda: TL.unfold(np.arange(24.0).reshape(2, 3, 4), 1),
        lambda: np.moveaxis(np.arange(24.0).reshape(2, 3, 4), 1, 0).reshape(3, -1, order="F"),
    ),
}


@pytest.mark.parametrize("name", DIFFERENCES)
def test_where_they_differ_we_are_the_dense_value(name):
    case = DIFFERENCES[name]
    agree(case.ours(), case.dense())
    with pytest.raises((AssertionError, RuntimeError)):
        agree(case.theirs(), case.dense())
