"""Elliptic problems on tensor grids, beside sparse LU, multigrid, fast transforms and shift-invert."""

from collections.abc import Callable

import numpy as np
import scipy.fft
import scipy.sparse
import scipy.sparse.linalg

import otimes as ox
from benchmarks.harness import peak_bytes, race, record, seconds_of
from otimes import pde
from otimes.errors import NotConverged

TITLE = "Elliptic problems on tensor grids, float64"
CLAIM = (
    "in three dimensions, stretched and with mixed conditions, at 32³ at least 200 times faster than sparse LU with "
    "its factorization and 10 times without; at 64³ and 96³ at least 15 times faster than pyamg + CG to the same "
    "residual; 256³ in at most 3 times its six mode products, in less than 4 vectors; at 256² at least 50 and 3 times "
    "faster than sparse LU; 50 eigenpairs of 200² at least 200 times faster than eigsh. Fast transforms win on large "
    "uniform grids, and multigrid where coefficients are rough"
)
RTOL = 1e-10  # of the relative residual that iterations are to reach


def run() -> list[dict]:
    return [
        *beside_lu(cube(32), "32³"),
        *beside_multigrid((64, 96)),
        beside_mode_products(256),
        *beside_lu(square(256), "256²"),
        eigenpairs(200, 50),
        *(varying(smooth(2, 256, contrast), f"256², smooth, contrast {contrast}") for contrast in (10, 100)),
        varying(smooth(3, 64, 100), "64³, smooth, contrast 100"),
        varying(rough(128, 1e4), "128², rough, contrast 10⁴"),
        *(beside_transforms(n, d) for n, d in ((255, 2), (1023, 2), (127, 3), (255, 3))),
    ]


def stretched(n: int) -> np.ndarray:
    """Return n points that are denser at both ends, by a factor of five."""
    return np.tanh(1.5 * np.linspace(-1, 1, n)) / np.tanh(1.5)


def cube(n: int) -> list[pde.Axis]:
    """Return axes of n points with all kinds of conditions, stretched."""
    faces = [("dirichlet", "neumann"), (("robin", 1, 1), "dirichlet"), ("neumann", ("robin", 2, 1))]
    return [pde.Axis(stretched(n), bc=bc) for bc in faces]


def square(n: int) -> list[pde.Axis]:
    return cube(n)[:2]


def problem(axes: list[pde.Axis]) -> tuple[scipy.sparse.csr_matrix, np.ndarray, np.ndarray]:
    """Return the sparse matrix, a solution with all frequencies, and its right-hand side."""
    A = scipy.sparse.csr_matrix(ox.to_sparse(pde.Elliptic(axes).weak))
    u = np.random.default_rng(0).standard_normal(A.shape[0])
    return A, u, A @ u


def compared(case: str, rivals: dict[str, Callable], A: object, b: np.ndarray, **options: float) -> dict:
    """Return the record of a race with the relative residual that each rival reaches."""
    found: dict[str, np.ndarray] = {}
    known = {
        name: seconds_of(lambda name=name, call=call: found.update({name: call()})) for name, call in rivals.items()
    }
    residuals = {f"residual of {name}": residual(A, x, b) for name, x in found.items()}
    timings = race(rivals, repeats=5, target=0.02, patience=15.0, known=known)
    return record(case, timings, "otimes", **residuals, **options)


def residual(A: object, x: np.ndarray, b: np.ndarray) -> float:
    return float(np.linalg.norm(b - A @ x.reshape(-1)) / np.linalg.norm(b))


def splu(A: scipy.sparse.csr_matrix) -> scipy.sparse.linalg.SuperLU:
    return scipy.sparse.linalg.splu(A.tocsc())


def symmetric_splu(A: scipy.sparse.csr_matrix) -> scipy.sparse.linalg.SuperLU:
    """Factorize a symmetric matrix in the order and the mode that are faster for it than the default."""
    options = {"SymmetricMode": True}
    return scipy.sparse.linalg.splu(A.tocsc(), permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options=options)


