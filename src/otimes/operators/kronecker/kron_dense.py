"""`kron_dense`: A ⊗ B ⊗ … as a dense array, for those who need all of its entries."""

import math
from typing import Any

from otimes.core.array import Array, astype, common_spec, concrete, itemsize, reshape, spec_of
from otimes.core.checks import MAX_BYTES, as_array, product_text, require_bytes, shape_text
from otimes.errors import ShapeError
from otimes.kernels import eager


def kron_dense(*factors: Any, max_bytes: int | None = MAX_BYTES) -> Array:
    """Return the Kronecker product F₁ ⊗ … ⊗ F_N as a dense array, as fast as its memory can be written.

    (A ⊗ B)[i p + k, j q + l] = A[i, j] B[k, l] for B p × q. `kron` does not form it, and multiplies with far less.

    Parameters
    ----------
    *factors : array_like
        At least one, of at most two axes. As in `numpy.kron`, a vector beside a matrix is a row, and vectors alone
        give a vector. All are taken in the dtype they promote to, before they are multiplied.
    max_bytes : int or None
        Limit of the result in bytes (default 2 GiB); None lifts it.

    Returns
    -------
    array, (m₁ ⋯ m_N, n₁ ⋯ n_N)
        A new array of the factors' library. Each entry is the product from left to right, as in
        (A ⊗ B) ⊗ C, and costs one multiplication and a little more; nothing of the size of the result is held beside
        it for NumPy arrays of single or double precision, real or complex, where the compiled kernel is in use.

    Raises
    ------
    ShapeError
        No factor is given, or one of three axes or more: `kron` takes leading axes as batches.
    ArrayMixError
        Factors of different array libraries or devices.
    TooLarge
        The array would pass the limit; the message says how many bytes it needs.

    References
    ----------
    Van Loan (2000), The ubiquitous Kronecker product.

    Examples
    --------
    >>> import otimes as ox
    >>> ox.kron_dense([[1, 2], [3, 4]], [[1, 10]])
    array([[ 1, 10,  2, 20],
           [ 3, 30,  4, 40]])
    >>> ox.kron_dense([1, 2], [1, 10], [1, 100])
    array([   1,  100,   10, 1000,    2,  200,   20, 2000])
    """
    if not factors:
        raise ShapeError("kron_dense() of no factors: give at least one")
    arrays = [as_array(F, f"factor {position} in kron_dense") for position, F in enumerate(factors)]
    axes = max(F.ndim for F in arrays)
    if axes > 2:
        raise ShapeError(
            f"kron_dense: the factors are {', '.join(shape_text(F.shape) for F in arrays)}; "
            "give matrices or vectors, or otimes.kron, which takes leading axes as batches"
        )
    spec = common_spec(*map(spec_of, arrays), what="factor")
    matrices = [_matrix(astype(F, concrete(spec))) for F in arrays]
    shape = (math.prod(F.shape[0] for F in matrices), math.prod(F.shape[1] for F in matrices))
    what = f"the dense product {product_text([F.shape for F in matrices])}"
    instead = "use otimes.kron, which does not form it, or raise max_bytes="
    require_bytes(shape, itemsize(spec.dtype), max_bytes, what, instead)
    product = eager.kron_dense(matrices)
    return product if axes == 2 else reshape(product, shape[2 - axes :])


def _matrix(F: Array) -> Array:
    """Return F with axes of length one in front, so that there are two."""
    return F if F.ndim == 2 else reshape(F, (*(1,) * (2 - F.ndim), *F.shape))
