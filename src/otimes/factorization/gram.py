"""Spectra of many shapes from few passes over the matrix: Gram matrices of which others are partial traces.

The rows of R(M) belong to the entries of A. For a divisor of its shape, a row of R is cut into pieces that stand side
by side, so that R Rᴴ is summed over the indices that leave A: a partial trace, without another look at M. The same
holds for B and RᵀR̄. The finest factors are read from M; all that divide them follow.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from otimes.core.threads import one_thread
from otimes.factorization.operand import Operand
from otimes.factorization.rearrangement import Rearrangement
from otimes.factorization.shapes import Shape, Shapes
from otimes.factorization.sources.dense import DenseOperand
from otimes.factorization.spectrum import Spectrum

MOST_ROWS = 1024  # of a Gram matrix: eight megabytes, and eigenvalues in a tenth of a second
_PANEL = 2**18  # numbers of R multiplied at once
_SQUARED = 2e-5  # errors above it have four digits, although they are the roots of differences of squares


def gram_spectra(operand: Operand, wanted: Mapping[Shapes, int]) -> Iterator[tuple[Shapes, Spectrum]]:
    """Yield the spectra, of at least so many terms, of the shapes for which squares of singular values can tell them.

    Cost: for each factor that divides no other one of its side, a pass over M of 2 m₁n₁ flops an entry; for each pair
    of shapes the eigenvalues of a matrix of m₁n₁ rows.
    """
    if not isinstance(operand, DenseOperand):  # what is known by fewer numbers than its entries has cheaper ways
        return
    whole = replace(operand, dtype=np.result_type(operand.dtype, np.float64))
    for side in (0, 1):
        shapes = {pair[side]: pair for pair in wanted if _small_side(pair) == side}
        for family in families(list(shapes)):
            gram = _read(whole, shapes[family.shape], side)
            for shape, own in family.grams(gram, side):
                spectrum = _spectrum(own, shapes[shape], wanted[shapes[shape]])
                if spectrum is not None:
                    yield shapes[shape], spectrum


def _small_side(pair: Shapes) -> int | None:
    """Return which factor has few enough entries for a Gram matrix, the smaller one, or None."""
    sizes = [m * n for m, n in pair]
    return int(sizes[1] < sizes[0]) if min(sizes) <= MOST_ROWS else None


@dataclass(frozen=True)
class Family:
    """A shape and those that divide it, each under the smallest it divides."""

    shape: Shape
    members: tuple["Family", ...]

    def grams(self, gram: np.ndarray, side: int) -> Iterator[tuple[Shape, np.ndarray]]:
        """Yield the Gram matrices of all members; no more than one of each generation is held."""
        yield self.shape, gram
        for member in self.members:
            yield from member.grams(partial_trace(gram, self.shape, member.shape, side), side)


def families(shapes: list[Shape]) -> list[Family]:
    """Return the shapes as trees of divisors."""
    children: dict[Shape | None, list[Shape]] = {}
    for m, n in shapes:
        multiples = [(p, q) for p, q in shapes if p % m == 0 == q % n and (p, q) != (m, n)]
        children.setdefault(min(multiples, key=math.prod, default=None), []).append((m, n))

    def family(shape: Shape) -> Family:
        return Family(shape, tuple(map(family, children.get(shape, ()))))

    return [family(shape) for shape in children.get(None, ())]


def partial_trace(gram: np.ndarray, shape: Shape, divisor: Shape, side: int) -> np.ndarray:
    """Return the Gram matrix for a factor of the shape `divisor`, from that for a factor of `shape`.

    What divides a first factor keeps its outer indices, what divides a second one its inner indices.
    """
    (m, n), (p, q) = shape, divisor
    if side == 0:
        axes, traced = (p, m // p, q, n // q), "iajbkalb->ijkl"
    else:
        axes, traced = (m // p, p, n // q, q), "aibjakbl->ijkl"
    return np.einsum(traced, gram.reshape(*axes, *axes)).reshape(p * q, p * q)


def _read(operand: Operand, pair: Shapes, side: int) -> np.ndarray:
    """Return R Rᴴ, or Rᵀ R̄ for the second factor, in double precision from one pass."""
    R = Rearrangement.of(operand, pair)
    wide = R.T if side else R
    rows, columns = wide.shape
    gram = np.zeros((rows, rows), R.dtype)
    with one_thread(True):
        for _, _, panel in wide.panels(height=rows, width=min(columns, max(rows, _PANEL // rows))):
            gram += panel @ panel.conj().T
    return gram


def _spectrum(gram: np.ndarray, pair: Shapes, terms: int) -> Spectrum | None:
    """Return the spectrum of as many terms as squares can tell the error of, or None if these are fewer than asked."""
    with one_thread(True):  # where others compute too, a second one makes it five times slower
        squares = np.maximum(np.linalg.eigvalsh(gram)[::-1], 0)
    every = Spectrum(pair, np.sqrt(squares), 0.0)
    told = int((every.errors[:-1] > _SQUARED).sum())
    known = told if told == len(squares) else told - 1
    if known < min(terms, len(squares)):
        return None
    return Spectrum(pair, every.values[:known], math.sqrt(squares[known:].sum()))
