"""Block diagonal matrices, with blocks of any sizes."""

import itertools
import math
from typing import Any

import numpy as np

from otimes.core.checks import shape_text
from otimes.factorization.detection.detector import Detector, Probe, best_of, most_of_a_miss
from otimes.factorization.detection.entries import Entries
from otimes.factorization.detection.finding import Finding
from otimes.factorization.detection.parts import plain, structured_parts
from otimes.factorization.detection.residuals import norm
from otimes.operators.blocks.block_diagonal import block_diag

MOST_BLOCKS = 1024  # with more, neighbours are taken together
_LITTLE = (1e-9, 1e-7, 1e-5, 1e-3, 1e-2, 1e-1)  # relative to the norm, outside of the blocks of a miss

Cuts = list[tuple[int, int]]  # (row, column) where a block begins and the one before ends


class BlockDiagonalMatrix(Detector[int]):
    """diag(B₁, …, B_N) of the smallest blocks there are; where there are none, the nearest of equal blocks."""

    def sizes(self, entries: Entries) -> list[int]:
        """Return the numbers of equal blocks that both axes admit; they rank the misses."""
        n = entries.shape[1]
        return [count for count, _ in entries.row_splits if 1 < count <= MOST_BLOCKS and n % count == 0]

    def probe(self, entries: Entries, sizes: list[int]) -> Probe:
        """Return the sampled entries that are outside of equal blocks."""
        (rows, columns), (m, n) = entries.sample, entries.shape
        values, counts = np.abs(entries.at(rows, columns)), np.array(sizes)[:, None]
        off = np.where(rows * counts // m != columns * counts // n, values, 0)
        whole = float(np.linalg.norm(values)) or 1
        return Probe(off.max(axis=1) / (entries.norm or 1), np.linalg.norm(off, axis=1) / whole)

    def holding(self, entries: Entries, rtol: float, most: int) -> Finding | None:
        """Return the smallest blocks outside of which there is nothing to the tolerance.

        An entry above it must be in a block; where those below it add up to more, all but the smallest must.
        """
        threshold = rtol * entries.norm
        if not entries.norm or not _cuttable(entries, threshold):
            return None
        arranged = entries.arranged()
        for smallest in (threshold, threshold / math.sqrt(entries.numbers)):
            places = _places(arranged, smallest)
            found = cuts(*places, entries.shape)
            if not found or len(found) >= most:
                return None
            finding = _finding(arranged, found, rtol)
            if finding.distance <= rtol and finding.numbers <= most:
                return finding
        return None

    def nearest(self, entries: Entries) -> Finding | None:
        """Return the best of a few equal blocks, and of the smallest blocks outside of which there is little."""
        most = most_of_a_miss(entries)
        uneven = (self.holding(entries, rtol, most) for rtol in _LITTLE)
        return best_of(entries, [super().nearest(entries), *uneven])

    def numbers(self, entries: Entries, size: int) -> int:
        """Return the part of the entries that is in equal blocks, if they are as many everywhere."""
        return entries.numbers // size

    def fit(self, entries: Entries, size: int, rtol: float) -> Finding:
        """Return the equal blocks."""
        m, n = entries.shape
        return _finding(entries, [(k * m // size, k * n // size) for k in range(1, size)], rtol)


def cuts(rows: np.ndarray, columns: np.ndarray, shape: tuple[int, int]) -> Cuts:
    """Return where to cut a matrix with entries in these places into the smallest blocks, at most a thousand or two.

    A cut at row r needs all columns above to be before those below. Between them it is nearest to the diagonal.
    """
    above, below = _extents(rows, columns, shape)
    found: Cuts = []
    before = 0
    for r in np.flatnonzero(above <= below):
        column = min(max(int(r) + 1, int(above[r]), before + 1), int(below[r]))
        if before < column < shape[1]:
            found.append((int(r) + 1, column))
            before = column
    return found[:: math.ceil(len(found) / MOST_BLOCKS)] if found else found


def _extents(rows: np.ndarray, columns: np.ndarray, shape: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Return for each place between rows the columns up to which there are entries above, and from which on below."""
    m, n = shape
    last, first = np.full(m, -1), np.full(m, n)
    np.maximum.at(last, rows, columns)
    np.minimum.at(first, rows, columns)
    return np.maximum.accumulate(last)[:-1] + 1, np.minimum.accumulate(first[::-1])[::-1][1:]


def _cuttable(entries: Entries, threshold: float) -> bool:
    """Whether the first and last row and column leave a place to cut: of a full matrix they do not."""
    m, n = entries.shape
    i, j = np.arange(m), np.arange(n)
    rows = np.concatenate([np.zeros(n, np.int64), np.full(n, m - 1), i, i])
    columns = np.concatenate([j, j, np.zeros(m, np.int64), np.full(m, n - 1)])
    kept = np.abs(entries.at(rows, columns)) > threshold
    above, below = _extents(rows[kept], columns[kept], entries.shape)
    return bool((above <= below).any())


def _places(entries: Entries, threshold: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the places of the entries above a threshold."""
    found = []
    for rows, columns, values in entries.coordinates():
        above = np.abs(values) > threshold
        found.append([np.broadcast_to(k, values.shape)[above] for k in (rows, columns)])
    rows, columns = (np.concatenate(k) for k in zip(*found, strict=True))
    return rows, columns


def _finding(entries: Entries, found: Cuts, rtol: float) -> Finding:
    edges = [(0, 0), *found, entries.shape]
    blocks, squares = [], 0.0
    for (top, left), (bottom, right) in itertools.pairwise(edges):
        rows = entries.matrix[top:bottom]
        blocks.append(rows[:, left:right])
        squares += norm(rows[:, :left]) ** 2 + norm(rows[:, right:]) ** 2
    whole = entries.norm or 1
    distance = math.sqrt(squares) / whole
    parts = [plain(B, entries.integers) for B in blocks]
    if distance <= rtol:
        refined = structured_parts(blocks, entries.integers, rtol=rtol - distance)
        total = distance + math.hypot(*(p.distance * norm(B) for p, B in zip(refined, blocks, strict=True))) / whole
        if total <= rtol:
            parts, distance = refined, total
    return Finding(
        "block diagonal matrix",
        _detail(blocks),
        block_diag(*(part.operator for part in parts)),
        distance,
        sum(part.numbers for part in parts),
    )


def _detail(blocks: list[Any]) -> str:
    shapes = sorted({B.shape for B in blocks})
    sizes = (
        f"of {shape_text(shapes[0])}"
        if len(shapes) == 1
        else f"from {shape_text(shapes[0])} to {shape_text(shapes[-1])}"
    )
    return f"({len(blocks)} blocks {sizes})"
