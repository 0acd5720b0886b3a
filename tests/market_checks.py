"""One check for each function: its value on a case against NumPy and SciPy on the dense twin.

A check takes the case, the operator `A` it made, and `call`, the function with A filled in. Where the
result is unique it must agree entry by entry; where it is not, it must have the properties that define it.
Where the function is undefined, it must refuse with the error its documentation names.
"""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.linalg
import scipy.sparse
from market import DEFECTIVE, PAIRED, TOLERANCE, Case, agree, agree_as_sets

import otimes as ox
from otimes.errors import (
    DTypeError,
    InvalidIndex,
    NoRule,
    NotPositiveDefinite,
    ShapeError,
    SingularError,
    StructureError,
)

NORMS = ("fro", "nuc", 2, -2, 1, -1, np.inf, -np.inf)
CUT = 0.37  # a relative cut that falls between the singular values of every case
SINGULAR = (SingularError, scipy.linalg.LinAlgWarning)
CHECKS: dict[str, Callable[[Case, Any, Callable], None]] = {}


def check(name: str) -> Callable:
    """Register the decorated code as the check of a function."""
    return lambda body: CHECKS.setdefault(name, body)


def refuses(call: Callable, *errors: type[BaseException]) -> None:
    """Assert that the call raises one of the errors (or warns, where one is a warning)."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(errors):
            call()


def refuses_rectangles(case: Case, call: Callable) -> bool:
    """Return whether the case is rectangular, having seen that the call refuses it."""
    if not case.truth.square:
        refuses(call, ShapeError)
    return not case.truth.square


def typed(result: Any, dtype: Any) -> Any:
    """Return the result, having seen its dtype; a Python number takes that of what it meets."""
    assert isinstance(result, (int, float, complex)) or result.dtype == dtype
    return result


def real_of(dtype: np.dtype) -> np.dtype:
    """Return the dtype of absolute values."""
    return np.zeros(0, dtype).real.dtype


def orthonormal(Q: Any, eps: float) -> None:
    """Assert that the columns are orthonormal."""
    Q = np.asarray(Q)
    agree(Q.conj().T @ Q, np.eye(Q.shape[1]), eps)


def right_side(case: Case, *columns: int) -> np.ndarray:
    """Return an array of as many rows as the case, in its dtype."""
    rng = np.random.default_rng(5)
    b = rng.integers(-4, 5, (case.dense.shape[0], *columns))
    return (b * (1 + 0.5j) if case.dense.dtype.kind == "c" else b).astype(case.dense.dtype)


@check("to_dense")
def _(case, A, call):
    agree(typed(call(), case.dense.dtype), case.dense, case.eps)


@check("transpose")
def _(case, A, call):
    agree(typed(ox.to_dense(call()), case.dense.dtype), case.dense.T, case.eps)


@check("conj")
def _(case, A, call):
    agree(typed(ox.to_dense(call()), case.dense.dtype), case.dense.conj(), case.eps)


@check("scale")
def _(case, A, call):
    for c in (2, -1, 2.5, 1 - 2j, 0, np.float32(0.5), np.float64(0.5), np.array(2.0)):
        wanted = case.dense * c
        agree(ox.to_dense(call(c)), wanted, case.eps)
        assert ox.to_dense(call(c)).dtype == call(c).dtype
        if A.spec.xp is not None or not isinstance(c, (np.generic, np.ndarray)):
            assert call(c).dtype == wanted.dtype


@check("add")
def _(case, A, call):
    eps, scale = case.eps, np.abs(case.dense).max(initial=0)
    agree(typed(ox.to_dense(call(A)), case.dense.dtype), case.dense + case.dense, eps)
    agree(typed(ox.to_dense(call(case.dense)), case.dense.dtype), case.dense + case.dense, eps)
    complex_twin = case.dense * (1j if case.eps < 1e-9 else np.complex64(1j))
    agree(typed(ox.to_dense(call(complex_twin)), complex_twin.dtype), case.dense + complex_twin, eps, scale=scale)


@check("multiply")
def _(case, A, call):
    """The relative error of a product is that of both factors."""
    dense, scale = case.dense, np.abs(case.dense).max(initial=0) ** 2
    agree(typed(ox.to_dense(call(A)), (dense * dense).dtype), dense * dense, 2 * case.eps, scale=scale)
    agree(ox.to_dense(call(dense[::-1].copy())), dense * dense[::-1], 2 * case.eps, scale=scale)
    agree(ox.to_dense(call(A.conj())), dense * dense.conj(), 2 * case.eps, scale=scale)
    assert not call(A).facts.positive_definite or (np.linalg.eigvalsh(ox.to_dense(call(A))) > 0).all()
    refuses(lambda: call(np.ones((1 + len(dense), 1))), ShapeError)


@check("matmul")
def _(case, A, call):
    scale = np.abs(case.dense).max(initial=0) ** 2
    agree(typed(ox.to_dense(call(A.T)), case.dense.dtype), case.dense @ case.dense.T, case.eps, scale=scale)
    agree(typed(ox.to_dense(call(case.dense.T)), case.dense.dtype), case.dense @ case.dense.T, case.eps, scale=scale)
    agree(ox.to_dense(call(A.H)), case.dense @ case.dense.conj().T, case.eps, scale=scale)


@check("entries")
def _(case, A, call):
    a, (m, n) = case.dense, case.dense.shape
    scale = np.abs(a).max(initial=0)
    refuses(lambda: call([0], [n]), InvalidIndex)
    refuses(lambda: call([-m - 1], [0]), InvalidIndex)
    refuses(lambda: call([0.5], [0]), InvalidIndex)
    agree(typed(call([], []), a.dtype), a[[], []], case.eps)
    if a.size:
        rows, columns = np.arange(m) % m, (5 * np.arange(m) - 1) % n
        agree(typed(call(rows, columns), a.dtype), a[rows, columns], case.eps, scale=scale)
        grid = rows[:, None] - m, np.arange(n)
        agree(typed(call(*grid), a.dtype), a, case.eps, scale=scale)
        agree(typed(call(m - 1, -n), a.dtype), a[m - 1, -n], case.eps, scale=scale)


@check("submatrix")
def _(case, A, call):
    a, (m, n) = case.dense, case.dense.shape
    scale = np.abs(a).max(initial=0) * max(m, n)
    assert call() is A
    refuses(lambda: call([m]), InvalidIndex)
    refuses(lambda: call(np.ones(m + 1, bool)), InvalidIndex)
    mask = np.arange(m) % 3 != 1
    keys = [(slice(1, None, 2), slice(None, None, -1)), (mask, slice(None)), (slice(m // 2), slice(1, n)), ([], [])]
    keys += [([0, -1, 0, m // 2], [n // 2, 0, 0])] if a.size else []
    keys += [(mask, mask), (slice(None, None, 2),) * 2, ([-1, 0, 0],) * 2] if m == n and m else []
    for rows, columns in keys:
        part, wanted = call(rows, columns), a[rows][:, columns]
        agree(typed(ox.to_dense(part), a.dtype), wanted, case.eps, scale=scale)
        x = np.arange(1.0, wanted.shape[1] + 1)
        agree(part @ x, wanted @ x, case.eps, scale=scale * 4)
        x = np.arange(1.0, wanted.shape[0] + 1)
        agree(part.T @ x, wanted.T @ x, case.eps, scale=scale * 4)
        facts_hold(part, wanted, 8 * case.eps * scale)


def facts_hold(A: Any, a: np.ndarray, tiny: float) -> None:
    """Assert that what is known of A, of symmetry, definiteness and triangles, is so."""
    if A.facts.hermitian:
        assert np.abs(a - a.conj().T).max(initial=0) <= tiny
    if A.facts.symmetric:
        assert np.abs(a - a.T).max(initial=0) <= tiny
    if A.facts.positive_semidefinite:
        assert np.linalg.eigvalsh(a).min(initial=0) >= -10 * tiny
    if A.facts.positive_definite:
        assert np.linalg.eigvalsh(a).min(initial=1) > 0
    assert not (A.facts.lower_triangular and np.triu(a, 1).any())
    assert not (A.facts.upper_triangular and np.tril(a, -1).any())


def slots_of(n: int) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Return sizes that multiply to n, one that divides it first or last, and slots of them."""
    p = next((p for p in (2, 3, 5) if n and n % p == 0), 1)
    q = n // p
    return [((p, q), (0,)), ((p, q), (1,)), ((q, p), (-1,)), ((1, n, 1), (2, 1, 0)), ((p, 1, q), (2, 0)), ((n,), ())]


