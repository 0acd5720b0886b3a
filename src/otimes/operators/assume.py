"""`assume`: facts that the user states."""

from typing import Any

from otimes.core.batch import batched
from otimes.core.convert import aslinearoperator
from otimes.core.facts import merged
from otimes.core.operator import LinearOperator
from otimes.errors import StructureError

NEEDS_SQUARE = {"symmetric", "hermitian", "positive_definite", "positive_semidefinite", "unitary"}


@batched
def assume(A: Any, *facts: str, **values: bool) -> LinearOperator:
    """Return the same operator with facts that rules may then use.

    They are taken on trust: a fact that is wrong makes results wrong.

    Parameters
    ----------
    A : operator or array_like, (m, n)
    *facts : str
        "symmetric", "hermitian", "positive_definite", "positive_semidefinite", "unitary",
        "lower_triangular", "upper_triangular".
    **values : bool
        The same with True or False: `hermitian=False`.

    Returns
    -------
    LinearOperator
        A new one; A stays as it was.

    Raises
    ------
    StructureError
        An unknown fact, a contradiction to what is known, or a fact that needs a square operator.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> A = ox.assume(np.array([[2.0, 1.0], [1.0, 2.0]]), "positive_definite")
    >>> ox.kron(A, A).facts.positive_definite
    True
    """
    A = aslinearoperator(A)
    stated = dict.fromkeys(facts, True) | values
    needing = sorted(name for name in stated if name in NEEDS_SQUARE and stated[name])
    if needing and not A.square:
        raise StructureError(f"assume: a {A.shape[0]}×{A.shape[1]} operator cannot be {needing[0].replace('_', ' ')}")
    return A.with_facts(merged(A.facts, stated))
