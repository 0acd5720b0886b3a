"""Products of graphs and signals on them: Fourier bases, Laplacians, filters and inpainting beside peers."""

import time
from collections.abc import Callable

import networkx as nx
import numpy as np
import scipy.sparse
import scipy.sparse.linalg
from scipy.sparse import csgraph
from scipy.sparse.linalg import eigsh, expm_multiply

import otimes as ox
from benchmarks.harness import race, record
from otimes.graphs import JointFourier, ProductGraph, smooth

TITLE = "Product graphs and signals on them, float64"
CLAIM = (
    "the Fourier basis of a 60 × 60 grid at least 300 times faster than PyGSP's; extremes of the spectrum and a filter "
    "on the product of two Barabási-Albert graphs of 300 nodes at least 20 times faster than NetworkX and SciPy"
)


def run() -> list[dict]:
    return [basis(30), basis(60), chebyshev(60), *product_of_random_graphs(300), inpainting(2)]


def basis(n: int) -> dict:
    """Find the eigenvectors of the Laplacian of an n × n grid, which otimes keeps by factors; both build it."""
    from pygsp.graphs import Grid2d

    def pygsp() -> object:
        graph = Grid2d(n, n)
        graph.logger.disabled = True
        graph.compute_fourier_basis()
        return graph

    rivals = {"PyGSP": pygsp, "otimes": lambda: ProductGraph([path(n)] * 2).fourier()}
    found, known = called(rivals)
    np.testing.assert_allclose(np.sort(found["otimes"].eigenvalues), found["PyGSP"].e, rtol=0, atol=1e-11)
    timings = race(rivals, repeats=1, target=0.5, known=known)  # of 60 × 60 PyGSP takes half a minute
    return record(f"Fourier basis, {n} × {n} grid", timings, "otimes")


def chebyshev(n: int) -> dict:
    """Apply a heat kernel by Chebyshev polynomials of degree 30, as PyGSP does without a basis, and exactly."""
    from pygsp.filters import Heat
    from pygsp.graphs import Grid2d

    graph = Grid2d(n, n)
    graph.estimate_lmax()
    heat = Heat(graph, scale=50.0, normalize=False)  # exp(−50 λ / λmax)
    F, x = ProductGraph([path(n)] * 2).fourier(), np.random.default_rng(0).standard_normal((n, n))
    rivals = {
        "PyGSP": lambda: heat.filter(x.reshape(-1), method="chebyshev", order=30),
        "SciPy": lambda: expm_multiply(graph.L * (-50.0 / graph.lmax), x.reshape(-1)),
        "otimes": lambda: F.heat(x, 50.0 / graph.lmax).reshape(-1),
    }
    exact = rivals["SciPy"]()
    errors = {f"error of {name}": relative_error(call(), exact) for name, call in rivals.items() if name != "SciPy"}
    return record(f"heat kernel, {n} × {n} grid", race(rivals, repeats=5, target=0.05), "otimes", **errors)


