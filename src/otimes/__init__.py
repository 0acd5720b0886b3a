"""Kronecker products as a working tool: find the structure, keep it, compute with it.

`kron(A, B, …)` is an operator that is never formed; the functions of this module know its
identities; `nearest_kronecker` and `factorize` find such structure in a matrix.
"""

from otimes import datasets
from otimes.core.algebra import add, adjoint, conj, matmul, scale, to_dense, transpose
from otimes.core.batch import Batch
from otimes.core.convert import aslinearoperator
from otimes.core.explanation import Explanation, explain, rules
from otimes.core.facts import Facts
from otimes.core.indexing import entries, submatrix
from otimes.core.operator import LinearOperator
from otimes.core.serialization import deserialize, serialize
from otimes.core.structure import map_arrays
from otimes.core.tensors import fold, outer, unfold
from otimes.core.vec import unvec, unvech, vec, vech
from otimes.factorization import (
    Alternating,
    Candidate,
    Certificate,
    Detection,
    EntryFunction,
    Finding,
    KroneckerApproximation,
    MatrixFile,
    detect,
    factorize,
    nearest_kronecker,
    rearrange,
    restore,
)
from otimes.functions.cholesky import cholesky
from otimes.functions.cond import cond
from otimes.functions.det import det
from otimes.functions.diagonal import diagonal
from otimes.functions.eig import eig
from otimes.functions.eigh import eigh
from otimes.functions.eigvals import eigvals
from otimes.functions.eigvalsh import eigvalsh
from otimes.functions.expm import expm
from otimes.functions.expm_multiply import expm_multiply
from otimes.functions.fractional_matrix_power import fractional_matrix_power
from otimes.functions.funm import funm
from otimes.functions.inv import inv
from otimes.functions.kronecker_terms import kronecker_terms
from otimes.functions.logm import logm
from otimes.functions.lstsq import lstsq
from otimes.functions.lu import lu
from otimes.functions.matrix_power import matrix_power
from otimes.functions.matrix_rank import matrix_rank
from otimes.functions.max import max
from otimes.functions.min import min
from otimes.functions.multiply import multiply
from otimes.functions.norm import norm
from otimes.functions.partial_trace import partial_trace
from otimes.functions.partial_transpose import partial_transpose
from otimes.functions.pinv import pinv
from otimes.functions.plan import plan
from otimes.functions.qr import qr
from otimes.functions.recompress import recompress
from otimes.functions.schur import schur
from otimes.functions.slogdet import slogdet
from otimes.functions.solve import solve
from otimes.functions.sqrtm import sqrtm
from otimes.functions.sum import sum
from otimes.functions.svd import svd
from otimes.functions.svdvals import svdvals
from otimes.functions.to_sparse import to_sparse
from otimes.functions.to_tensor_train import to_tensor_train
from otimes.functions.trace import trace
from otimes.functions.tril import tril
from otimes.functions.triu import triu
from otimes.io import load, load_array, load_factors, load_matrix, save, save_array, save_factors
from otimes.kernels.native import KernelInfo, kernel_info
from otimes.operators import triangular  # noqa: F401  rules only, no names
from otimes.operators.assume import assume
from otimes.operators.blocks import (  # noqa: F401  rules only, no names
    block_algebra,
    block_diagonal_decompositions,
    block_diagonal_functions,
    block_elimination,
)
from otimes.operators.blocks.block import Block, block
from otimes.operators.blocks.block_diagonal import BlockDiagonal, block_diag
from otimes.operators.blocks.partition import block_hermitian, partition
from otimes.operators.construct import diag
from otimes.operators.dense import Dense
from otimes.operators.diagonal import Diagonal
from otimes.operators.every import (  # noqa: F401  rules only, no names
    generic,
    generic_functions,
    hadamard_product,
    maxima,
    numpy_names,
    plans,
    pytrees,
    soundness,
    sparse_forms,
    sums,
)
from otimes.operators.external import External
from otimes.operators.fast_diagonalization import kronecker_sum_solutions  # noqa: F401  rules only, no names
from otimes.operators.fast_diagonalization.fast_diagonalization import FastDiagonalization
from otimes.operators.identity import Identity, eye
from otimes.operators.index_maps import permutation_decompositions, permutation_entries, submatrix_structure  # noqa: F401  rules only, no names
from otimes.operators.index_maps.permutation import Commutation, Permutation, commutation, permutation
from otimes.operators.index_maps.submatrix import Submatrix, selection
from otimes.operators.index_maps.vech import Duplication, Elimination, duplication, elimination
from otimes.operators.kronecker import (  # noqa: F401  rules only, no names
    khatri_rao_decompositions,
    kronecker_decompositions,
    kronecker_entries,
    kronecker_functions,
    kronecker_fusion,
    kronecker_sum_norms,
)
from otimes.operators.kronecker.generalized_kronecker_sum import GeneralizedKroneckerSum
from otimes.operators.kronecker.khatri_rao import FaceSplitting, KhatriRao, face_splitting, khatri_rao
from otimes.operators.kronecker.kron_dense import kron_dense
from otimes.operators.kronecker.kron_power import kron_power
from otimes.operators.kronecker.kronecker import Kronecker, kron
from otimes.operators.kronecker.kronecker_sum import KroneckerSum
from otimes.operators.kronecker.kronsum import kronsum
from otimes.operators.low_rank import low_rank_decompositions  # noqa: F401  rules only, no names
from otimes.operators.low_rank.low_rank import LowRank, low_rank
from otimes.operators.low_rank.low_rank_update import LowRankUpdate
from otimes.operators.product import Product
from otimes.operators.scalar_multiple import ScalarMultiple
from otimes.operators.shifted import Shifted
from otimes.operators.slots import partial  # noqa: F401  rules only, no names
from otimes.operators.slots.embed import embed
from otimes.operators.slots.mode_products import mode_product, multi_mode_product
from otimes.operators.slots.slot_permutation import SlotPermutation, permute_slots
from otimes.operators.sparse import Sparse
from otimes.operators.sum import Sum
from otimes.operators.tensors import (  # noqa: F401  rules only, no names
    tensor_formats_entries,
    tensor_formats_partial,
    tensor_train_conversions,
    tensor_train_rounding,
)
from otimes.operators.tensors.cp import CP, cp
from otimes.operators.tensors.from_tensorly import from_tensorly
from otimes.operators.tensors.tensor_train import TensorTrain, tensor_train
from otimes.operators.tensors.tucker import Tucker, tucker
from otimes.operators.terms import kronecker_terms_rounding, kronecker_terms_schur, kronecker_terms_spectra  # noqa: F401  rules only, no names
from otimes.operators.terms.kronecker_preconditioner import kronecker_preconditioner
from otimes.operators.terms.kronecker_terms import KroneckerTerms
from otimes.operators.terms.kronecker_terms_construct import kron_terms, regroup
from otimes.operators.toeplitz import (  # noqa: F401  rules only, no names
    block_circulant_spectrum,
    circulant_functions,
    circulant_spectrum,
    shifts,
    toeplitz_entries,
    toeplitz_values,
)
from otimes.operators.toeplitz.block_circulant import BlockCirculant, block_circulant
from otimes.operators.toeplitz.block_toeplitz import BlockToeplitz, block_toeplitz
from otimes.operators.toeplitz.circulant import Circulant, circulant, multilevel_circulant
from otimes.operators.toeplitz.circulant_preconditioner import circulant_preconditioner
from otimes.operators.toeplitz.toeplitz import Toeplitz, multilevel_toeplitz, toeplitz
from otimes.operators.transforms.fourier import Fourier, Hartley, fourier, hartley
from otimes.operators.transforms.haar import Haar, haar, hadamard
from otimes.operators.transforms.trigonometric import TrigonometricTransform, dct, dst
from otimes.operators.transposed import Transposed
from otimes.operators.zero import Zero, zeros
from otimes.pictures import Picture, show
from otimes.solvers import (
    CG,
    GMRES,
    LSMR,
    MINRES,
    Estimate,
    Solution,
    diagonal_estimate,
    logdet_estimate,
    trace_estimate,
)