@check("sum")
def _(case, A, call):
    a, scale = case.dense, np.abs(case.dense).sum()
    agree(typed(call(), a.sum().dtype), a.sum(), case.eps, scale=scale)
    for axis in (0, 1, -1):
        agree(typed(call(axis), a.sum(axis).dtype), a.sum(axis), case.eps, scale=scale)
    refuses(lambda: call(2), ShapeError)


def check_extreme(case: Case, call: Callable, wanted: Callable) -> None:
    """Assert that the call gives the extreme entry, and refuses complex and empty operators."""
    if not case.dense.size:
        refuses(call, ShapeError)
    elif case.dense.dtype.kind == "c":
        refuses(call, DTypeError)
    else:
        scale = np.abs(case.dense).max()
        agree(typed(call(), case.dense.dtype), wanted(case.dense), case.eps, scale=scale)


@check("max")
def _(case, A, call):
    check_extreme(case, call, np.max)


@check("min")
def _(case, A, call):
    check_extreme(case, call, np.min)


@check("partial_trace")
def _(case, A, call):
    a, n = case.dense, len(case.dense)
    if refuses_rectangles(case, lambda: call(0, (n,))):
        return
    refuses(lambda: call(0, (n + 1,)), ShapeError)
    refuses(lambda: call([1], (n,)), ShapeError)
    scale = np.abs(a).max(initial=0) * n
    for sizes, slots in slots_of(n):
        d, chosen = len(sizes), [slot % len(sizes) for slot in slots]
        grid = a.reshape(*sizes, *sizes)
        rows, columns = list(range(d)), [slot if slot in chosen else d + slot for slot in range(d)]
        left = [slot for slot in range(d) if slot not in chosen]
        wanted = np.einsum(grid, rows + columns, left + [d + slot for slot in left])
        m = int(np.prod([sizes[slot] for slot in left]))
        agree(typed(ox.to_dense(call(slots, sizes)), a.dtype), wanted.reshape(m, m), case.eps, scale=scale)


