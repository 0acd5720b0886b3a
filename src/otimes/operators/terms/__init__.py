"""Sums of Kronecker products in one normal form: how they are made, rounded, solved."""
