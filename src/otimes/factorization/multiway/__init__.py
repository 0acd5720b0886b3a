"""Nearest sums and trains of Kronecker products of three and more factors."""
