"""Nearest tensor trains (matrix product operators), with the ranks that a tolerance takes.

A truncated singular value decomposition U Σ Vᴴ at the cut where the sides are shortest is a train, of U's and V's
columns. What it leaves out is orthogonal to all that rounding makes of it, so that the errors add up in squares, as
in TT-SVD; but M is only multiplied with thin matrices, where TT-SVD begins by decomposing all of it.
"""

import functools
import math
from collections.abc import Sequence

import numpy as np

from otimes.core.checks import require_size
from otimes.core.threads import PAYING_COLUMNS, one_thread
from otimes.errors import ShapeError
from otimes.factorization.multiway.cut import Cut, columns_of, tensor_of
from otimes.factorization.operand import Operand
from otimes.factorization.result import KroneckerApproximation
from otimes.factorization.shapes import Shapes
from otimes.factorization.spectrum import four_digits, spectrum_within
from otimes.factorization.triplets import columns_of as columns_decomposed
from otimes.factorization.triplets import singular_triplets
from otimes.functions.recompress import recompress
from otimes.operators.tensors.tensor_train import TensorTrain


def nearest_train(
    operand: Operand, shapes: Shapes, rank: int | None, tol: float | None, *, seed: int
) -> KroneckerApproximation:
    """Return a train with ranks up to `rank` (1 by default), or as large as the tolerance takes."""
    if rank is not None and require_size(rank, "terms") < 1:
        raise ShapeError("terms=0: the largest rank of a train is at least one")
    rank = rank or (1 if tol is None else None)
    cut = Cut.balanced(shapes)
    operand = operand.prepared(cut.pair, terms=rank, tol=tol, seed=seed)
    R = operand.rearranged(cut.pair)
    count = min(*R.shape, *([rank] if rank else []))
    if tol is not None:
        share = tol / math.sqrt(2)  # as much of the square is left to all other cuts
        count = spectrum_within(operand, cut.pair, share, count, seed=seed).terms_within(share)
    with one_thread(columns_decomposed(R, count) < PAYING_COLUMNS):
        found = singular_triplets(R, count, tolerance=four_digits(R.norm()), seed=seed)
        left, right = found.left * found.values[:count], found.right.conj()
        lost, norm = R.residual_norms(left, right)
        before, after = tensor_of(left, cut.left), np.moveaxis(tensor_of(right, cut.right), -1, 0)
        whole = TensorTrain(*_cores(before, cut.left, 1), *_cores(after, cut.right, count))
        train = recompress(whole, rtol=_rtol(tol, lost, norm, operand.dtype), rank=rank).operator
        residual, _ = R.residual_norms(*_sides(train.cores, cut))
    error = residual / norm if norm else 0.0
    root = operand.scale ** (1 / len(shapes))
    train = TensorTrain(*(G * G.dtype.type(root) for G in train.cores))
    certificate = operand.certificate(train, error=error, gap=None, seed=seed)
    return KroneckerApproximation(
        (), operand.unscaled(found.values), error, (), _reason(rank, tol, error, len(shapes)), certificate, train=train
    )


def _cores(tensor: np.ndarray, shapes: Shapes, rank: int) -> list[np.ndarray]:
    """Return the cores of a tensor (rank, q₁, q₂, …), read from left to right; all but the last are orthonormal."""
    cores, rest = [], tensor
    for m, n in shapes[:-1]:
        Q, rest = np.linalg.qr(rest.reshape(rank * m * n, -1))
        cores.append(Q.reshape(rank, m, n, -1))
        rank = Q.shape[1]
    return [*cores, rest.reshape(rank, *shapes[-1], -1)]


def _sides(cores: Sequence[np.ndarray], cut: Cut) -> tuple[np.ndarray, np.ndarray]:
    """Return the two matrices of which the rearrangement of the train is the product, left · rightᵀ."""
    h = len(cut.left)
    left, right = (functools.reduce(lambda G, H: np.tensordot(G, H, 1), part) for part in (cores[:h], cores[h:]))
    return columns_of(left, cut.left), columns_of(np.moveaxis(right, 0, -1), cut.right)


def _rtol(tol: float | None, lost: float, norm: float, dtype: np.dtype) -> float:
    """Return the error that rounding may make, relative to what was kept: what the tolerance leaves of it."""
    rounding = 50 * float(np.finfo(dtype).eps)
    if tol is None or not lost < norm:
        return rounding
    left = (tol**2 - (lost / norm) ** 2) / (1 - (lost / norm) ** 2)
    return min(max(rounding, math.sqrt(max(left, 0.0))), 1 - rounding)


def _reason(rank: int | None, tol: float | None, error: float, factors: int) -> str:
    least = f"at most √{factors - 1} times the least error for these ranks"
    if tol is None:
        return f"given: shapes and largest rank {rank}; {least}"
    if error <= tol:
        return f"tolerance: the ranks that an error of {tol:g} takes; {least}"
    return f"tolerance {tol:g} not met with ranks up to {rank}: the error is {error:.4g}, {least}"