__version__ = "0.1.0"

__all__ = [
    "CG",
    "CP",
    "GMRES",
    "LSMR",
    "MINRES",
    "Alternating",
    "Batch",
    "Block",
    "BlockCirculant",
    "BlockDiagonal",
    "BlockToeplitz",
    "Candidate",
    "Certificate",
    "Circulant",
    "Commutation",
    "Dense",
    "Detection",
    "Diagonal",
    "Duplication",
    "Elimination",
    "EntryFunction",
    "Estimate",
    "Explanation",
    "External",
    "FaceSplitting",
    "Facts",
    "FastDiagonalization",
    "Finding",
    "Fourier",
    "GeneralizedKroneckerSum",
    "Haar",
    "Hartley",
    "Identity",
    "KernelInfo",
    "KhatriRao",
    "Kronecker",
    "KroneckerApproximation",
    "KroneckerSum",
    "KroneckerTerms",
    "LinearOperator",
    "LowRank",
    "LowRankUpdate",
    "MatrixFile",
    "Permutation",
    "Picture",
    "Product",
    "ScalarMultiple",
    "Shifted",
    "SlotPermutation",
    "Solution",
    "Sparse",
    "Submatrix",
    "Sum",
    "TensorTrain",
    "Toeplitz",
    "Transposed",
    "TrigonometricTransform",
    "Tucker",
    "Zero",
    "add",
    "adjoint",
    "aslinearoperator",
    "assume",
    "block",
    "block_circulant",
    "block_diag",
    "block_hermitian",
    "block_toeplitz",
    "cholesky",
    "circulant",
    "circulant_preconditioner",
    "commutation",
    "cond",
    "conj",
    "cp",
    "datasets",
    "dct",
    "deserialize",
    "det",
    "detect",
    "diag",
    "diagonal",
    "diagonal_estimate",
    "dst",
    "duplication",
    "eig",
    "eigh",
    "eigvals",
    "eigvalsh",
    "elimination",
    "embed",
    "entries",
    "explain",
    "expm",
    "expm_multiply",
    "eye",
    "face_splitting",
    "factorize",
    "fold",
    "fourier",
    "fractional_matrix_power",
    "from_tensorly",
    "funm",
    "haar",
    "hadamard",
    "hartley",
    "inv",
    "kernel_info",
    "khatri_rao",
    "kron",
    "kron_dense",
    "kron_power",
    "kron_terms",
    "kronecker_preconditioner",
    "kronecker_terms",
    "kronsum",
    "load",
    "load_array",
    "load_factors",
    "load_matrix",
    "logdet_estimate",
    "logm",
    "low_rank",
    "lstsq",
    "lu",
    "map_arrays",
    "matmul",
    "matrix_power",
    "matrix_rank",
    "max",
    "min",
    "mode_product",
    "multi_mode_product",
    "multilevel_circulant",
    "multilevel_toeplitz",
    "multiply",
    "nearest_kronecker",
    "norm",
    "outer",
    "partial_trace",
    "partial_transpose",
    "partition",
    "permutation",
    "permute_slots",
    "pinv",
    "plan",
    "qr",
    "rearrange",
    "recompress",
    "regroup",
    "restore",
    "rules",
    "save",
    "save_array",
    "save_factors",
    "scale",
    "schur",
    "selection",
    "serialize",
    "show",
    "slogdet",
    "solve",
    "sqrtm",
    "submatrix",
    "sum",
    "svd",
    "svdvals",
    "tensor_train",
    "to_dense",
    "to_sparse",
    "to_tensor_train",
    "toeplitz",
    "trace",
    "trace_estimate",
    "transpose",
    "tril",
    "triu",
    "tucker",
    "unfold",
    "unvec",
    "unvech",
    "vec",
    "vech",
    "zeros",
]
