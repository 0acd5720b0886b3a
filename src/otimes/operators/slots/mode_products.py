"""Mode products: matrices applied to tensors, each along one axis."""

from collections.abc import Sequence
from typing import Any

from otimes.core.array import ANY, Array, namespace
from otimes.core.checks import as_array, require_sequence, shape_text
from otimes.core.operator import LinearOperator
from otimes.core.tensors import require_mode
from otimes.errors import ShapeError
from otimes.operators.identity import Identity
from otimes.operators.kronecker.kronecker import converted_factor, kron


def mode_product(T: Any, A: Any, mode: int) -> Array:
    """Return T ×_mode A: the matrix A applied to every fibre of the tensor along one axis.

    unfold(T ×ₖ A, k) = A unfold(T, k).

    Parameters
    ----------
    T : array_like, (n₀, …, n_d−1)
    A : operator or array_like, (m, n_mode)
        A vector is a row: the axis stays, with size 1.
    mode : int

    Returns
    -------
    array, (n₀, …, m, …, n_d−1)
        At 2 m Π nᵢ operations for a dense A.

    Raises
    ------
    ShapeError
        A does not conform to the axis, or there is no such mode.

    References
    ----------
    Kolda & Bader (2009), Tensor decompositions and applications, section 2.5.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> image = np.ones((64, 48, 3))
    >>> ox.mode_product(image, np.full((1, 3), 1 / 3), 2).shape  # its mean over the colours
    (64, 48, 1)
    """
    return multi_mode_product(T, [A], [mode])


def multi_mode_product(T: Any, As: Sequence[Any], modes: Sequence[int] | None = None) -> Array:
    """Return T ×ₖ Aₖ over several modes, in the order that costs least.

    The entries by rows are those of a Kronecker product: (A₀ ⊗ A₁ ⊗ …) vec_C(T).

    Parameters
    ----------
    T : array_like, (n₀, …, n_d−1)
    As : operators or array_like, (mₖ, nₖ) each
    modes : ints, optional
        That of each matrix, none twice; the first, second, … axis if left out.

    Returns
    -------
    array, with mₖ in place of nₖ
        `plan(kron(*As))` shows how.

    Raises
    ------
    ShapeError
        A matrix does not conform to its axis, a mode does not exist or is named twice, or there are not as many
        modes as matrices.

    References
    ----------
    Kolda & Bader (2009), Tensor decompositions and applications, section 2.5.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> image = np.ones((64, 48, 3))
    >>> half = lambda n: ox.kron(ox.eye(n // 2), np.full((1, 2), 0.5))  # means of neighbours
    >>> ox.multi_mode_product(image, [half(64), half(48)]).shape
    (32, 24, 3)
    """
    T = as_array(T, "T in the mode product")
    operators = _operators(As)
    factors: list[LinearOperator] = [Identity(n, ANY) for n in T.shape]
    for A, mode in zip(operators, _checked(modes, len(operators), T.ndim), strict=True):
        if A.shape[1] != T.shape[mode]:
            raise ShapeError(
                f"the mode-{mode} product of T {shape_text(T.shape)} with A {shape_text(A.shape)}: "
                f"A has {A.shape[1]} columns and axis {mode} of T has size {T.shape[mode]}"
                + ("; A.T would conform" if A.shape[0] == T.shape[mode] else "")
            )
        factors[mode] = A
    xp = namespace(T)
    if not factors:
        return T
    return xp.reshape(kron(*factors) @ xp.reshape(T, (-1,)), tuple(F.shape[0] for F in factors))


def _operators(As: Any) -> list[LinearOperator]:
    if len(getattr(As, "shape", ())) == 2:
        raise ShapeError(f"mode product: As is one matrix {shape_text(As.shape)}; give a list, or use mode_product")
    As = require_sequence(As, "mode product: As")
    operators = [converted_factor(A, position, "mode product") for position, A in enumerate(As)]
    for A in operators:
        if hasattr(A, "batch_shape"):
            raise ShapeError(f"mode product: a matrix has two axes, and one of these is a batch {shape_text(A.shape)}")
    return operators


def _checked(modes: Sequence[int] | None, count: int, ndim: int) -> list[int]:
    """Return the modes of `count` matrices, each of which the tensor has, none twice."""
    given = range(count) if modes is None else require_sequence(modes, "mode product: modes")
    if len(given) != count:
        raise ShapeError(f"mode product: {count} matrices and {len(given)} modes; give one mode for each")
    known = [require_mode(mode, ndim, "mode product") for mode in given]
    if len(set(known)) < count:
        raise ShapeError(
            f"mode product: modes {list(given)} name one twice; multiply its matrices first, T ×ₖ A ×ₖ B = T ×ₖ (B A)"
        )
    return known