def beside_lu(axes: list[pde.Axis], name: str) -> list[dict]:
    A, _, b = problem(axes)
    kinds = {"splu": splu, "splu, symmetric": symmetric_splu}
    lu, F = {kind: factorize(A) for kind, factorize in kinds.items()}, pde.Elliptic(axes).inverse
    whole = {kind: lambda factorize=factorize: factorize(A).solve(b) for kind, factorize in kinds.items()}
    alone = {kind: lambda found=found: found.solve(b) for kind, found in lu.items()}
    whole["otimes"], alone["otimes"] = lambda: pde.Elliptic(axes).inverse.solve(b), lambda: F.solve(b)
    return [
        compared(f"{name}, stretched, mixed: set-up and solution", whole, A, b),
        compared(f"{name}, stretched, mixed: solution", alone, A, b),
    ]


def multigrid(A: scipy.sparse.csr_matrix, b: np.ndarray, rtol: float, kind: str) -> np.ndarray:
    """Solve by one of pyamg's kinds, set-up included."""
    import pyamg

    return getattr(pyamg, kind)(A).solve(b, tol=rtol, accel="cg", maxiter=2000)


def faster_kind(A: scipy.sparse.csr_matrix, b: np.ndarray, rtol: float) -> str:
    """Return which of pyamg's kinds is faster."""
    kinds = ("smoothed_aggregation_solver", "ruge_stuben_solver")
    return min(kinds, key=lambda kind: seconds_of(lambda: multigrid(A, b, rtol, kind)))


def beside_multigrid(sizes: tuple[int, ...]) -> list[dict]:
    records, kind = [], faster_kind(*problem(cube(sizes[0]))[::2], RTOL)
    for n in sizes:
        axes = cube(n)
        A, _, b = problem(axes)
        rivals = {
            "pyamg + CG": lambda A=A, b=b: multigrid(A, b, RTOL, kind),
            "otimes": lambda axes=axes, b=b: pde.Elliptic(axes).inverse.solve(b),
        }
        records.append(compared(f"{n}³, stretched, mixed: set-up and solution", rivals, A, b))
    return records


def beside_mode_products(n: int) -> dict:
    """Solve for n³ unknowns, set-up included, beside the six products of dense n × n matrices that it takes."""
    faces = ["neumann", ("neumann", ("robin", 2, 1)), (("robin", 1, 1), "neumann")]
    axes = [pde.Axis(stretched(n), bc=bc) for bc in faces]
    f = np.random.default_rng(0).standard_normal((n, n, n))
    Q = np.linalg.qr(np.random.default_rng(1).standard_normal((n, n)))[0]
    K = ox.kron(Q, Q, Q)

    def by_numpy() -> np.ndarray:
        X = f
        for _ in range(6):
            X = (Q @ X.reshape(n, n * n)).reshape(n, n, n).transpose(1, 2, 0)
        return X

    rivals = {
        "six products, NumPy": by_numpy,
        "six products, otimes": lambda: K.T @ (K @ f.reshape(-1)),
        "otimes": lambda: pde.Elliptic(axes).solve(f).value,
    }
    solution = pde.Elliptic(axes).solve(f)
    reached = solution.residual
    del solution
    held = peak_bytes(rivals["otimes"]) / f.nbytes
    timings = race(rivals, repeats=3, target=0.0)
    return record(
        f"{n}³, stretched: set-up and solution", timings, "otimes", residual_of_otimes=reached, held_in_vectors=held
    )


