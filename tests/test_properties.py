"""Properties that hold for every operator, on random shapes, dtypes, strides and expressions.

The product of the sizes is bounded, not each factor: the dense reference stays small.
"""

import functools
import math
from typing import NamedTuple

import hypothesis.strategies as st
import numpy as np
import pytest
import scipy.sparse
from hypothesis import assume, example, given, settings

import otimes as ox
from otimes.kernels.plan import ORDER_GAIN

quick = settings(deadline=None, max_examples=100, derandomize=True)
LIMIT = 200  # rows and columns of a formed product
DTYPES = ("int64", "float32", "float64", "complex64", "complex128")
LAYOUTS = ("C", "F", "every second", "backwards", "a slice of columns")

seeds = st.integers(0, 2**32 - 1)
dtypes = st.sampled_from(DTYPES)
layouts = st.sampled_from(LAYOUTS)


def entries(seed, shape, dtype="float64"):
    """Small integers in the dtype, so that products are exact."""
    rng = np.random.default_rng(seed)
    values = rng.integers(-3, 4, shape)
    if np.dtype(dtype).kind == "c":
        values = values + 1j * rng.integers(-3, 4, shape)
    return values.astype(dtype)


def laid_out(array, layout):
    """The same entries in another memory order."""
    if layout == "F":
        return np.asfortranarray(array)
    if layout == "every second":
        return np.repeat(array, 2, axis=0)[::2]
    if layout == "backwards":
        return np.ascontiguousarray(array[::-1])[::-1]
    if layout == "a slice of columns" and array.ndim == 2:
        return np.concatenate([array, array], axis=1)[:, : array.shape[1]]
    return np.ascontiguousarray(array)


def dense_kron(*arrays):
    return functools.reduce(np.kron, arrays)


def dense_kronsum(*arrays):
    sizes = [len(a) for a in arrays]
    terms = (
        dense_kron(np.eye(math.prod(sizes[:i])), a, np.eye(math.prod(sizes[i + 1 :]))) for i, a in enumerate(arrays)
    )
    return functools.reduce(np.add, terms)


def assert_close(found, wanted, scale=None, dtype=None):
    """Equal in shape, and in value up to the rounding of the coarsest dtype."""
    found, wanted = np.asarray(found), np.asarray(wanted)
    assert found.shape == wanted.shape
    single = any(kind in (np.float32, np.complex64) for kind in (found.dtype, wanted.dtype, np.dtype(dtype)))
    size = scale or float(np.abs(wanted).max(initial=1))
    np.testing.assert_allclose(found, wanted, rtol=0, atol=(1e-4 if single else 1e-10) * max(size, 1))


@st.composite
def shapes(draw, most=4, least=0, square=False):
    """Shapes of 1 to `most` factors whose product has at most LIMIT rows and columns."""
    rows = columns = LIMIT
    found = []
    for _ in range(draw(st.integers(1, most))):
        m = draw(st.integers(least, min(6, rows)))
        n = m if square else draw(st.integers(least, min(6, columns)))
        rows, columns = rows // max(m, 1), columns // max(n, 1)
        found.append((m, n))
    return found


@st.composite
def arrays(draw, **options):
    """Factors of random shapes, dtypes and memory orders."""
    return [laid_out(entries(draw(seeds), s, draw(dtypes)), draw(layouts)) for s in draw(shapes(**options))]


@st.composite
def factors(draw, least=0):
    """Factors of every kind the kernel tells apart, as pairs (what kron is given, its dense entries)."""
    found = []
    for m, n in draw(shapes(least=least)):
        kind = draw(st.sampled_from(("dense", "diagonal", "identity", "permutation", "sparse", "multiple")))
        a = entries(draw(seeds), (m, n), draw(dtypes))
        if kind == "diagonal" and m == n:
            found.append((ox.diag(a[:, 0] if n else np.ones(0)), np.diag(a[:, 0]) if n else np.ones((0, 0))))
        elif kind == "identity" and m == n:
            found.append((ox.eye(m), np.eye(m, dtype=np.int8)))
        elif kind == "permutation" and m == n:
            order = np.random.default_rng(draw(seeds)).permutation(m)
            found.append((ox.permutation(order), np.eye(m, dtype=np.int8)[order]))
        elif kind == "sparse":
            found.append((scipy.sparse.csr_array(a), a))
        elif kind == "multiple":
            found.append((2 * ox.aslinearoperator(a), 2 * a))
        else:
            found.append((a, a))
    return found


