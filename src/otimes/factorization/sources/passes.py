"""Two passes over slabs of a matrix R: its range and corange from random sketches, then its projection on them.

First pass, for Gaussian Ω and Ψ: RᴴΨ, which sees also what is small, and RᴴRΩ, a step of subspace iteration, which
leaves little of what is not wanted. With an orthonormal basis P of both, the second pass takes R P and ‖R − R P Pᴴ‖, so
that the error of R P Pᴴ, and of all that is in it, is exact.

What a pass has found so far is a value: a slab makes a new one. An interruption leaves one or the other.
"""

from dataclasses import dataclass

import numpy as np

from otimes.factorization.sources.operand import scale_of
from otimes.factorization.sources.slabs import Slab

OVERSAMPLED = 10  # columns of each sketch beyond the terms wanted


@dataclass(frozen=True, eq=False)
class FirstPass:
    """Sketches of the rows of R read so far: ``corange`` is RᴴΨ, ``power`` RᴴRΩ, of R(M / scale)."""

    done: int
    largest: float
    corange: np.ndarray
    power: np.ndarray

    @classmethod
    def begun(cls, columns: int, width: int, dtype: np.dtype) -> "FirstPass":
        """Return the sketches of nothing."""
        return cls(0, 0.0, *(np.zeros((columns, width), dtype) for _ in range(2)))

    def scale(self) -> float:
        """Return the scale for entries as large as those seen so far."""
        return scale_of(self.largest, self.corange.dtype)

    def after(self, slab: Slab, omega: np.ndarray, seed: int) -> "FirstPass":
        """Return the sketches with one more slab."""
        largest = max(self.largest, slab.largest)
        dtype, width = self.corange.dtype, self.corange.shape[1]
        scale = scale_of(largest, dtype)
        R = slab.rearranged(dtype, scale)
        psi = gaussian((R.shape[0], width), dtype, [seed, 1, self.done])
        images = R.adjoint_product(np.hstack([psi, R.product(omega)]))
        change = self.scale() / scale if self.largest else 0.0  # at most 1
        return FirstPass(
            self.done + 1,
            largest,
            self.corange * dtype.type(change) + images[:, :width],
            self.power * dtype.type(change**2) + images[:, width:],
        )

    def basis(self) -> np.ndarray:
        """Return an orthonormal basis of both sketches, whose columns are brought to one length."""
        both = np.hstack([self.corange, self.power])
        lengths = np.linalg.norm(both, axis=0)
        return np.linalg.qr(both / np.where(lengths > 0, lengths, 1))[0]


@dataclass(frozen=True, eq=False)
class SecondPass:
    """R P for the rows read so far, the other rows of ``image`` are not yet filled; and the squares left out.

    ``probed`` is what the lines read so far give of M X, for fresh vectors X.
    """

    done: int
    largest: float
    basis: np.ndarray
    image: np.ndarray
    left_out: float
    probed: np.ndarray

    @classmethod
    def begun(cls, first: FirstPass, rows: int, probed: np.ndarray) -> "SecondPass":
        """Return the projection of nothing on the basis that the first pass found."""
        basis = first.basis()
        return cls(0, first.largest, basis, np.zeros((rows, basis.shape[1]), basis.dtype), 0.0, probed)

    def scale(self) -> float:
        """Return the scale of the whole matrix."""
        return scale_of(self.largest, self.basis.dtype)

    def after(self, slab: Slab, fresh: np.ndarray) -> "SecondPass":
        """Return the projection with one more slab; its rows are written in place, again if it is read again."""
        R = slab.rearranged(self.basis.dtype, self.scale())
        image = R.product(self.basis)
        residual, _ = R.residual_norms(image, self.basis.conj())
        self.image[slab.rows] = image
        probed = slab.with_image(self.probed, fresh) if fresh.size else self.probed
        return SecondPass(self.done + 1, self.largest, self.basis, self.image, self.left_out + residual**2, probed)


def gaussian(shape: tuple[int, int], dtype: np.dtype, seed: list[int]) -> np.ndarray:
    """Return independent normal numbers, complex ones for a complex dtype."""
    rng = np.random.default_rng(seed)
    numbers = rng.standard_normal(shape, np.zeros(0, dtype).real.dtype)
    if dtype.kind == "c":
        return numbers + dtype.type(1j) * rng.standard_normal(shape, numbers.dtype)
    return numbers
