"""Find Kronecker structure in a matrix: nearest sums of products, and the shapes of their factors."""

from otimes.factorize.nearest import nearest_kronecker
from otimes.factorize.rearrangement import rearrange, restore
from otimes.factorize.result import Candidate, KroneckerApproximation
from otimes.factorize.search import factorize
from otimes.factorize.shapes import admissible_shapes

__all__ = [
    "Candidate",
    "KroneckerApproximation",
    "admissible_shapes",
    "factorize",
    "nearest_kronecker",
    "rearrange",
    "restore",
]
