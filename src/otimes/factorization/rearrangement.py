"""The rearrangement of Van Loan and Pitsianis, and products with it that never form it.

Cut M into m₁ × n₁ blocks of shape m₂ × n₂. Row (i₁, j₁) of R(M) is block (i₁, j₁), read row by row, so that
R(A ⊗ B) = vec(A) vec(B)ᵀ with row-major vec: a sum of r Kronecker products becomes a matrix of rank r.
"""

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from otimes.core.checks import as_array, shape_text
from otimes.errors import ShapeError
from otimes.factorization.shapes import Shapes, require_pair
from otimes.factorization.sources import row_matrices
from otimes.factorization.sources.rearranged import SIDE, Rearranged


def rearrange(M: Any, *, shapes: Shapes) -> np.ndarray:
    """Return R(M), in which Kronecker products have rank one.

    R(M)[i₁ n₁ + j₁, i₂ n₂ + j₂] = M[i₁ m₂ + i₂, j₁ n₂ + j₂], hence R(A ⊗ B) = vec(A) vec(B)ᵀ (row-major vec, and
    a transpose also for complex matrices).

    Shapes: M is m₁m₂ × n₁n₂, R(M) is m₁n₁ × m₂n₂.

    Cost: one copy of M.

    Parameters
    ----------
    M : array_like, (m₁ m₂, n₁ n₂)
    shapes : ((m₁, n₁), (m₂, n₂))
        Shapes of the two factors.

    Returns
    -------
    numpy.ndarray, (m₁ n₁, m₂ n₂)

    Raises
    ------
    ShapeError
        The shapes do not multiply to that of M; the message lists the splits that exist.

    References
    ----------
    C. F. Van Loan, N. Pitsianis, Approximation with Kronecker products, in Linear Algebra for Large Scale and
    Real-Time Applications, Kluwer, 1993, 293-314, doi 10.1007/978-94-015-8196-7_17.

    Examples
    --------
    >>> import numpy as np
    >>> from otimes.factorization import rearrange
    >>> A, B = np.arange(6).reshape(2, 3), np.arange(8).reshape(4, 2)
    >>> R = rearrange(np.kron(A, B), shapes=((2, 3), (4, 2)))
    >>> R.shape, bool((R == np.outer(A, B)).all())
    ((6, 8), True)
    """
    M = _matrix(M)
    (m1, n1), (m2, n2) = require_pair(shapes, M.shape)
    return M.reshape(m1, m2, n1, n2).transpose(0, 2, 1, 3).reshape(m1 * n1, m2 * n2)


def restore(R: Any, *, shapes: Shapes) -> np.ndarray:
    """Return the matrix M of which R is the rearrangement: the inverse of `rearrange`.

    Shapes: R is m₁n₁ × m₂n₂, M is m₁m₂ × n₁n₂.

    Cost: one copy of R.

    Parameters
    ----------
    R : array_like, (m₁ n₁, m₂ n₂)
    shapes : ((m₁, n₁), (m₂, n₂))
        Shapes of the two factors.

    Returns
    -------
    numpy.ndarray, (m₁ m₂, n₁ n₂)

    Raises
    ------
    ShapeError
        R has not the shape that these factors give.

    Examples
    --------
    >>> import numpy as np
    >>> from otimes.factorization import rearrange, restore
    >>> M = np.arange(24).reshape(4, 6)
    >>> bool((restore(rearrange(M, shapes=((2, 3), (2, 2))), shapes=((2, 3), (2, 2))) == M).all())
    True
    """
    R = _matrix(R)
    (m1, n1), (m2, n2) = shapes
    if R.shape != (m1 * n1, m2 * n2):
        raise ShapeError(
            f"restore: R is {shape_text(R.shape)}, and factors of {m1}×{n1} and {m2}×{n2} "
            f"have a rearrangement of {m1 * n1}×{m2 * n2}"
        )
    return R.reshape(m1, n1, m2, n2).transpose(0, 2, 1, 3).reshape(m1 * m2, n1 * n2)


def _matrix(M: Any) -> np.ndarray:
    M = as_array(M, "the matrix")
    if M.ndim != 2:
        raise ShapeError(f"a matrix has two axes, and this array has {M.ndim}")
    return M


@dataclass(frozen=True)
class Span:
    """Indices outer · n + inner of an axis that is split in two; ``flat`` is the same range of the whole axis."""

    outer: slice
    inner: slice
    flat: slice


