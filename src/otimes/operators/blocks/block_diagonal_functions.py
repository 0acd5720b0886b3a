"""Functions of a block diagonal operator: those of its blocks, principal branches included."""

from collections.abc import Callable
from typing import Any

from otimes.core.operator import LinearOperator
from otimes.functions.expm import expm
from otimes.functions.fractional_matrix_power import fractional_matrix_power
from otimes.functions.funm import funm
from otimes.functions.logm import logm
from otimes.functions.matrix_power import matrix_power
from otimes.functions.schur import SchurResult, schur
from otimes.functions.sqrtm import sqrtm
from otimes.operators.blocks.block_diagonal import BlockDiagonal, square_blocks
from otimes.operators.kronecker.kronecker import each


@expm.rule(BlockDiagonal, when=square_blocks, says="exp(diag(A, B)) = diag(exp(A), exp(B))", cite="Higham2008")
def _(A: BlockDiagonal) -> LinearOperator:
    return BlockDiagonal(*each(expm, A.blocks, what="block"))


@sqrtm.rule(BlockDiagonal, when=square_blocks, says="√diag(A, B) = diag(√A, √B)", cite="Higham2008")
def _(A: BlockDiagonal) -> LinearOperator:
    return BlockDiagonal(*each(sqrtm, A.blocks, what="block"))


@logm.rule(BlockDiagonal, when=square_blocks, says="log(diag(A, B)) = diag(log(A), log(B))", cite="Higham2008")
def _(A: BlockDiagonal) -> LinearOperator:
    return BlockDiagonal(*each(logm, A.blocks, what="block"))


@matrix_power.rule(BlockDiagonal, when=square_blocks, says="diag(A, B)ᵖ = diag(Aᵖ, Bᵖ)", cite="Higham2008")
def _(A: BlockDiagonal, p: int) -> LinearOperator:
    return BlockDiagonal(*each(matrix_power, A.blocks, p, what="block"))


@fractional_matrix_power.rule(BlockDiagonal, when=square_blocks, says="diag(A, B)ᵖ = diag(Aᵖ, Bᵖ)", cite="Higham2008")
def _(A: BlockDiagonal, p: float) -> LinearOperator:
    return BlockDiagonal(*each(fractional_matrix_power, A.blocks, p, what="block"))


@funm.rule(BlockDiagonal, when=square_blocks, says="f(diag(A, B)) = diag(f(A), f(B))", cite="Higham2008")
def _(A: BlockDiagonal, f: Callable[[Any], Any]) -> LinearOperator:
    return BlockDiagonal(*each(funm, A.blocks, f, what="block"))


@schur.rule(BlockDiagonal, when=square_blocks, says="diag(A, B) = diag(Z_A, Z_B) diag(T_A, T_B) diag(Z_A, Z_B)ᴴ")
def _(A: BlockDiagonal) -> SchurResult:
    T, Z = zip(*each(schur, A.blocks, what="block"), strict=True)
    return SchurResult(BlockDiagonal(*T), BlockDiagonal(*Z))
