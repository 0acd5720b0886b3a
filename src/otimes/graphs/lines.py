"""Long paths and rings of equal weights: the fast transforms that make them diagonal, so that none is decomposed."""

import numpy as np

import otimes as ox
from otimes.graphs.factor import Factor

LONG = 200  # nodes from which a fast transform takes less time than a product with n × n numbers


def known_eigh(F: Factor, name: str) -> tuple[np.ndarray, ox.LinearOperator] | None:
    """Return eigenvalues and eigenvectors of a long path or ring, nodes in order, or None of other graphs.

    For "combinatorial" and "adjacency"; w is the weight.

    ======  ======================  ===================  ========================  ====================
    graph   Laplacian               eigenvectors         A                         eigenvectors
    ======  ======================  ===================  ========================  ====================
    path    4 w sin² (π k / 2 n)    cosines of type 2    2 w cos (π (k+1)/(n+1))   sines of type 1
    ring    4 w sin² (π k / n)      Hartley transform    2 w cos (2 π k / n)       Hartley transform
    ======  ======================  ===================  ========================  ====================
    """
    n, edges = F.size, F.weights.tocoo()
    if n < LONG or F.directed or not edges.nnz or (edges.data != edges.data[0]).any():
        return None
    step, w, k = abs(edges.col - edges.row), edges.data[0], np.arange(n)
    laplacian = name == "combinatorial"
    if edges.nnz == 2 * n - 2 and (step == 1).all():
        values = 4 * np.sin(np.pi * k / (2 * n)) ** 2 if laplacian else 2 * np.cos(np.pi * (k + 1) / (n + 1))
        vectors = ox.dct(n).T if laplacian else ox.dst(n, type=1)
    elif edges.nnz == 2 * n and ((step == 1) | (step == n - 1)).all():
        values = 4 * np.sin(np.pi * k / n) ** 2 if laplacian else 2 * np.cos(2 * np.pi * k / n)
        vectors = ox.hartley(n)
    else:
        return None
    return (w * values).astype(edges.dtype), vectors
