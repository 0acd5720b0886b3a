"""Every function × every case equals the dense reference, or refuses where the reference is undefined."""

import copy
import difflib
import functools
import pickle
import sys

import numpy as np
import pytest
import scipy.sparse.linalg
from market import CASES, agree, checksum
from market_checks import CHECKS
from market_grid import FORMATS, GRID, NAMES, NOTHING, grid

import otimes as ox
from otimes.core.rules import REGISTRY
from otimes.errors import NoRule

every_case = pytest.mark.parametrize("case", CASES, ids=str)


def test_every_function_has_a_check():
    assert set(REGISTRY) == set(CHECKS)


def test_every_operator_has_cases():
    kinds = {type(case.make()) for case in CASES}
    ours = {kind for kind in ox.LinearOperator.__subclasses__() if kind.__module__.startswith("otimes.")}
    assert ours <= kinds


@every_case
@pytest.mark.parametrize("name", sorted(CHECKS))
def test_function_equals_dense(name, case):
    """With nothing formed, and where identities alone do not get there, as users call it."""
    A = case.make()
    before = checksum(A)

    def call(*arguments, **options):
        return REGISTRY[name](A, *arguments, **options)

    try:
        CHECKS[name](case, A, functools.partial(call, dense_limit=NOTHING))
    except NoRule:
        CHECKS[name](case, A, call)
    assert checksum(A) == before, f"{name} changed its operand"


@every_case
def test_shape_and_dtype(case):
    A = case.make()
    assert A.shape == case.dense.shape
    assert A.dtype == case.dense.dtype
    assert np.asarray(A).dtype == case.dense.dtype
    assert np.asarray(A, dtype=complex).dtype == complex


@every_case
def test_facts_are_sound(case):
    A, a, tiny = case.make(), case.truth.wide, 8 * case.eps * case.truth.values.max(initial=0)
    is_hermitian = case.truth.hermitian
    holds = {
        "symmetric": case.truth.square and np.abs(a - a.T).max(initial=0) <= tiny,
        "hermitian": is_hermitian,
        "positive_semidefinite": is_hermitian and bool((np.linalg.eigvalsh(a) >= -10 * tiny).all()),
        "positive_definite": case.truth.definite,
        "unitary": case.truth.square and np.abs(a.conj().T @ a - np.eye(len(a))).max(initial=0) <= 64 * case.eps,
        "lower_triangular": not np.triu(a, 1).any(),
        "upper_triangular": not np.tril(a, -1).any(),
    }
    for B, transposed in ((A, False), (A.T, True)):
        for name, true in holds.items():
            if transposed and name.endswith("triangular"):
                true = holds["upper_triangular" if name.startswith("lower") else "lower_triangular"]
            known = getattr(B.facts, name)
            assert known is None or known == true, f"{name} is {known}"


def operands(n, dtype):
    """Return arrays that a product with n columns takes: a vector, matrices of each memory order, batches."""
    rng = np.random.default_rng(3)
    block = rng.uniform(-1, 1, (2, 3, n, 4))
    block = np.round(4 * block) if np.dtype(dtype).kind in "iu" else block
    block = (block + 1j * block[::-1] if np.dtype(dtype).kind == "c" else block).astype(dtype)
    X = block[0, 0]
    return [X[:, 0], X, np.asfortranarray(X), X[:, ::2], X[:, :1], X[:, :0], block[0], block, block[:, :, :, ::-2]]


@every_case
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.complex128, np.int64])
def test_products(case, dtype):
    A, a = case.make(), case.dense
    scale = np.abs(a).max(initial=0) * a.shape[1]
    wanted = np.result_type(a.dtype, dtype) if A.spec.xp is not None else None  # None: A takes that of x
    for x in operands(a.shape[1], dtype):
        before = x.copy()
        y = A @ x
        agree(y, a @ x, max(case.eps, np.finfo(np.result_type(dtype, np.float32)).eps), scale=scale)
        assert wanted is None or y.dtype == wanted
        assert (x == before).all()
        assert not np.shares_memory(x, y), "the product must be the caller's own"
    agree(A.matvec(np.ones(a.shape[1], dtype)), a @ np.ones(a.shape[1], dtype), case.eps, scale=scale)


