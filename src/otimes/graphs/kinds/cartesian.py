"""The Cartesian product: one step is a step in one factor, the others stay."""

from collections.abc import Sequence
from typing import Any

import otimes as ox
from otimes.graphs.factor import Factor
from otimes.graphs.kinds.kind import Components, Kind, Places, Term, Triangles, cross
from otimes.graphs.lines import known_eigh


class Cartesian(Kind):
    """G □ H: A = A_G ⊕ A_H, D = D_G ⊕ D_H, L = L_G ⊕ L_H. Weights of loops at both nodes of a pair add."""

    name = "cartesian"
    spectra = "the adjacency matrix and the combinatorial Laplacian, and the normalized one if every factor is regular"

    def terms(self, count: int) -> list[Term]:
        """Return those of A ⊗ I ⊗ … + I ⊗ A ⊗ … + …."""
        return [("I",) * i + ("A",) + ("I",) * (count - i - 1) for i in range(count)]

    def adjacency(self, factors: Sequence[Factor]) -> ox.LinearOperator:
        """Return A_G ⊕ A_H."""
        return ox.kronsum(*(F.adjacency for F in factors))

    def degrees(self, factors: Sequence[Factor]) -> ox.LinearOperator:
        """Return D_G ⊕ D_H."""
        return ox.kronsum(*(F.degree for F in factors))

    def laplacian(self, factors: Sequence[Factor]) -> ox.LinearOperator:
        """Return L_G ⊕ L_H."""
        return ox.kronsum(*(F.laplacian for F in factors))

    def eigh(self, factors: Sequence[Factor], name: str) -> tuple[Any, Any]:
        """Return the sums of the factors' eigenvalues and the products of their eigenvectors, each found once."""
        if name == "normalized":
            return super().eigh(factors, name)
        found: dict[int, tuple[Any, Any]] = {}
        for F in factors:
            if id(F) not in found:
                found[id(F)] = known_eigh(F, name) or super().eigh([F], name)
        values, vectors = zip(*(found[id(F)] for F in factors), strict=True)
        return ox.eigvalsh(ox.kronsum(*map(ox.diag, values))), ox.kron(*vectors)

    def places(self, first: Places, second: Places) -> Places:
        """Return the places: a loop at either node of a pair is one at the pair."""
        n, m = first.size, second.size
        loops = n * m - (n - first.loops) * (m - second.loops)
        return Places(n * m, first.apart * m + n * second.apart, loops)

    def components(self, first: Components, second: Components) -> Components:
        """Return the components: one of each make one, bipartite if both are; isolated nodes are bipartite too."""
        isolated = first.isolated * second.isolated
        two_coloured = (first.isolated + first.bipartite) * (second.isolated + second.bipartite)
        total = sum(first[1:]) * sum(second[1:])
        return Components(first.size * second.size, isolated, two_coloured - isolated, total - two_coloured)

    def triangles(self, first: Triangles, second: Triangles) -> Triangles:
        """Return the triangles: each is one of a factor."""
        n, m = first.size, second.size
        return Triangles(
            n * m,
            first.edges * m + n * second.edges,
            cross(first.ones, second.ones),
            cross(first.degrees, second.ones) + cross(first.ones, second.degrees),
            cross(first.triangles, second.ones) + cross(first.ones, second.triangles),
        )
