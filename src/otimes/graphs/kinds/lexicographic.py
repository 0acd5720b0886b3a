"""The lexicographic product: every node of the first graph is replaced by a copy of the second."""

import functools
import math
import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

import otimes as ox
from otimes.errors import TooLarge
from otimes.graphs.factor import Factor
from otimes.graphs.kinds.kind import Components, Kind, Places, Term, Triangles, cross

MOST_NODES = 2**27  # whose eigenvalues are a GiB


class Lexicographic(Kind):
    """G ∘ H: A = A_G ⊗ 1 1ᵀ + I ⊗ A_H, D = |H| D_G ⊕ D_H, L = |H| D_G ⊗ I − A_G ⊗ 1 1ᵀ + I ⊗ L_H.

    The vector 1 is an eigenvector of L_H: with it L acts as |H| L_G, and on u ⊗ v for v ⟂ 1 as |H| D_G ⊕ L_H. So with
    A where H is regular.
    """

    name = "lexicographic"
    spectra = (
        "the combinatorial Laplacian, the adjacency matrix if every factor after the first is regular, "
        "and the normalized Laplacian if every factor is"
    )

    def terms(self, count: int) -> list[Term]:
        """Return those of A ⊗ 1 1ᵀ ⊗ … + I ⊗ A ⊗ … + …."""
        return [("I",) * i + ("A",) + ("1",) * (count - i - 1) for i in range(count)]

    def adjacency(self, factors: Sequence[Factor]) -> ox.LinearOperator:
        """Return A_G ⊗ 1 1ᵀ + I ⊗ A_H."""
        return _sum_of(factors, [(term, 1.0) for term in self.terms(len(factors))])

    def laplacian(self, factors: Sequence[Factor]) -> ox.LinearOperator:
        """Return |H| D_G ⊗ I − A_G ⊗ 1 1ᵀ + I ⊗ L_H, or d I − A."""
        if self.common_degree(factors) is not None:
            return super().laplacian(factors)
        count, sizes = len(factors), [F.size for F in factors]
        terms = list[tuple[Term, float]]()
        for i, term in enumerate(self.terms(count)[:-1]):
            degrees = ("I",) * i + ("D",) + ("I",) * (count - i - 1)
            terms += [(degrees, float(math.prod(sizes[i + 1 :]))), (term, -1.0)]
        return _sum_of(factors, [*terms, (("I",) * (count - 1) + ("L",), 1.0)])

    def degrees(self, factors: Sequence[Factor]) -> ox.LinearOperator:
        """Return |H| D_G ⊕ D_H."""
        sizes = [F.size for F in factors]
        return ox.kronsum(*(F.degree * float(math.prod(sizes[i + 1 :])) for i, F in enumerate(factors)))

    def eigh(self, factors: Sequence[Factor], name: str) -> tuple[Any, Any]:
        """Return the spectrum from that of the factors, the last first; the first eigenvector of what follows is 1."""
        laplacian, degree = name != "adjacency", self.common_degree(factors)
        if name == "normalized" and degree:  # I − A/d = L/d
            values, vectors = self.eigh(factors, "combinatorial")
            return values / degree, vectors
        if name == "normalized" or not (laplacian or all(F.regular is not None for F in factors[1:])):
            return super().eigh(factors, name)
        nodes = math.prod(F.size for F in factors)
        if nodes > MOST_NODES:
            raise TooLarge(
                "the spectrum of a lexicographic product is no sum or product of the factors' and is formed; "
                f"{nodes} nodes are more than {MOST_NODES}"
            )
        dtype = np.result_type(*(F.weights.dtype for F in factors))
        values, vectors = np.zeros(1, dtype), np.ones((1, 1), dtype)
        for place, F in reversed(list(enumerate(factors))):
            size = vectors.shape[0]
            own = np.asarray(F.laplacian if laplacian else F.adjacency)
            own_values, V = _eigh_from_ones(own) if laplacian or place else np.linalg.eigh(own)
            shift = size * F.degrees if laplacian else 0 * F.degrees
            first = size * own_values + (0 if laplacian else values[0])
            values = np.concatenate([first[:, None], shift[:, None] + values[1:]], axis=1).reshape(-1)
            vectors = _joined(V, vectors)
        return values, ox.aslinearoperator(vectors)

    def places(self, first: Places, second: Places) -> Places:
        """Return the places: all pairs of two copies that an edge of the first joins; a loop fills a copy."""
        n, m = first.size, second.size
        loops = n * m - (n - first.loops) * (m - second.loops)
        copies = first.loops * (m * m - m) + (n - first.loops) * second.apart
        return Places(n * m, first.apart * m * m + copies, loops)

    def components(self, first: Components, second: Components) -> Components:
        """Return the components: copies that an edge joins hang together, an isolated node leaves a copy as it is."""
        if not second.size:
            return Components(0, 0, 0, 0)
        isolated, bipartite, odd = (first.isolated * number for number in second[1:])
        if second.isolated == second.size:
            return Components(first.size * second.size, isolated, bipartite + first.bipartite, odd + first.odd)
        return Components(first.size * second.size, isolated, bipartite, odd + first.bipartite + first.odd)

    def triangles(self, first: Triangles, second: Triangles) -> Triangles:
        """Return the triangles: of copies, of an edge within a copy and a node of another, within a copy."""
        n, m = first.size, second.size
        return Triangles(
            n * m,
            first.edges * m * m + n * second.edges,
            cross(first.ones, second.ones),
            m * cross(first.degrees, second.ones) + cross(first.ones, second.degrees),
            m * m * cross(first.triangles, second.ones)
            + cross(first.degrees, m * second.degrees + second.edges * second.ones)
            + cross(first.ones, second.triangles),
        )


