"""One axis: a pair (K, M) brought to left K right = T, diagonal or upper triangular, with left M right = I."""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import scipy.linalg

from otimes.core.algebra import to_dense
from otimes.core.array import Array, ArraySpec, adjoint, astype, inexact, namespace
from otimes.core.checks import require_finite, shape_text
from otimes.core.facts import UNKNOWN
from otimes.core.lapack import lapack
from otimes.core.operator import LinearOperator, inexact_operator
from otimes.core.values import formed
from otimes.errors import DTypeError, NotPositiveDefinite, SingularError, StructureError
from otimes.functions.eigh import eigh, require_hermitian
from otimes.operators.dense import Dense
from otimes.operators.identity import Identity

EIG_CONDITION = 1e6  # of all eigenvector matrices together: above it triangles take their place
METHODS = ("auto", "eigh", "eig", "schur")


class Pencil(NamedTuple):
    """left K right = T and left M right = I; T is diag(values), or for method "schur" the upper `triangle`.

    `condition` is κ(left) κ(right): 1 for a Hermitian K without a mass, κ(M) with a definite one, κ(V)² for
    eigenvectors V that are not orthogonal.
    """

    method: str
    values: Array
    triangle: Array | None
    left: LinearOperator
    right: LinearOperator
    condition: float


class Whitened(NamedTuple):
    """K = L A R for M = L R: the standard problem of the pair. L and R are None for the identity."""

    array: Array
    left: Array | None
    right: Array | None
    condition: float


def decompose(pairs: Sequence[tuple[LinearOperator, LinearOperator]], method: str) -> list[Pencil]:
    """Return the pencil of each pair; pairs that are the same objects are decomposed once.

    Hermitian pairs with a definite mass go by eigenvectors, orthonormal in the mass. Of the others, by "auto", those
    of the best conditioned eigenvectors do too, as long as κ(V₁) ⋯ κ(V_N) stays below 10⁶; the rest become triangles.
    """
    found: dict[tuple[int, int], Any] = {}
    for K, M in pairs:
        key = (id(K), id(M))
        if key not in found:
            found[key] = _of_pair(K, M, method)
    keys = [(id(K), id(M)) for K, M in pairs]
    open_keys = sorted({key for key in keys if isinstance(found[key], _Candidates)}, key=lambda k: found[k].growth)
    product = 1.0
    for key in open_keys:
        growth = found[key].growth ** keys.count(key)
        fits = method == "eig" or (method == "auto" and product * growth <= EIG_CONDITION)
        product *= growth if fits else 1.0
        found[key] = found[key].eig() if fits else found[key].schur()
    return [found[key] for key in keys]


def _of_pair(K: LinearOperator, M: LinearOperator, method: str) -> Any:
    """Return the pencil of a Hermitian pair, or what a general one may be brought to."""
    hermitian = method == "eigh" or (method == "auto" and bool(K.facts.hermitian and M.facts.hermitian))
    if hermitian and isinstance(M, Identity):
        return _orthogonal(K)
    k, m = (astype(to_dense(A), _wide(A)) for A in (K, M))
    if hermitian:
        try:
            return _definite(require_hermitian(k, "eigh"), m)
        except NotPositiveDefinite:
            if method == "eigh":
                raise
    if namespace(k) is not np:
        raise DTypeError(
            "FastDiagonalization of pairs that are not Hermitian with definite masses takes NumPy arrays; of other "
            "libraries state what you know with otimes.assume(K, 'hermitian'), or convert them"
        )
    return _Candidates(_whitened(require_finite(k, "a factor"), require_finite(m, "a mass"), M), method)


def _wide(A: LinearOperator) -> Any:
    """Return the dtype to decompose in: double precision of NumPy's arrays, which are small beside the vectors."""
    if A.spec.xp not in (np, None):
        return inexact(A.dtype, A.spec.xp)
    return np.result_type(inexact(A.dtype), np.float64)


def _orthogonal(K: LinearOperator) -> Pencil:
    """Return K = Q Λ Qᴴ, with the structure its own rule gives Q."""
    wide = inexact_operator(K)
    if K.spec.xp is np:
        wide = wide.with_spec(ArraySpec(np, _wide(K)))
    if isinstance(wide, Dense) and wide.spec.xp is np and (found := _tridiagonal(wide.array)) is not None:
        values, Q = found[0], Dense(found[1], UNKNOWN)
    else:
        values, Q = eigh(wide)
    return Pencil("eigh", formed(values), None, Q.H, Q, 1.0)


