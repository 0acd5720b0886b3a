"""Nearest Kronecker products with structured factors, under weights, and of matrices with missing entries."""
