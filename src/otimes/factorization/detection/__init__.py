"""Which exact structure a matrix has: one file for each structure, asked through one registry.

A new structure is one file with its `Detector`, and its place below.
"""

from otimes.factorization.detection.block_diagonal import BlockDiagonalMatrix
from otimes.factorization.detection.circulant import CirculantMatrix
from otimes.factorization.detection.detect import Detection, detect
from otimes.factorization.detection.detector import register
from otimes.factorization.detection.diagonal import DiagonalMatrix, MultipleOfIdentity
from otimes.factorization.detection.finding import Finding
from otimes.factorization.detection.kronecker import KroneckerProduct
from otimes.factorization.detection.kronecker_sum import KroneckerSumOfMatrices
from otimes.factorization.detection.permutation import PermutationMatrix
from otimes.factorization.detection.toeplitz import ToeplitzMatrix
from otimes.factorization.detection.zero import ZeroMatrix

__all__ = ["Detection", "Finding", "detect"]

register(  # of two that take as many numbers the first is returned
    ZeroMatrix(),
    MultipleOfIdentity(),
    DiagonalMatrix(),
    PermutationMatrix(),
    KroneckerProduct(),
    KroneckerSumOfMatrices(),
    CirculantMatrix(),
    ToeplitzMatrix(),
    BlockDiagonalMatrix(),
)
