"""How each library multiplies (F₁ ⊗ … ⊗ F_N) with X, from the layout it likes best, everything prepared beforehand."""

import functools
import math
import sys
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import opt_einsum
import scipy.sparse

import otimes as ox
from benchmarks.grid import Problem

MERGED_SIZE = 32
PYLOPS_CALLS = 2**14  # of its factors, above which a product takes seconds
LARGE = 2**29  # bytes of the result from which on only the peers of the published tables are run, to keep it short
HUGE = 2**31  # and from here on, only the fastest of them


class Rival(NamedTuple):
    """A prepared product; `rows` says that it returns M rows of K values instead of M columns."""

    call: Callable[[], object]
    rows: bool = False

    def read(self, result: object, problem: Problem) -> np.ndarray:
        """Return what the call returned as K × M."""
        K, M = problem.point.shape[0], problem.point.columns
        result = np.asarray(result)
        return result.reshape(M, K).T if self.rows else result.reshape(K, M)


class LeftOut(Exception):
    """Why a peer does not run at a point."""


def otimes(problem: Problem) -> Rival:
    K, X = ox.kron(*problem.structured), problem.X
    x = X[:, 0] if X.shape[1] == 1 else X
    return Rival(lambda: K @ x)


def otimes_rows(problem: Problem) -> Rival:
    several_columns(problem)
    K, rows = ox.kron(*problem.structured).T, problem.rows
    return Rival(lambda: rows @ K, rows=True)


def fastkron(problem: Problem) -> Rival:
    from pyfastkron import fastkronnumpy

    several_columns(problem)
    factors, X = problem.factors, problem.X
    return Rival(lambda: fastkronnumpy.gekmm(factors, X))


def fastkron_rows(problem: Problem) -> Rival:
    from pyfastkron import fastkronnumpy

    factors, rows = [np.ascontiguousarray(F.T) for F in problem.factors], problem.rows
    return Rival(lambda: fastkronnumpy.gemkm(rows, factors), rows=True)


def below(size: int, problem: Problem) -> None:
    if problem.point.result_bytes >= size:
        raise LeftOut(f"left out at results of {size >> 20} MiB and more, to keep the run short")


def several_columns(problem: Problem) -> None:
    if problem.point.columns == 1:
        raise LeftOut("with one column the other layout is the same")


def linear_operator(problem: Problem) -> Rival:
    import torch
    from linear_operator.operators import KroneckerProductLinearOperator

    below(HUGE, problem)
    K = KroneckerProductLinearOperator(*map(torch.from_numpy, problem.factors))
    X = torch.from_numpy(problem.X)
    return Rival(lambda: K @ X)


def pykronecker(problem: Problem) -> Rival:
    below(LARGE, problem)
    if any(f.rows != f.columns for f in problem.point.factors):
        raise LeftOut("square factors only")
    K, X = pykronecker_product(problem.factors), problem.X
    return Rival(lambda: K @ X)


def pykronecker_product(factors: list) -> object:
    """Return PyKronecker's operator on NumPy: it takes JAX where that is installed, which costs more in small calls."""
    jax = {name: sys.modules.pop(name) for name in [*sys.modules] if name.split(".")[0] == "jax"}
    sys.modules["jax"] = None
    try:
        from pykronecker import KroneckerProduct
    finally:
        del sys.modules["jax"]
        sys.modules.update(jax)
    return KroneckerProduct(factors)


def pylops(problem: Problem) -> Rival:
    import pylops as pl

    sizes = [f.columns for f in problem.point.factors]
    if len(sizes) * math.prod(sizes) * problem.point.columns // max(sizes) > PYLOPS_CALLS:
        raise LeftOut("multiplies column by column, in too many calls")
    factors = [
        pl.Identity(F.shape[0], dtype=problem.point.dtype) if isinstance(F, ox.Identity) else pl.MatrixMult(F)
        for F in problem.structured
    ]
    K, X = functools.reduce(lambda right, left: pl.Kronecker(left, right), reversed(factors)), problem.X
    return Rival(lambda: K @ X)


def cola(problem: Problem) -> Rival:
    import cola as cl
    import torch

    below(LARGE, problem)
    if any(scipy.sparse.issparse(F) for F in problem.structured):
        raise LeftOut("its sparse operator does not multiply the batches that its Kronecker product makes")
    K = cl.ops.Kronecker(*(cl.ops.Dense(torch.from_numpy(F)) for F in problem.factors))
    X = torch.from_numpy(problem.X)
    return Rival(lambda: K @ X)