def _tridiagonal(a: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """Return the eigenvalues and eigenvectors of a real symmetric tridiagonal array, or None of another."""
    n = len(a)
    if n < 3 or a.dtype.kind == "c" or np.count_nonzero(np.triu(a, 2)) or np.count_nonzero(np.tril(a, -2)):
        return None
    require_finite(a, "a factor")
    return scipy.linalg.eigh_tridiagonal(
        np.diagonal(require_hermitian(a, "eigh")), np.diagonal(a, 1), check_finite=False
    )


def _definite(k: Array, m: Array) -> Pencil:
    """Return left = Vᴴ and right = V with Vᴴ K V = Λ and Vᴴ M V = I: with M = L Lᴴ, V = L⁻ᴴ Q."""
    L = lapack("cholesky", m)
    half = adjoint(lapack("solve", L, k))
    whitened = lapack("solve", L, half)
    values, Q = lapack("eigh", (whitened + adjoint(whitened)) / 2)
    V = Dense(lapack("solve", adjoint(L), Q), UNKNOWN)
    return Pencil("eigh", values, None, V.H, V, _condition(m))


def _whitened(k: np.ndarray, m: np.ndarray, M: LinearOperator) -> Whitened:
    """Return the standard problem of a general pair: by the Cholesky factor of a definite mass, else by M itself."""
    if isinstance(M, Identity):
        return Whitened(k, None, None, 1.0)
    condition = _condition(m)
    if M.facts.hermitian:
        try:
            L = lapack("cholesky", m)
            half = lapack("solve", L, k)
            return Whitened(lapack("solve", L, half.conj().T).conj().T, L, L.conj().T, condition)
        except NotPositiveDefinite:
            pass
    if condition * np.finfo(m.dtype).eps > 1:
        raise SingularError(f"FastDiagonalization: a mass {shape_text(m.shape)} is singular, condition {condition:.3g}")
    return Whitened(lapack("solve", m, k), m, None, condition)


def _condition(m: Array) -> float:
    """Return the condition number of a mass."""
    singular_values = namespace(m).linalg.svdvals(m)
    if not singular_values.shape[0]:
        return 1.0
    low, high = float(singular_values[-1]), float(singular_values[0])
    return math.inf if low == 0 else high / low


class _Candidates:
    """A general pair: its eigenvectors with their condition, and what it takes in their place."""

    def __init__(self, pair: Whitened, method: str):
        self.pair = pair
        self.growth = math.inf
        if method != "schur":
            self.values, self.vectors = np.linalg.eig(pair.array)
            self.growth = float(np.linalg.cond(self.vectors)) if len(self.vectors) else 1.0
            self.growth = math.inf if math.isnan(self.growth) else self.growth

    def eig(self) -> Pencil:
        """Return A = V Λ V⁻¹."""
        if not self.growth * np.finfo(float).eps < 1:
            raise StructureError(
                f"FastDiagonalization: a factor {shape_text(self.pair.array.shape)} is defective (its eigenvectors "
                f"have condition {self.growth:.3g}); method='schur' takes it"
            )
        return self._pencil("eig", self.values, None, lapack("inv", self.vectors), self.vectors, self.growth**2)

    def schur(self) -> Pencil:
        """Return A = Z T Zᴴ, in real arithmetic where all eigenvalues are real."""
        a = self.pair.array
        T, Z = scipy.linalg.schur(a, output="real" if a.dtype.kind != "c" else "complex")
        if np.count_nonzero(np.diagonal(T, -1)):
            T, Z = scipy.linalg.rsf2csf(T, Z)
        return self._pencil("schur", np.diagonal(T), np.triu(T), Z.conj().T, Z, 1.0)

    def _pencil(
        self, method: str, values: np.ndarray, T: np.ndarray | None, left: np.ndarray, right: np.ndarray, growth: float
    ) -> Pencil:
        pair = self.pair
        left = left if pair.left is None else lapack("solve", pair.left.T, left.T).T
        right = right if pair.right is None else lapack("solve", pair.right, right)
        return Pencil(method, values, T, Dense(left, UNKNOWN), Dense(right, UNKNOWN), growth * pair.condition)
