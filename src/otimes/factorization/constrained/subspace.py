"""Linear structure: matrices with equal and with vanishing entries, and their orthonormal bases.

Symmetric, diagonal, Toeplitz, circulant, banded: in each, the entries fall into classes that share one value, and
into those that are zero. A class is a basis vector, of the length of the root of its size.
"""

import enum
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from otimes.factorization.constrained.matrix_set import MatrixSet
from otimes.factorization.shapes import Shape

GENERAL = "general"


class Coefficients(enum.Enum):
    """What multiplies the basis: numbers of the dtype; real numbers; those of a Hermitian matrix (real as well)."""

    ANY = "any"
    REAL = "real"
    HERMITIAN = "hermitian"


@dataclass(frozen=True, eq=False)
class Subspace(MatrixSet):
    """Matrices whose entries are equal where their labels are, and zero where these are negative.

    With Hermitian coefficients, the Hermitian matrices among them: a subspace over the real numbers.
    """

    name: str
    labels: np.ndarray
    dtype: np.dtype
    coefficients: Coefficients = Coefficients.ANY

    @property
    def shape(self) -> Shape:  # type: ignore[override]  # computed here
        """Shape of the matrices."""
        return self.labels.shape[0], self.labels.shape[1]

    @property
    def span(self) -> "Subspace":
        """The subspace itself."""
        return self

    @property
    def is_real(self) -> bool:
        """Whether the coefficients are real numbers, of a complex matrix too."""
        return self.coefficients is not Coefficients.ANY or self.dtype.kind == "f"

    @cached_property
    def basis(self) -> Any:
        """The orthonormal basis in the columns of a sparse matrix, read row by row."""
        classes = self.labels.ravel()
        if self.coefficients is Coefficients.HERMITIAN:
            return _hermitian_basis(self.labels, self.dtype)
        entries = np.flatnonzero(classes >= 0)
        sizes = np.bincount(classes[entries])
        values = (1 / np.sqrt(sizes[classes[entries]])).astype(self.dtype)
        return sparse.csr_array((values, (entries, classes[entries])), shape=(classes.size, len(sizes)))

    def over_reals(self) -> Any:
        """Return a basis for real coefficients: twice the vectors where they may be complex."""
        return self.basis if self.is_real else sparse.hstack([self.basis, 1j * self.basis]).tocsr()

    def nearest(self, A: np.ndarray) -> np.ndarray:
        """Return the orthogonal projection of A: the mean of each class."""
        return (self.basis @ self._part(self.basis.conj().T @ A.ravel())).reshape(self.shape)

    def update(self, columns: np.ndarray, normal: np.ndarray, moment: np.ndarray) -> np.ndarray:
        """Return the best factors: a least-squares problem for each class, all terms together."""
        weighted = len(normal) > 1
        if weighted and self.is_real and self.dtype.kind == "c":
            return super().update(columns, normal, moment)  # weights couple the real and imaginary parts of a class
        if weighted:
            shares = abs(self.basis).power(2).T
            normal = (shares @ normal.reshape(len(normal), -1)).reshape(-1, *normal.shape[1:])
        cutoff = normal.shape[1] * float(np.finfo(self.dtype).eps)
        inverses = np.linalg.pinv(self._part(normal), rcond=cutoff, hermitian=True)
        solved = inverses @ self._part(self.basis.conj().T @ moment)[:, :, None]
        return self.basis @ solved[:, :, 0]

    def meet(self, other: "Subspace") -> "Subspace":
        """Return the intersection."""
        labels = _joined(self.labels, other.labels)
        kinds = {self.coefficients, other.coefficients}
        kind = next((k for k in (Coefficients.HERMITIAN, Coefficients.REAL) if k in kinds), Coefficients.ANY)
        if kinds == {Coefficients.HERMITIAN, Coefficients.REAL}:
            labels, kind = _joined(labels, symmetric(self.shape, self.dtype).labels), Coefficients.REAL
        names = dict.fromkeys(one.name for one in (self, other) if one.name != GENERAL)
        return Subspace(" & ".join(names) or GENERAL, labels, self.dtype, kind)

    def _part(self, values: np.ndarray) -> np.ndarray:
        return values.real if self.is_real else values


def everything(shape: Shape, dtype: np.dtype, coefficients: Coefficients = Coefficients.ANY) -> Subspace:
    """Return the space of all matrices."""
    return Subspace(GENERAL, np.arange(shape[0] * shape[1]).reshape(shape), dtype, coefficients)


def symmetric(shape: Shape, dtype: np.dtype) -> Subspace:
    """Return the matrices with A = Aᵀ."""
    labels = everything(shape, dtype).labels
    return Subspace("symmetric", _compact(np.minimum(labels, labels.T)), dtype)


