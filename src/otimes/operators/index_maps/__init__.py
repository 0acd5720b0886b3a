"""Operators that move entries and compute nothing: permutations, selections, vech."""
