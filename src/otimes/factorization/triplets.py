"""Leading singular triplets of a rearrangement that is only read, panel by panel.

Where the shorter side is short, or many triplets are wanted, a QR decomposition streamed over the panels gives all
of them; else a block Krylov subspace is grown until the residuals are small. The estimated costs decide.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from otimes.factorization.sources.rearranged import Rearranged

_GUARDS = range(3, 9)  # vectors beyond those wanted: the block converges as (σ of the first left out / σ wanted)²
_BASIS = 2**25  # numbers of a Krylov basis at most, unless four blocks have more
STEPS = 300  # of the Krylov method; what has not converged by then is as good as random
_STREAM = 2**18  # numbers of a panel of the streamed QR

Tolerance = Callable[[np.ndarray], np.ndarray]  # singular values found → residuals allowed


@dataclass(frozen=True)
class Triplets:
    """Singular triplets of R: R ≈ left · diag(values) · rightᴴ, largest values first.

    ``values`` may go beyond the columns of ``left`` and ``right``: then it holds all of them. ``following`` is the
    value after the last column, 0 if there is none; from a subspace it is a lower estimate. Without `settled` the
    Krylov method was stopped before the residuals were small.
    """

    left: np.ndarray
    values: np.ndarray
    right: np.ndarray
    following: float
    settled: bool = True


def full_accuracy(values: np.ndarray) -> np.ndarray:
    """Return the residuals ‖R v − σ u‖ at which triplets have converged: eps^¾ σ₁.

    The error of a sum of terms is of second order in them, so it is then optimal to roundoff.
    """
    return np.full(len(values), np.finfo(values.dtype).eps ** 0.75 * values[0])


def singular_triplets(R: Rearranged, count: int, *, tolerance: Tolerance, seed: int) -> Triplets:
    """Return the `count` leading triplets of R, found in its core; beyond the rank of that they are zero."""
    core = R.core
    found = _triplets(core, min(count, *core.shape), tolerance=tolerance, seed=seed)
    left, right = R.lifted(found.left, found.right)
    left, values, right = (_padded(part, count) for part in (left, found.values, right))
    return replace(found, left=left, values=values, right=right)


def _triplets(R: Rearranged, count: int, *, tolerance: Tolerance, seed: int) -> Triplets:
    if R.shape[0] > R.shape[1]:
        found = _triplets(R.T, count, tolerance=tolerance, seed=seed)
        return replace(found, left=found.right.conj(), right=found.left.conj())
    if prefers_streaming(R, count):
        return streamed_triplets(R, count)
    return krylov_triplets(R, count, tolerance=tolerance, seed=seed) or streamed_triplets(R, count)


def _padded(part: np.ndarray, count: int) -> np.ndarray:
    """Return values, or columns, with zeros added up to this number."""
    missing = max(0, count - part.shape[-1])
    return np.pad(part, [(0, 0)] * (part.ndim - 1) + [(0, missing)]) if missing else part


def prefers_streaming(R: Rearranged, count: int) -> bool:
    """Whether the streamed QR takes less work than a few steps of the block Krylov method."""
    return _streaming_work(R.shape) <= 12 * _step_work(R.work, _block(R.shape, count))


def columns_of(R: Rearranged, count: int) -> int:
    """Return how many columns the decompositions for `count` triplets have."""
    return min(R.core.shape) if prefers_streaming(R.core, count) else _block(R.core.shape, count)


def _block(shape: tuple[int, int], count: int) -> int:
    """Return how many vectors a step multiplies with: some more than wanted.

    Where four blocks of them are a small part of R it is up to as many again: products are hardly slower, steps fewer.
    """
    affordable = _affordable(shape) // 4 - count
    return count + max(_GUARDS[0], min(count, affordable, _GUARDS[-1]))


def _affordable(shape: tuple[int, int]) -> int:
    """Return how many vectors on both sides are a small part of R."""
    return min(math.prod(shape) // 32, _BASIS) // sum(shape)


def _streaming_work(shape: tuple[int, int]) -> float:
    """Return the flops of the QR of all panels and of the SVD of the triangle."""
    short, long = sorted(shape)
    return 3.0 * short**2 * long + 20.0 * short**3


def _step_work(numbers: int, block: int) -> float:
    """Return the flops of two products, counting the numbers read as 20 flops each and the calls as 10⁷."""
    return 2.0 * (10 + 2 * block) * numbers + 1e7


def all_singular_values(R: Rearranged) -> np.ndarray:
    """Return every singular value of R that is not known to be zero."""
    core = R.core
    return np.linalg.svd(_triangle(core if core.shape[0] <= core.shape[1] else core.T), compute_uv=False)


def streamed_triplets(R: Rearranged, count: int) -> Triplets:
    """Return `count` triplets and all singular values of a wide R, from the triangle T of Rᴴ = Q T.

    T = X Σ Yᴴ gives the left vectors Y; the right ones are Rᴴ Y, scaled.
    """
    _, values, left_h = np.linalg.svd(_triangle(R))
    left = left_h[:count].conj().T
    right = R.adjoint_product(left)
    lengths = np.linalg.norm(right, axis=0)
    return Triplets(left, values, right / np.where(lengths > 0, lengths, 1), _following(values, count))


def _leading(found: Triplets, count: int) -> Triplets:
    """Return the first `count` of the triplets."""
    following = _following(found.values, count)
    return Triplets(found.left[:, :count], found.values[:count], found.right[:, :count], following)


def _following(values: np.ndarray, count: int) -> float:
    return float(values[count]) if count < len(values) else 0.0


def _triangle(R: Rearranged) -> np.ndarray:
    """Return T with Tᴴ T = R Rᴴ, by QR of the panels one under the other: no squares, no copy of R."""
    short, long = R.shape
    width = min(long, max(short, _STREAM // short))
    triangle: Any = np.zeros((0, short), R.dtype)
    for _, _, panel in R.panels(height=short, width=width):
        triangle = np.linalg.qr(np.vstack([triangle, panel.conj().T]), mode="r")
    return triangle


@dataclass(frozen=True)
class _Subspace:
    """Orthonormal ``left`` and ``right`` with Rᴴ left = right · ``image``."""

    left: np.ndarray
    right: np.ndarray
    image: np.ndarray

    @classmethod
    def empty(cls, R: Rearranged) -> "_Subspace":
        short, long = R.shape
        return cls(*(np.zeros(shape, R.dtype) for shape in ((short, 0), (long, 0), (0, 0))))

    @property
    def width(self) -> int:
        return self.left.shape[1]

    def grown(self, R: Rearranged, block: np.ndarray) -> "_Subspace":
        """Return the subspace with the orthonormal columns of `block` added on the left."""
        images, inside, outside = _split(R.adjoint_product(block), self.right)
        below = np.zeros((len(outside), self.width), R.dtype)
        image = np.block([[self.image, inside], [below, outside]])
        return _Subspace(np.hstack([self.left, block]), np.hstack([self.right, images]), image)

    def triplets(self, count: int) -> Triplets:
        """Return the best triplets that the subspace holds; Rᴴ u = σ v holds exactly."""
        X, values, Yh = np.linalg.svd(self.image)
        left, right = self.left @ Yh[:count].conj().T, self.right @ X[:, :count]
        return Triplets(left, values[:count], right, _following(values, count))


def _split(block: np.ndarray, basis: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return Q, C, S with block = basis C + Q S, and Q orthonormal and orthogonal to the basis."""
    inside = np.zeros((basis.shape[1], block.shape[1]), block.dtype)
    outside = np.eye(block.shape[1], dtype=block.dtype)
    for _ in range(2):  # twice is enough for orthogonality to roundoff
        part = basis.conj().T @ block
        inside = inside + part @ outside
        block, factor = np.linalg.qr(block - basis @ part)
        outside = factor @ outside
    return block, inside, outside


