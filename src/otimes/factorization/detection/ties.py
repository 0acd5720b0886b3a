"""Matrices of which entries are tied to be equal: the nearest one holds the mean of each class.

A level says which classes the pairs (i, j) of its indices are in; a matrix has several, as its indices (i₁, i₂, …) and
(j₁, j₂, …) do, and two of its entries are tied where they are on every level.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from otimes.factorization.detection.detector import Probe
from otimes.factorization.detection.entries import Entries, restored
from otimes.factorization.shapes import Shape
from otimes.factorization.sources.rearranged import sum_of_squares


class Level(Protocol):
    """How entries are tied along one pair of indices."""

    @property
    def shape(self) -> Shape:
        """Numbers of values of i and of j."""

    @property
    def classes(self) -> int:
        """How many classes there are."""

    def label(self, i: np.ndarray, j: np.ndarray) -> np.ndarray:
        """Return the class of each pair, from 0 on."""

    def counts(self, labels: np.ndarray) -> np.ndarray:
        """Return how many pairs these classes have."""

    def partner(self, i: np.ndarray, j: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return another pair of the class of each, or the pair itself where it is alone."""


@dataclass(frozen=True)
class Free:
    """No pair is tied to another."""

    shape: Shape

    @property
    def classes(self) -> int:
        """One for every pair."""
        return math.prod(self.shape)

    def label(self, i: np.ndarray, j: np.ndarray) -> np.ndarray:
        """Return the place of the pair."""
        return i * self.shape[1] + j

    def counts(self, labels: np.ndarray) -> np.ndarray:
        """Return ones."""
        return np.ones_like(labels)

    def partner(self, i: np.ndarray, j: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the pairs themselves."""
        return i, j


Levels = tuple[Level, ...]
Piece = tuple[np.ndarray, np.ndarray]  # places of classes, and values


@dataclass(frozen=True)
class Tied:
    """The means of the classes that have any entry that is not zero, by their labels, and ‖M − means‖ / ‖M‖."""

    levels: Levels
    labels: np.ndarray
    means: np.ndarray
    distance: float

    @property
    def classes(self) -> int:
        """How many classes there are."""
        return math.prod(level.classes for level in self.levels)

    @property
    def numbers(self) -> int:
        """How many numbers they take: those of some classes have an index each."""
        return self.classes if len(self.labels) == self.classes else 2 * len(self.labels)

    def formed(self) -> np.ndarray:
        """Return the means of all classes, with an axis for each level."""
        every = np.zeros(self.classes, self.means.dtype)
        every[self.labels] = self.means
        return every.reshape([level.classes for level in self.levels])

    def inner(self, k: int) -> "Tied":
        """Return the means of class k of the first level, for the levels that remain."""
        size = self.classes // self.levels[0].classes
        start, stop = np.searchsorted(self.labels, [k * size, (k + 1) * size])
        return replace(
            self, levels=self.levels[1:], labels=self.labels[start:stop] - k * size, means=self.means[start:stop]
        )


def tied(entries: Entries, levels: Levels) -> Tied:
    """Return the nearest matrix with these ties, in two passes.

    A class is measured from one of its entries, so that of equal ones the mean is exact and the distance 0. One with
    entries that are not stored is measured from zero.
    """
    labels, pieces = _classes(entries, levels)
    counts = _counts(levels, labels)
    references = np.zeros(len(labels), np.result_type(entries.matrix.dtype, float))
    for places, values in pieces():
        references[places] = values
        if entries.is_sparse:
            references[np.bincount(places) < counts] = 0
    sums, squares = np.zeros_like(references), 0.0
    for places, values in pieces():
        differences = np.atleast_2d(values - references[places])
        sums += _sums(places, differences, len(labels))
        squares += sum_of_squares(differences)
    shifts = sums / counts
    residual = math.sqrt(max(squares - float(counts @ np.abs(shifts) ** 2), 0.0))
    means = restored((references + shifts).astype(entries.matrix.dtype), entries.integers)
    return Tied(levels, labels, means, residual / (entries.norm or 1))


def _classes(entries: Entries, levels: Levels) -> tuple[np.ndarray, Callable[[], Iterator[Piece]]]:
    """Return the labels of the classes that have entries, and how to go through these: their classes' places there."""
    if entries.is_sparse:
        ((rows, columns, values),) = entries.coordinates()
        labels, places = np.unique(_labels(levels, rows, columns), return_inverse=True)
        return labels, lambda: iter([(places, values)])
    return np.arange(math.prod(level.classes for level in levels)), lambda: (
        (_labels(levels, rows, columns), values) for rows, columns, values in entries.coordinates()
    )


def _labels(levels: Levels, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Return the classes of entries, those of the last level in turn."""
    label: np.ndarray = np.zeros((), np.int64)
    radix = 1
    for level in reversed(levels):
        rows, i = np.divmod(rows, level.shape[0])
        columns, j = np.divmod(columns, level.shape[1])
        label, radix = label + radix * level.label(i, j), radix * level.classes
    return label


def _counts(levels: Levels, labels: np.ndarray) -> np.ndarray:
    """Return how many entries each of these classes has."""
    counts = np.ones(len(labels), np.int64)
    for level in reversed(levels):
        labels, own = np.divmod(labels, level.classes)
        counts *= level.counts(own)
    return counts


def _sums(labels: np.ndarray, values: np.ndarray, total: int) -> np.ndarray:
    labels, values = labels.ravel(), values.ravel()
    if np.iscomplexobj(values):
        return _sums(labels, values.real, total) + 1j * _sums(labels, values.imag, total)
    return np.bincount(labels, values, minlength=total)


def probe_ties(entries: Entries, trials: Sequence[Levels]) -> Probe:
    """Return what pairs of tied entries say: two that differ by d are at least d / √2 from being equal."""
    rows, columns = entries.sample
    partners = [_partners(levels, rows, columns) for levels in trials]
    values = entries.at(rows, columns)
    gaps = np.abs(entries.at(*(np.array(k) for k in zip(*partners, strict=True))) - values) / math.sqrt(2)
    whole = float(np.linalg.norm(values)) or 1
    return Probe(gaps.max(axis=1) / (entries.norm or 1), np.linalg.norm(gaps, axis=1) / whole)


def _partners(levels: Levels, rows: np.ndarray, columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return other entries of the same classes: partners on every level."""
    found_rows, found_columns = np.zeros_like(rows), np.zeros_like(columns)
    height = width = 1
    for level in reversed(levels):
        rows, i = np.divmod(rows, level.shape[0])
        columns, j = np.divmod(columns, level.shape[1])
        i, j = level.partner(i, j)
        found_rows, found_columns = found_rows + height * i, found_columns + width * j
        height, width = height * level.shape[0], width * level.shape[1]
    return found_rows, found_columns
