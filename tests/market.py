"""The market: cases (an operator and its dense twin), matrices to build them from, and how arrays are compared.

`CASES` holds every case of every file in `cases/`. The dense twin is built with NumPy alone.
"""

import functools
import importlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import otimes as ox

TOLERANCE = 64  # allowed error: 64 eps of the coarsest factor, times the largest entry and the condition number

PAIRED = "paired"  # Hermitian (or empty) although some factor is not, which eigh and cholesky may refuse
COARSE = "coarse"  # some factor is held in single precision, whatever the dtype of the whole
DEFECTIVE = "defective"  # no full set of eigenvectors: eigenvalues keep a part of the digits only
TAGS = {PAIRED, COARSE, DEFECTIVE}


class Truth(NamedTuple):
    """What the dense twin is, decided in double precision."""

    wide: np.ndarray
    values: np.ndarray
    square: bool
    singular: bool
    hermitian: bool
    definite: bool
    condition: float


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """An operator (`make()` builds it afresh), the same matrix as an array, and tags from `TAGS`."""

    name: str
    make: Callable[[], Any]
    dense: np.ndarray
    tags: frozenset[str] = frozenset()

    def __str__(self) -> str:
        return self.name

    @property
    def inexact(self) -> np.dtype:
        """The dtype that decompositions have."""
        return np.dtype(np.float64) if self.dense.dtype.kind in "iub" else self.dense.dtype

    @property
    def eps(self) -> float:
        """The unit of rounding of the coarsest factor."""
        return float(np.finfo(np.float32 if COARSE in self.tags else self.inexact).eps)

    @property
    def truth(self) -> Truth:
        """What holds for the dense twin."""
        return _truth(self)


@functools.cache
def _truth(case: Case) -> Truth:
    wide = case.dense.astype(np.result_type(case.dense, np.float64))
    values = np.linalg.svd(wide, compute_uv=False) if wide.size else np.zeros(0)
    top, bottom = (values[0], values[-1]) if values.size else (1.0, 1.0)
    singular = bool(bottom <= max(wide.shape) * case.eps * top)
    square = wide.shape[0] == wide.shape[1]
    hermitian = square and bool(np.abs(wide - wide.conj().T).max(initial=0) <= 8 * case.eps * top)
    definite = hermitian and not singular and bool((np.linalg.eigvalsh(wide) > 0).all())
    return Truth(wide, values, square, singular, hermitian, definite, 1.0 if singular else top / bottom)


def case(name: str, make: Callable[[], Any], dense: Any, *tags: str) -> Case:
    """Return a case; its tags must be known."""
    assert set(tags) <= TAGS
    return Case(name, make, np.array(dense), frozenset(tags))


def agree(got: Any, wanted: Any, eps: float, *, growth: float = 1.0, scale: float = 0.0) -> None:
    """Assert that shapes are equal and entries differ by at most TOLERANCE · eps · growth · the largest entry."""
    got, wanted = np.asarray(got), np.asarray(wanted)
    assert got.shape == wanted.shape
    if not wanted.size:
        return
    allowed = TOLERANCE * eps * growth * max(float(np.abs(wanted).max()), scale)
    gap = float(np.abs(got.astype(np.result_type(got, np.int64)) - wanted).max())
    assert gap <= allowed, f"off by {gap:.3g}, {allowed:.3g} is allowed:\n{got}\nin place of\n{wanted}"


def agree_as_sets(got: Any, wanted: Any, eps: float, *, scale: float = 0.0) -> None:
    """Assert that two vectors agree in some order: the one that pairs nearest values."""
    from scipy.optimize import linear_sum_assignment

    got, wanted = np.asarray(got), np.asarray(wanted)
    assert got.shape == wanted.shape
    rows, columns = linear_sum_assignment(np.abs(got[:, None] - wanted[None, :]))
    agree(got[rows], wanted[columns], eps, scale=scale)


