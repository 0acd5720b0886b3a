"""The table of NumPy's functions that take operators, and what they are.

NumPy's contract holds: eigenvalues of `eigh` ascend, singular values descend. Our own functions keep the order that
structure gives, and are lazy.
"""

from typing import Any

import numpy as np

from otimes.core.algebra import adjoint, matmul, to_dense, transpose
from otimes.core.array import Array, namespace, to_numpy
from otimes.core.numpy_names import FUNCTIONS, INSTEAD, Entry
from otimes.core.operator import LinearOperator
from otimes.core.values import formed
from otimes.errors import DTypeError, StructureError
from otimes.functions.cholesky import cholesky
from otimes.functions.cond import cond
from otimes.functions.det import det
from otimes.functions.diagonal import diagonal
from otimes.functions.eig import EigResult, eig
from otimes.functions.eigh import eigh
from otimes.functions.eigvals import eigvals
from otimes.functions.eigvalsh import eigvalsh
from otimes.functions.inv import inv
from otimes.functions.lstsq import LstsqResult, lstsq
from otimes.functions.matrix_power import matrix_power
from otimes.functions.matrix_rank import matrix_rank
from otimes.functions.max import max as max_of
from otimes.functions.min import min as min_of
from otimes.functions.norm import norm
from otimes.functions.pinv import pinv
from otimes.functions.qr import QRResult, qr
from otimes.functions.slogdet import slogdet
from otimes.functions.solve import solve
from otimes.functions.sum import sum as sum_of
from otimes.functions.svd import SVDResult, svd
from otimes.functions.svdvals import svdvals
from otimes.functions.trace import trace
from otimes.operators.index_maps.permutation import permutation
from otimes.operators.kronecker.kronecker import kron


def _product(A: Any, B: Any) -> Any:
    return A @ B


def _result_type(*parts: Any) -> np.dtype:
    return np.result_type(*(part.dtype if isinstance(part, LinearOperator) else part for part in parts))


def _cholesky(A: LinearOperator, upper: bool = False) -> LinearOperator:
    return adjoint(cholesky(A)) if upper else cholesky(A)


def _eigh(A: LinearOperator) -> EigResult:
    values, vectors = eigh(A)
    values, order = _in_order(values, descending=False)
    return EigResult(values, _columns(vectors, order))


def _eigvals(A: LinearOperator) -> Array:
    return formed(eigvals(A))


def _eigvalsh(A: LinearOperator) -> Array:
    return _in_order(eigvalsh(A), descending=False)[0]


def _svdvals(A: LinearOperator) -> Array:
    return _in_order(svdvals(A), descending=True)[0]


def _svd(A: LinearOperator, full: bool = True, vectors: bool = True) -> Any:
    if not vectors:
        return _svdvals(A)
    U, S, Vh = svd(A)
    if S.shape[0] < min(A.shape) or (full and not A.square):
        raise StructureError(
            f"np.linalg.svd of an operator {A.shape[0]}×{A.shape[1]}: only the {S.shape[0]} singular vectors of the "
            f"reduced decomposition are known; np.linalg.svd(A, full_matrices=False) or otimes.svd(A) gives them"
        )
    S, order = _in_order(S, descending=True)
    return SVDResult(_columns(U, order), S, transpose(_columns(transpose(Vh), order)))


def _qr(A: LinearOperator, mode: str = "reduced") -> Any:
    if mode not in ("reduced", "r"):
        raise DTypeError(f"np.linalg.qr of an operator: mode={mode!r} is not one of 'reduced', 'r'")
    Q, R = qr(A)
    return QRResult(Q, R) if mode == "reduced" else R


def _lstsq(A: Any, b: Any, rtol: float | None = None) -> LstsqResult:
    x, residuals, rank, values = lstsq(A, b, rtol=rtol)
    m, n = np.shape(A)
    given = residuals.reshape(-1) if rank == n < m else residuals.reshape(-1)[:0]  # NumPy has them in this case only
    return LstsqResult(x, given, rank, _in_order(values, descending=True)[0])


def _allclose(A: Any, B: Any, **tolerances: Any) -> bool:
    return np.allclose(*map(_array, (A, B)), **tolerances)


def _array_equal(A: Any, B: Any) -> bool:
    return np.array_equal(*map(_array, (A, B)))


def _array(A: Any) -> Any:
    return to_numpy(to_dense(A)) if isinstance(A, LinearOperator) else A


def _in_order(values: Any, descending: bool) -> tuple[Array, np.ndarray]:
    """Return the values in order, and the order."""
    values = formed(values)
    keys = to_numpy(values)
    order = np.argsort(-keys if descending else keys, stable=True)
    return namespace(values).take(values, namespace(values).asarray(order), axis=0), order


