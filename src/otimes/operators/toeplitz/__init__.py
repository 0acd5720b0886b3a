"""Toeplitz and circulant operators of any number of levels, and of blocks."""