@check("partial_transpose")
def _(case, A, call):
    a, n = case.dense, len(case.dense)
    if refuses_rectangles(case, lambda: call(0, (n,))):
        return
    refuses(lambda: call([0, 0], (n,)), ShapeError)
    for sizes, slots in slots_of(n):
        d = len(sizes)
        grid = a.reshape(*sizes, *sizes)
        for slot in slots:
            grid = np.swapaxes(grid, slot % d, d + slot % d)
        scale = np.abs(a).max(initial=0)
        agree(typed(ox.to_dense(call(slots, sizes)), a.dtype), grid.reshape(n, n), case.eps, scale=scale)


@check("inv")
def _(case, A, call):
    if refuses_rectangles(case, call):
        return
    if case.truth.singular:
        refuses(call, *SINGULAR)
        return
    wanted = np.linalg.inv(case.truth.wide)
    agree(typed(ox.to_dense(call()), case.inexact), wanted, case.eps, growth=case.truth.condition)


@check("pinv")
def _(case, A, call):
    for options in ({}, {"rtol": CUT}):
        cut = options.get("rtol", max(case.dense.shape) * case.eps)
        wanted = np.linalg.pinv(case.truth.wide, rtol=cut) if case.dense.size else case.truth.wide.conj().T
        kept = case.truth.values[case.truth.values > cut * case.truth.values.max(initial=0)]
        growth = (kept[0] / kept[-1]) ** 2 if len(kept) else 1.0
        agree(typed(ox.to_dense(call(**options)), case.inexact), wanted, case.eps, growth=growth)


@check("solve")
def _(case, A, call):
    b = right_side(case)
    if refuses_rectangles(case, lambda: call(b)):
        return
    if case.truth.singular:
        refuses(lambda: call(b), *SINGULAR)
        return
    refuses(lambda: call(right_side(case, 1)[:-1] if len(b) else np.ones(1)), ShapeError)
    many = right_side(case, 3)
    sides = [b, many, np.asfortranarray(many), many[:, :0], many * (1 + 1j), np.stack([many, -many])]
    for rhs in sides + ([many.astype(float)] if A.real else []):
        wanted = np.linalg.solve(case.truth.wide, rhs.astype(np.result_type(rhs, float)))
        dtype = np.result_type(case.inexact if A.spec.xp is not None else np.float32, rhs, np.float32)
        agree(typed(call(rhs), dtype), wanted, case.eps, growth=case.truth.condition)
    wanted = np.linalg.solve(case.truth.wide, case.truth.wide.T)
    agree(ox.to_dense(call(A.T)), wanted, case.eps, growth=case.truth.condition)


