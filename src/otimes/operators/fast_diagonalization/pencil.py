"""One axis: a pair (K, M) brought to left K right = T, diagonal or upper triangular, with left M right = I."""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import scipy.linalg

from otimes.core.algebra import to_dense
from otimes.core.array import Array, ArraySpec, adjoint, as_float, astype, inexact, namespace
from otimes.core.checks import require_finite, shape_text
from otimes.core.facts import UNKNOWN
from otimes.core.lapack import lapack, solve_triangular
from otimes.core.operator import LinearOperator, inexact_operator
from otimes.core.values import formed
from otimes.errors import DTypeError, NotPositiveDefinite, SingularError, StructureError
from otimes.functions.eigh import eigh, require_hermitian
from otimes.operators.dense import Dense
from otimes.operators.identity import Identity
from otimes.operators.kronecker.same import identity_of

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
    """Return the pencil of each pair; pairs that are the same are decomposed once.

    Hermitian pairs with a definite mass go by eigenvectors, orthonormal in the mass. Of the others, by "auto", those
    of the best conditioned eigenvectors do too, as long as κ(V₁) ⋯ κ(V_N) stays below 10⁶; the rest become triangles.
    """
    keys = [(identity_of(K), identity_of(M)) for K, M in pairs]
    found = {key: _of_pair(*pair, method) for key, pair in dict(zip(keys, pairs, strict=True)).items()}
    general = (key for key, pencil in found.items() if isinstance(pencil, _Candidates))
    room = math.log(EIG_CONDITION)
    for key in sorted(general, key=lambda key: found[key].growth):
        growth = math.log(found[key].growth) * keys.count(key)
        fits = method == "eig" or (method == "auto" and growth <= room)
        room -= growth if fits else 0
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
    values, Q = eigh(wide)
    return Pencil("eigh", formed(values), None, Q.H, Q, 1.0)


def _definite(k: Array, m: Array) -> Pencil:
    """Return left = Vᴴ and right = V with Vᴴ K V = Λ and Vᴴ M V = I: with M = L Lᴴ, V = L⁻ᴴ Q."""
    if isinstance(m, np.ndarray) and np.count_nonzero(m != 0) == np.count_nonzero(d := np.diagonal(m)):
        return _definite_diagonal(k, d)
    L = lapack("cholesky", m)
    half = adjoint(solve_triangular(L, k, lower=True))
    whitened = solve_triangular(L, half, lower=True)
    values, Q = lapack("eigh", (whitened + adjoint(whitened)) / 2)
    V = solve_triangular(adjoint(L), Q, lower=False)
    return _orthonormal_in_mass(values, V, _norm(m) * _norm(V @ adjoint(V)))


def _definite_diagonal(k: np.ndarray, d: np.ndarray) -> Pencil:
    """Return the pencil of a diagonal mass, which leaves a tridiagonal K tridiagonal."""
    if not (d.real > 0).all() or d.imag.any():
        raise NotPositiveDefinite(f"the diagonal mass {shape_text(k.shape)} has entries that are not positive")
    scales = 1 / np.sqrt(d.real)
    values, Q = lapack("eigh", scales[:, None] * k * scales)
    condition = float(d.real.max() / d.real.min()) if len(d) else 1.0
    return _orthonormal_in_mass(values, scales[:, None] * Q, condition)


def _orthonormal_in_mass(values: Array, V: Array, condition: float) -> Pencil:
    basis = Dense(V, UNKNOWN)
    return Pencil("eigh", values, None, basis.H, basis, condition)


def _norm(a: Array) -> float:
    """Return the 1-norm: that of M times that of M⁻¹ is the condition of the mass to a small factor."""
    xp = namespace(a)
    return as_float(xp.max(xp.sum(xp.abs(a), axis=0))) if a.shape[0] else 1.0


def _whitened(k: np.ndarray, m: np.ndarray, M: LinearOperator) -> Whitened:
    """Return the standard problem of a general pair: by the Cholesky factor of a definite mass, else by M itself."""
    if isinstance(M, Identity):
        return Whitened(k, None, None, 1.0)
    condition = float(np.linalg.cond(m)) if len(m) else 1.0
    if M.facts.hermitian:
        try:
            L = lapack("cholesky", m)
            half = solve_triangular(L, k, lower=True)
            return Whitened(adjoint(solve_triangular(L, adjoint(half), lower=True)), L, adjoint(L), condition)
        except NotPositiveDefinite:
            pass
    if condition * np.finfo(m.dtype).eps > 1:
        raise SingularError(f"FastDiagonalization: a mass {shape_text(m.shape)} is singular, condition {condition:.3g}")
    return Whitened(lapack("solve", m, k), m, None, condition)


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
        return self._pencil(
            "eig", self.values, None, lapack("inv", self.vectors), self.vectors, self.growth * self.growth
        )

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
