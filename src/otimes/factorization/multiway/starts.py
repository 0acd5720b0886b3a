"""Where alternating least squares start from: singular vectors, and random numbers."""

from collections.abc import Iterator

import numpy as np

from otimes.factorization.multiway.alternating import Factors
from otimes.factorization.multiway.core import Core
from otimes.factorization.multiway.cut import tensor_of
from otimes.factorization.shapes import Shapes


def starts(core: Core, terms: int, *, seed: int) -> Iterator[Factors]:
    """Yield factors in the coordinates of the core to start from, without end.

    First the leading singular vectors of each unfolding (HOSVD), which are the first unit vectors; then those of the
    two sides' columns, one slot after the other, which for orthogonal terms are the solution; then random ones.
    """
    thin, cut, rng = core.thin, core.cut, np.random.default_rng(seed)
    leading = [np.eye(size, min(size, terms), dtype=thin.dtype) for size, _ in cut.left + cut.right]
    nested = _nested(thin.left[:, :terms], cut.left) + _nested(thin.right[:, :terms], cut.right)
    yield [_filled(F, terms, rng) for F in leading]
    yield [_filled(F, terms, rng) for F in nested]
    while True:
        yield [_filled(F[:, :0], terms, rng) for F in leading]


def _nested(columns: np.ndarray, shapes: Shapes) -> Factors:
    """Return the leading singular vectors of each column as a tensor, one slot after the other."""
    rest, found = tensor_of(columns, shapes), []
    for size in rest.shape[:-2]:
        U, values, Vh = np.linalg.svd(rest.reshape(size, -1, rest.shape[-1]).transpose(2, 0, 1), full_matrices=False)
        found.append(U[:, :, 0].T)
        rest = (values[:, :1] * Vh[:, 0, :]).T
    return [*found, rest.reshape(-1, columns.shape[1])]


def _filled(columns: np.ndarray, terms: int, rng: np.random.Generator) -> np.ndarray:
    """Return as many columns as there are terms, random ones where some are missing."""
    shape = (len(columns), terms - columns.shape[1])
    random = rng.standard_normal(shape)
    if np.iscomplexobj(columns):
        random = random + 1j * rng.standard_normal(shape)
    return np.hstack([columns, random.astype(columns.dtype)])
