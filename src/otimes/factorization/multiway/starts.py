"""Where alternating least squares start from: singular vectors, and random columns in the spaces that they span."""

from collections.abc import Iterator

import numpy as np

from otimes.factorization.multiway.alternating import Factors
from otimes.factorization.multiway.cut import Cut, tensor_of
from otimes.factorization.shapes import Shapes
from otimes.factorization.sources.kronecker_products import ThinRearrangement


def starts(thin: ThinRearrangement, cut: Cut, terms: int, *, seed: int) -> Iterator[Factors]:
    """Yield factors to start from, without end; `thin` is a truncated SVD, left = U Σ and right = conj(V).

    First the leading singular vectors of each unfolding (HOSVD); then those of U's and V's columns, one after the
    other, which for orthogonal terms are the solution; then random columns in the spaces of the unfoldings.
    """
    rng = np.random.default_rng(seed)
    values = np.linalg.norm(thin.left, axis=0)
    bases = _bases(thin.left, cut.left) + _bases(thin.right * values, cut.right)
    nested = _nested(thin.left[:, :terms], cut.left) + _nested(thin.right[:, :terms], cut.right)
    for leading in (bases, nested):
        yield [_filled(F[:, :terms], basis, terms, rng) for F, basis in zip(leading, bases, strict=True)]
    while True:
        yield [_filled(basis[:, :0], basis, terms, rng) for basis in bases]


def _bases(columns: np.ndarray, shapes: Shapes) -> Factors:
    """Return for each slot an orthonormal basis of the space of its unfolding, leading singular vectors first."""
    tensor, found = tensor_of(columns, shapes), []
    for k, size in enumerate(tensor.shape[:-1]):
        unfolding = np.moveaxis(tensor, k, 0).reshape(size, -1)
        squares, vectors = np.linalg.eigh(unfolding @ unfolding.conj().T)
        relevant = squares > size * np.finfo(squares.dtype).eps * squares[-1]
        found.append(vectors[:, relevant][:, ::-1])
    return found


def _nested(columns: np.ndarray, shapes: Shapes) -> Factors:
    """Return the leading singular vectors of each column as a tensor, one slot after the other."""
    rest, found = tensor_of(columns, shapes), []
    for size in rest.shape[:-2]:
        U, values, Vh = np.linalg.svd(rest.reshape(size, -1, rest.shape[-1]).transpose(2, 0, 1), full_matrices=False)
        found.append(U[:, :, 0].T)
        rest = (values[:, :1] * Vh[:, 0, :]).T
    return [*found, rest.reshape(shapes[-1][0] * shapes[-1][1], -1)]


def _filled(columns: np.ndarray, basis: np.ndarray, terms: int, rng: np.random.Generator) -> np.ndarray:
    """Return as many columns as there are terms, random ones in the space of the basis where some are missing."""
    shape = (basis.shape[1], terms - columns.shape[1])
    random = rng.standard_normal(shape)
    if np.iscomplexobj(basis):
        random = random + 1j * rng.standard_normal(shape)
    return np.hstack([columns, basis @ random.astype(basis.dtype)])
