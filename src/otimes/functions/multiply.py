"""The product entry by entry."""

from typing import Any

from otimes.core.algebra import with_known
from otimes.core.array import is_integral
from otimes.core.checks import shape_text
from otimes.core.convert import aslinearoperator
from otimes.core.facts import Facts, either, every
from otimes.core.operator import gathered
from otimes.core.rules import function
from otimes.errors import ShapeError


@function(operands=2)
def multiply(A: Any, B: Any) -> Any:
    """Return the Hadamard product A ∘ B, entry by entry (NumPy's name; `*` between operators is refused).

    (A ⊗ B) ∘ (C ⊗ D) = (A ∘ C) ⊗ (B ∘ D) for factors of the same shapes. The product of positive semidefinite
    operators is so too, and definite if both are (Schur's theorem).

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
    NoRule
        No identity applies, and they are too large to be formed.

    References
    ----------
    Horn & Johnson (1991), chapter 5 and lemma 4.2.10 for products of Kronecker products.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> A, B = np.array([[1, 2], [3, 4]]), np.array([[5, 6]])
    >>> K = ox.multiply(ox.kron(A, B), ox.kron(A, B))
    >>> type(K).__name__, ox.to_dense(K)[0]
    ('Kronecker', array([ 25,  36, 100, 144]))
    """
    if A.shape != B.shape:
        raise ShapeError(
            f"multiply(A, B): A is {shape_text(A.shape)} and B is {shape_text(B.shape)}; they must be equal, and A @ B "
            "is the product of matrices"
        )
    if A.spec.weak != B.spec.weak:  # the weak one takes library and dtype of the other, also where it is formed
        (A, B), _ = gathered((A, B), "operand")
    return with_known(multiply.dispatch(A, B), _facts(A, B))


def _facts(A: Any, B: Any) -> Facts:
    """Return what is known of A ∘ B: symmetry of both, triangles of either, and Schur's theorem."""
    names = ["symmetric", "hermitian"]
    if not (is_integral(A.spec.dtype) or is_integral(B.spec.dtype)):  # integers may wrap
        names += ["positive_semidefinite", "positive_definite"]
    known = every([A.facts, B.facts], *names)
    names = [name for name in ("lower_triangular", "upper_triangular") if getattr(either(A.facts, B.facts), name)]
    return either(known, Facts(**dict.fromkeys(names, True)))


@multiply.dense
def _(a: Any, b: Any) -> Any:
    return aslinearoperator(a * b)
