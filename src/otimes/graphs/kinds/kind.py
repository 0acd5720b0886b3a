"""Kind: what a product of graphs is, in its matrices and its counts; one file for each kind gives the identities."""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

import otimes as ox
from otimes.errors import StructureError
from otimes.graphs.factor import Factor

DENSE_LIMIT = 2048  # nodes up to which a product without the spectrum of its factors is decomposed as a whole
Term = tuple[str, ...]  # for each factor "A", "I" or "1": its edges, its nodes alone, or all pairs of its nodes


class Places(NamedTuple):
    """Of an adjacency matrix: its rows, the nonzeros off the diagonal, and those on it."""

    size: int
    apart: int
    loops: int


class Components(NamedTuple):
    """Of an undirected graph: nodes without an edge, and of the other components those that are bipartite or not."""

    size: int
    isolated: int
    bipartite: int
    odd: int


class Triangles(NamedTuple):
    """Of a simple graph: ones, degrees and triangles of the nodes, as arrays (n,) or as their sums, exact integers."""

    size: int
    edges: int
    ones: Any
    degrees: Any
    triangles: Any


def cross(a: Any, b: Any) -> Any:
    """Return a ⊗ b of vectors, or of their sums."""
    return a * b if isinstance(a, int) else np.multiply.outer(a, b).reshape(-1)


class Kind:
    """A product of graphs on the pairs, triples, … of their nodes."""

    name: str
    spectra: str  # which matrices have the spectrum of the factors', for messages

    def terms(self, count: int) -> list[Term]:
        """Return the terms of A as products of the factors' edges, nodes and pairs of nodes."""
        raise NotImplementedError

    def adjacency(self, factors: Sequence[Factor]) -> ox.LinearOperator:
        """Return A."""
        raise NotImplementedError

    def degrees(self, factors: Sequence[Factor]) -> ox.LinearOperator:
        """Return D by the degrees of the factors."""
        raise NotImplementedError

    def common_degree(self, factors: Sequence[Factor]) -> float | None:
        """Return the degree of all nodes if every factor is regular, else None."""
        if any(F.regular is None for F in factors):
            return None
        return float(self.degrees(factors)[0, 0])

    def degree(self, factors: Sequence[Factor]) -> ox.LinearOperator:
        """Return D, the diagonal of the degrees; of regular factors a multiple of I, which has every spectrum."""
        degree = self.common_degree(factors)
        return self.degrees(factors) if degree is None else identity(factors) * degree

    def laplacian(self, factors: Sequence[Factor]) -> ox.LinearOperator:
        """Return L = D − A."""
        return self.degree(factors) - self.adjacency(factors)

    def scaled(self, factors: Sequence[Factor], left: float, right: float) -> ox.LinearOperator:
        """Return D^left A D^right, with 0 in place of the powers of 0; of regular factors it is a multiple of A."""
        A, degree = self.adjacency(factors), self.common_degree(factors)
        if degree is not None:
            return A * float(power_of(np.array([degree]), left + right)[0])
        degrees = np.asarray(ox.diagonal(self.degrees(factors)))
        product = ox.diag(power_of(degrees, left)) @ A @ ox.diag(power_of(degrees, right))
        return ox.assume(product, "symmetric", "hermitian") if left == right and A.facts.symmetric else product

    def connected(self, factors: Sequence[Factor]) -> ox.LinearOperator:
        """Return I, with 0 at nodes of degree 0: what D⁻¹ D is."""
        degree = self.common_degree(factors)
        if degree is not None:
            return identity(factors) * float(degree != 0)
        occupied = np.asarray(ox.diagonal(self.degrees(factors))) != 0
        return identity(factors) if occupied.all() else ox.diag(occupied.astype(float))

    def matrix(self, factors: Sequence[Factor], name: str) -> ox.LinearOperator:
        """Return the adjacency matrix or one of the Laplacians.

        Of weights that are not negative xᵀ L x = ½ Σ Aᵢⱼ (xᵢ − xⱼ)², and the normalized Laplacian is congruent to L.
        """
        if name == "adjacency":
            return self.adjacency(factors)
        if name == "random_walk":
            return self.connected(factors) - self.scaled(factors, -1.0, 0.0)
        if name == "normalized":
            L = self.connected(factors) - self.scaled(factors, -0.5, -0.5)
        else:
            L = self.laplacian(factors)
        known = all(F.nonnegative and not F.directed for F in factors)
        return ox.assume(L, "positive_semidefinite") if known else L

    def eigh(self, factors: Sequence[Factor], name: str) -> tuple[Any, Any]:
        """Return eigenvalues and eigenvectors of such a matrix; `NoRule` if it is large and has not the factors'."""
        limit = max(DENSE_LIMIT, *(F.size for F in factors))
        return ox.eigh(self.matrix(factors, name), dense_limit=limit)

    def places(self, first: Places, second: Places) -> Places:
        """Return the places of the product of two graphs."""
        raise NotImplementedError

    def components(self, first: Components, second: Components) -> Components:
        """Return the components of the product of two undirected graphs."""
        raise NotImplementedError

    def triangles(self, first: Triangles, second: Triangles) -> Triangles:
        """Return the triangles of the product of two simple graphs."""
        raise NotImplementedError


def identity(factors: Sequence[Factor]) -> ox.LinearOperator:
    """Return I of the nodes of the product."""
    return ox.eye(math.prod(F.size for F in factors), dtype=factors[0].weights.dtype)


def power_of(degrees: np.ndarray, power: float) -> np.ndarray:
    """Return the degrees to a power, and 0 for those that are 0; powers of −1/2 take no negative degrees."""
    if power == 0:
        return np.ones_like(degrees)
    if power != int(power) and degrees.min(initial=0) < 0:
        raise StructureError("some node has a negative degree, of which there is no square root; kind='combinatorial'")
    return np.power(degrees, power, where=degrees != 0, out=np.zeros_like(degrees))