@quick
@given(arrays(), seeds, dtypes, layouts, st.integers(0, 20))
def test_kron_times_array_is_that_of_numpy(given_factors, seed, dtype, layout, columns):
    K, dense = ox.kron(*given_factors), dense_kron(*given_factors)
    X = laid_out(entries(seed, (dense.shape[1], columns), dtype), layout)
    assert_close(K @ X, dense @ X)
    assert (K @ X).dtype == (dense @ X).dtype
    x = laid_out(entries(seed, dense.shape[1], dtype), layout)
    assert_close(K @ x, dense @ x)
    assert (K @ x).dtype == (dense @ x).dtype


@quick
@given(arrays(), seeds, dtypes, layouts, st.integers(0, 20))
def test_array_times_kron_is_that_of_numpy(given_factors, seed, dtype, layout, rows):
    K, dense = ox.kron(*given_factors), dense_kron(*given_factors)
    X = laid_out(entries(seed, (rows, dense.shape[0]), dtype), layout)
    assert_close(X @ K, X @ dense)
    assert (X @ K).dtype == (X @ dense).dtype
    x = laid_out(entries(seed, dense.shape[0], dtype), layout)
    assert_close(x @ K, x @ dense)


@quick
@given(factors(), seeds, st.integers(1, 18))
def test_factors_of_every_kind(pairs, seed, columns):
    K, dense = ox.kron(*(F for F, _ in pairs)), dense_kron(*(a for _, a in pairs))
    assert K.shape == dense.shape
    assert_close(K, dense)
    X = entries(seed, (dense.shape[1], columns))
    assert_close(K @ X, dense @ X)
    Y = entries(seed, (columns, dense.shape[0]))
    assert_close(Y @ K, Y @ dense)


@quick
@given(arrays(), seeds, st.lists(st.integers(0, 3), min_size=1, max_size=2))
def test_batches_are_multiplied_one_by_one(given_factors, seed, batch):
    K, dense = ox.kron(*given_factors), dense_kron(*given_factors)
    X = entries(seed, (*batch, dense.shape[1], 2))
    assert_close(K @ X, dense @ X)
    Y = entries(seed, (*batch, 2, dense.shape[0]))
    assert_close(Y @ K, Y @ dense)


@quick
@given(shapes(most=3), seeds, dtypes, dtypes)
def test_mixed_product(sizes, seed, first, second):
    left = [entries(seed + i, s, first) for i, s in enumerate(sizes)]
    right = [entries(seed + 9 + i, (n, i + 2), second) for i, (_, n) in enumerate(sizes)]
    fused = ox.kron(*left) @ ox.kron(*right)
    assert_close(fused, dense_kron(*left) @ dense_kron(*right))


@quick
@given(shapes(most=3, square=True, least=1), seeds, dtypes, dtypes)
def test_products_of_square_factors_stay_products_of_factors(sizes, seed, first, second):
    left, right = (
        [entries(seed + 9 * j + i, s, d) for i, s in enumerate(sizes)] for j, d in enumerate((first, second))
    )
    fused = ox.kron(*left) @ ox.kron(*right)
    assert [F.shape for F in getattr(fused, "factors", (fused,))] == sizes
    assert all(isinstance(F, ox.Dense) for F in getattr(fused, "factors", (fused,)))
    assert_close(fused, dense_kron(*left) @ dense_kron(*right))


@quick
@given(arrays())
def test_transpose_conjugate_and_adjoint(given_factors):
    K, dense = ox.kron(*given_factors), dense_kron(*given_factors)
    assert_close(K.T, dense.T)
    assert_close(K.conj(), dense.conj())
    assert_close(K.H, dense.conj().T)
    assert_close(K.T.T, dense)
    assert_close(K.H.H, dense)