@check("lstsq")
def _(case, A, call):
    cut = max(case.dense.shape) * case.eps
    inverse = np.linalg.pinv(case.truth.wide, rtol=cut) if case.dense.size else case.truth.wide.conj().T
    kept = case.truth.values[case.truth.values > cut * case.truth.values.max(initial=0)]
    growth = (kept[0] / kept[-1]) ** 2 if len(kept) else 1.0
    for b in (right_side(case), right_side(case, 3)):
        x, residuals, rank, values = call(b)
        agree(typed(x, case.inexact), inverse @ b, case.eps, growth=growth, scale=np.abs(inverse).max(initial=0))
        misfit = (np.abs(case.truth.wide @ (inverse @ b) - b) ** 2).sum(0)
        agree(
            typed(residuals, real_of(case.inexact)),
            misfit,
            case.eps,
            growth=growth,
            scale=float((np.abs(b) ** 2).sum()),
        )
        assert rank == len(kept)
        agree(np.sort(values)[::-1], case.truth.values[: len(values)], case.eps, scale=1e-300)


@check("slogdet")
def _(case, A, call):
    if refuses_rectangles(case, call):
        return
    sign, logabsdet = call()
    typed(sign, case.inexact)
    typed(logabsdet, real_of(case.inexact))
    n, top = case.dense.shape[0], case.truth.values.max(initial=0)
    if case.truth.singular:
        assert np.isneginf(logabsdet) or logabsdet <= n * np.log(top) + np.log(n * case.eps) + 8
        assert sign == 0 or np.isfinite(logabsdet)
        return
    wanted = np.linalg.slogdet(case.truth.wide)
    agree(sign, wanted.sign, case.eps, growth=n * case.truth.condition)
    agree(logabsdet, wanted.logabsdet, case.eps, growth=case.truth.condition, scale=n)


@check("det")
def _(case, A, call):
    if refuses_rectangles(case, call):
        return
    got = typed(call(), case.inexact)
    bound = float(np.prod(case.truth.values))
    if case.truth.singular:
        assert abs(got) <= case.eps * case.dense.shape[0] * float(case.truth.values.max()) ** case.dense.shape[0]
    else:
        agree(
            got,
            np.linalg.det(case.truth.wide),
            case.eps,
            growth=max(1, len(case.dense)) * case.truth.condition,
            scale=bound,
        )


@check("trace")
def _(case, A, call):
    if not refuses_rectangles(case, call):
        scale = np.abs(case.dense).sum()
        agree(typed(call(), case.dense.trace().dtype), case.dense.trace(), case.eps, scale=scale)


@check("tril")
def _(case, A, call):
    for k in (0, -1, 1):
        agree(typed(ox.to_dense(call(k)), case.dense.dtype), np.tril(case.dense, k), case.eps)
    assert call().facts.lower_triangular
    refuses(lambda: call(0.5), ShapeError)


@check("triu")
def _(case, A, call):
    for k in (0, -1, 1):
        agree(typed(ox.to_dense(call(k)), case.dense.dtype), np.triu(case.dense, k), case.eps)
    assert call().facts.upper_triangular
    refuses(lambda: call(0.5), ShapeError)


@check("diagonal")
def _(case, A, call):
    agree(typed(call(), case.dense.dtype), case.dense.diagonal(), case.eps)


@check("norm")
def _(case, A, call):
    for ord in NORMS:
        wanted = np.linalg.norm(case.truth.wide, ord) if case.dense.size else 0.0
        agree(typed(call(ord), real_of(case.inexact)), wanted, case.eps, scale=case.truth.values.max(initial=0))
    agree(call(), call("fro"), case.eps)
    refuses(lambda: call(3), ShapeError)


