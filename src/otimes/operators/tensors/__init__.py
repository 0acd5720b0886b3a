"""Operators in tensor formats: trains, Tucker and CP."""