@quick
@given(shapes(square=True, least=1), seeds, st.sampled_from(("float64", "complex128")))
def test_inverse_and_solve(sizes, seed, dtype):
    arrays = [entries(seed + i, s, dtype) + 20 * np.eye(s[0]) for i, s in enumerate(sizes)]
    K, dense = ox.kron(*arrays), dense_kron(*arrays)
    assert_close(ox.inv(K) @ dense, np.eye(len(dense)))
    X = entries(seed, (len(dense), 3), dtype)
    assert_close(ox.solve(K, dense @ X), X)


@quick
@given(arrays(most=3), arrays(most=2))
def test_nested_products_are_flat(first, second):
    nested = [ox.kron(ox.kron(*first), *second), ox.kron(*first, ox.kron(*second)), ox.kron(*first, *second)]
    for K in nested:
        assert len(getattr(K, "factors", (K,))) == len(first) + len(second)
        assert_close(K, dense_kron(*first, *second))


@quick
@given(arrays(most=3), st.integers(2, 5), st.floats(-4, 4), st.complex_numbers(max_magnitude=4))
def test_scalars_are_taken_in_front(given_factors, a, b, c):
    assume(len(given_factors) > 1)
    scalars = (a, b, c)
    K = ox.kron(*(s * ox.aslinearoperator(F) for s, F in zip(scalars, given_factors, strict=False)))
    assert isinstance(K, ox.ScalarMultiple)
    assert isinstance(K.operator, ox.Kronecker)
    assert not any(isinstance(F, ox.ScalarMultiple) for F in K.operator.factors)
    factor = math.prod(scalars[: len(given_factors)])
    assert_close(K, factor * dense_kron(*given_factors))


@quick
@given(shapes(square=True), seeds, dtypes, st.integers(0, 4))
def test_kronecker_sum_is_the_sum_of_products_with_identities(sizes, seed, dtype, columns):
    arrays = [entries(seed + i, s, dtype) for i, s in enumerate(sizes)]
    S, dense = ox.kronsum(*arrays), dense_kronsum(*arrays)
    assert_close(S, dense)
    X = entries(seed, (len(dense), columns), dtype)
    assert_close(S @ X, dense @ X)
    assert_close(S.T, dense.T)
    assert_close(S.H, dense.conj().T)


@quick
@given(shapes(square=True, most=3), seeds)
def test_kronecker_sum_by_its_parts(sizes, seed):
    arrays = [entries(seed + i, s) for i, s in enumerate(sizes)]
    eyes = [ox.eye(n) for n, _ in sizes]
    terms = (ox.kron(*eyes[:i], a, *eyes[i + 1 :]) for i, a in enumerate(arrays))
    assert_close(functools.reduce(lambda A, B: A + B, terms), ox.kronsum(*arrays))


@quick
@given(seeds, dtypes, layouts, st.integers(0, 7), st.integers(0, 7), st.sampled_from("FC"))
def test_vec_and_unvec_undo_each_other(seed, dtype, layout, m, n, order):
    X = laid_out(entries(seed, (m, n), dtype), layout)
    x = ox.vec(X, order=order)
    assert_close(x, X.ravel(order))
    assert_close(ox.unvec(x, (m, n), order=order), X)
    assert_close(ox.vec(ox.unvec(x, (m, n), order=order), order=order), x)


@quick
@given(seeds, dtypes, *[st.integers(1, 6)] * 4)
def test_both_vec_formulas(seed, dtype, m, n, p, q):
    A, X = entries(seed, (m, n), dtype), entries(seed + 1, (n, p), dtype)
    B, C = entries(seed + 2, (p, q), dtype), entries(seed + 3, (q, p), dtype)
    assert_close(ox.kron(B.T, A) @ ox.vec(X), ox.vec(A @ X @ B))
    assert_close(ox.kron(A, C) @ ox.vec(X, order="C"), ox.vec(A @ X @ C.T, order="C"))


