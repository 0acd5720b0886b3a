"""Matrices, vectors and factors in files: read with every fault named, written whole or not at all."""

from otimes.io.atomic import atomic_write, check_writable
from otimes.io.factors import FactorFile, check_factor_file, load_factors, save_factors
from otimes.io.operators import load, save
from otimes.io.reading import load_array, load_matrix
from otimes.io.writing import check_array_file, save_array, text_lines

__all__ = [
    "FactorFile",
    "atomic_write",
    "check_array_file",
    "check_factor_file",
    "check_writable",
    "load",
    "load_array",
    "load_factors",
    "load_matrix",
    "save",
    "save_array",
    "save_factors",
    "text_lines",
]