def kron(*arrays: Any) -> np.ndarray:
    """Return the dense Kronecker product."""
    return functools.reduce(np.kron, arrays)


def kronsum(*arrays: Any) -> np.ndarray:
    """Return the dense Kronecker sum, A ⊗ I + I ⊗ B, in the dtype of the summands."""
    sizes = [len(a) for a in arrays]
    terms = [
        kron(np.eye(int(np.prod(sizes[:i])), dtype=a.dtype), a, np.eye(int(np.prod(sizes[i + 1 :])), dtype=a.dtype))
        for i, a in enumerate(arrays)
    ]
    return functools.reduce(np.add, terms)


def matrix(m: int, n: int | None = None, dtype: Any = float, seed: int = 0) -> np.ndarray:
    """Return a well-conditioned m × n matrix: small random entries beside 3 I; integers are not small."""
    n = m if n is None else n
    rng = np.random.default_rng([seed, m, n])
    entries = rng.uniform(-1, 1, (m, n)) + 3 * np.eye(m, n)
    dtype = np.dtype(dtype)
    if dtype.kind == "c":
        entries = entries + 1j * rng.uniform(-1, 1, (m, n))
    return (np.round(2 * entries) if dtype.kind in "iu" else entries).astype(dtype)


def hermitian(n: int, dtype: Any = float, seed: int = 0) -> np.ndarray:
    """Return a Hermitian indefinite matrix of no small eigenvalue."""
    Q, _ = np.linalg.qr(matrix(n, n, complex if np.dtype(dtype).kind == "c" else float, seed + 50))
    a = (Q * (np.arange(1, n + 1) * (-1.0) ** np.arange(n))) @ Q.conj().T
    a = np.round(4 * a) if np.dtype(dtype).kind in "iu" else a
    return ((a + a.conj().T) / 2).astype(dtype)


def definite(n: int, dtype: Any = float, seed: int = 0) -> np.ndarray:
    """Return a Hermitian positive definite matrix."""
    a = matrix(n, n, dtype, seed)
    product = a @ a.conj().T + np.eye(n, dtype=dtype)
    return ((product + product.conj().T) / 2).astype(dtype)


def skew(n: int) -> np.ndarray:
    """Return a real skew-symmetric matrix, nonsingular for even n."""
    upper = np.triu(matrix(n, n) + 1, 1)
    return upper - upper.T


def singular(n: int) -> np.ndarray:
    """Return an integer-valued matrix of rank n − 1, whose LU meets an exact zero."""
    a = np.round(2 * matrix(n, n))
    a[-1] = 2 * a[0]
    return a


def jordan(n: int, eigenvalue: float = 2.0) -> np.ndarray:
    """Return a Jordan block, which has one eigenvector."""
    return np.diag(np.full(n, eigenvalue)) + np.diag(np.ones(n - 1), 1)


def load_cases() -> tuple[Case, ...]:
    """Return the cases of every file in `cases/`, each named after its file."""
    found = []
    for path in sorted((Path(__file__).parent / "cases").glob("*.py")):
        module = importlib.import_module(f"cases.{path.stem}")
        found += [Case(f"{path.stem}/{c.name}", c.make, c.dense, c.tags) for c in module.cases()]
    return tuple(found)


CASES = load_cases()


def operators_of(A: Any) -> list[Any]:
    """Return the operator with all its descendants."""
    return [A] + [B for child in A.children for B in operators_of(child)]


def checksum(A: Any) -> int:
    """Return a hash of every array an operator and its descendants hold."""
    parts = [part for B in operators_of(A) for part in B.__dict__.values()]
    arrays = [part for part in parts if isinstance(part, np.ndarray)]
    for B in operators_of(A):
        if isinstance(B, ox.Sparse):
            arrays += [B.matrix.data, B.matrix.indices, B.matrix.indptr]
    return hash(tuple(a.tobytes() for a in arrays))