@check("matrix_rank")
def _(case, A, call):
    top = case.truth.values.max(initial=0)
    assert call() == int((case.truth.values > max(case.dense.shape) * case.eps * top).sum())
    assert call(rtol=CUT) == int((case.truth.values > CUT * top).sum())


@check("cond")
def _(case, A, call):
    for p in NORMS:
        if p not in (2, -2) and refuses_rectangles(case, lambda p=p: call(p)):
            continue
        if not case.dense.size:
            continue
        got = call(p)
        if case.truth.singular:
            assert p in (-2, -1, -np.inf) or got >= 0.01 / (case.eps * max(case.dense.shape))
        else:
            wanted = np.linalg.cond(case.truth.wide, p)
            agree(typed(got, real_of(case.inexact)), wanted, case.eps, growth=case.truth.condition)
    assert call() == call(2)


@check("eigvals")
def _(case, A, call):
    if refuses_rectangles(case, call):
        return
    wanted, V = np.linalg.eig(case.truth.wide)
    growth = min(np.linalg.cond(V) if V.size else 1.0, case.eps**-0.5)
    got = call()
    assert got.dtype in (case.inexact, np.result_type(case.inexact, np.complex64))
    agree_as_sets(got, wanted, case.eps * growth, scale=case.truth.values.max(initial=0))


@check("eig")
def _(case, A, call):
    if refuses_rectangles(case, call):
        return
    values, vectors = call()
    assert values.dtype in (case.inexact, np.result_type(case.inexact, np.complex64))
    V, w = np.asarray(vectors), np.asarray(values)
    assert V.shape == case.dense.shape
    agree(case.truth.wide @ V, V * w, case.eps, scale=case.truth.values.max(initial=0))
    agree(np.linalg.norm(V, axis=0), np.ones(len(V)), case.eps)


def refuses_non_hermitian(case: Case, call: Callable, *errors: type[BaseException]) -> bool:
    """Return whether the call may not be made, having seen that it is refused where it has to be."""
    if refuses_rectangles(case, call):
        return True
    if case.truth.hermitian and PAIRED not in case.tags:
        return False
    if PAIRED not in case.tags:
        refuses(call, StructureError, *errors)
        return True
    try:
        call()
    except (StructureError, *errors):
        return True
    return False


@check("eigvalsh")
def _(case, A, call):
    if refuses_non_hermitian(case, call):
        return
    wanted, dtype = np.linalg.eigvalsh(case.truth.wide), real_of(case.inexact)
    scale = case.truth.values.max(initial=0)
    agree(np.sort(typed(call(), dtype)), wanted, case.eps, scale=scale)
    for k in {0, 1, min(3, len(wanted)), len(wanted)} - {1 + len(wanted)}:
        agree(typed(call(k=min(k, len(wanted))), dtype), wanted[::-1][:k], case.eps, scale=scale)
        agree(call(k=min(k, len(wanted)), which="smallest"), wanted[:k], case.eps, scale=scale)
        by_size = np.sort(np.abs(wanted))[::-1][:k]
        agree(np.abs(call(k=min(k, len(wanted)), which="magnitude")), by_size, case.eps, scale=scale)
    refuses(lambda: call(k=len(wanted) + 1), ShapeError)
    refuses(lambda: call(k=0, which="first"), ShapeError)


@check("eigh")
def _(case, A, call):
    if refuses_non_hermitian(case, call):
        return
    values, vectors = call()
    V, w = np.asarray(vectors), np.asarray(typed(values, real_of(case.inexact)))
    scale = case.truth.values.max(initial=0)
    agree(np.sort(w), np.linalg.eigvalsh(case.truth.wide), case.eps, scale=scale)
    agree(case.truth.wide @ V, V * w, case.eps, scale=scale)
    orthonormal(V, case.eps)
    assert V.dtype == case.inexact
    for k, which in ((0, "largest"), (1, "smallest"), (3, "magnitude"), (len(w), "largest")):
        some, vectors = call(k=min(k, len(w)), which=which)
        wanted = {"largest": np.sort(w)[::-1], "smallest": np.sort(w), "magnitude": np.sort(abs(w))[::-1]}[which]
        agree(abs(some) if which == "magnitude" else some, wanted[:k], case.eps, scale=scale)
        V = np.asarray(vectors)
        agree(case.truth.wide @ V, V * np.asarray(some), case.eps, scale=scale)
        orthonormal(V, case.eps)
    refuses(lambda: call(k=len(w) + 1), ShapeError)


