"""Every error of the library: what was asked, the shapes it met, and what would have worked.

Each class also derives from the built-in exception a NumPy or SciPy user would catch.
"""

from numpy.linalg import LinAlgError

__all__ = [
    "ArrayMixError",
    "DTypeError",
    "FileFormatError",
    "InvalidIndex",
    "KernelUnavailable",
    "MissingExtra",
    "NoRule",
    "NonFiniteError",
    "NotConverged",
    "NotPositiveDefinite",
    "OtimesError",
    "ShapeError",
    "SingularError",
    "StructureError",
    "TooLarge",
]


class OtimesError(Exception):
    """Root of the library's errors."""


class ShapeError(OtimesError, ValueError):
    """Shapes do not conform, or a size has no admissible split."""


class DTypeError(OtimesError, TypeError):
    """Entries that are not numbers, or a dtype the operation cannot use."""


class ArrayMixError(OtimesError, TypeError):
    """Arrays of different libraries or devices met in one expression."""


class NonFiniteError(OtimesError, ValueError):
    """NaN or infinity where finite numbers are due."""


class StructureError(OtimesError, ValueError):
    """An operand lacks the structure its function needs, or a fact is contradicted."""


class InvalidIndex(OtimesError, IndexError):
    """An index out of range, of a wrong kind, or one too many."""


class SingularError(OtimesError, LinAlgError):
    """A singular operator where a nonsingular one is due."""


class NotPositiveDefinite(OtimesError, LinAlgError):
    """A Cholesky factor was asked of an operator that is not positive definite."""


class NotConverged(OtimesError, RuntimeError):
    """An iteration stopped before its tolerance; what it reached is in the message and, if it is one, `solution`."""

    def __init__(self, message: str, solution: object = None):
        super().__init__(message)
        self.solution = solution


class NoRule(OtimesError, NotImplementedError):
    """No identity applies and the operator is too large to be formed."""


class TooLarge(OtimesError, MemoryError):
    """A dense array above the byte limit was asked for."""


class FileFormatError(OtimesError, ValueError):
    """A file that is missing, truncated, of another kind, or not safe to read."""


class KernelUnavailable(OtimesError, ImportError):
    """The environment asks for a kernel or an instruction set that is not there."""


class MissingExtra(OtimesError, ImportError):
    """An optional dependency is not installed; the message names the extra."""
