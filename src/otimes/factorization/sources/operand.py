"""What the algorithms ask of a matrix, whatever holds it: its shape, dtype and scale, and its rearrangements."""

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import numpy as np

from otimes.core.operator import LinearOperator
from otimes.errors import DTypeError
from otimes.factorization.certificate import Certificate, probe_residual
from otimes.factorization.shapes import Shapes
from otimes.factorization.sources.rearranged import Rearranged

_SAFE = {"f": 2.0**50, "d": 2.0**400}  # squares of entries between 1/_SAFE and _SAFE neither overflow nor vanish


class _Shaped(Protocol):
    @property
    def shape(self) -> tuple[int, ...]: ...


Source = TypeVar("Source", bound=_Shaped)


@dataclass(frozen=True, eq=False)
class Operand(ABC, Generic[Source]):
    """A finite matrix of numbers, held in ``source``; products are formed with ``matrix / scale`` in ``dtype``.

    The scale is 1, or a power of 4 (so that its root is exact too) where squares of the entries would leave the
    range of the dtype.
    """

    source: Source
    dtype: np.dtype
    scale: float

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        m, n = self.source.shape
        return m, n

    @property
    @abstractmethod
    def matrix(self) -> np.ndarray:
        """The entries as an array; where none is held, it is formed when asked for, below 2 GiB."""

    @abstractmethod
    def product(self, X: np.ndarray) -> np.ndarray:
        """Return M X in ``dtype``."""

    @abstractmethod
    def rearranged(self, shapes: Shapes) -> Rearranged:
        """Return R(matrix / scale) for checked shapes."""

    def prepared(
        self,
        shapes: Shapes,  # noqa: ARG002  of the interface
        *,
        terms: int | None = None,  # noqa: ARG002  of the interface
        tol: float | None = None,  # noqa: ARG002  of the interface
        seed: int = 0,  # noqa: ARG002  of the interface
    ) -> "Operand":
        """Return the operand as `terms` terms of these shapes, or a tolerance, need it: here as it is.

        What is costly to read is read now, as far as the answer takes, and not again.
        """
        return self

    def finished(self) -> None:
        """Forget what was kept for the case of an interruption: all that was asked for is there."""

    def admits(self, shapes: Shapes) -> bool:  # noqa: ARG002  of the interface
        """Whether a search may try these shapes: whether what must be read and held for them is affordable."""
        return True

    def certificate(self, K: LinearOperator, *, error: float, gap: float | None, seed: int) -> Certificate:  # noqa: ARG002  of the interface
        """Return what vouches for the relative error of an approximation K: here that of the whole residual."""
        return Certificate("exact", seed=seed, probe_residual=probe_residual(self, K, seed=seed), gap=gap)

    def unscaled(self, values: np.ndarray) -> np.ndarray:
        """Return singular values of ``matrix / scale`` as those of the matrix, in double precision.

        The norm of a matrix may be beyond the range of its entries: of single ones it is within that of double
        precision, of double ones it may be infinite.
        """
        with np.errstate(over="ignore"):
            return values.astype(np.float64) * self.scale


def working_dtype(dtype: np.dtype) -> np.dtype:
    """Return the dtype that LAPACK computes in: single for half and single precision, double for integers."""
    working = np.result_type(dtype, np.float32) if dtype.kind in "fc" else np.dtype(np.float64)
    if dtype.kind not in "biufc" or working.char not in "fdFD":
        raise DTypeError(
            f"the matrix has dtype {dtype}; factors are computed in float32, float64, complex64 or complex128: "
            "convert it first, for example M.astype(float)"
        )
    return working


def scale_of(largest: float, dtype: np.dtype) -> float:
    """Return the scale of a matrix whose largest entry has this magnitude."""
    safe = _SAFE[dtype.char.lower()]
    if largest == 0 or 1 / safe < largest < safe:
        return 1.0
    half_exponent = (math.frexp(largest)[1] - 1) // 2
    lowest = np.finfo(dtype).minexp // 2 + 1  # keeps 1 / scale finite for subnormal entries
    return 4.0 ** max(half_exponent, lowest)