@quick
@given(seeds, dtypes, *[st.integers(0, 5)] * 4)
def test_commutation_swaps_the_factors(seed, dtype, m, n, p, q):
    A, B = entries(seed, (m, n), dtype), entries(seed + 1, (p, q), dtype)
    swapped = ox.commutation(p, m) @ ox.kron(A, B) @ ox.commutation(n, q)
    assert_close(swapped, np.kron(B, A))
    assert_close(ox.commutation(m, n) @ ox.vec(A), ox.vec(A.T))
    assert_close(ox.commutation(m, n).T @ ox.vec(A.T), ox.vec(A))


class Pair(NamedTuple):
    """An operator and the dense array that it stands for."""

    operator: ox.LinearOperator
    array: np.ndarray


LEAVES = (
    "dense",
    "symmetric",
    "diagonal",
    "identity",
    "zero",
    "permutation",
    "commutation",
    "sparse",
    "kron",
    "kronsum",
)


def leaf(kind, seed, p, q, dtype):
    """One operator of size p q, and its entries."""
    n = p * q
    a, b, c = entries(seed, (n, n), dtype), entries(seed + 1, (p, p), dtype), entries(seed + 2, (q, q), dtype)
    order = np.random.default_rng(seed).permutation(n)
    match kind:
        case "dense":
            return Pair(ox.aslinearoperator(a), a)
        case "symmetric":
            return Pair(ox.aslinearoperator(a + a.T), a + a.T)
        case "diagonal":
            return Pair(ox.diag(a[0]), np.diag(a[0]))
        case "identity":
            return Pair(ox.eye(n), np.eye(n))
        case "zero":
            return Pair(ox.zeros(n), np.zeros((n, n)))
        case "permutation":
            return Pair(ox.permutation(order), np.eye(n)[order])
        case "commutation":
            swap = np.arange(n).reshape(q, p).T.reshape(-1)
            return Pair(ox.commutation(p, q), np.eye(n)[swap])
        case "sparse":
            return Pair(ox.aslinearoperator(scipy.sparse.csr_array(a)), a)
        case "kron":
            return Pair(ox.kron(b, c), np.kron(b, c))
        case _:
            return Pair(ox.kronsum(b, c), dense_kronsum(b, c))


small = st.tuples(st.integers(1, 4), st.integers(1, 4))


@st.composite
def expressions(draw, size=small, dtypes=dtypes):
    """Random expressions of operators of one size, built by smart constructors and by NumPy alike."""
    p, q = draw(size)
    A = leaf(draw(st.sampled_from(LEAVES)), draw(seeds), p, q, draw(dtypes))
    for _ in range(draw(st.integers(0, 3))):
        kind = draw(st.sampled_from(("+", "-", "@", "@ from the left", "*", "T", "H", "shift")))
        B = leaf(draw(st.sampled_from(LEAVES)), draw(seeds), p, q, draw(dtypes))
        c = draw(st.sampled_from((-2, -1, 0, 1, 0.5, np.float32(2), np.int64(3), 1j, 2 - 1j)))
        A = combined(kind, A, B, c)
    return A


def combined(kind, A, B, c):
    match kind:
        case "+":
            return Pair(A.operator + B.operator, A.array + B.array)
        case "-":
            return Pair(A.operator - B.operator, A.array - B.array)
        case "@":
            return Pair(A.operator @ B.operator, A.array @ B.array)
        case "@ from the left":
            return Pair(B.operator @ A.operator, B.array @ A.array)
        case "*":
            return Pair(c * A.operator, c * A.array)
        case "T":
            return Pair(A.operator.T, A.array.T)
        case "H":
            return Pair(A.operator.H, A.array.conj().T)
        case _:
            n = len(A.array)
            return Pair(A.operator + c * ox.eye(n), A.array + c * np.eye(n))


@quick
@given(expressions(), seeds)
def test_an_expression_has_the_dense_value(A, seed):
    n = len(A.array)
    assert A.operator.shape == A.array.shape
    assert_close(A.operator, A.array)
    X = entries(seed, (n, 3), "complex128")
    scale = float(np.abs(A.array).max(initial=1)) * 3 * n
    assert_close(A.operator @ X, A.array @ X, scale)
    assert_close(X.T @ A.operator, X.T @ A.array, scale)
    assert_close(ox.trace(A.operator), np.trace(A.array), scale)
    assert_close(ox.diagonal(A.operator), np.diagonal(A.array), scale)


