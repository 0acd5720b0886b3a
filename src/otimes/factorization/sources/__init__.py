"""What can be factored, each kind of matrix with its rearrangement: arrays, sparse matrices, operators, files."""