@every_case
def test_left_products_and_adjoint(case):
    A, a = case.make(), case.dense
    scale = np.abs(a).max(initial=0) * max(a.shape)
    for x in operands(a.shape[0], complex):
        left = x if x.ndim == 1 else x.swapaxes(-1, -2)
        agree(left @ A, left @ a, case.eps, scale=scale)
        agree(A.H @ x, a.conj().T @ x, case.eps, scale=scale)
    x, y = operands(a.shape[1], complex)[0], operands(a.shape[0], complex)[0]
    agree(np.vdot(y, A @ x), np.vdot(A.H @ y, x), case.eps, scale=scale * max(a.shape))
    agree(A.rmatvec(y), a.conj().T @ y, case.eps, scale=scale)


@every_case
def test_products_are_linear(case):
    A = case.make()
    X = operands(case.dense.shape[1], complex)[1]
    x, y = X[:, 0], X[:, 1]
    scale = np.abs(case.dense).max(initial=0) * max(case.dense.shape)
    agree(A @ ((2 - 1j) * x + 3 * y), (2 - 1j) * (A @ x) + 3 * (A @ y), case.eps, scale=scale)
    assert np.array_equal(A @ x, A @ x)


@every_case
def test_arithmetic(case):
    A, a, eps = case.make(), case.dense, case.eps
    scale = np.abs(a).max(initial=0)
    b = np.ones(a.shape, a.dtype)
    pairs = [(A + b, a + b), (b + A, b + a), (A + A, a + a), (+A, a), (A / 2, a / 2), (A * 2, a * 2), (2j * A, 2j * a)]
    if a.dtype.kind != "b":
        pairs += [(A - A, a - a), (A - b, a - b), (b - A, b - a), (-A, -a), ((A - b) + A, a - b + a)]
    for got, wanted in pairs:
        agree(np.asarray(got), wanted, eps, scale=scale)
        assert got.dtype == np.asarray(got).dtype == wanted.dtype
    agree(np.asarray(A @ A.T), a @ a.T, eps, scale=scale**2 * max(a.shape))


@every_case
def test_round_trips(case):
    A = case.make()
    for B in (pickle.loads(pickle.dumps(A)), copy.copy(A), copy.deepcopy(A)):
        assert type(B) is type(A)
        assert (B.shape, B.spec, B.facts) == (A.shape, A.spec, A.facts)
        assert repr(B) == repr(A)
        assert np.array_equal(np.asarray(B), np.asarray(A))


@every_case
def test_values_are_frozen(case):
    A = case.make()
    with pytest.raises(AttributeError, match="operators are values"):
        A.shape = (1, 1)
    with pytest.raises(AttributeError, match="operators are values"):
        del A.shape
    with pytest.raises(AttributeError, match="operators are values"):
        A.anything = 1


@every_case
def test_scipy_takes_it(case):
    A = scipy.sparse.linalg.aslinearoperator(case.make())
    x, y = (np.arange(1.0, n + 1) for n in case.dense.shape[::-1])
    scale = np.abs(case.dense).max(initial=0) * max(case.dense.shape, default=0) ** 2
    agree(A.matvec(x), case.dense @ x, case.eps, scale=scale)
    agree(A.rmatvec(y), case.dense.conj().T @ y, case.eps, scale=scale)


def test_only_functions_of_formats_are_refused_at_every_size():
    table = GRID.read_text(encoding="utf-8").partition("By class")[2].partition("By case")[0].splitlines()[2:]
    refused = {NAMES[i] for line in table for i, letter in enumerate(line[65:]) if letter in "N"}
    assert refused == set(FORMATS)


def test_grid_is_as_recorded():
    recorded = GRID.read_text(encoding="utf-8").splitlines()
    changed = list(difflib.unified_diff(recorded, grid().splitlines(), "recorded", "now", "", "", 0))
    assert not changed, "\n".join(
        ["where structure is kept has changed; if it is meant: python tests/test_market.py --write-grid", *changed]
    )


if __name__ == "__main__":
    if sys.argv[1:] != ["--write-grid"]:
        sys.exit("usage: python tests/test_market.py --write-grid")
    GRID.write_text(grid(), encoding="utf-8")
