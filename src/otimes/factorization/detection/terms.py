"""Sums of a few Kronecker products: the rearrangement has low rank."""

from otimes.factorization.detection.detector import Detector, Probe
from otimes.factorization.detection.entries import Entries
from otimes.factorization.detection.finding import Finding
from otimes.factorization.detection.splits import nearest_sum, pairs_of, probe_terms
from otimes.factorization.result import product_text
from otimes.factorization.shapes import Shapes, most_terms, stored_numbers, useful_terms

MOST_TERMS = 8

Size = tuple[Shapes, int]  # shapes, and how many terms have them


class FewTerms(Detector[Size]):
    """Σ_r A_r ⊗ B_r of at most eight terms, which take no more numbers than the matrix."""

    def sizes(self, entries: Entries) -> list[Size]:
        """Return every number of terms of the shapes of two factors, the fewest numbers first."""
        pairs = [pair for pair in pairs_of(entries) if most_terms(pair) > 1]
        found = [(pair, terms) for pair in pairs for terms in range(2, _most(pair) + 1)]
        return sorted(found, key=lambda size: self.numbers(entries, size))

    def probe(self, entries: Entries, sizes: list[Size]) -> Probe:
        """Return the singular values of a part after those of the terms."""
        return probe_terms(entries, *(list(k) for k in zip(*sizes, strict=True)))

    def numbers(self, _: Entries, size: Size) -> int:
        """Return the entries of all terms."""
        return self.least(size)

    def least(self, size: Size) -> int:
        """Return the entries of all terms."""
        pair, terms = size
        return terms * stored_numbers(pair)

    def fit(self, entries: Entries, size: Size, rtol: float) -> Finding | None:
        """Return the nearest sum."""
        if not entries.norm:
            return None
        F = nearest_sum(entries, *size, rtol)
        detail = f"({F.terms} terms of {product_text(F.shapes)})"
        return Finding("sum of Kronecker products", detail, F.operator, F.error, F.numbers_stored)


def _most(pair: Shapes) -> int:
    return min(MOST_TERMS, useful_terms(pair))