@quick
@given(expressions(), seeds)
def test_the_adjoint_passes_the_dot_test(A, seed):
    n = len(A.array)
    x, y = entries(seed, n, "complex128"), entries(seed + 1, n, "complex128")
    scale = float(np.abs(A.array).max(initial=1)) * 9 * n * n
    assert_close(np.vdot(y, A.operator @ x), np.vdot(A.operator.H @ y, x), scale)
    assert_close(A.operator.matvec(x), A.operator @ x)
    assert_close(A.operator.rmatvec(y), A.array.conj().T @ y, scale)


PREDICATES = {
    "symmetric": lambda a: np.array_equal(a, a.T),
    "hermitian": lambda a: np.array_equal(a, a.conj().T),
    "positive_semidefinite": lambda a: np.linalg.eigvalsh(a).min(initial=0) >= -1e-9 * np.abs(a).max(initial=1),
    "positive_definite": lambda a: np.linalg.eigvalsh(a).min(initial=1) > 0,
    "unitary": lambda a: np.allclose(a @ a.conj().T, np.eye(len(a))),
    "lower_triangular": lambda a: np.array_equal(a, np.tril(a)),
    "upper_triangular": lambda a: np.array_equal(a, np.triu(a)),
}


def assert_sound(facts, array):
    """Each fact that is stated, True or False, holds for the entries."""
    hermitian = PREDICATES["hermitian"](array)
    for name, holds in PREDICATES.items():
        stated = getattr(facts, name)
        if stated is not None:
            assert stated == bool((hermitian or not name.startswith("positive")) and holds(array)), name


@pytest.mark.parametrize("kind", LEAVES)
@pytest.mark.parametrize("dtype", DTYPES)
def test_facts_of_every_kind_of_operator(kind, dtype):
    for seed in range(20):
        p, q = seed % 3 + 1, seed % 4 + 1
        A, B = leaf(kind, seed, p, q, dtype), leaf("diagonal", seed + 1, p, q, dtype)
        for c in (2, -1, 0, 1j):
            for kind_of_step in ("+", "-", "@", "*", "T", "H", "shift"):
                combination = combined(kind_of_step, A, B, c)
                assert_sound(combination.operator.facts, combination.array)
        assert_sound(A.operator.facts, A.array)
        assert_sound(ox.kron(A.operator, B.operator).facts, np.kron(A.array, B.array))


def test_definiteness_of_sums():
    """A sum of semidefinite operators is definite where one of them is, and need not be otherwise."""
    P = ox.assume(np.ones((2, 2)), "positive_semidefinite")
    D = ox.assume(np.eye(2) + 1, "positive_definite")
    semidefinite = [ox.kron(P, P), ox.kron(P, D), ox.kron(P, P) + ox.kron(P, D).T, ox.kronsum(P, P), 2 * ox.kron(P, P)]
    definite = [ox.kron(D, D), ox.kron(P, D) + ox.kron(D, D), ox.kronsum(P, D), ox.kron(P, P) + 2 * ox.eye(4)]
    definite += [P + D, P + 2 * ox.eye(2), D + ox.zeros(2), 3 * D]
    for A in semidefinite:
        assert A.facts.positive_semidefinite
        assert A.facts.positive_definite is None
        assert (-A).facts.positive_semidefinite is not True
        assert_sound(A.facts, np.asarray(A))
    for A in definite:
        assert A.facts.positive_definite
        assert (-A).facts.positive_definite is not True
        assert_sound(A.facts, np.asarray(A))


@quick
@given(expressions())
def test_facts_are_never_wrong(A):
    assert_sound(A.operator.facts, A.array)


def rebuilt(A):
    """The operator made once more, by the smart constructors, of its own children."""
    children = tuple(map(rebuilt, A.children))
    match A:
        case ox.Kronecker():
            return ox.kron(*children)
        case ox.KroneckerSum():
            return ox.kronsum(*children)
        case ox.Sum():
            return functools.reduce(lambda B, C: B + C, children)
        case ox.Product():
            return functools.reduce(lambda B, C: B @ C, children)
        case ox.ScalarMultiple():
            return A.scalar * children[0]
        case ox.Shifted():
            return children[0] + A.shift * ox.eye(A.shape[0])
        case _:
            return A


