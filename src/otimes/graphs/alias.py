"""Cells of Kronecker products of probabilities drawn fast: a few levels at once, each draw in two look-ups."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

TABLE = 4096  # cells of a table at most, if one level has no more: what stays in the first cache
CHUNK = 1 << 15


@dataclass(frozen=True, eq=False)
class AliasTable:
    """The cells of one matrix of probabilities, by Walker's alias method.

    Attributes
    ----------
    size : int
        The matrix is size × size.
    threshold, alias : (cells,)
        A cell c chosen uniformly is kept with probability threshold[c], and is alias[c] else.
    """

    size: int
    threshold: np.ndarray
    alias: np.ndarray

    def draw(self, count: int, rng: np.random.Generator) -> np.ndarray:
        """Return cells i · size + j, drawn with replacement."""
        position = rng.random(count) * len(self.threshold)
        cell = position.astype(np.int64)
        position -= cell  # some 40 of its 53 bits are left, independent of the cell
        return np.where(position < self.threshold[cell], cell, self.alias[cell])


def alias_tables(thetas: Sequence[np.ndarray]) -> list[AliasTable]:
    """Return tables of the products of neighbouring levels, as many at once as a table takes."""
    made: dict[tuple[bytes, ...], AliasTable] = {}
    tables = []
    for block in _blocks(thetas):
        key = tuple(theta.tobytes() for theta in block)
        if key not in made:
            made[key] = _alias_table(_kron(block))
        tables.append(made[key])
    return tables


def draw_edges(tables: Sequence[AliasTable], count: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows and columns of cells of the whole product, drawn with replacement, (count,) each."""
    rows, columns = np.empty(count, np.int64), np.empty(count, np.int64)
    for start in range(0, count, CHUNK):
        some = min(CHUNK, count - start)
        row, column = np.zeros(some, np.int64), np.zeros(some, np.int64)
        for table in tables:
            i, j = _split(table.draw(some, rng), table.size)
            row = row * table.size + i
            column = column * table.size + j
        rows[start : start + some], columns[start : start + some] = row, column
    return rows, columns


def _split(cells: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    if size & (size - 1):
        row = cells // size
        return row, cells - row * size
    return cells >> (size.bit_length() - 1), cells & (size - 1)


def _blocks(thetas: Sequence[np.ndarray]) -> Iterator[list[np.ndarray]]:
    """Yield neighbouring levels, of about equally many if they are equal."""
    most = max(1, int(math.log(TABLE) / math.log(max(theta.size for theta in thetas))))
    width = math.ceil(len(thetas) / math.ceil(len(thetas) / most))
    for start in range(0, len(thetas), width):
        yield list(thetas[start : start + width])


def _kron(block: Sequence[np.ndarray]) -> np.ndarray:
    product = np.ones((1, 1))
    for theta in block:
        product = np.kron(product, theta)
    return product


def _alias_table(P: np.ndarray) -> AliasTable:
    """Return the table of Vose's method: what a cell lacks to the mean is filled by one that has too much."""
    scaled = (P.reshape(-1) * (P.size / P.sum())).tolist()
    threshold, alias = np.ones(P.size), np.arange(P.size)
    small = [c for c, value in enumerate(scaled) if value < 1]
    large = [c for c, value in enumerate(scaled) if value >= 1]
    while small and large:
        poor, rich = small.pop(), large.pop()
        threshold[poor], alias[poor] = scaled[poor], rich
        scaled[rich] -= 1 - scaled[poor]
        (small if scaled[rich] < 1 else large).append(rich)
    for c in small:  # by rounding: they are 1, if their cell can be drawn at all
        if P.reshape(-1)[c] == 0:
            threshold[c], alias[c] = 0.0, int(P.argmax())
    return AliasTable(len(P), threshold, alias)
