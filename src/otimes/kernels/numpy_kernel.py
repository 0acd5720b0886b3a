"""The kernel in array operations: runs a plan with the GEMM of the user's own library."""

import functools
from typing import Any

import numpy as np

from otimes.core.array import Array, common_spec, copied, namespace, promoted, reshape, spec_of, zeros
from otimes.kernels.plan import FactorKind, Way, plan_product

TURNED_ENTRIES = 2**13  # entries turned at a time, so that the copies stay in cache
FEW_COLUMNS = 16  # below this a stack of products (m, n) @ (n, right) is slower than one on a turned copy


def kron_matmat(factors: tuple, kinds: tuple[FactorKind, ...], X: Array) -> Array:
    """Return (F₁ ⊗ … ⊗ F_N) X for X of shape (n₁ ⋯ n_N, k); `kinds` describes the factors.

    Cost: the plan's; beside X the result and one work array are held.
    """
    plan = plan_product(kinds, X.shape[1])
    if plan.empty:
        spec = common_spec(spec_of(X), *(F.spec for F in factors))
        return zeros((plan.rows, plan.columns), spec)
    if plan.way is Way.CHAIN:
        numpy = type(X) is np.ndarray
        arrays = [F.array for F in factors] if numpy else [promoted(F.array, X) for F in factors]
        if len(plan.steps) < len(arrays):
            arrays = [functools.reduce(kron_dense, arrays[step.start : step.stop]) for step in plan.steps]
        return chain(arrays, X) if numpy or hasattr(X, "reshape") else chain_of_standard(arrays, X)
    if not plan.steps:
        return copied(X)
    for step in plan.steps:
        X = apply_along(factors[step.start], X, step.left, step.right)
    return reshape(X, (plan.rows, plan.columns))


def chain(arrays: list[Array], X: Array) -> Array:
    """Return the product by one GEMM per factor, without transposing anything.

    From a C-ordered X each step leaves the axis it multiplied at the end, from an F-ordered one at
    the front, so that after all factors the axes stand in order and the columns at the other side:
    a C-ordered X gives an F-ordered result and the other way round. Small products are mostly calls, and
    those of methods are the fastest.
    """
    columns = X.shape[1]
    if columns > 1 and _is_fortran(X):
        Y = X.T
        for F in reversed(arrays):
            Y = F @ Y.reshape(-1, F.shape[1]).T
        return Y.reshape(-1, columns)
    Y = X
    for F in arrays:
        Y = Y.reshape(F.shape[1], -1).T @ F.T
    return Y.reshape(columns, -1).T


def chain_of_standard(arrays: list[Array], X: Array) -> Array:
    """Return what `chain` does for arrays without a method `reshape`, which the standard does not ask for."""
    Y = X
    for F in arrays:
        Y = reshape(Y, (F.shape[1], -1)).T @ F.T
    return reshape(Y, (X.shape[1], -1)).T


def apply_along(F: Any, X: Array, left: int, right: int) -> Array:
    """Return F applied to the middle axis of X read as (left, n, right); flat sizes, any kind of F."""
    m, n = F.shape
    if F.kind == "identity":
        return X
    if F.kind == "diagonal":
        return reshape(reshape(X, (left, n, right)) * promoted(F.entries, X)[:, None], (left * n, right))
    if F.kind == "dense":
        return _dense_along(promoted(F.array, X), X, left, right)
    if left == 1:
        return F._matmat(reshape(X, (n, right)))
    permute = namespace(X).permute_dims
    turned = reshape(permute(reshape(X, (left, n, right)), (1, 0, 2)), (n, left * right))
    return reshape(permute(reshape(F._matmat(turned), (m, left, right)), (1, 0, 2)), (left * m, right))


def _dense_along(F: Array, X: Array, left: int, right: int) -> Array:
    """Return the array F applied to the middle axis, by the form of GEMM that suits the sizes."""
    m, n = F.shape
    if right == 1:
        return reshape(X, (left, n)) @ F.T
    if left == 1 or right >= FEW_COLUMNS or not isinstance(X, np.ndarray):
        return reshape(F @ reshape(X, (left, n, right)), (left * m, right))
    X = X.reshape(left, n, right)
    result = zeros((left, m, right), spec_of(X))
    for start in range(0, left, step := max(1, TURNED_ENTRIES // (n * right))):
        block = X[start : start + step].mT
        result[start : start + step] = (block.reshape(-1, n) @ F.T).reshape(-1, right, m).mT
    return result.reshape(left * m, right)


def kron_dense(A: Array, B: Array) -> Array:
    """Return the dense A ⊗ B of two matrices, in one broadcast product."""
    (m, n), (p, q) = A.shape, B.shape
    return reshape(A[:, None, :, None] * B[None, :, None, :], (m * p, n * q))


def _is_fortran(X: Array) -> bool:
    """Whether the columns, not the rows, of X lie together in memory."""
    flags = getattr(X, "flags", None)
    if flags is not None and hasattr(flags, "f_contiguous"):
        return flags.f_contiguous
    stride = getattr(X, "stride", None)
    return stride is not None and stride(0) == 1 and stride(1) != 1