@check("svdvals")
def _(case, A, call):
    wanted, dtype = case.truth.values, real_of(case.inexact)
    scale = wanted.max(initial=0)
    agree(np.sort(typed(call(), dtype))[::-1], wanted, case.eps, scale=scale)
    for k in {0, min(1, len(wanted)), min(3, len(wanted)), len(wanted)}:
        agree(typed(call(k=k), dtype), wanted[:k], case.eps, scale=scale)
        agree(call(k=k, which="smallest"), wanted[::-1][:k], case.eps, scale=scale)
        agree(call(k=k, which="magnitude"), wanted[:k], case.eps, scale=scale)
    refuses(lambda: call(k=len(wanted) + 1), ShapeError)


@check("svd")
def _(case, A, call):
    U, S, Vh = call()
    S = np.asarray(typed(S, real_of(case.inexact)))
    scale = case.truth.values.max(initial=0)
    assert np.result_type(ox.to_dense(U), S, ox.to_dense(Vh)) == case.inexact
    agree((np.asarray(U) * S) @ np.asarray(Vh), case.dense, case.eps, scale=scale)
    orthonormal(U, case.eps)
    orthonormal(Vh.H, case.eps)
    padded = np.concatenate([np.sort(S)[::-1], np.zeros(len(case.truth.values) - len(S))])
    agree(padded, case.truth.values, case.eps, scale=scale)
    for k, which in ((0, "largest"), (1, "smallest"), (3, "magnitude")):
        U, some, Vh = call(k=min(k, len(S)), which=which)
        agree(some, np.sort(S)[:: 1 if which == "smallest" else -1][:k], case.eps, scale=scale)
        agree(case.truth.wide @ np.asarray(Vh.H), np.asarray(U) * np.asarray(some), case.eps, scale=scale)
        orthonormal(U, case.eps)
        orthonormal(Vh.H, case.eps)
    refuses(lambda: call(k=len(S) + 1), ShapeError)


@check("cholesky")
def _(case, A, call):
    if refuses_non_hermitian(case, call, NotPositiveDefinite):
        return
    if not case.truth.definite and not case.truth.singular:
        refuses(call, NotPositiveDefinite)
        return
    try:
        L = ox.to_dense(call())
    except NotPositiveDefinite:
        assert not case.truth.definite
        return
    agree(L @ L.conj().T, case.dense, case.eps, scale=case.truth.values.max(initial=0))
    assert not np.triu(L, 1).any()
    assert (L.diagonal().real >= 0).all()
    assert not L.diagonal().imag.any()
    assert L.dtype == case.inexact


@check("qr")
def _(case, A, call):
    Q, R = call()
    agree(np.asarray(Q @ R), case.dense, case.eps, scale=case.truth.values.max(initial=0))
    orthonormal(Q, case.eps)
    assert not np.tril(np.asarray(R), -1).any()
    assert np.result_type(ox.to_dense(Q), ox.to_dense(R)) == case.inexact


@check("lu")
def _(case, A, call):
    P, L, U = call()
    P_dense, L_dense = np.asarray(P), np.asarray(L)
    agree(np.asarray(P @ L @ U), case.dense, case.eps, scale=case.truth.values.max(initial=0))
    assert np.isin(P_dense, (0, 1)).all()
    agree(P_dense @ P_dense.T, np.eye(len(P_dense)), case.eps)
    assert not np.triu(L_dense, 1).any()
    assert not L.square or (L_dense.diagonal() == 1).all()
    assert not np.tril(np.asarray(U), -1).any()
    assert np.result_type(ox.to_dense(L), ox.to_dense(U)) == case.inexact


@check("to_tensor_train")
def _(case, A, call):
    T = call()
    assert isinstance(T, ox.TensorTrain)
    agree(typed(ox.to_dense(T), T.dtype), case.dense, case.eps, scale=1.0)
    refuses(lambda: call((2,), (3, 1)), ShapeError)
    refuses(lambda: call([case.dense.shape[0] + 1, 1], [case.dense.shape[1], 1]), ShapeError)
    slots = [(n, 1) for n in case.dense.shape]
    agree(ox.to_dense(call(*slots)), case.dense, case.eps, scale=case.truth.values.max(initial=1))