def product_of_random_graphs(n: int) -> list[dict]:
    """Build the Laplacian of the Cartesian product of two Barabási-Albert graphs; find extremes; apply heat.

    SciPy begins with the Laplacian; otimes begins with the two graphs.
    """
    G, H = (nx.barabasi_albert_graph(n, 3, seed=seed) for seed in (0, 1))
    A, B = (nx.to_scipy_sparse_array(graph, dtype=float) for graph in (G, H))
    builders = {
        "NetworkX": lambda: nx.laplacian_matrix(nx.cartesian_product(G, H)).astype(float),
        "SciPy": lambda: csgraph.laplacian(scipy.sparse.kronsum(B, A, format="csr")),  # in its order of operands
        "otimes": lambda: ProductGraph([G, H]).laplacian(),
    }
    built = race(builders, repeats=2, target=0.05)
    L, x = builders["SciPy"](), np.random.default_rng(0).standard_normal(n * n)
    questions = {
        "6 least and 6 largest eigenvalues": {
            "SciPy": lambda: lanczos(L),
            "otimes": lambda: both_ends(ProductGraph([G, H])),
        },
        "heat kernel": {
            "SciPy": lambda: expm_multiply(-0.1 * L, x),
            "otimes": lambda: ProductGraph([G, H]).fourier().heat(x, 0.1),
        },
    }
    name = f"BA({n}) × BA({n})"
    records = [record(f"{name}, Laplacian built", built, "otimes")]
    for question, rivals in questions.items():
        found, known = called(rivals)
        np.testing.assert_allclose(found["otimes"], found["SciPy"], rtol=1e-7, atol=1e-7)
        timings = race(rivals, repeats=1, target=0.5, known=known)
        seconds = {t.name: t.best for t in timings}
        with_networkx = (seconds["SciPy"] + built[0].best) / seconds["otimes"]
        records.append(record(f"{name}, {question}", timings, "otimes", SciPy_after_NetworkX=with_networkx))
    return records


def called(rivals: dict[str, Callable[[], object]]) -> tuple[dict[str, object], dict[str, float]]:
    """Return what each rival gives, and the seconds that took."""
    found, seconds = {}, {}
    for name, call in rivals.items():
        start = time.perf_counter()
        found[name] = call()
        seconds[name] = time.perf_counter() - start
    return found, seconds


def lanczos(L: scipy.sparse.csr_array) -> np.ndarray:
    """Return six extremes of either end; no factorization, which would fill the matrix."""
    ends = [eigsh(L, 6, which=which, tol=1e-8, return_eigenvectors=False) for which in ("SA", "LA")]
    return np.sort(np.concatenate(ends))


def both_ends(P: ProductGraph) -> np.ndarray:
    F = P.fourier()
    return np.sort(np.concatenate([F.extremes(6), F.extremes(6, "largest")]))


def inpainting(step: int) -> dict:
    """Fill temperatures over North America, 240 years, half of them missing; both solve the same system."""
    air = ox.datasets.load_air_temperature()
    X = np.moveaxis(air.temperature[:, ::step, ::step], 0, -1).astype(float)
    missing = np.random.default_rng(0).random(X.shape) < 0.5
    graph = ProductGraph([path(n) for n in X.shape[:2]])
    K = ox.kronsum(10.0 * graph.laplacian(), 100.0 * JointFourier(graph, X.shape[-1]).time_graph.laplacian())
    A = scipy.sparse.diags_array((~missing.reshape(-1)).astype(float)) + ox.to_sparse(K)
    b, steps, holes = np.where(missing, 0, X).reshape(-1), [], np.where(missing, np.nan, X)
    rivals = {
        "conjugate gradients": lambda: scipy.sparse.linalg.cg(A, b, rtol=1e-8)[0],
        "otimes": lambda: smooth(graph, holes, graph_weight=10.0, time_weight=100.0).value.reshape(-1),
    }
    plain = scipy.sparse.linalg.cg(A, b, rtol=1e-8, callback=steps.append)[0]
    result = smooth(graph, holes, graph_weight=10.0, time_weight=100.0)
    error = relative_error(result.value.reshape(-1), plain)
    np.testing.assert_array_less(error, 1e-5)
    return record(
        f"inpainting, {' × '.join(map(str, X.shape))} temperatures, 50 % missing",
        race(rivals, repeats=3, target=0.05, patience=10.0),
        "otimes",
        iterations=f"{len(steps)} → {result.iterations}",
    )


def path(n: int) -> scipy.sparse.csr_array:
    return scipy.sparse.diags_array([np.ones(n - 1)] * 2, offsets=[-1, 1]).tocsr()


def relative_error(x: np.ndarray, exact: np.ndarray) -> float:
    return float(np.linalg.norm(x - exact) / np.linalg.norm(exact))
