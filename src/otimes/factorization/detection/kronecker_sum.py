"""Kronecker sums: R(M) is a product with vec(I) on one side or the other."""

import math
from typing import Any

import numpy as np
import scipy.sparse

from otimes.core.checks import shape_text
from otimes.factorization.detection.detector import Detector, Probe
from otimes.factorization.detection.entries import Entries
from otimes.factorization.detection.finding import Finding, nonzeros
from otimes.factorization.detection.parts import plain, structured
from otimes.factorization.detection.residuals import norm, picked, with_outside
from otimes.factorization.sources.rearranged import sum_of_squares
from otimes.operators.kronecker.kronecker_sum import KroneckerSum
from otimes.operators.kronecker.kronsum import kronsum

Sizes = tuple[int, int]


class KroneckerSumOfMatrices(Detector[Sizes]):
    """A ⊕ B = A ⊗ I + I ⊗ B; the second is searched again, which makes sums of N.

    The nearest one is tr₂ M / n₂ ⊕ tr₁ M / n₁, less tr M / (n₁ n₂) once on the diagonal: half of it is taken from each.
    """

    def sizes(self, entries: Entries) -> list[Sizes]:
        """Return the splits that rows and columns share."""
        return [split for split in entries.row_splits if split in entries.column_splits and 1 not in split]

    def probe(self, entries: Entries, sizes: list[Sizes]) -> Probe:
        """Return the sampled entries where both indices change: they should be zero."""
        rows, columns = entries.sample
        values = np.abs(entries.at(rows, columns))
        inner = np.array([n2 for _, n2 in sizes])[:, None]
        off = np.where((rows // inner != columns // inner) & (rows % inner != columns % inner), values, 0)
        whole = float(np.linalg.norm(values)) or 1
        return Probe(off.max(axis=1) / (entries.norm or 1), np.linalg.norm(off, axis=1) / whole)

    def numbers(self, _: Entries, size: Sizes) -> int:
        """Return the entries of both summands."""
        return size[0] ** 2 + size[1] ** 2

    def fit(self, entries: Entries, size: Sizes, rtol: float) -> Finding:
        """Return the nearest Kronecker sum, from the partial traces."""
        traces = (_of_sparse if entries.is_sparse else _of_dense)(entries.matrix, size)
        residual_of = _sparse_residual if entries.is_sparse else _dense_residual
        pairs = [
            _shifted(*traces, rounded=rounded) for rounded in ([False] if entries.integers is None else [True, False])
        ]
        residuals = [residual_of(entries.matrix, *pair) for pair in pairs]
        residual = min(residuals)
        A, B = pairs[residuals.index(residual)]
        whole = entries.norm or 1
        distance = residual / whole
        parts = [plain(A, entries.integers), plain(B, entries.integers)]
        if distance <= rtol:
            refined = [structured(F, entries.integers, rtol=rtol - distance) for F in (A, B)]
            added = [p.distance * norm(F) * math.sqrt(n) for p, F, n in zip(refined, (A, B), size[::-1], strict=True)]
            if distance + sum(added) / whole <= rtol:
                parts, distance = refined, distance + sum(added) / whole
        operator = kronsum(*(part.operator for part in parts))
        split = operator.factors if isinstance(operator, KroneckerSum) else [part.operator for part in parts]
        detail = " ⊕ ".join(shape_text(F.shape) for F in split)
        return Finding("Kronecker sum", detail, operator, distance, sum(part.numbers for part in parts))


def _of_dense(matrix: np.ndarray, size: Sizes) -> tuple[np.ndarray, np.ndarray]:
    """Return tr₂ M / n₂ and tr₁ M / n₁."""
    blocks = matrix.reshape(*size, *size)
    return np.einsum("iaja->ij", blocks) / size[1], np.einsum("iaib->ab", blocks) / size[0]


def _of_sparse(matrix: Any, size: Sizes) -> tuple[Any, Any]:
    found = matrix.tocoo()
    (i1, i2), (j1, j2) = np.divmod(found.row, size[1]), np.divmod(found.col, size[1])
    A = scipy.sparse.csr_matrix((found.data[i2 == j2], (i1[i2 == j2], j1[i2 == j2])), (size[0],) * 2)
    B = scipy.sparse.csr_matrix((found.data[i1 == j1], (i2[i1 == j1], j2[i1 == j1])), (size[1],) * 2)
    return A / size[1], B / size[0]


def _shifted(A: Any, B: Any, *, rounded: bool) -> tuple[Any, Any]:
    """Return A − c I and B − (t − c) I for the mean t of the diagonal, which both traces hold, and c = t / 2.

    Rounded to integers, with the c near t / 2 that makes the first entry of A one.
    """
    a, t = A.diagonal()[0], A.diagonal().mean()
    c = a - np.rint(a - t / 2) if rounded else t / 2
    return _less_identity(A, c, rounded=rounded), _less_identity(B, t - c, rounded=rounded)


def _less_identity(F: Any, c: Any, *, rounded: bool) -> Any:
    identity = scipy.sparse.identity(F.shape[0], dtype=F.dtype, format="csr")
    shifted = F - c * (identity if scipy.sparse.issparse(F) else identity.toarray())
    values = shifted.data if scipy.sparse.issparse(shifted) else shifted
    if rounded:
        np.rint(values, out=values)
    if scipy.sparse.issparse(shifted):
        shifted.eliminate_zeros()
    return shifted


def _dense_residual(matrix: np.ndarray, A: np.ndarray, B: np.ndarray) -> float:
    """Return ‖M − A ⊕ B‖, one block row at a time."""
    n1, n2 = len(A), len(B)
    squares, diagonal = 0.0, np.arange(n2)
    for i, rows in enumerate(matrix.reshape(n1, n2, n1, n2)):
        rest = rows.copy()
        rest[:, i, :] -= B
        rest[diagonal, :, diagonal] -= A[i]
        squares += sum_of_squares(rest.reshape(n2, -1))
    return math.sqrt(squares)


def _sparse_residual(matrix: Any, A: Any, B: Any) -> float:
    found, n1, n2 = matrix.tocoo(), A.shape[0], B.shape[0]
    (i1, i2), (j1, j2) = np.divmod(found.row, n2), np.divmod(found.col, n2)
    model = picked(A, i1, j1) * (i2 == j2) + picked(B, i2, j2) * (i1 == j1)
    a, b = A.diagonal(), B.diagonal()
    on = norm(a) ** 2 * n2 + norm(b) ** 2 * n1 + 2 * (a.sum() * b.sum().conj()).real
    off = n2 * (norm(A) ** 2 - norm(a) ** 2) + n1 * (norm(B) ** 2 - norm(b) ** 2)
    count = n2 * (nonzeros(A) - nonzeros(a)) + n1 * (nonzeros(B) - nonzeros(b)) + _nonzero_sums(a, b)
    return with_outside(found.data - model, model, whole=math.sqrt(max(on + off, 0)), count=count)


def _nonzero_sums(a: np.ndarray, b: np.ndarray) -> int:
    """Return how many of the sums aᵢ + bⱼ are not zero."""
    values, counts = np.unique(b, return_counts=True)
    places = np.minimum(np.searchsorted(values, -a), len(values) - 1)
    return len(a) * len(b) - int(counts[places][values[places] == -a].sum())
