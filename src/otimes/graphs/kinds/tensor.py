"""The tensor product: one step is a step in every factor at once."""

from collections.abc import Sequence

import otimes as ox
from otimes.graphs.factor import Factor
from otimes.graphs.kinds.kind import Components, Kind, Places, Term, Triangles, cross, identity, power_of


class Tensor(Kind):
    """G × H: A = A_G ⊗ A_H, D = D_G ⊗ D_H. Their difference, L, is a sum of two products and has no spectrum of theirs.

    References
    ----------
    Weichsel (1962), The Kronecker product of graphs.
    """

    name = "tensor"
    spectra = "the adjacency matrix and the normalized Laplacian, and the combinatorial one if every factor is regular"

    def terms(self, count: int) -> list[Term]:
        """Return that of A ⊗ A ⊗ …."""
        return [("A",) * count]

    def adjacency(self, factors: Sequence[Factor]) -> ox.LinearOperator:
        """Return A_G ⊗ A_H."""
        return ox.kron(*(F.adjacency for F in factors))

    def degrees(self, factors: Sequence[Factor]) -> ox.LinearOperator:
        """Return D_G ⊗ D_H."""
        return ox.kron(*(F.degree for F in factors))

    def scaled(self, factors: Sequence[Factor], left: float, right: float) -> ox.LinearOperator:
        """Return D^a A D^b = (D^a A D^b)_G ⊗ (D^a A D^b)_H."""
        return ox.kron(*(F.scaled(power_of(F.degrees, left), power_of(F.degrees, right)) for F in factors))

    def connected(self, factors: Sequence[Factor]) -> ox.LinearOperator:
        """Return I ⊗ I, with 0 at nodes of degree 0 in each factor."""
        if all((F.degrees != 0).all() for F in factors):
            return identity(factors)
        return ox.kron(*(ox.diag((F.degrees != 0).astype(float)) for F in factors))

    def places(self, first: Places, second: Places) -> Places:
        """Return the places: an edge and an edge."""
        loops = first.loops * second.loops
        stored = (first.apart + first.loops) * (second.apart + second.loops)
        return Places(first.size * second.size, stored - loops, loops)

    def components(self, first: Components, second: Components) -> Components:
        """Return the components: two bipartite ones make two, an isolated node isolates its pairs (Weichsel)."""
        size = first.size * second.size
        isolated = size - (first.size - first.isolated) * (second.size - second.isolated)
        bipartite = 2 * first.bipartite * second.bipartite + first.bipartite * second.odd + first.odd * second.bipartite
        return Components(size, isolated, bipartite, first.odd * second.odd)

    def triangles(self, first: Triangles, second: Triangles) -> Triangles:
        """Return the triangles: one of each, in two orientations."""
        return Triangles(
            first.size * second.size,
            2 * first.edges * second.edges,
            cross(first.ones, second.ones),
            cross(first.degrees, second.degrees),
            2 * cross(first.triangles, second.triangles),
        )
