"""Find Kronecker structure in a matrix: nearest sums of products, and the shapes of their factors."""

from otimes.factorization.certificate import Certificate
from otimes.factorization.detection import Detection, Finding, detect
from otimes.factorization.multiway.alternating import Alternating
from otimes.factorization.nearest import nearest_kronecker
from otimes.factorization.rearrangement import rearrange, restore
from otimes.factorization.result import Candidate, KroneckerApproximation
from otimes.factorization.search import factorize
from otimes.factorization.shapes import admissible_shapes
from otimes.factorization.sources.entry_function import EntryFunction
from otimes.factorization.sources.matrix_file import MatrixFile

__all__ = [
    "Alternating",
    "Candidate",
    "Certificate",
    "Detection",
    "EntryFunction",
    "Finding",
    "KroneckerApproximation",
    "MatrixFile",
    "admissible_shapes",
    "detect",
    "factorize",
    "nearest_kronecker",
    "rearrange",
    "restore",
]
