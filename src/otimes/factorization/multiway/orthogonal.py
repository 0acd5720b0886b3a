"""Sums of products of which any two are orthogonal: a tree of singular value decompositions, largest terms first.

M is decomposed for the first factor against all others, each right singular vector again for the second factor, and
so on (TTr1). The products at the leaves are orthonormal, so that the error of any of them is the root of the sum of
the squares of the others: exact, though other sums of as many terms may be nearer.
"""

import heapq
import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from otimes.core.checks import product_text, require_size
from otimes.core.threads import one_thread
from otimes.errors import ShapeError
from otimes.factorization.multiway.cut import Cut, tensor_of
from otimes.factorization.multiway.sums import as_sum
from otimes.factorization.operand import Operand
from otimes.factorization.result import KroneckerApproximation, terms_text
from otimes.factorization.shapes import Shapes
from otimes.factorization.sources.rearranged import Rearranged
from otimes.factorization.spectrum import four_digits
from otimes.factorization.triplets import singular_triplets

_FIRST = 4  # branches for the first factor to begin with, at least


@dataclass(frozen=True)
class Branch:
    """Terms that share their first factors: `value` · (those factors) ⊗ (the unit tensor `rest`).

    No term of it is larger than `value`, and the sum of the squares of all is its square.
    """

    value: float
    leading: tuple[np.ndarray, ...]
    rest: np.ndarray

    @property
    def is_term(self) -> bool:
        """Whether the rest is a single factor."""
        return self.rest.ndim == 1

    @property
    def columns(self) -> tuple[np.ndarray, ...]:
        """The unit vectors vec(F_k) of a term."""
        return (*self.leading, self.rest)

    def branches(self) -> Iterator["Branch"]:
        """Yield the branches for each next factor."""
        U, values, Vh = np.linalg.svd(self.rest.reshape(len(self.rest), -1), full_matrices=False)
        for u, value, v in zip(U.T, values, Vh, strict=True):
            yield Branch(self.value * float(value), (*self.leading, u), v.reshape(self.rest.shape[1:]))


@dataclass
class Tree:
    """Branches that are not yet cut open, the largest first; ``rest`` is the norm of those that were left out.

    However far the triplets of R have converged, U and V are orthonormal and Uᴴ R = Σ Vᴴ: the error is exact.
    """

    heap: list[tuple[float, int, Branch]]
    left_out: float  # that no value of a branch left out is above
    rest: float

    @classmethod
    def of(cls, R: Rearranged, shapes: Shapes, count: int, *, seed: int) -> "Tree":
        """Return the tree of the `count` largest branches for the first factor."""
        found = singular_triplets(R, count, tolerance=four_digits(R.norm()), seed=seed)
        values, V = found.values[:count], found.right.conj()
        rest, _ = R.residual_norms(found.left * values, V)
        tensors = np.moveaxis(tensor_of(V, shapes[1:]), -1, 0)
        branches = zip(values, found.left.T, tensors, strict=True)
        heap = [(-float(value), k, Branch(float(value), (u,), v)) for k, (value, u, v) in enumerate(branches)]
        return cls(heap, float(values[-1]) if count < min(R.shape) else 0.0, rest)

    def terms(self) -> Iterator[Branch]:
        """Yield the terms, largest first, as long as none of a branch left out can be larger."""
        order = itertools.count(len(self.heap))  # of equal values, the first pushed comes first
        while self.heap and -self.heap[0][0] >= self.left_out:
            branch = heapq.heappop(self.heap)[2]
            if branch.is_term:
                yield branch
            else:
                for part in branch.branches():
                    heapq.heappush(self.heap, (-part.value, next(order), part))

    @property
    def remaining(self) -> float:
        """Norm of all that is not yet yielded: a sum of squares, in which nothing cancels."""
        return math.hypot(self.rest, *(branch.value for _, _, branch in self.heap))


def nearest_orthogonal(
    operand: Operand, shapes: Shapes, terms: int | None, tol: float | None, *, seed: int
) -> KroneckerApproximation:
    """Return the largest of the orthogonal terms, as many as are asked for or as the tolerance takes."""
    most = _most(shapes)
    if terms is not None and not 1 <= require_size(terms, "terms") <= most:
        raise ShapeError(f"terms={terms}: {product_text(list(shapes))} admits 1 to {most} orthogonal terms")
    cut = Cut(shapes[:1], shapes[1:])
    operand = operand.prepared(cut.pair, terms=terms, tol=tol, seed=seed)
    R = operand.rearranged(cut.pair)
    with one_thread(True):
        found = _largest(R, shapes, terms or (1 if tol is None else most), tol, seed=seed)
    values = np.array([term.value for term in found])
    *leading, last = (np.stack(columns, axis=1) for columns in zip(*(term.columns for term in found), strict=True))
    factors = [*leading, last * values.astype(last.dtype)]
    F = as_sum(operand, R, cut, factors, values, "", gap=None, seed=seed)
    return replace(F, reason=_reason(F.terms, F.error, tol))


def _largest(R: Rearranged, shapes: Shapes, most: int, tol: float | None, *, seed: int) -> list[Branch]:
    """Return the largest terms, as many as there may be, or until all others meet the tolerance."""
    allowed = -1.0 if tol is None else tol * R.norm()
    count = min(_FIRST if tol is not None else max(_FIRST, most + 1), *R.shape)
    while True:
        tree, found = Tree.of(R, shapes, count, seed=seed), []
        for term in tree.terms():
            found.append(term)
            if len(found) == most or tree.remaining <= allowed:
                return found
        if count == min(R.shape):
            return found
        count = min(2 * count, *R.shape)


def _reason(terms: int, error: float, tol: float | None) -> str:
    remark = "the terms are orthogonal, and the error is the norm of all that are left out"
    if tol is None:
        return f"given: shapes and number of terms; {remark}"
    if error <= tol:
        return f"tolerance: {terms_text(terms)}, the fewest of these for an error of {tol:g}; {remark}"
    return f"tolerance {tol:g} not met: the error of {terms_text(terms)} is {error:.4g}; {remark}"


def _most(shapes: Shapes) -> int:
    """Return the number of leaves of the tree: Π_k min(q_k, q_{k+1} ⋯ q_N) for sizes q_k = m_k n_k."""
    sizes = [m * n for m, n in shapes]
    return math.prod(min(size, math.prod(sizes[k + 1 :])) for k, size in enumerate(sizes[:-1]))
