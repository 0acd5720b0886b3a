"""Matrices of blocks: algebra block by block, elimination, block diagonals."""
