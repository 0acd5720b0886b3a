"""The algebra of operators: its generic functions, declared here, with rules beside each operator.

These are what the Python operators call. All are lazy: a product without a rule becomes a
`Product`, a sum a `Sum`, and nothing is multiplied out.
"""

from typing import Any

import numpy as np

from otimes.core.array import Array, itemsize
from otimes.core.checks import MAX_BYTES, require_bytes, require_product_shapes, require_same_shape
from otimes.core.facts import Facts, either
from otimes.core.rules import function


def with_known(A: Any, facts: Facts) -> Any:
    """Return A, knowing these facts too."""
    together = either(A.facts, facts)
    return A if together == A.facts else A.with_facts(together)


@function(operands=1)
def transpose(A: Any) -> Any:
    """Return Aᵀ, structured as A is; `A.T` calls it.

    Parameters
    ----------
    A : operator or array_like, (m, n)

    Returns
    -------
    LinearOperator, (n, m)

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> ox.kron(np.ones((2, 3)), np.ones((4, 5))).T.shape
    (15, 8)
    """
    return with_known(transpose.dispatch(A), A.facts.transposed())


@function(operands=1)
def conj(A: Any) -> Any:
    """Return the complex conjugate of A, structured as A is; `A.conj()` calls it.

    Parameters
    ----------
    A : operator or array_like, (m, n)

    Returns
    -------
    LinearOperator, (m, n)

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> bool(np.allclose(np.asarray(ox.conj(ox.kron([[1j]], [[1, 2]]))), [[-1j, -2j]]))
    True
    """
    return A if A.real else with_known(conj.dispatch(A), A.facts)


def adjoint(A: Any) -> Any:
    """Return Aᴴ, the conjugate transpose; `A.H` calls it.

    Parameters
    ----------
    A : operator or array_like, (m, n)

    Returns
    -------
    LinearOperator, (n, m)

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> ox.adjoint(ox.kron(np.ones((2, 3)), [[1j, 2]])).shape
    (6, 2)
    """
    return conj(transpose(A))


@function(operands=2)
def matmul(A: Any, B: Any) -> Any:
    """Return the product A B of two operators; `A @ B` calls it.

    What has no rule stays a lazy `Product`.

    Parameters
    ----------
    A : operator or array_like, (m, k)
    B : operator or array_like, (k, n)

    Returns
    -------
    LinearOperator, (m, n)
        Fused by a rule where that takes no more flops to apply.

    Raises
    ------
    ShapeError
        The inner sizes differ.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> A = np.ones((2, 2))
    >>> type(ox.matmul(ox.kron(A, A), ox.kron(A, A))).__name__  # the mixed product
    'Kronecker'
    """
    require_product_shapes(A, B)
    return matmul.dispatch(A, B)


@function(operands=2)
def add(A: Any, B: Any) -> Any:
    """Return the sum A + B of two operators of one shape; `A + B` calls it.

    Parameters
    ----------
    A, B : operators or array_like, (m, n)

    Returns
    -------
    LinearOperator, (m, n)

    Raises
    ------
    ShapeError
        The shapes differ; operators do not broadcast.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> K = ox.kron(np.eye(2), np.ones((3, 3)))
    >>> type(ox.add(K, K.T)).__name__
    'KroneckerTerms'
    """
    require_same_shape(A, B)
    return add.dispatch(A, B)


@function(operands=1)
def scale(A: Any, c: Any) -> Any:
    """Return the multiple c A by a scalar; `c * A` calls it.

    Parameters
    ----------
    A : operator or array_like, (m, n)
    c : scalar
        A number, a NumPy scalar, or a 0-d array of the operator's library.

    Returns
    -------
    LinearOperator, (m, n)

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> K = ox.scale(ox.kron(np.eye(2), np.eye(3)), 5.0)
    >>> float(ox.trace(K))
    30.0
    """
    if isinstance(c, np.generic) and A.spec.xp not in (None, np):
        c = c.item()  # what other libraries promote as they should
    return scale.dispatch(A, c=c)


@function(operands=1)
def to_dense(A: Any, *, max_bytes: int | None = MAX_BYTES) -> Array:
    """Return A as a dense array of its library; `np.asarray(A)` calls it.

    Parameters
    ----------
    A : operator, (m, n)
    max_bytes : int or None
        Limit of the result in bytes (default 2 GiB); None lifts it.

    Returns
    -------
    array, (m, n)
        The entries; for a `Dense` operator its own array, not a copy.

    Raises
    ------
    TooLarge
        The array would pass the limit; the message says how many bytes it needs.

    Examples
    --------
    >>> import otimes as ox
    >>> ox.to_dense(ox.kron([[1, 2]], [[1], [10]]))
    array([[ 1,  2],
           [10, 20]])
    """
    if not A.formed:
        what = f"the dense form of {type(A).__name__} {A.shape[0]}×{A.shape[1]}"
        require_bytes(
            A.shape, itemsize(A.dtype), max_bytes, what, "use A @ x, which does not form it, or raise max_bytes="
        )
    return to_dense.dispatch(A)
