"""`kron_terms` and `regroup`: sums of Kronecker products of given factors, and in a coarser partition."""

from collections.abc import Sequence
from typing import Any

from otimes.core.array import is_array
from otimes.core.batch import Batch
from otimes.core.checks import product_text, require_size, shape_text
from otimes.core.convert import aslinearoperator
from otimes.core.operator import LinearOperator
from otimes.errors import ShapeError, StructureError
from otimes.operators.kronecker.kronecker import converted_factor, kron
from otimes.operators.terms.kronecker_terms import (
    KroneckerTerms,
    Partition,
    aligned,
    bare,
    partition_of,
    scalar_of,
    term,
    terms_of,
)


def kron_terms(terms: Any) -> KroneckerTerms:
    """Return the sum of Kronecker products Σ_r F₁⁽ʳ⁾ ⊗ … ⊗ F_N⁽ʳ⁾ as an operator, without forming it.

    Parameters
    ----------
    terms : sequence
        Of tuples of factors, one tuple for each term: [(A, B), (C, D)]. Or of stacked arrays, one for each slot, the
        first of shape (R, m₁, n₁). Terms may also be Kronecker products, or multiples or sums of such.

    Returns
    -------
    KroneckerTerms, (m₁ ⋯ m_N, n₁ ⋯ n_N)
        A product with a vector costs the sum of those of the terms.

    Raises
    ------
    ShapeError
        There are no terms, or their factors differ in number or in shapes; `regroup` merges slots.
    ArrayMixError
        Factors of different array libraries or devices.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> A, B, C, D = np.ones((2, 2)), np.eye(3), np.eye(2), np.ones((3, 3))
    >>> K = ox.kron_terms([(A, B), (C, D)])
    >>> K.partition, np.allclose(K @ np.ones(6), (np.kron(A, B) + np.kron(C, D)) @ np.ones(6))
    (((2, 2), (3, 3)), True)
    >>> ox.kron_terms([np.ones((5, 2, 2)), np.ones((5, 3, 3))]).shape  # five terms, stacked
    (6, 6)
    """
    if not isinstance(terms, Sequence):
        raise ShapeError(f"kron_terms takes a sequence of terms, or of stacked arrays, not {type(terms).__name__}")
    if terms and all(is_array(stack) and stack.ndim == 3 for stack in terms):
        terms = _unstacked(terms)
    products = [product for position, given in enumerate(terms) for product in _read(given, position)]
    if not products:
        raise ShapeError("kron_terms of no terms: the sum of none would be otimes.zeros(m, n) of a shape not given")
    first, *rest = (partition_of(bare(product)) for product in products)
    fitting = aligned(*products)
    if fitting is None:
        position, other = next((r, list(shapes)) for r, shapes in enumerate(rest, 1) if shapes != first)
        raise ShapeError(
            f"kron_terms: term 0 is {product_text(list(first))} and term {position} is {product_text(other)}; all "
            "terms need factors of the same shapes. otimes.regroup merges neighbouring slots; "
            "kron(…) + kron(…) takes any shapes"
        )
    return KroneckerTerms(*fitting)


def _unstacked(stacks: Sequence[Any]) -> list[tuple]:
    """Return the terms of stacks of one length."""
    counts = [stack.shape[0] for stack in stacks]
    if len(set(counts)) > 1:
        raise ShapeError(f"kron_terms: the stacks hold {', '.join(map(str, counts))} factors; each needs one per term")
    return [tuple(stack[r, :, :] for stack in stacks) for r in range(counts[0])]


def _read(given: Any, position: int) -> tuple[LinearOperator, ...]:
    """Return the terms that one entry of the list stands for."""
    if isinstance(given, tuple | list):
        if not given:
            raise ShapeError(f"kron_terms: term {position} has no factors")
        factors = [converted_factor(F, i, f"kron_terms: term {position}") for i, F in enumerate(given)]
        if any(isinstance(F, Batch) for F in factors):
            raise ShapeError(
                f"kron_terms: term {position} has a batch among its factors; kron(…) + kron(…) takes batches"
            )
        return (term(factors),)
    found = terms_of(given) if isinstance(given, LinearOperator) else ()
    if not found:
        raise ShapeError(
            f"kron_terms: term {position} is of type {type(given).__name__}; give the tuple of its factors, "
            "or a Kronecker product"
        )
    return found


def regroup(K: Any, shapes: Sequence[tuple[int, int]]) -> KroneckerTerms:
    """Return a sum of Kronecker products with neighbouring slots merged: the same matrix in a coarser partition.

    A ⊗ B ⊗ C = (A ⊗ B) ⊗ C; the merged factors stay lazy. What works on two slots, `recompress` say, so works on any
    two groups of slots, and sums in different partitions come to a common one.

    Parameters
    ----------
    K : KroneckerTerms, Kronecker, or a multiple
    shapes : ((m₁, n₁), …)
        The shapes of the factors afterwards.

    Returns
    -------
    KroneckerTerms, (m, n)

    Raises
    ------
    ShapeError
        The shapes are not those of groups of neighbouring factors.
    StructureError
        K is no sum of Kronecker products.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> K = ox.kron(np.ones((2, 2)), np.ones((3, 4)), np.ones((5, 5)))
    >>> ox.regroup(K, [(2, 2), (15, 20)]).partition
    ((2, 2), (15, 20))
    """
    K = aslinearoperator(K)
    terms = aligned(*terms_of(K)) if terms_of(K) else None
    if terms is None:
        raise StructureError(f"regroup: {type(K).__name__} {shape_text(K.shape)} is no sum of Kronecker products")
    wanted = _partition_given(shapes)
    partition = partition_of(bare(terms[0]))
    groups = _groups(partition, wanted)
    if groups is None:
        raise ShapeError(
            f"regroup: {product_text(list(wanted))} does not come from {product_text(list(partition))} "
            "by merging neighbours"
        )
    return KroneckerTerms(*(_merged(product, groups) for product in terms))


def _partition_given(shapes: Any) -> Partition:
    """Return the shapes of factors as pairs of integers."""
    try:
        pairs = [(m, n) for m, n in shapes]
    except (TypeError, ValueError):
        raise ShapeError(f"regroup: shapes={shapes!r} must be pairs (m, n), one for each factor") from None
    return tuple((require_size(m, "each size in shapes"), require_size(n, "each size in shapes")) for m, n in pairs)


def _groups(partition: Partition, wanted: Partition) -> list[slice] | None:
    """Return the slots that make up each wanted factor, or None."""
    groups, start = [], 0
    for shape in wanted:
        stop, rows, columns = start, 1, 1
        while stop < len(partition) and (stop == start or (rows, columns) != shape):
            rows, columns = rows * partition[stop][0], columns * partition[stop][1]
            stop += 1
        if (rows, columns) != shape:
            return None
        groups.append(slice(start, stop))
        start = stop
    rest = partition[start:]
    if not groups or any(shape != (1, 1) for shape in rest):
        return None
    return [*groups[:-1], slice(groups[-1].start, len(partition))]


def _merged(product: LinearOperator, groups: list[slice]) -> LinearOperator:
    factors = bare(product).factors
    grouped = (factors[g] if g.stop - g.start == 1 else (kron(*factors[g]),) for g in groups)
    return term((F for group in grouped for F in group), scalar_of(product))
