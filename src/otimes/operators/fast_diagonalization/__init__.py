"""Kronecker sums of pairs, diagonalised axis by axis."""
