"""External: a SciPy linear operator, known by its products only."""

from typing import Any

import numpy as np
import scipy.sparse.linalg

from otimes.core.algebra import conj, transpose
from otimes.core.array import Array, ArraySpec, numpy_spec
from otimes.core.checks import shape_text
from otimes.core.convert import converts
from otimes.core.operator import LinearOperator
from otimes.errors import StructureError


class External(LinearOperator):
    """The operator of a `scipy.sparse.linalg.LinearOperator` (NumPy arrays only)."""

    source: Any

    def __init__(self, source: Any):
        super().__init__((int(source.shape[0]), int(source.shape[1])), numpy_spec(source.dtype or float), source=source)

    def _converted(self, spec: ArraySpec) -> "External":  # noqa: ARG002  its dtype is that of its products
        return self

    def _matmat(self, X: Array) -> Array:
        try:
            return self.source.matmat(X)
        except (NotImplementedError, TypeError) as error:
            if _lacks_product(self.source):
                raise StructureError(
                    f"the {shape_text(self.shape)} external operator gives no products with its adjoint, which its "
                    "transpose and its left products need: define rmatvec where it is made"
                ) from error
            raise


def _lacks_product(source: Any) -> bool:
    """Whether SciPy has no product of this kind, which it says of vectors; for matrices it calls None."""
    try:
        source.matvec(np.zeros(source.shape[1]))
    except NotImplementedError:
        return True
    return False


@converts(lambda x: isinstance(x, scipy.sparse.linalg.LinearOperator) or (hasattr(x, "matvec") and hasattr(x, "shape")))
def external(x: Any) -> External:
    """Return the operator of a SciPy linear operator, or of any object with its `shape` and `matvec`."""
    return External(scipy.sparse.linalg.aslinearoperator(x))


@transpose.rule(External, says="Aᵀ by the products with Aᴴ")
def _(A: External) -> External:
    return External(A.source.T)


@conj.rule(External, says="conj(A) x = conj(A conj(x))")
def _(A: External) -> External:
    return External(A.source.H.T)
