"""Factor files: Σ_r A_r ⊗ B_r ⊗ … as plain arrays and a readable header in one ``.npz`` file.

The file holds ``header.json`` and the arrays ``term0_factor0``, ``term0_factor1``, …, ``singular_values``, not
compressed: ``numpy.load`` opens it, and ``unzip -p factors.npz header.json`` prints the header.
"""

import math
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from otimes.errors import FileFormatError, StructureError
from otimes.io.archive import open_archive, read_member, write_archive
from otimes.io.atomic import check_writable
from otimes.io.checks import check_finite, check_numeric
from otimes.io.header import FORMAT, VERSION, Header, parse_header

if TYPE_CHECKING:
    from otimes import LinearOperator

__all__ = ["FactorFile", "check_factor_file", "load_factors", "save_factors"]


@dataclass(frozen=True, eq=False)
class FactorFile:
    """What a factor file holds: the factors of Σ_r A_r ⊗ B_r ⊗ … and what was known of their error.

    Shapes: ``factors[r][i]`` is the i-th factor of term r, of shape ``shapes[i]``.

    Attributes
    ----------
    factors : tuple of tuples of numpy.ndarray
        One tuple a term.
    error : float or None
        Relative error in the Frobenius norm against the original, where it was known.
    singular_values : numpy.ndarray
        Those of the rearranged original that were computed, possibly none; infinite where they are beyond range.
    source : str
        What the original was.

    Examples
    --------
    >>> import numpy as np
    >>> from otimes.io import FactorFile
    >>> saved = FactorFile(factors=((np.eye(2), np.ones((1, 3))),))
    >>> saved.shape, saved.shapes, saved.terms, saved.numbers_stored
    ((2, 6), ((2, 2), (1, 3)), 1, 7)
    """

    factors: tuple[tuple[np.ndarray, ...], ...]
    error: float | None = None
    singular_values: np.ndarray = field(default_factory=lambda: np.empty(0))
    source: str = ""

    @property
    def shapes(self) -> tuple[tuple[int, ...], ...]:
        """Shape of each factor, the same in every term."""
        return tuple(factor.shape for factor in self.factors[0])

    @property
    def shape(self) -> tuple[int, int]:
        """Shape of the product."""
        rows, columns = zip(*self.shapes, strict=True)
        return math.prod(rows), math.prod(columns)

    @property
    def terms(self) -> int:
        """Number of terms."""
        return len(self.factors)

    @property
    def numbers_stored(self) -> int:
        """Entries of all factors together."""
        return self.terms * sum(math.prod(shape) for shape in self.shapes)

    @property
    def compression(self) -> float:
        """Entries of the dense matrix for each number stored."""
        return math.prod(self.shape) / self.numbers_stored

    @property
    def operator(self) -> "LinearOperator":
        """The lazy sum of Kronecker products."""
        import otimes as ox

        first, *others = (ox.kron(*term) for term in self.factors)
        return sum(others, first)


def save_factors(path: str | Path, kronecker: Any, *, source: str = "") -> None:
    """Write Σ_r A_r ⊗ B_r ⊗ … to a ``.npz`` file of plain arrays, whole or not at all.

    Shapes: all terms share the factor shapes (m₁, n₁), (m₂, n₂), …

    Cost: writes the factors once, never the product.

    Parameters
    ----------
    path : str or Path
        Name of the file, ending in ``.npz``.
    kronecker : KroneckerApproximation, FactorFile or LinearOperator
        A result of ``nearest_kronecker`` or ``factorize``, the content of another file, or a Kronecker product or
        a sum of such products.
    source : str
        Where the original came from, kept in the header.

    Raises
    ------
    FileFormatError
        The name does not end in ``.npz``.
    StructureError
        An operator that is not a sum of Kronecker products with the same factor shapes.
    DTypeError, NonFiniteError
        A factor holds something other than finite numbers.
    OSError
        The file cannot be written; what was there before stays whole.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import numpy as np
    >>> from otimes.io import FactorFile, load_factors, save_factors
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "factors.npz")
    ...     save_factors(path, FactorFile(factors=((np.eye(2), np.ones((1, 3))),)), source="by hand")
    ...     load_factors(path).source
    'by hand'
    """
    check_factor_file(path)
    factors = _factors_of(kronecker)
    saved = FactorFile(factors, getattr(kronecker, "error", None), _singular_values_of(kronecker), source)
    for name, array in _arrays(saved).items():
        check_numeric(array.dtype, f"{path}:{name}")
        _check_entries(array, name, f"{path}:{name}")
    write_archive(path, _header_of(saved), _arrays(saved))