@quick
@given(expressions())
def test_simplification_is_idempotent(A):
    again = rebuilt(A.operator)
    assert repr(rebuilt(again)) == repr(again)
    assert_close(again, A.array)


def flops(A, columns=1, scaling=0):
    """The operations of A @ X for so many columns, as the kernels would do it.

    The planner gives up to a fifth of them (ORDER_GAIN) for a chain of single GEMMs.
    A multiplication by a scalar counts `scaling` for each entry: taking scalars in front is for
    clarity, and may cost one pass more over a result that is longer than a factor's.
    """
    m, n = A.shape
    match A:
        case ox.Dense():
            return 2 * m * n * columns
        case ox.Sparse():
            return 2 * A.matrix.nnz * columns
        case ox.Diagonal():
            return n * columns
        case ox.ScalarMultiple():
            return flops(A.operator, columns, scaling) + scaling * m * columns
        case ox.Shifted():
            return flops(A.operator, columns, scaling) + (1 + scaling) * m * columns
        case ox.Sum():
            return sum(flops(B, columns, scaling) for B in A.terms) + (len(A.terms) - 1) * m * columns
        case ox.Product():
            return sum(flops(B, columns, scaling) for B in A.factors)
        case ox.KroneckerSum():
            own = sum(flops(B, columns * n // max(B.shape[0], 1), scaling) for B in A.factors)
            return own + (len(A.factors) - 1) * m * columns
        case ox.Kronecker():
            return sum(step_flops(A, step, scaling) for step in ox.plan(A, columns=columns).steps)
        case _:
            return 0


def step_flops(K, step, scaling):
    """The plan's own count, or that of the factor itself where the plan cannot see into it."""
    F = K.factors[step.start]
    return flops(F, step.left * step.right, scaling) if F.kind == "operator" else step.flops


@quick
@given(shapes(most=3, least=1), shapes(most=3, least=1), seeds, st.integers(1, 20))
@example([(5, 1), (5, 1)], [(1, 5), (1, 5)], 0, 1)
@example([(1, 6), (6, 1)], [(1, 6), (6, 1)], 0, 3)
def test_a_fused_product_never_costs_more(first, second, seed, columns):
    count = min(len(first), len(second))
    left = ox.kron(*(entries(seed + i, (m, n)) for i, (m, n) in enumerate(first[:count])))
    inner = [n for _, n in first[:count]]
    right = ox.kron(*(entries(seed + i, (k, n)) for i, (k, (_, n)) in enumerate(zip(inner, second, strict=False))))
    assert ORDER_GAIN * flops(left @ right, columns) <= flops(ox.Product(left, right), columns)


@quick
@given(expressions(), st.sampled_from((2, -1, 0.5, 1)), st.integers(1, 4))
@example(leaf("kronsum", 0, 3, 4, "float64"), 2, 3)
@example(combined("+", leaf("kron", 0, 3, 4, "float64"), leaf("kron", 5, 3, 4, "float64"), 0), 2, 3)
def test_a_multiple_never_costs_more(A, c, columns):
    """But for sums of Kronecker products, whose normal form has the scalar in each term: one scaling for each."""
    terms = len(A.operator.terms) if isinstance(A.operator, ox.KroneckerTerms) else 1
    scalings = (terms - 1) * A.operator.shape[0] * columns
    assert flops(c * A.operator, columns, 1) <= flops(ox.ScalarMultiple(c, A.operator), columns, 1) + scalings


@quick
@given(expressions(st.just((3, 2))), expressions(st.just((3, 2))), st.integers(1, 4))
def test_sums_and_products_never_cost_more(A, B, columns):
    added, multiplied = A.operator + B.operator, A.operator @ B.operator
    assert ORDER_GAIN * flops(added, columns) <= flops(ox.Sum(A.operator, B.operator), columns)
    assert ORDER_GAIN * flops(multiplied, columns) <= flops(ox.Product(A.operator, B.operator), columns)


@quick
@given(factors(least=1), st.integers(1, 20))
def test_a_flattened_product_never_costs_more(pairs, columns):
    operators = [ox.aslinearoperator(F) for F, _ in pairs]
    simplified, plain = ox.kron(*operators), ox.Kronecker(*operators)
    assert ORDER_GAIN * flops(simplified, columns) <= flops(plain, columns)
    assert_close(simplified, plain)


@quick
@given(factors(least=1), st.integers(0, 40))
def test_the_plan_is_no_dearer_than_factor_by_factor(pairs, columns):
    K = ox.Kronecker(*(ox.aslinearoperator(F) for F, _ in pairs))
    steps = ox.plan(K, columns=columns).steps
    done, sizes = 0, [F.shape[1] for F in K.factors]
    for i, F in enumerate(K.factors):
        others = math.prod(sizes[:i]) * math.prod(sizes[i + 1 :]) * columns
        done += {"identity": 0, "diagonal": F.shape[0]}.get(F.kind, 2 * F.size) * others
        sizes[i] = F.shape[0]
    assert sum(step.flops for step in steps if not step.merged) <= done


@quick
@given(arrays(least=1), st.integers(0, 40))
def test_a_plan_covers_every_factor_once(given_factors, columns):
    plan = ox.plan(ox.Kronecker(*map(ox.Dense, given_factors)), columns=columns)
    covered = sorted(i for step in plan.steps for i in range(step.start, step.stop))
    assert covered == list(range(len(given_factors)))


@pytest.mark.parametrize("dtype", DTYPES)
@quick
@given(shapes(square=True, most=3, least=1), seeds)
def test_scalars_of_the_product_by_rule(dtype, sizes, seed):
    arrays = [entries(seed + i, s, dtype) for i, s in enumerate(sizes)]
    K, dense = ox.kron(*arrays), dense_kron(*arrays)
    scale = float(np.abs(dense).max(initial=1)) * len(dense)
    assert_close(ox.trace(K), np.trace(dense), scale, dtype)
    assert_close(ox.diagonal(K), np.diagonal(dense), scale, dtype)
    assert_close(ox.norm(K), np.linalg.norm(dense.astype(complex)), scale, dtype)
    assert_close(ox.norm(K, 1), np.abs(dense).sum(axis=0).max(), scale, dtype)


double_expressions = expressions(dtypes=st.sampled_from(("int64", "float64", "complex128")))


def singular_values_of(a):
    return np.linalg.svd(a.astype(complex), compute_uv=False)


@quick
@given(double_expressions)
def test_norms_and_singular_values_of_an_expression(A):
    dense, values = A.array, singular_values_of(A.array)
    found = np.sort(np.asarray(ox.svdvals(A.operator)))[::-1]
    assert not np.iscomplexobj(found)
    assert_close(found, values, values.max())
    assert_close(ox.svdvals(A.operator, k=1, which="largest"), values[:1], values.max())
    for order, wanted in (
        ("fro", np.sqrt((values**2).sum())),
        ("nuc", values.sum()),
        (2, values.max()),
        (1, np.abs(dense).sum(axis=0).max()),
        (np.inf, np.abs(dense).sum(axis=1).max()),
    ):
        assert_close(ox.norm(A.operator, order), wanted, values.sum())
    if ((values > 1e-3 * values.max()) | (values < 1e-12 * values.max())).all():  # no doubt about the rank
        assert ox.matrix_rank(A.operator, rtol=1e-5) == (values > 1e-5 * values.max()).sum()


@quick
@given(double_expressions, seeds)
def test_inverses_of_an_expression(A, seed):
    dense, values = A.array, singular_values_of(A.array)
    n = len(dense)
    b = entries(seed, (n, 2), "complex128")
    if values.min() > 1e-3 * values.max():
        scale = 1e3 * float(np.abs(b).max())
        assert_close(dense @ np.asarray(ox.inv(A.operator)), np.eye(n), 1e3)
        assert_close(dense @ ox.solve(A.operator, b), b, scale)
        assert_close(ox.solve(A.operator, b[:, 0]), ox.solve(A.operator, b)[:, 0], scale)
        assert_close(ox.cond(A.operator), values.max() / values.min(), 1e3)
    if ((values > 1e-3 * values.max()) | (values < 1e-12 * values.max())).all():
        wanted = np.linalg.pinv(dense.astype(complex), rcond=1e-5)
        scale = 1e3 * max(float(np.abs(wanted).max()), 1)
        assert_close(ox.pinv(A.operator, rtol=1e-5), wanted, scale)
        assert_close(ox.lstsq(A.operator, b, rtol=1e-5).x, wanted @ b, scale * 10 * n)


@quick
@given(double_expressions)
def test_determinant_of_an_expression(A):
    values = singular_values_of(A.array)
    scale = max(float(values.max()), 1) ** len(values)
    wanted = np.linalg.det(A.array.astype(complex))
    assert_close(ox.det(A.operator), wanted, scale)
    sign, log = ox.slogdet(A.operator)
    assert_close(sign * np.exp(log), wanted, scale)
    assert abs(sign) == pytest.approx(1, abs=1e-4) or (sign == 0 and log == -np.inf)


@quick
@given(double_expressions)
def test_eigenvalues_of_an_expression(A):
    dense = A.array
    power, scale = np.eye(len(dense)), 1.0
    found = np.asarray(ox.eigvals(A.operator))
    for exponent in (1, 2, 3):
        power = power @ dense
        scale *= max(float(np.linalg.norm(dense)), 1)
        assert_close((found**exponent).sum(), np.trace(power), 10 * scale)
    w, V = map(np.asarray, ox.eig(A.operator))
    assert_close(dense @ V, V * w, 10 * max(float(np.linalg.norm(dense)), 1))


@quick
@given(double_expressions)
def test_hermitian_eigenvalues_of_an_expression(A):
    hermitian = Pair(A.operator + A.operator.H, A.array + A.array.conj().T)
    scale = 10 * max(float(np.linalg.norm(hermitian.array)), 1)
    w, Q = ox.eigh(hermitian.operator)
    w, Q = np.asarray(w), np.asarray(Q)
    assert not np.iscomplexobj(w)
    assert_close(Q @ np.diag(w) @ Q.conj().T, hermitian.array, scale)
    assert_close(Q.conj().T @ Q, np.eye(len(Q)), 1)
    found = np.sort(np.asarray(ox.eigvalsh(hermitian.operator)))
    assert_close(found, np.linalg.eigvalsh(hermitian.array), scale)
    assert_close(ox.eigvalsh(hermitian.operator, k=1), found[-1:], scale)


@quick
@given(double_expressions)
def test_decompositions_of_an_expression(A):
    dense = A.array
    n, scale = len(dense), 10 * max(float(np.linalg.norm(dense)), 1)
    Q, R = map(np.asarray, ox.qr(A.operator))
    assert_close(Q @ R, dense, scale)
    assert_close(Q.conj().T @ Q, np.eye(n), 1)
    assert_close(R, np.triu(R), scale)
    P, L, U = map(np.asarray, ox.lu(A.operator))
    assert_close(P @ L @ U, dense, scale)
    assert_close(U, np.triu(U), scale)
    assert_close(L, np.tril(L), scale)
    U, S, Vh = map(np.asarray, ox.svd(A.operator))
    assert_close(U @ np.diag(S) @ Vh, dense, scale)
    assert_close(U.conj().T @ U, np.eye(n), 1)
    assert_close(Vh @ Vh.conj().T, np.eye(n), 1)
    assert not np.iscomplexobj(S)
    assert (S >= 0).all()


@quick
@given(double_expressions)
def test_cholesky_of_an_expression(A):
    n = len(A.array)
    gram = Pair(A.operator.H @ A.operator + n * ox.eye(n), A.array.conj().T @ A.array + n * np.eye(n))
    L = np.asarray(ox.cholesky(gram.operator))
    assert_close(L, np.tril(L))
    assert_close(L @ L.conj().T, gram.array)
    assert (np.diagonal(L) > 0).all()
