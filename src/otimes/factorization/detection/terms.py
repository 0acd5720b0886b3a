"""Sums of a few Kronecker products: the rearrangement has low rank."""

from otimes.factorization.detection.detector import Detector, Probe
from otimes.factorization.detection.entries import Entries
from otimes.factorization.detection.finding import Finding
from otimes.factorization.detection.splits import pairs_of, probe_terms
from otimes.factorization.nearest import nearest_kronecker
from otimes.factorization.result import product_text
from otimes.factorization.shapes import Shapes, most_terms, stored_numbers, useful_terms

MOST_TERMS = 8


class FewTerms(Detector[Shapes]):
    """Σ_r A_r ⊗ B_r of at most eight terms, which take no more numbers than the matrix."""

    def sizes(self, entries: Entries) -> list[Shapes]:
        """Return the shapes of two factors, those with the fewest numbers in a term first."""
        pairs = [pair for pair in pairs_of(entries) if most_terms(pair) > 1]
        return sorted(pairs, key=stored_numbers)

    def probe(self, entries: Entries, sizes: list[Shapes]) -> Probe:
        """Return the singular values of a part after those of the terms."""
        return probe_terms(entries, sizes, [_most(size) for size in sizes])

    def numbers(self, _: Entries, size: Shapes) -> int:
        """Return the entries of two terms."""
        return self.least(size)

    def least(self, size: Shapes) -> int:
        """Return the entries of two terms."""
        return 2 * stored_numbers(size)

    def fit(self, entries: Entries, size: Shapes, rtol: float) -> Finding | None:
        """Return the fewest terms within the tolerance."""
        if not entries.norm:
            return None
        F = nearest_kronecker(entries.matrix, shapes=size, terms=_most(size), tol=rtol)
        detail = f"({F.terms} terms of {product_text(F.shapes)})"
        return Finding("sum of Kronecker products", detail, F.operator, F.error, F.numbers_stored)


def _most(size: Shapes) -> int:
    return min(MOST_TERMS, useful_terms(size))