def _columns(A: LinearOperator, order: np.ndarray) -> LinearOperator:
    """Return A with its columns in another order."""
    in_place = bool((order == np.arange(len(order))).all())
    return A if in_place else matmul(A, transpose(permutation(order)))


HERMITIAN: dict[str, str | None] = {"hermitian": None}  # a hint, which facts make needless
SAME = {name: name for name in ("rtol", "atol", "equal_nan")}

FUNCTIONS |= {
    np.ndim: Entry(lambda A: 2),
    np.shape: Entry(lambda A: A.shape),
    np.size: Entry(lambda A: A.size),
    np.iscomplexobj: Entry(lambda A: not A.real),
    np.isrealobj: Entry(lambda A: A.real),
    np.result_type: Entry(_result_type),
    np.transpose: Entry(transpose),
    np.matrix_transpose: Entry(transpose),
    np.linalg.matrix_transpose: Entry(transpose),
    np.kron: Entry(kron),
    np.dot: Entry(_product),
    np.linalg.matmul: Entry(_product),
    np.trace: Entry(trace),
    np.linalg.trace: Entry(trace),
    np.diag: Entry(diagonal),
    np.diagonal: Entry(diagonal),
    np.linalg.diagonal: Entry(diagonal),
    np.sum: Entry(sum_of, {"axis": "axis"}),
    np.max: Entry(max_of),
    np.min: Entry(min_of),
    np.amax: Entry(max_of),
    np.amin: Entry(min_of),
    np.linalg.det: Entry(det),
    np.linalg.slogdet: Entry(slogdet),
    np.linalg.inv: Entry(inv),
    np.linalg.pinv: Entry(pinv, HERMITIAN | {"rcond": "rtol", "rtol": "rtol"}),
    np.linalg.solve: Entry(solve),
    np.linalg.lstsq: Entry(_lstsq, {"rcond": "rtol"}),
    np.linalg.eig: Entry(eig),
    np.linalg.eigvals: Entry(_eigvals),
    np.linalg.eigh: Entry(_eigh, {"UPLO": None}),
    np.linalg.eigvalsh: Entry(_eigvalsh, {"UPLO": None}),
    np.linalg.svd: Entry(_svd, HERMITIAN | {"full_matrices": "full", "compute_uv": "vectors"}),
    np.linalg.svdvals: Entry(_svdvals),
    np.linalg.qr: Entry(_qr, {"mode": "mode"}),
    np.linalg.cholesky: Entry(_cholesky, {"upper": "upper"}),
    np.linalg.matrix_power: Entry(matrix_power),
    np.linalg.norm: Entry(norm, {"ord": "ord"}),
    np.linalg.matrix_norm: Entry(norm, {"ord": "ord"}),
    np.linalg.cond: Entry(cond, {"p": "p"}),
    np.linalg.matrix_rank: Entry(matrix_rank, HERMITIAN | {"rtol": "rtol"}),
    np.allclose: Entry(_allclose, SAME),
    np.array_equal: Entry(_array_equal),
}

INSTEAD |= {
    np.einsum: "write A @ x, A @ B, otimes.kron(A, B) or otimes.trace(A)",
    np.linalg.multi_dot: "write A @ B @ C, whose order is chosen by cost",
    np.tensordot: "write A @ x, or otimes.mode_product(X, A, axis) for a tensor",
    np.vdot: "write otimes.trace(A.H @ B)",
    np.inner: "write A @ B.T",
    np.outer: "write otimes.kron",
    np.concatenate: "write otimes.block([[A, B]])",
    np.hstack: "write otimes.block([[A, B]])",
    np.vstack: "write otimes.block([[A], [B]])",
    np.block: "write otimes.block",
    np.linalg.vector_norm: "otimes.norm(A) is the norm of all entries",
    np.linalg.tensorsolve: "write otimes.solve",
    np.linalg.tensorinv: "write otimes.inv",
    np.exp: "entry by entry; otimes.expm is the exponential of a matrix",
    np.log: "entry by entry; otimes.logm is the logarithm of a matrix",
    np.sqrt: "entry by entry; otimes.sqrtm is the square root of a matrix",
    np.power: "entry by entry; otimes.matrix_power is the power of a matrix",
    np.abs: "entry by entry; otimes.norm measures it",
    np.mean: "np.sum(A) / np.size(A) is the mean of all entries",
    np.equal: "np.array_equal(A, B) compares entries",
    np.matmul: "A @ B is their product, and it cannot be written into an array of yours",
    np.add: "A + B is their sum, and x += A cannot be done in place",
    np.subtract: "A - B is their difference, and x -= A cannot be done in place",
}
INSTEAD |= {
    getattr(np, name): "write A @ x or x @ A" for name in ("matvec", "vecmat") if hasattr(np, name)
}  # NumPy 2.2