def krylov_triplets(R: Rearranged, count: int, *, tolerance: Tolerance, seed: int) -> Triplets | None:
    """Return the `count` leading triplets of a wide R by a block Krylov method with full reorthogonalization.

    Each step adds to the subspace the residuals R v − σ u of its best triplets, which are thereby measured, not
    estimated. A full basis is restarted from these triplets. None if it takes more work than the streamed QR; where
    that would be hundreds of steps, as of sparse noise, which has no leading triplets, the best are returned then.
    """
    block = min(_block(R.shape, count), R.shape[0])
    widest = max(4 * block, _affordable(R.shape))
    steps = 30 + int(_streaming_work(R.shape) / _step_work(R.work, block))
    directions = _start(R.shape[0], block, R.dtype, seed)
    space = _Subspace.empty(R)
    for _ in range(min(steps, STEPS)):
        space = space.grown(R, directions)
        found = space.triplets(block)
        residuals = R.product(found.right)
        residuals -= found.left * found.values
        lengths = np.linalg.norm(residuals, axis=0)
        wanted = _leading(found, count)
        if (lengths[:count] <= tolerance(wanted.values)).all():
            return wanted
        if space.width + block > widest:
            kept = space.triplets(2 * block)
            space = _Subspace(kept.left, kept.right, np.diag(kept.values).astype(R.dtype))
        noise = np.finfo(lengths.dtype).eps * found.values[0]
        directions = _new_directions(residuals[:, lengths > noise] / lengths[lengths > noise], space.left)
        if directions.shape[1] == 0:
            return wanted
        del found, wanted, residuals  # as much memory as the next ones take
    return None if steps <= STEPS else replace(space.triplets(count), settled=False)


def _start(rows: int, columns: int, dtype: np.dtype, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    start = rng.standard_normal((rows, columns))
    if dtype.kind == "c":
        start = start + 1j * rng.standard_normal((rows, columns))
    return np.linalg.qr(start.astype(dtype))[0]


def _new_directions(block: np.ndarray, basis: np.ndarray) -> np.ndarray:
    """Return an orthonormal basis of the part of the block outside the basis; what vanishes there is dropped."""
    block = block[:, : len(basis) - basis.shape[1]]
    for _ in range(2):
        block, _ = np.linalg.qr(block - basis @ (basis.conj().T @ block))
    outside = block - basis @ (basis.conj().T @ block)
    return np.linalg.qr(outside[:, np.linalg.norm(outside, axis=0) > 0.5])[0]