@check("recompress")
def _(case, A, call):
    if ox.recompress.select(A) is None:
        refuses(call, NoRule)
        return
    scale = case.truth.values.max(initial=0)
    size = np.linalg.norm(case.truth.wide)
    for options in ({}, {"rtol": 0.3}, {"rank": 1}):
        B, error = call(**options)
        assert isinstance(A, type(B))
        agree(error * size, np.linalg.norm(ox.to_dense(B) - case.truth.wide), case.eps, growth=4, scale=size)
        assert "rank" in options or error <= max(options.get("rtol", 0), TOLERANCE * case.eps)
        if not options:
            agree(typed(ox.to_dense(B), case.inexact), case.dense, case.eps, scale=scale)
    for options in ({"rtol": 1}, {"rtol": -0.1}, {"rank": 0}, {"rank": 1.5}):
        refuses(lambda options=options: call(**options), ShapeError)


def principal(case: Case) -> np.ndarray | None:
    """Return the eigenvalues if they are away from the cut of the principal branch, 0 and the negative axis."""
    values = np.linalg.eigvals(case.truth.wide)
    clear = (np.abs(np.angle(values)) < np.pi - 1e-3).all() and not case.truth.singular
    return values if clear else None


def rooted(case: Case, call: Callable) -> Any:
    """Return the dense value of a root, power or logarithm, or None where it is refused as only singular ones may."""
    try:
        result = ox.to_dense(call())
    except SingularError:
        assert case.truth.singular
        return None
    assert result.dtype in (case.inexact, np.result_type(case.inexact, np.complex64))
    return result.astype(np.result_type(result, float))


@check("expm")
def _(case, A, call):
    if refuses_rectangles(case, call):
        return
    size = case.truth.values.max(initial=0)
    if size > np.log(np.finfo(case.inexact).max) / 2:  # it may overflow
        return
    if case.truth.hermitian:
        values, Q = np.linalg.eigh(case.truth.wide)
        wanted = (Q * np.exp(values)) @ Q.conj().T
    else:
        wanted = scipy.linalg.expm(case.truth.wide)
    agree(typed(ox.to_dense(call()), case.inexact), wanted, case.eps, growth=10 * (1 + size))


@check("sqrtm")
def _(case, A, call):
    if refuses_rectangles(case, call):
        return
    X = rooted(case, call)
    if X is None:
        return
    size, growth = np.linalg.norm(X) ** 2, 10 * case.truth.condition
    agree(X @ X, case.truth.wide, case.eps, growth=growth, scale=size)
    assert (np.linalg.eigvals(X).real >= -np.sqrt(case.eps * size) * growth).all()
    if principal(case) is not None:
        agree(X, scipy.linalg.sqrtm(case.truth.wide), case.eps, growth=growth)
        assert X.dtype.kind == ("f" if A.real else "c")


@check("logm")
def _(case, A, call):
    if refuses_rectangles(case, call):
        return
    X = rooted(case, call)
    if X is None or case.truth.singular:
        return
    growth = 10 * case.truth.condition
    agree(scipy.linalg.expm(X), case.truth.wide, case.eps, growth=growth)
    assert (np.abs(np.linalg.eigvals(X).imag) <= np.pi + growth * 100 * case.eps).all()
    if X.size and principal(case) is not None:
        with warnings.catch_warnings(action="ignore"):  # of the last digits, which are not compared
            wanted = scipy.linalg.logm(case.truth.wide)
        agree(X, wanted, case.eps, growth=growth)
        assert X.dtype.kind == ("f" if A.real else "c")


@check("matrix_power")
def _(case, A, call):
    if refuses_rectangles(case, lambda: call(2)):
        return
    top = case.truth.values.max(initial=0)
    for p in (0, 1, 2, 5):
        wanted = np.linalg.matrix_power(case.dense, p)
        agree(typed(ox.to_dense(call(p)), wanted.dtype), wanted, case.eps, scale=top**p)
    refuses(lambda: call(0.5), DTypeError)
    if case.truth.singular:
        refuses(lambda: call(-1), *SINGULAR)
        return
    for p in (-1, -3):
        wanted = np.linalg.matrix_power(case.truth.wide, p)
        agree(typed(ox.to_dense(call(p)), case.inexact), wanted, case.eps, growth=4 * case.truth.condition)


