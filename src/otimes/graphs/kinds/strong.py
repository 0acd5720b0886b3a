"""The strong product: one step is a step in some of the factors at once."""

import itertools
from collections.abc import Sequence

import otimes as ox
from otimes.graphs.factor import Factor
from otimes.graphs.kinds.kind import Components, Kind, Places, Term, Triangles, cross, identity


class Strong(Kind):
    """G ⊠ H: A + I = (A_G + I) ⊗ (A_H + I), D + I = (D_G + I) ⊗ (D_H + I).

    Where loops let two terms of A make one edge their weights add, as for a multigraph.
    """

    name = "strong"
    spectra = "the adjacency matrix, and the Laplacians if every factor is regular"

    def terms(self, count: int) -> list[Term]:
        """Return those of A ⊗ I + I ⊗ A + A ⊗ A: all choices but I ⊗ I."""
        return list(itertools.product("IA", repeat=count))[1:]

    def adjacency(self, factors: Sequence[Factor]) -> ox.LinearOperator:
        """Return (A_G + I) ⊗ (A_H + I) − I."""
        return ox.kron(*(F.with_loops for F in factors)) - identity(factors)

    def laplacian(self, factors: Sequence[Factor]) -> ox.LinearOperator:
        """Return (D_G + I) ⊗ (D_H + I) − (A_G + I) ⊗ (A_H + I), or d I − A."""
        if self.common_degree(factors) is not None:
            return super().laplacian(factors)
        return ox.kron(*(F.degree + F.identity for F in factors)) - ox.kron(*(F.with_loops for F in factors))

    def degrees(self, factors: Sequence[Factor]) -> ox.LinearOperator:
        """Return (D_G + I) ⊗ (D_H + I) − I."""
        return ox.kron(*(F.degree + F.identity for F in factors)) - identity(factors)

    def places(self, first: Places, second: Places) -> Places:
        """Return the places: those of the tensor product with a loop at every node, less the loops at neither."""
        n, m = first.size, second.size
        loops = n * m - (n - first.loops) * (m - second.loops)
        return Places(n * m, (first.apart + n) * (second.apart + m) - n * m, loops)

    def components(self, first: Components, second: Components) -> Components:
        """Return the components: one of each make one, and of two edges it has triangles."""
        isolated = first.isolated * second.isolated
        bipartite = first.isolated * second.bipartite + first.bipartite * second.isolated
        odd = sum(first[1:]) * sum(second[1:]) - isolated - bipartite
        return Components(first.size * second.size, isolated, bipartite, odd)

    def triangles(self, first: Triangles, second: Triangles) -> Triangles:
        """Return the triangles by A³ = Â³ − 3 Â² + 3 Â − I: Â = A + I has diag Â² = d + 1, diag Â³ = 2 t + 3 d + 1."""
        squares = cross(first.degrees + first.ones, second.degrees + second.ones)
        ones = cross(first.ones, second.ones)
        walks = cross(*(2 * X.triangles + 3 * X.degrees + X.ones for X in (first, second)))
        n, m = first.size, second.size
        return Triangles(
            n * m,
            ((2 * first.edges + n) * (2 * second.edges + m) - n * m) // 2,
            ones,
            squares - ones,
            (walks - 3 * squares + 2 * ones) // 2,
        )
