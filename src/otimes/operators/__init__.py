"""Operators, one file each: the class and every identity it satisfies."""