@check("fractional_matrix_power")
def _(case, A, call):
    if refuses_rectangles(case, lambda: call(0.5)):
        return
    refuses(lambda: call(1j), DTypeError)
    for p in (1 / 3, -0.5, 1.5):
        X = rooted(case, lambda p=p: call(p))
        if X is None or not X.size or principal(case) is None:
            continue
        wanted = scipy.linalg.fractional_matrix_power(case.truth.wide, p)
        agree(X, wanted, case.eps, growth=10 * case.truth.condition ** max(1, abs(p)))
        assert X.dtype.kind == ("f" if A.real else "c")
    if not case.truth.singular:
        X = rooted(case, lambda: call(1 / 3))
        agree(X @ X @ X, case.truth.wide, case.eps, growth=10 * case.truth.condition)
    agree(ox.to_dense(call(2.0)), case.dense @ case.dense, case.eps, scale=case.truth.values.max(initial=0) ** 2)


@check("funm")
def _(case, A, call):
    def polynomial(values):
        return 1 + values**2 / 4

    if refuses_rectangles(case, lambda: call(polynomial)):
        return
    refuses(lambda: call("exp"), DTypeError)
    wanted = np.eye(len(case.dense)) + case.truth.wide @ case.truth.wide / 4
    _, V = np.linalg.eig(case.truth.wide)
    growth = np.linalg.cond(V) if V.size else 1.0
    try:
        X = ox.to_dense(call(polynomial))
    except SINGULAR:
        assert DEFECTIVE in case.tags or growth > 1e6
        return
    assert X.dtype in (case.inexact, np.result_type(case.inexact, np.complex64))
    agree(X, wanted, case.eps, growth=growth**2, scale=case.truth.values.max(initial=0) ** 2)
    refuses(lambda: call(lambda values: np.ones(len(values) + 1)), ShapeError)


@check("expm_multiply")
def _(case, A, call):
    if refuses_rectangles(case, lambda: call(right_side(case))):
        return
    size = max(1.0, case.truth.values.max(initial=0))
    for b in (right_side(case), right_side(case, 3)):
        for t in (2 / float(size), -1j / float(size)):
            wanted = scipy.linalg.expm(t * case.truth.wide) @ b
            got = typed(call(b, t), np.result_type(case.inexact, np.complex64) if t.imag else case.inexact)
            agree(got, wanted, case.eps, growth=8, scale=np.abs(b).max(initial=0))
    refuses(lambda: call(right_side(case), [1, 2]), DTypeError)


@check("schur")
def _(case, A, call):
    if refuses_rectangles(case, call):
        return
    T, Z = (ox.to_dense(X) for X in call())
    agree(Z @ T @ Z.conj().T, case.dense, case.eps, scale=case.truth.values.max(initial=0))
    orthonormal(Z, case.eps)
    assert not np.tril(T, -1).any()
    assert np.result_type(T, Z) in (case.inexact, np.result_type(case.inexact, np.complex64))


@check("plan")
def _(case, A, call):
    found = call(3)
    assert (found.rows, found.columns) == (A.shape[0], 3)
    assert found.dense_flops == 6 * A.size
    assert found.peak_bytes >= 0
    assert f"{found.flops:,} flops" in str(found)
    assert found.flops == 0 or found.flops > call(1).flops >= 0
    refuses(lambda: call(-1), ShapeError)


@check("to_sparse")
def _(case, A, call):
    for format in ("csr", "csc", "coo"):
        S = call(format)
        assert scipy.sparse.issparse(S)
        assert S.format == format
        agree(typed(S, case.dense.dtype).toarray(), case.dense, case.eps)
    assert call().nnz <= np.count_nonzero(case.dense) or not A.formed
    refuses(lambda: call("bsr"), ShapeError)


@check("kronecker_terms")
def _(case, A, call):
    if ox.kronecker_terms.select(A) is None:
        refuses(call, NoRule)
        return
    K = call()
    assert isinstance(K, (ox.KroneckerTerms, ox.Kronecker, ox.Zero))
    agree(typed(ox.to_dense(K), case.dense.dtype), case.dense, case.eps)