def _sum_of(factors: Sequence[Factor], terms: Sequence[tuple[Term, float]]) -> ox.LinearOperator:
    """Return the sum of products of the factors' parts, each times a number."""
    parts = {"I": "identity", "A": "adjacency", "D": "degree", "L": "laplacian", "1": "ones"}
    products = (
        (ox.kron(*(getattr(F, parts[part]) for F, part in zip(factors, term, strict=True))), number)
        for term, number in terms
    )
    return functools.reduce(operator.add, (K if number == 1 else K * number for K, number in products))


def _eigh_from_ones(S: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return eigenvalues and eigenvectors of S = Sᵀ with S 1 = c 1, that of 1 first.

    H S H for the reflection H with √n H e₀ = 1 has c alone in its first row and column.
    """
    n = len(S)
    v = np.full(n, n**-0.5, S.dtype) - np.eye(n, 1, dtype=S.dtype)[:, 0]
    H = np.eye(n, dtype=S.dtype) - (2 / (v @ v) * np.outer(v, v) if n > 1 else 0)
    inner = H @ S @ H
    values, W = np.linalg.eigh(inner[1:, 1:])
    return np.concatenate([inner[:1, 0], values]), np.concatenate([H[:, :1], H[:, 1:] @ W], axis=1)


def _joined(V: np.ndarray, rest: np.ndarray | ox.LinearOperator) -> np.ndarray | ox.LinearOperator:
    """Return V ⊗ r₀ e₀ᵀ + I ⊗ (R − r₀ e₀ᵀ) for the columns r₀, r₁, … of R, of which r₀ is constant."""
    n = rest.shape[0]
    if n == 1:
        return V
    constant = ox.low_rank(np.full((n, 1), n**-0.5, V.dtype), np.eye(n, 1, dtype=V.dtype))
    others = ox.aslinearoperator(rest) @ ox.diag((np.arange(n) > 0).astype(V.dtype))
    return ox.kron_terms([(V, constant), (ox.eye(len(V)), others)])
