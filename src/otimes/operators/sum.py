"""Sum: A₁ + A₂ + … + A_N."""

import functools
from typing import Any

import numpy as np

from otimes.core.algebra import add, conj, to_dense, transpose
from otimes.core.array import Array, astype, copied
from otimes.core.facts import of_sum
from otimes.core.indexing import entries
from otimes.core.operator import LinearOperator, gathered
from otimes.core.values import formed
from otimes.functions.diagonal import diagonal
from otimes.functions.trace import trace


class Sum(LinearOperator):
    """A lazy sum of operators of one shape; `A + B` makes it where no identity applies."""

    terms: tuple[LinearOperator, ...]

    def __init__(self, *terms: LinearOperator):
        terms, spec = gathered(terms, "term")
        super().__init__(terms[0].shape, spec, of_sum(term.facts for term in terms), terms=terms)

    @property
    def children(self) -> tuple[LinearOperator, ...]:
        """The terms."""
        return self.terms

    def _rebuilt(self, children: tuple[LinearOperator, ...]) -> "Sum":
        return Sum(*children)

    def _matmat(self, X: Array) -> Array:
        first, *rest = self.terms
        total = first._matmat(X)
        for term in rest:
            total = total + term._matmat(X)
        return total


def _terms(A: LinearOperator) -> tuple[LinearOperator, ...]:
    return A.terms if isinstance(A, Sum) else (A,)


@add.rule(LinearOperator, LinearOperator, says="A + B")
def _(A: LinearOperator, B: LinearOperator) -> LinearOperator:
    return Sum(*_terms(A), *_terms(B))


@to_dense.rule(Sum, says="(A + B)ᵢⱼ = Aᵢⱼ + Bᵢⱼ")
def _(A: Sum) -> Array:
    total = copied(astype(to_dense(A.terms[0], max_bytes=None), A.dtype))
    for term in A.terms[1:]:
        total += to_dense(term, max_bytes=None)
    return total


@entries.rule(Sum, says="(A + B)ᵢⱼ = Aᵢⱼ + Bᵢⱼ")
def _(A: Sum, rows: np.ndarray, columns: np.ndarray) -> Array:
    return functools.reduce(lambda a, b: a + b, (entries(term, rows, columns) for term in A.terms))


@transpose.rule(Sum, says="(A + B)ᵀ = Aᵀ + Bᵀ")
def _(A: Sum) -> LinearOperator:
    return functools.reduce(add, map(transpose, A.terms))


@conj.rule(Sum, says="conj(A + B) = conj(A) + conj(B)")
def _(A: Sum) -> LinearOperator:
    return functools.reduce(add, map(conj, A.terms))


@trace.rule(Sum, says="tr(A + B) = tr(A) + tr(B)")
def _(A: Sum) -> Any:
    return sum(map(trace, A.terms))


@diagonal.rule(Sum, says="diag(A + B) = diag(A) + diag(B)")
def _(A: Sum) -> Array:
    return functools.reduce(lambda d, e: d + e, (formed(diagonal(term)) for term in A.terms))
