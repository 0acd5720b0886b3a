"""The view of an operator as a sum of Kronecker products."""

from typing import Any

from otimes.core.algebra import with_known
from otimes.core.rules import function


@function()
def kronecker_terms(A: Any) -> Any:
    """Return the same operator as a sum of Kronecker products Σₖ Sₖ ⊗ Aₖ.

    Toeplitz operators of several levels and block Toeplitz operators are Σ S_l ⊗ A_l over the lags l, with the shift
    matrix S_l that is 1 where i − j = l; circulant ones with cyclic shifts. Such sums add and multiply, regroup and
    approximate as others do; their products are slower than those by transforms.

    Parameters
    ----------
    A : operator, (m, n)
        Toeplitz or circulant of at least two levels, block Toeplitz, block circulant, a CP operator, or such a sum
        already.

    Returns
    -------
    KroneckerTerms, (m, n); a Kronecker for one term, a Zero for none
        A term per lag, of zero blocks none.

    Raises
    ------
    NoRule
        A is in no such form; `nearest_kronecker` finds one for matrices.

    References
    ----------
    Nagy & Kilmer (2006), Kronecker product approximation for preconditioning in three-dimensional imaging.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> t = np.random.default_rng(0).random((5, 7))  # 3 × 3 blocks of 4 × 4
    >>> T = ox.multilevel_toeplitz(t)
    >>> K = ox.kronecker_terms(T)
    >>> type(K).__name__, len(K.terms), bool(np.allclose(np.asarray(K), np.asarray(T)))
    ('KroneckerTerms', 5, True)
    """
    return with_known(kronecker_terms.dispatch(A), A.facts)