def check_factor_file(path: str | Path) -> None:
    """Raise what writing factors there would raise, as far as it can be known before: the ending, then the folder.

    Parameters
    ----------
    path : str or Path

    Raises
    ------
    FileFormatError
        The name does not end in .npz.
    OSError
        The folder is missing or not writable, or the file there is read-only.

    Examples
    --------
    >>> from otimes.io import check_factor_file
    >>> check_factor_file("factors.mat")
    Traceback (most recent call last):
        ...
    otimes.errors.FileFormatError: factors.mat: the name of a factor file ends in .npz
    """
    if Path(path).suffix.lower() != ".npz":
        raise FileFormatError(f"{path}: the name of a factor file ends in .npz")
    check_writable(path)


def load_factors(path: str | Path) -> FactorFile:
    """Read a factor file, with every size checked against the header before an array is read, and nothing unpickled.

    Cost: reads the factors once.

    Parameters
    ----------
    path : str or Path
        As `save_factors` or `otimes factor` wrote it.

    Returns
    -------
    FactorFile

    Raises
    ------
    FileFormatError
        The file is missing, truncated, not a factor file, of a later version, or its header and arrays disagree.
    DTypeError, NonFiniteError
        A factor holds something other than finite numbers.

    Examples
    --------
    >>> from otimes.io import load_factors
    >>> load_factors("nowhere.npz")
    Traceback (most recent call last):
        ...
    otimes.errors.FileFormatError: nowhere.npz: no such file
    """
    name = str(path)
    with open_archive(path, "factor file") as archive:
        header = parse_header(archive, name)
        arrays = {key: _read_factor(archive, key, shape, name) for key, shape in header.arrays.items()}
    return _assemble(header, arrays)


def _factors_of(kronecker: Any) -> tuple[tuple[np.ndarray, ...], ...]:
    """Return the factors term by term, from a result that lists them or from an operator."""
    import otimes as ox

    if isinstance(kronecker, ox.LinearOperator):
        factors = tuple(_factors_of_product(term) for term in getattr(kronecker, "terms", (kronecker,)))
    else:
        factors = tuple(tuple(np.asarray(factor) for factor in term) for term in kronecker.factors)
    if len({tuple(factor.shape for factor in term) for term in factors}) != 1:
        what = "the terms have factors of different shapes" if factors else "a tensor train has no terms"
        raise StructureError(f"{what}; otimes.save(path, F.operator) writes any operator")
    return factors


def _factors_of_product(term: Any) -> tuple[np.ndarray, ...]:
    """Return the factors of one Kronecker product as arrays."""
    import otimes as ox

    if not isinstance(term, ox.Kronecker):
        raise StructureError(f"only Kronecker products and sums of them have factors to save, not {term!r}")
    return tuple(np.asarray(ox.to_dense(factor)) for factor in term.factors)


def _singular_values_of(kronecker: Any) -> np.ndarray:
    values = getattr(kronecker, "singular_values", None)
    return np.empty(0) if values is None else np.asarray(values, dtype=np.float64)


def _arrays(saved: FactorFile) -> dict[str, np.ndarray]:
    """Return every array of the file under its name there."""
    named = {f"term{r}_factor{i}": factor for r, term in enumerate(saved.factors) for i, factor in enumerate(term)}
    return {**named, "singular_values": saved.singular_values}


def _header_of(saved: FactorFile) -> dict[str, Any]:
    """Return what ``parse_header`` reads back."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "shape": saved.shape,
        "shapes": saved.shapes,
        "terms": saved.terms,
        "singular_values": len(saved.singular_values),
        "error": None if saved.error is None else float(saved.error),
        "source": saved.source,
    }


def _read_factor(archive: zipfile.ZipFile, key: str, shape: tuple[int, ...], name: str) -> np.ndarray:
    """Read one array of the shape that the header announces."""
    array = read_member(archive, key, name, shape)
    _check_entries(array, key, f"{name}:{key}")
    return array


def _check_entries(array: np.ndarray, key: str, name: str) -> None:
    """Raise ``NonFiniteError`` unless the entries are finite; a singular value may be beyond the range of numbers."""
    check_finite(array[array != np.inf] if key == "singular_values" else array, name)


def _assemble(header: Header, arrays: dict[str, np.ndarray]) -> FactorFile:
    """Put the arrays of the file back into terms."""
    count = len(header.shapes)
    factors = tuple(tuple(arrays[f"term{r}_factor{i}"] for i in range(count)) for r in range(header.terms))
    return FactorFile(factors, header.error, arrays["singular_values"], header.source)
