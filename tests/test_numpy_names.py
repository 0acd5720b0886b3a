"""NumPy's own functions take our operators: with NumPy's arguments, order and values, or say what to call instead."""

import numpy as np
import pytest
import torch
from market import definite, hermitian, matrix

import otimes as ox
from otimes.core.numpy_names import BINARY, FUNCTIONS, INSTEAD, UNARY
from otimes.errors import DTypeError, StructureError

L = np.linalg
K, D = ox.kron(matrix(3), matrix(4, seed=1)), np.kron(matrix(3), matrix(4, seed=1))
S = ox.kron(definite(3), definite(4, complex))
SD = np.kron(definite(3), definite(4, complex))
T, TD = ox.kron(matrix(3, 2), matrix(4, 3)), np.kron(matrix(3, 2), matrix(4, 3))
B = np.random.default_rng(0).standard_normal((12, 2))
CALLS = {
    "ndim": (np.ndim, T, TD),
    "shape": (np.shape, T, TD),
    "size": (np.size, T, TD),
    "iscomplexobj": (np.iscomplexobj, S, SD),
    "isrealobj": (np.isrealobj, S, SD),
    "result_type": (lambda A: np.result_type(A, np.float32).itemsize, S, SD),
    "transpose": (np.transpose, T, TD),
    "matrix_transpose": (np.matrix_transpose, T, TD),
    "linalg.matrix_transpose": (L.matrix_transpose, T, TD),
    "conjugate": (np.conjugate, S, SD),
    "conj": (np.conj, S, SD),
    "negative": (np.negative, T, TD),
    "positive": (np.positive, T, TD),
    "kron right": (lambda A: np.kron(np.ones((2, 3)), A), T, TD),
    "kron left": (lambda A: np.kron(A, np.ones((2, 3))), T, TD),
    "dot": (lambda A: np.dot(A, B), K, D),
    "dot left": (lambda A: np.dot(B.T, A), K, D),
    "dot of two": (lambda A: np.dot(A, A), K, D),
    "matmul": (lambda A: np.matmul(A, B), K, D),
    "matmul left": (lambda A: np.matmul(B.T, A), K, D),
    "linalg.matmul": (lambda A: L.matmul(A, B), K, D),
    "add": (lambda A: np.add(A, D), K, D),
    "add left": (lambda A: np.add(D, A), K, D),
    "subtract left": (lambda A: np.subtract(D, A), K, D),
    "multiply": (lambda A: np.multiply(A, 2.0), K, D),
    "multiply left": (lambda A: np.multiply(2.0, A), K, D),
    "divide": (lambda A: np.divide(A, 2.0), K, D),
    "sum": (np.sum, T, TD),
    "sum, axis": (lambda A: np.sum(A, axis=0), T, TD),
    "sum, last axis": (lambda A: np.sum(A, -1), T, TD),
    "max": (np.max, T, TD),
    "min": (np.min, T, TD),
    "amax": (np.amax, T, TD),
    "amin": (np.amin, T, TD),
    "trace": (np.trace, K, D),
    "trace, defaults given": (lambda A: np.trace(A, 0, axis1=0, axis2=1), K, D),
    "linalg.trace": (L.trace, K, D),
    "diagonal": (np.diagonal, T, TD),
    "diag": (np.diag, T, TD),
    "linalg.diagonal": (L.diagonal, T, TD),
    "det": (L.det, K, D),
    "slogdet": (L.slogdet, K, D),
    "inv": (L.inv, K, D),
    "pinv": (L.pinv, T, TD),
    "pinv, rcond": (lambda A: L.pinv(A, rcond=0.37), T, TD),
    "pinv, rtol": (lambda A: L.pinv(A, rtol=0.37), T, TD),
    "solve": (lambda A: L.solve(A, B), K, D),
    "solve, one": (lambda A: L.solve(A, B[:, 0]), K, D),
    "lstsq": (lambda A: L.lstsq(A, B), T, TD),
    "lstsq, one": (lambda A: L.lstsq(A, B[:, 0]), T, TD),
    "lstsq, wide": (lambda A: L.lstsq(A.T, B[:6]), T, TD),
    "lstsq, rcond": (lambda A: L.lstsq(A, B, rcond=0.37), T, TD),
    "matrix_power": (lambda A: L.matrix_power(A, 3), K, D),
    "matrix_power, inverse": (lambda A: L.matrix_power(A, -2), K, D),
    "eigvalsh": (L.eigvalsh, S, SD),
    "eigh, values": (lambda A: L.eigh(A, UPLO="U")[0], S, SD),
    "svdvals": (L.svdvals, T, TD),
    "svd, values": (lambda A: L.svd(A, compute_uv=False), T, TD),
    "svd, reduced values": (lambda A: L.svd(A, full_matrices=False)[1], T, TD),
    "cholesky": (L.cholesky, S, SD),
    "cholesky, upper": (lambda A: L.cholesky(A, upper=True), S, SD),
    "norm": (L.norm, T, TD),
    **{f"norm {o}": (lambda A, o=o: L.norm(A, o), T, TD) for o in ("fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf)},
    "matrix_norm": (L.matrix_norm, T, TD),
    "matrix_norm 1": (lambda A: L.matrix_norm(A, ord=1), T, TD),
    "cond": (L.cond, K, D),
    "cond 1": (lambda A: L.cond(A, 1), K, D),
    "matrix_rank": (L.matrix_rank, T, TD),
    "matrix_rank, rtol": (lambda A: L.matrix_rank(A, rtol=0.37), T, TD),
    "matrix_rank, hermitian": (lambda A: L.matrix_rank(A, hermitian=True), S, SD),
    "allclose": (lambda A: np.allclose(A, D), K, D),
    "allclose, tolerances": (lambda A: np.allclose(D * 1.01, A, rtol=0.1), K, D),
    "not close": (lambda A: np.allclose(A, D + 1), K, D),
    "array_equal": (lambda A: np.array_equal(A, D + 1), K, D),
}


@pytest.mark.parametrize("name", CALLS)
def test_the_value_is_numpys(name):
    call, A, dense = CALLS[name]
    found, wanted = call(A), call(dense)
    assert type(found) is type(wanted) or not isinstance(wanted, tuple) or len(found) == len(wanted)
    pairs = zip(found, wanted, strict=True) if isinstance(wanted, tuple) else [(found, wanted)]
    for ours, theirs in pairs:
        assert np.shape(ours) == np.shape(theirs)
        np.testing.assert_allclose(np.asarray(ours), np.asarray(theirs), rtol=1e-11, atol=1e-11)


def test_results_keep_their_structure():
    for found in (np.kron(np.eye(2), K), np.linalg.inv(K), np.transpose(K), L.pinv(T), np.conj(S), L.cholesky(S)):
        assert isinstance(found, ox.Kronecker)
    big = ox.kron(*[definite(10, seed=i) / 50 for i in range(6)])
    assert np.isfinite(L.slogdet(big).logabsdet)
    assert np.trace(big) > 0
    assert L.norm(big) > 0


def test_eigenvectors_come_in_numpys_order():
    values, vectors = L.eigh(ox.kron(hermitian(3), hermitian(4, complex)))
    assert (np.diff(values) >= 0).all()
    V, dense = np.asarray(vectors), np.kron(hermitian(3), hermitian(4, complex))
    np.testing.assert_allclose(dense @ V, V * values, atol=1e-11)
    np.testing.assert_allclose(V.conj().T @ V, np.eye(12), atol=1e-12)
    values, vectors = L.eig(K)
    np.testing.assert_allclose(D @ np.asarray(vectors), np.asarray(vectors) * np.asarray(values), atol=1e-11)
    found, wanted = L.eigvals(K), L.eigvals(D)
    np.testing.assert_allclose(np.sort_complex(found), np.sort_complex(wanted), atol=1e-11)


@pytest.mark.parametrize(("A", "dense", "full"), [(K, D, True), (T, TD, False), (T.T, TD.T, False)])
def test_singular_vectors_come_in_numpys_order(A, dense, full):
    U, values, Vh = L.svd(A, full_matrices=full)
    assert (np.diff(values) <= 0).all()
    assert U.shape == (A.shape[0], len(values))
    np.testing.assert_allclose(np.asarray(U) * values @ np.asarray(Vh), dense, atol=1e-12)
    np.testing.assert_allclose(np.asarray(U.H @ U), np.eye(len(values)), atol=1e-12)


def test_qr():
    Q, R = L.qr(T)
    np.testing.assert_allclose(np.asarray(Q @ R), TD, atol=1e-12)
    np.testing.assert_allclose(np.abs(np.asarray(L.qr(T, mode="r"))), np.abs(L.qr(TD, mode="r")), atol=1e-12)


def test_torch_operators():
    A = ox.kron(torch.tensor(matrix(3)), torch.tensor(matrix(4, seed=1)))
    assert isinstance(L.inv(A), ox.Kronecker)
    np.testing.assert_allclose(float(L.det(A)), L.det(D))
    np.testing.assert_allclose(np.asarray(L.svdvals(A)), L.svdvals(D))
    assert np.allclose(A, D)


OPTIONS = {
    "trace offset": lambda: np.trace(K, offset=1),
    "diag k": lambda: np.diag(K, 2),
    "transpose axes": lambda: np.transpose(K, (0, 1)),
    "max axis": lambda: np.max(K, axis=0),
    "sum keepdims": lambda: np.sum(K, keepdims=True),
    "norm axis": lambda: L.norm(K, axis=0),
    "norm keepdims": lambda: L.norm(K, keepdims=True),
    "rank tol": lambda: L.matrix_rank(K, tol=1e-3),
    "qr mode": lambda: L.qr(K, mode="complete"),
    "matmul out": lambda: np.matmul(K, B, out=np.zeros((12, 2))),
    "size axis": lambda: np.size(K, 0),
}


@pytest.mark.parametrize("name", OPTIONS)
def test_options_without_meaning_are_refused(name):
    with pytest.raises(DTypeError, match=r"np\.asarray\(A\)|is not one of"):
        OPTIONS[name]()


REFUSED = {
    "einsum": (lambda: np.einsum("ij,jk", K, K), r"np\.einsum .* write A @ x"),
    "multi_dot": (lambda: L.multi_dot([K, K, K]), r"np\.linalg\.multi_dot .* A @ B @ C"),
    "concatenate": (lambda: np.concatenate([K, K]), r"np\.concatenate .* otimes\.block"),
    "vstack": (lambda: np.vstack([K, K]), r"np\.vstack .* otimes\.block\(\[\[A\], \[B\]\]\)"),
    "tensordot": (lambda: np.tensordot(K, B, 1), r"np\.tensordot .* A @ x"),
    "outer": (lambda: np.outer(K, K), r"np\.outer .* otimes\.kron"),
    "sort": (lambda: np.sort(K), r"np\.sort does not take operators: np\.asarray\(A\)"),
    "exp": (lambda: np.exp(K), r"np\.exp .* otimes\.expm"),
    "sin": (lambda: np.sin(K), r"np\.sin .* entry by entry; np\.asarray"),
    "equal": (lambda: D == K, r"np\.equal .* np\.array_equal"),
    "add.reduce": (lambda: np.add.reduce(K), r"np\.add"),
    "matmul out": (lambda: np.matmul(K, B, out=np.zeros((12, 2))), r"np\.matmul .* A @ B is their product"),
    **({"matvec": (lambda: np.matvec(K, B[:, 0]), r"np\.matvec .* A @ x")} if hasattr(np, "matvec") else {}),
    "divide left": (lambda: np.divide(2.0, K), r"np\.divide|np\.true_divide"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_in_the_table_says_what_to_call(name):
    call, message = REFUSED[name]
    with pytest.raises(DTypeError, match=message):
        call()
    with pytest.raises(TypeError):
        call()


def test_an_array_is_not_changed_in_place():
    x = D.copy()
    with pytest.raises(DTypeError, match="in place"):
        x += K


def test_full_singular_vectors_are_refused():
    with pytest.raises(StructureError, match="full_matrices=False"):
        L.svd(T)
    with pytest.raises(StructureError, match=r"otimes\.svd"):
        L.svd(ox.kron(matrix(2, 3), matrix(3, 2)), full_matrices=False)


def test_every_entry_is_tested():
    names = {name.partition(" ")[0].partition(",")[0] for name in CALLS} | {"eig", "eigvals", "eigh", "svd", "qr"}
    for function in (*FUNCTIONS, *UNARY, *BINARY):
        assert {function.__name__, f"linalg.{function.__name__}"} & names, function
    assert not set(FUNCTIONS) & set(INSTEAD)


def test_what_is_recommended_exists():
    for text in INSTEAD.values():
        for name in {word.strip(".,;(") for word in text.replace("(", " ").split() if word.startswith("otimes.")}:
            assert hasattr(ox, name.removeprefix("otimes.")), name
