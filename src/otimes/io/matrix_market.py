"""Matrix Market files: the sizes in the header weighed before anything is allocated for them."""

from pathlib import Path

from scipy import io as scipy_io
from scipy import sparse

from otimes.errors import FileFormatError, TooLarge
from otimes.io.checks import Matrix
from otimes.io.numpy_files import DAMAGED

__all__ = ["load_matrix_market"]

LIMIT = 2**31
MOST_BYTES_FOR_ONE = 16  # held for a byte of text: the shortest line of a symmetric pattern, "1 1", is two entries


def load_matrix_market(path: Path, name: str) -> Matrix:
    """Read a Matrix Market file, sparse (as CSR) or dense."""
    try:
        _refuse_inflation(path, name)
        matrix = scipy_io.mmread(path)
    except TooLarge:
        raise
    except (*DAMAGED, OverflowError) as error:
        raise FileFormatError(f"{name}: not a whole Matrix Market file ({error})") from error
    return sparse.csr_array(matrix) if sparse.issparse(matrix) else matrix


def _refuse_inflation(path: Path, name: str) -> None:
    """Raise ``TooLarge`` where the header asks for over 2 GiB, and for more than a file of this length can hold."""
    rows, columns, entries, form, field, symmetry = scipy_io.mminfo(path)
    number = 16 if field == "complex" else 8
    if form == "array":
        due = rows * columns * number
    else:
        due = 8 * rows + entries * (1 if symmetry == "general" else 2) * (16 + number)
    limit = max(LIMIT, MOST_BYTES_FOR_ONE * path.stat().st_size)
    if due > limit:
        raise TooLarge(
            f"{name}: its header announces {rows:,} × {columns:,} with {entries:,} entries, {due / 2**30:,.1f} GiB; "
            f"at most {limit / 2**30:,.1f} GiB are taken from a file of {path.stat().st_size:,} bytes"
        )
