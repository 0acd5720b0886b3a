"""Functions over operators, one file each: signature, docstring, and the dense reference."""
