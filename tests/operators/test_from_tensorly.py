"""TensorLy's decomposed tensors as operators, against TensorLy's own full tensors."""

import numpy as np
import pytest
from tensor_formats import cores, stacks

import otimes as ox
from otimes.errors import DTypeError, ShapeError

tensorly = pytest.importorskip("tensorly")
ROWS, COLUMNS = (3, 2, 1), (2, 2, 5)
SIZES = (6, 4, 5)


def tensors():
    """Return one tensor of shape 6 × 4 × 5 of each kind."""
    factors = [F.reshape(size, -1) for F, size in zip(stacks((6, 3, 1), (4, 3, 1), (5, 3, 1)), SIZES, strict=True)]
    weights, core = cores((3,), seed=1)[0], cores((3, 3, 3), seed=2)[0]
    train = [G[:, :, 0, :] for G in cores((1, 6, 1, 2), (2, 4, 1, 3), (3, 5, 1, 1))]
    return {
        "CPTensor": tensorly.cp_tensor.CPTensor((weights, factors)),
        "CPTensor without weights": tensorly.cp_tensor.CPTensor((None, factors)),
        "TuckerTensor": tensorly.tucker_tensor.TuckerTensor((core, factors)),
        "TTTensor": tensorly.tt_tensor.TTTensor(train),
    }


def matrix_of(T):
    """Return A[i₁ i₂ i₃, j₁ j₂ j₃] = T[i₁ n₁ + j₁, …], entry by entry."""
    A = np.zeros((6, 20))
    for i in np.ndindex(ROWS):
        for j in np.ndindex(COLUMNS):
            place = tuple(a * n + b for a, b, n in zip(i, j, COLUMNS, strict=True))
            A[np.ravel_multi_index(i, ROWS), np.ravel_multi_index(j, COLUMNS)] = T[place]
    return A


@pytest.mark.parametrize("name", tensors())
def test_as_matrix_and_as_column(name):
    tensor = tensors()[name]
    full = tensor.to_tensor()
    A = ox.from_tensorly(tensor, ROWS)
    assert A.partition == ((3, 2), (2, 2), (1, 5))
    assert np.allclose(np.asarray(A), matrix_of(full))
    assert np.allclose(np.asarray(ox.from_tensorly(tensor)), full.reshape(-1, 1))


def test_a_train_matrix_both_ways():
    factors = cores((1, 2, 3, 4), (4, 3, 2, 1))
    matrix = tensorly.tt_matrix.TTMatrix(factors)
    for T in (ox.from_tensorly(matrix), ox.aslinearoperator(matrix)):
        assert type(T) is ox.TensorTrain
        assert np.allclose(np.asarray(T), matrix.to_matrix())
    assert np.allclose(tensorly.tt_matrix.TTMatrix(list((2 * T).cores)).to_matrix(), 2 * np.asarray(T))
    assert np.allclose(np.asarray(ox.kron(matrix, np.eye(2))), np.kron(matrix.to_matrix(), np.eye(2)))


def test_a_decomposition_of_tensorly_is_a_sum_of_kronecker_products():
    """Parafac of the rearranged matrix: the same numbers as a CP operator."""
    A = ox.cp(None, stacks((2, 2, 2), (2, 3, 3), (2, 2, 2)))
    entries = np.asarray(A).reshape(2, 3, 2, 2, 3, 2).transpose(0, 3, 1, 4, 2, 5).reshape(4, 9, 4)
    found = tensorly.decomposition.parafac(entries, rank=2, init="svd", n_iter_max=2000, tol=1e-14)
    assert np.allclose(np.asarray(ox.from_tensorly(found, (2, 3, 2))), np.asarray(A), atol=1e-3)


def test_what_is_refused():
    tensor = tensors()["CPTensor"]
    with pytest.raises(ShapeError, match=r"6×4×5, and rows=\(3, 3, 1\); give for each axis a divisor"):
        ox.from_tensorly(tensor, (3, 3, 1))
    for rows in ((3, 2), (3, 2, 0), (3, -2, 1)):
        with pytest.raises(ShapeError):
            ox.from_tensorly(tensor, rows)
    with pytest.raises(ShapeError, match="rows must be a list or tuple, not 6"):
        ox.from_tensorly(tensor, 6)
    with pytest.raises(DTypeError, match="not ndarray"):
        ox.from_tensorly(np.ones((2, 2)))
    with pytest.raises(ShapeError, match="rows and columns of its own"):
        ox.from_tensorly(tensorly.tt_matrix.TTMatrix(cores((1, 2, 3, 1))), (2,))