def hermitian(shape: Shape, dtype: np.dtype) -> Subspace:
    """Return the matrices with A = Aᴴ."""
    if dtype.kind == "f":
        return symmetric(shape, dtype)
    return Subspace("Hermitian", everything(shape, dtype).labels, dtype, Coefficients.HERMITIAN)


def real(shape: Shape, dtype: np.dtype) -> Subspace:
    """Return the real matrices."""
    return everything(shape, dtype, Coefficients.REAL if dtype.kind == "c" else Coefficients.ANY)


def toeplitz(shape: Shape, dtype: np.dtype) -> Subspace:
    """Return the matrices that are constant along diagonals."""
    rows, columns = np.indices(shape)
    return Subspace("Toeplitz", columns - rows + shape[0] - 1, dtype)


def hankel(shape: Shape, dtype: np.dtype) -> Subspace:
    """Return the matrices that are constant along antidiagonals."""
    rows, columns = np.indices(shape)
    return Subspace("Hankel", rows + columns, dtype)


def circulant(shape: Shape, dtype: np.dtype) -> Subspace:
    """Return the matrices of cyclic convolutions."""
    rows, columns = np.indices(shape)
    return Subspace("circulant", (rows - columns) % shape[0], dtype)


def banded(shape: Shape, dtype: np.dtype, lower: int, upper: int) -> Subspace:
    """Return the matrices with so many diagonals below and above the main one."""
    rows, columns = np.indices(shape)
    offset = columns - rows
    return pattern((-lower <= offset) & (offset <= upper), dtype, name=f"banded({lower}, {upper})")


def diagonal(shape: Shape, dtype: np.dtype) -> Subspace:
    """Return the diagonal matrices."""
    return pattern(np.eye(*shape, dtype=bool), dtype, name="diagonal")


def lower_triangular(shape: Shape, dtype: np.dtype) -> Subspace:
    """Return the matrices that vanish above the diagonal."""
    return pattern(np.tri(*shape, dtype=bool), dtype, name="lower triangular")


def upper_triangular(shape: Shape, dtype: np.dtype) -> Subspace:
    """Return the matrices that vanish below the diagonal."""
    return pattern(~np.tri(*shape, k=-1, dtype=bool), dtype, name="upper triangular")


def pattern(mask: np.ndarray, dtype: np.dtype, *, name: str = "pattern") -> Subspace:
    """Return the matrices that vanish where the mask is False."""
    labels = np.full(mask.shape, -1)
    labels[mask] = np.arange(mask.sum())
    return Subspace(name, labels, dtype)


def _compact(labels: np.ndarray) -> np.ndarray:
    """Return the same classes with the labels 0, 1, …."""
    found, compact = np.unique(labels, return_inverse=True)
    return compact.reshape(labels.shape) - (found[0] < 0)


def _joined(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return the finest classes that are unions of those of both; what vanishes for either, vanishes with its class."""
    one, two = first.ravel() + 1, second.ravel() + 1  # class 0 is that of the zeros
    count = int(one.max()) + 1
    ends = np.append(one, 0), np.append(two, 0) + count
    graph = sparse.coo_array((np.ones(len(ends[0])), ends), shape=(count + int(two.max()) + 1,) * 2)
    _, component = connected_components(graph, directed=False)
    return _compact(np.where(component[one] == component[0], -1, component[one]).reshape(first.shape))


def _hermitian_basis(labels: np.ndarray, dtype: np.dtype) -> Any:
    """Return E_c + E_cᵀ and i (E_c − E_cᵀ) for each pair of mirrored classes, E_c for those that are their own."""
    labels = _joined(labels, labels.T)
    classes, mirrored = labels.ravel(), labels.T.ravel()
    entries = np.flatnonzero(classes >= 0)
    c, d = classes[entries], mirrored[entries]
    count = int(classes.max()) + 1
    sizes = np.bincount(c, minlength=count) * np.where(np.bincount(c, weights=c != d, minlength=count) > 0, 2, 1)
    values = 1 / np.sqrt(sizes[c])
    paired = c != d
    even = sparse.coo_array((values, (entries, np.minimum(c, d))), shape=(classes.size, count))
    turned = 1j * np.sign(d - c)[paired] * values[paired]
    odd = sparse.coo_array((turned, (entries[paired], np.minimum(c, d)[paired])), shape=(classes.size, count))
    both = sparse.hstack([even, odd]).tocsc().astype(dtype)
    return both[:, np.diff(both.indptr) > 0].tocsr()