def eigenpairs(n: int, k: int) -> dict:
    """Find the k lowest eigenpairs of a stretched square with n² unknowns or a few less."""
    axes = square(n)
    A, weights = problem(axes)[0], np.multiply.outer(axes[0].weights, axes[1].weights).reshape(-1)
    M = scipy.sparse.diags_array(weights).tocsc()

    def errors(values: np.ndarray, vectors: np.ndarray) -> float:
        gaps = np.linalg.norm((A @ vectors - (weights[:, None] * vectors) * values) / np.sqrt(weights)[:, None], axis=0)
        return float(np.max(gaps / values))

    def ours() -> tuple[np.ndarray, np.ndarray]:
        values, fields = pde.Elliptic(axes).eigenpairs(k)
        return values, fields.reshape(k, -1).T

    rivals = {"eigsh, shift-invert": lambda: scipy.sparse.linalg.eigsh(A.tocsc(), k, M, sigma=0.0), "otimes": ours}
    (one, _), (other, _) = (call() for call in rivals.values())
    np.testing.assert_allclose(np.sort(one), other, rtol=1e-8)
    reached = {f"residual of {name}": errors(*call()) for name, call in rivals.items()}
    return record(
        f"{k} lowest eigenpairs, {n}²", race(rivals, repeats=5, target=0.02, patience=20.0), "otimes", **reached
    )


def smooth(d: int, n: int, contrast: float) -> tuple[list[pde.Axis], np.ndarray]:
    """Return a coefficient that no product of functions of one coordinate comes close to."""
    axes = [pde.Axis(n, scheme="cell") for _ in range(d)]
    waves = [np.sin(2 * np.pi * x) for x in pde.mesh(axes)]
    product = waves[0]
    for wave in waves[1:]:
        product = product * wave
    return axes, np.exp(np.log(contrast) / 2 * product)


def rough(n: int, contrast: float) -> tuple[list[pde.Axis], np.ndarray]:
    """Return blocks of 8 × 8 cells with the coefficient 1 or the contrast, at random."""
    blocks = np.random.default_rng(0).random((n // 8, n // 8)) < 0.5
    return [pde.Axis(n, scheme="cell")] * 2, np.where(blocks, 1.0, contrast).repeat(8, 0).repeat(8, 1)


def varying(given: tuple[list[pde.Axis], np.ndarray], name: str, rtol: float = 1e-8) -> dict:
    """Solve −∇·(a ∇u) = 1, set-up included but for the matrix that multigrid is given."""
    axes, a = given
    first = pde.Elliptic(axes, coefficient=a)
    A, b = scipy.sparse.csr_matrix(first.weak.matrix), first.solve(1.0, rtol=0.5).right_side.reshape(-1)

    def ours() -> np.ndarray:
        try:
            solution = pde.Elliptic(axes, coefficient=a).solve(1.0, rtol=rtol, maxiter=2000)
        except NotConverged as error:
            return error.solution.value
        return solution.value

    try:
        iterations = first.solve(1.0, rtol=rtol, maxiter=2000).iterations
    except NotConverged as error:
        iterations = error.solution.iterations
    kind = faster_kind(A, b, rtol)
    rivals = {"pyamg + CG": lambda: multigrid(A, b, rtol, kind), "otimes": ours}
    return compared(f"{name}: set-up and solution", rivals, A, b, iterations=iterations)


def beside_transforms(n: int, d: int) -> dict:
    """Solve with the uniform Dirichlet Laplacian of nᵈ unknowns, decomposed before, by sine transforms too."""
    axes = [pde.Axis(n + 2) for _ in range(d)]
    problem = pde.Elliptic(axes)
    F, weak, h = problem.inverse, problem.weak, 1 / (n + 1)
    values = (2 * np.sin(np.pi * h * np.arange(1, n + 1) / 2) / h) ** 2 * h**d
    spectrum = sum(values.reshape(tuple(n if i == j else 1 for j in range(d))) for i in range(d))
    b = np.random.default_rng(0).standard_normal((n,) * d)

    def by_transforms() -> np.ndarray:
        coefficients = scipy.fft.dstn(b, type=1, workers=2)
        coefficients /= spectrum
        return scipy.fft.idstn(coefficients, type=1, workers=2, overwrite_x=True)

    rivals = {"scipy.fft.dstn": by_transforms, "otimes": lambda: F.solve(b)}
    name = f"{n}{'²' if d == 2 else '³'}, uniform, Dirichlet: solution"
    return compared(name, rivals, weak, b.reshape(-1))