def tensorly(problem: Problem) -> Rival:
    from tensorly.tenalg import multi_mode_dot

    below(LARGE, problem)
    factors, modes = problem.factors, list(range(len(problem.factors)))
    tensor = problem.X.reshape(*(F.shape[1] for F in factors), -1)
    return Rival(lambda: multi_mode_dot(tensor, factors, modes=modes))


def numpy_einsum(problem: Problem) -> Rival:
    below(LARGE, problem)
    tensor = problem.X.reshape(*(F.shape[1] for F in problem.factors), -1)
    contract, factors = contraction(problem.factors, tensor, last=True), problem.factors
    return Rival(lambda: contract(*factors, tensor))


def torch_einsum(problem: Problem) -> Rival:
    import torch

    below(LARGE, problem)
    rows = problem.rows.reshape(-1, *(F.shape[1] for F in problem.factors))
    contract = contraction(problem.factors, rows, last=False)
    factors, tensor = [torch.from_numpy(F) for F in problem.factors], torch.from_numpy(rows)
    return Rival(lambda: contract(*factors, tensor), rows=True)


def contraction(factors: list, tensor: np.ndarray, *, last: bool) -> Callable:
    """Return opt_einsum's contraction of every axis of the tensor but one, the last or the first, along its path."""
    N = len(factors)
    symbols = [opt_einsum.get_symbol(i) for i in range(2 * N + 1)]
    inner, outer, free = symbols[:N], symbols[N:-1], symbols[-1]
    before, after = ("", free) if last else (free, "")
    terms = [o + i for o, i in zip(outer, inner, strict=True)]
    text = f"{','.join(terms)},{before}{''.join(inner)}{after}->{before}{''.join(outer)}{after}"
    return opt_einsum.contract_expression(text, *(F.shape for F in factors), tensor.shape)


def chain(problem: Problem) -> Rival:
    """Chain one GEMM per factor, each leaving its axis at the end: no transposes, no checks."""
    below(LARGE, problem)
    factors, X = problem.factors, problem.X
    return Rival(lambda: gemm_chain(factors, X), rows=True)


def merged_chain(problem: Problem) -> Rival:
    """Merge neighbours beforehand, up to 32 rows, then the chain: what a careful user writes."""
    below(LARGE, problem)
    factors, X = merged(problem.factors), problem.X
    if len(factors) == len(problem.factors):
        raise LeftOut("no neighbours to merge")
    return Rival(lambda: gemm_chain(factors, X), rows=True)


def stacked_chain(problem: Problem) -> Rival:
    """Multiply by one matmul per factor on a stack of matrices, each axis in its place."""
    several_columns(problem)
    below(LARGE, problem)
    factors, X = problem.factors, problem.X

    def call() -> np.ndarray:
        Y, left = X, 1
        for F in factors:
            Y = F @ Y.reshape(left, F.shape[1], -1) if left > 1 else F @ Y.reshape(F.shape[1], -1)
            left *= F.shape[0]
        return Y

    return Rival(call)


def gemm_chain(factors: list, X: np.ndarray) -> np.ndarray:
    Y = X
    for F in factors:
        Y = Y.reshape(F.shape[1], -1).T @ F.T
    return Y


def merged(factors: list) -> list:
    """Return the factors with neighbours multiplied out while they have at most 32 rows and columns."""
    done = [factors[0]]
    for F in factors[1:]:
        if max(done[-1].shape[0] * F.shape[0], done[-1].shape[1] * F.shape[1]) <= MERGED_SIZE:
            done[-1] = np.kron(done[-1], F)
        else:
            done.append(F)
    return done


OURS = {"otimes": otimes, "otimes, rows": otimes_rows}
PEERS: dict[str, Callable[[Problem], Rival]] = {
    "pyfastkron": fastkron,
    "pyfastkron, rows": fastkron_rows,
    "linear_operator": linear_operator,
    "PyKronecker": pykronecker,
    "PyLops": pylops,
    "CoLA": cola,
    "TensorLy": tensorly,
    "torch einsum": torch_einsum,
    "NumPy einsum": numpy_einsum,
    "NumPy chain": chain,
    "NumPy chain, merged": merged_chain,
    "NumPy chain, stacked": stacked_chain,
}
