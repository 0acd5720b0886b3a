"""Sums of products recompressed through their factors: nothing of the size of the matrix, or of its sides, is made.

Factors of the nearest sums and trains lie in what the given factors of their slot span. In orthonormal bases of these
spans the sum is a small core, whose approximations have the same errors.
"""

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from otimes.core.operator import LinearOperator
from otimes.factorization.multiway.alternating import Factors
from otimes.factorization.multiway.sums import arrays_of, gauged
from otimes.factorization.operand import Operand
from otimes.factorization.result import KroneckerApproximation, sum_of
from otimes.factorization.shapes import Shapes, most_terms
from otimes.factorization.sources.kronecker_products import ProductsOperand, near_one
from otimes.operators.tensors.tensor_train import TensorTrain

_LARGEST = 2**22  # entries of a core: beyond it the sum is taken as any other matrix


@dataclass(frozen=True)
class Spans:
    """A sum of products in coordinates: `core`[c₁, …, c_N] stands before basis_1[:, c₁] ⊗ … ⊗ basis_N[:, c_N]."""

    core: np.ndarray
    bases: Factors

    @classmethod
    def of(cls, operand: Operand, shapes: Shapes, *, terms: int) -> "Spans | None":
        """Return the spans of a sum of products of three and more factors of these shapes, divided by its scale.

        None for other matrices, and where the core has fewer terms than are asked for, or is large.
        """
        if not isinstance(operand, ProductsOperand) or len(shapes) == 2:
            return None
        grouped: Any = [_grouped(factors, shapes) for factors in operand.terms]
        if any(factors is None for factors in grouped):
            return None
        slots = [_Slot.of(slot, operand.dtype) for slot in zip(*grouped, strict=True)]
        sizes = [slot.basis.shape[1] for slot in slots]
        if most_terms(tuple((size, 1) for size in sizes)) < terms or math.prod(sizes) > _LARGEST:
            return None
        exponents = np.sum([slot.exponents for slot in slots], axis=0)
        weights = np.array([math.ldexp(1 / operand.scale, int(e)) for e in exponents])
        *leading, last = (slot.coordinates for slot in slots)
        columns = functools.reduce(lambda tensor, C: (tensor[:, None, :] * C).reshape(-1, len(weights)), leading)
        core = (columns * weights).astype(operand.dtype) @ last.T
        return cls(core.reshape(sizes), [slot.basis for slot in slots])

    @property
    def matrix(self) -> np.ndarray:
        """The core as a matrix of one column, for factors of one column."""
        return self.core.reshape(-1, 1)

    @property
    def shapes(self) -> Shapes:
        """The shapes of the factors of that matrix."""
        return tuple((size, 1) for size in self.core.shape)

    def lifted(
        self, F: KroneckerApproximation, operand: Operand, shapes: Shapes, *, seed: int
    ) -> KroneckerApproximation:
        """Return the approximation of the core as one of the sum."""
        if F.train is not None:
            train = self._lifted_train(F.train, operand, shapes)
            return self._certified(replace(F, train=train), train, operand, shapes, seed)
        columns = [np.stack([A.ravel() for A in slot], axis=1) for slot in zip(*F.factors, strict=True)]
        factors = gauged([B @ f for B, f in zip(self.bases, columns, strict=True)], shapes)
        arrays = arrays_of(factors, shapes, operand.scale)
        return self._certified(replace(F, factors=arrays), sum_of(arrays), operand, shapes, seed)

    def _lifted_train(self, train: TensorTrain, operand: Operand, shapes: Shapes) -> TensorTrain:
        """Return the train of the cores Σ_c G[a, c, b] basis[:, c], with the scale spread over them."""
        root = operand.scale ** (1 / len(shapes))
        lifted = (np.einsum("acxb,qc->aqb", G * root, B) for G, B in zip(train.cores, self.bases, strict=True))
        parts = zip(lifted, shapes, strict=True)
        return TensorTrain(*(G.reshape(len(G), *shape, -1).astype(operand.dtype) for G, shape in parts))

    @staticmethod
    def _certified(
        F: KroneckerApproximation, K: LinearOperator, operand: Operand, shapes: Shapes, seed: int
    ) -> KroneckerApproximation:
        return replace(
            F,
            singular_values=operand.unscaled(F.singular_values),
            candidates=tuple(replace(row, shapes=shapes) for row in F.candidates),
            certificate=operand.certificate(K, error=F.error, gap=F.certificate.gap, seed=seed),
        )


@dataclass(frozen=True)
class _Slot:
    """The factors of one slot, one a term: vec(F_r) = 2^exponents[r] · basis · coordinates[:, r]."""

    basis: np.ndarray
    coordinates: np.ndarray
    exponents: np.ndarray

    @classmethod
    def of(cls, factors: Sequence[np.ndarray], dtype: np.dtype) -> "_Slot":
        scaled, exponents = zip(*map(near_one, factors), strict=True)
        stack = np.stack([F.ravel() for F in scaled], axis=1).astype(dtype)
        U, values, Vh = np.linalg.svd(stack, full_matrices=False)
        rank = max(1, int((values > max(stack.shape) * np.finfo(values.dtype).eps * values[0]).sum()))
        return cls(U[:, :rank], values[:rank, None] * Vh[:rank], np.array(exponents))


def _grouped(factors: tuple[np.ndarray, ...], shapes: Shapes) -> list[np.ndarray] | None:
    """Return neighbouring factors multiplied to factors of these shapes, or None if that is not possible."""
    waiting, found = list(factors), []
    for shape in shapes:
        F = np.ones((1, 1))
        while waiting and F.shape != shape:
            F = np.kron(F, waiting.pop(0))
        if F.shape != shape:
            return None
        found.append(F)
    return None if waiting else found