@dataclass(frozen=True)
class Rearrangement(Rearranged):
    """R(M / scale), known by the view ``blocks[i₁, i₂, j₁, j₂]`` of M; products read M panel by panel.

    Cost of a product with k vectors: one pass over M, 2 k times its size in flops, a panel of half a megabyte.
    """

    blocks: np.ndarray
    dtype: np.dtype
    scale: float

    @classmethod
    def of(cls, operand: Any, shapes: Shapes) -> "Rearrangement":
        """Return the rearrangement of the array of a checked operand for checked shapes."""
        (m1, n1), (m2, n2) = shapes
        return cls(operand.matrix.reshape(m1, m2, n1, n2), operand.dtype, operand.scale)

    @property
    def shape(self) -> tuple[int, int]:
        """m₁n₁ × m₂n₂."""
        m1, m2, n1, n2 = self.blocks.shape
        return m1 * n1, m2 * n2

    @property
    def T(self) -> "Rearrangement":
        """R(M)ᵀ, which is the rearrangement of the same matrix with its two factors exchanged."""
        return replace(self, blocks=self.blocks.transpose(1, 0, 3, 2))

    def product(self, V: np.ndarray) -> np.ndarray:
        """Return R V."""
        if self._is_read_by_rows:
            return row_matrices.product(self.blocks, V)
        return super().product(V)

    def residual_norms(self, left: np.ndarray, right: np.ndarray) -> tuple[float, float]:
        """Return ‖R − left rightᵀ‖ and ‖R‖ (Frobenius) in one pass; the difference is never formed whole."""
        if self._is_read_by_rows:
            return row_matrices.residual_norms(self.blocks, left, right)
        return super().residual_norms(left, right)

    @property
    def _is_read_by_rows(self) -> bool:
        return self.scale == 1 and row_matrices.has_row_matrices(self.blocks, self.dtype)

    def panels(self, *, height: int = SIDE, width: int = SIDE) -> Iterator[tuple[slice, slice, np.ndarray]]:
        """Yield (rows, columns, panel) that tile R, all of about ``height · width`` numbers.

        The panel is a buffer that the next step overwrites; the caller may too.
        """
        m1, m2, n1, n2 = self.blocks.shape
        height, width = max(height, height * width // (m2 * n2)), max(width, height * width // (m1 * n1))
        row_spans, column_spans = _spans(m1, n1, height), _spans(m2, n2, width)
        buffer = np.empty(_longest(row_spans) * _longest(column_spans), self.dtype)
        for rows in row_spans:
            for columns in column_spans:
                block = self.blocks[rows.outer, columns.outer, rows.inner, columns.inner]
                yield rows.flat, columns.flat, self._packed(block, buffer)

    def _packed(self, block: np.ndarray, buffer: np.ndarray) -> np.ndarray:
        """Copy a part of the 4-D view into the buffer, in the memory order of M, and return it as a panel of R."""
        p, q, r, t = block.shape
        filled = buffer[: block.size]
        along_rows = self.blocks.strides[3] <= self.blocks.strides[2]
        target = filled.reshape(p, r, q, t) if along_rows else filled.reshape(q, t, p, r).transpose(2, 3, 0, 1)
        np.copyto(target, block.transpose(0, 2, 1, 3), casting="unsafe")
        if self.scale != 1:
            filled *= 1 / self.scale
        return filled.reshape(p * r, q * t) if along_rows else filled.reshape(q * t, p * r).T


def _longest(spans: list[Span]) -> int:
    return max(span.flat.stop - span.flat.start for span in spans)


def _spans(outer: int, inner: int, target: int) -> list[Span]:
    """Cut an axis of outer · inner indices into even ranges of about ``target``."""
    if inner >= target:
        cuts = _cuts(inner, math.ceil(inner / target))
        return [
            Span(slice(i, i + 1), cut, slice(i * inner + cut.start, i * inner + cut.stop))
            for i in range(outer)
            for cut in cuts
        ]
    whole = slice(0, inner)
    cuts = _cuts(outer, math.ceil(outer / (target // inner)))
    return [Span(cut, whole, slice(cut.start * inner, cut.stop * inner)) for cut in cuts]


def _cuts(length: int, pieces: int) -> list[slice]:
    edges = [length * k // pieces for k in range(pieces + 1)]
    return [slice(start, stop) for start, stop in itertools.pairwise(edges)]
