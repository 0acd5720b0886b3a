"""Good files come back as they were written; every bad one gets one clear line that names the file."""

import gzip
import pickle

import numpy as np
import pytest
from scipy import io as scipy_io
from scipy import sparse

from otimes.errors import DTypeError, FileFormatError, NonFiniteError, ShapeError, TooLarge
from otimes.io import load_array, load_matrix

MATRIX = np.array([[1.0, -2.5, 3e-9], [0.0, 1 / 3, 7.0]])


def write_npy(path):
    np.save(path / "M.npy", MATRIX)
    return "M.npy"


def write_fortran_npy(path):
    np.save(path / "M.npy", np.asfortranarray(MATRIX))
    return "M.npy"


def write_npz(path):
    np.savez_compressed(path / "M.npz", only=MATRIX)
    return "M.npz"


def write_keyed_npz(path):
    np.savez(path / "M.npz", other=np.ones(3), wanted=MATRIX)
    return "M.npz:wanted"


def write_sparse_npz(path):
    sparse.save_npz(path / "M.npz", sparse.coo_array(MATRIX))
    return "M.npz"


def write_mtx(path):
    scipy_io.mmwrite(path / "M.mtx", MATRIX, precision=17)
    return "M.mtx"


def write_sparse_mtx_gz(path):
    scipy_io.mmwrite(path / "M.mtx", sparse.coo_array(MATRIX), precision=17)
    with gzip.open(path / "M.mtx.gz", "wb") as file:
        file.write((path / "M.mtx").read_bytes())
    return "M.mtx.gz"


def write_text(delimiter, *, header="", name="M.csv"):
    def write(path):
        np.savetxt(path / name, MATRIX, delimiter=delimiter, fmt="%.17g", header=header, comments="")
        return name

    return write


GOOD = {
    "npy": write_npy,
    "npy, columns first": write_fortran_npy,
    "npz": write_npz,
    "npz:key": write_keyed_npz,
    "sparse npz": write_sparse_npz,
    "mtx": write_mtx,
    "sparse mtx.gz": write_sparse_mtx_gz,
    "commas": write_text(","),
    "semicolons": write_text(";"),
    "tabs": write_text("\t", name="M.txt"),
    "blanks": write_text("  ", name="M.txt"),
    "names in line one": write_text(",", header="a,b,c"),
}


@pytest.mark.parametrize("write", GOOD.values(), ids=GOOD.keys())
def test_a_good_file_comes_back_exactly(tmp_path, write):
    matrix = load_matrix(tmp_path / write(tmp_path))
    dense = matrix.toarray() if sparse.issparse(matrix) else matrix
    np.testing.assert_array_equal(dense, MATRIX)


def test_npy_is_mapped_and_sparse_stays_sparse(tmp_path):
    write_npy(tmp_path)
    write_sparse_npz(tmp_path)
    assert isinstance(load_matrix(tmp_path / "M.npy"), np.memmap)
    assert isinstance(load_matrix(tmp_path / "M.npz"), sparse.csr_array)


@pytest.mark.parametrize("dtype", ["f4", "c16", "i2", "u8", ">f8"])
def test_dtypes_are_kept(tmp_path, dtype):
    np.save(tmp_path / "M.npy", MATRIX.astype(dtype))
    assert load_matrix(tmp_path / "M.npy").dtype == np.dtype(dtype)


def test_booleans_become_numbers_and_complex_text_is_read(tmp_path):
    np.save(tmp_path / "M.npy", MATRIX > 0)
    np.testing.assert_array_equal(load_matrix(tmp_path / "M.npy"), (MATRIX > 0).astype(float))
    (tmp_path / "Z.csv").write_text("1+2j,3\n4,5-1e-3j\n")
    np.testing.assert_array_equal(load_matrix(tmp_path / "Z.csv"), [[1 + 2j, 3], [4, 5 - 1e-3j]])


def test_vectors_are_read_where_a_vector_may_stand(tmp_path):
    np.save(tmp_path / "b.npy", np.arange(3.0))
    (tmp_path / "b.txt").write_text("# a comment\n0\n1\n\n2\n")
    sparse.save_npz(tmp_path / "b.npz", sparse.csr_array(MATRIX))
    np.testing.assert_array_equal(load_array(tmp_path / "b.npy"), [0, 1, 2])
    np.testing.assert_array_equal(load_array(tmp_path / "b.txt"), [0, 1, 2])
    np.testing.assert_array_equal(load_array(tmp_path / "b.npz"), MATRIX)


def saved(name, array, **options):
    return lambda path: np.save(path / name, array, **options)


def saved_npz(**arrays):
    return lambda path: np.savez(path / "M.npz", **arrays)


def written(name, content):
    data = content.encode() if isinstance(content, str) else content
    return lambda path: (path / name).write_bytes(data)


def truncated_npy(path):
    np.save(path / "M.npy", np.ones((50, 50)))
    data = (path / "M.npy").read_bytes()
    (path / "M.npy").write_bytes(data[: len(data) // 2])


def truncated_npz(path):
    np.savez(path / "M.npz", only=np.ones((50, 50)))
    data = (path / "M.npz").read_bytes()
    (path / "M.npz").write_bytes(data[: len(data) // 2])


def damaged_npz(path):
    np.savez(path / "M.npz", only=np.ones((50, 50)))
    data = bytearray((path / "M.npz").read_bytes())
    data[len(data) // 2] ^= 255
    (path / "M.npz").write_bytes(data)


def huge_npy(path):
    with (path / "M.npy").open("wb") as file:
        np.lib.format.write_array_header_1_0(file, {"shape": (2**40, 2**40), "fortran_order": False, "descr": "<f8"})


def negative_npy(path):
    with (path / "M.npy").open("wb") as file:
        np.lib.format.write_array_header_1_0(file, {"shape": (-1, 3), "fortran_order": False, "descr": "<f8"})


def truncated_mtx_gz(path):
    write_sparse_mtx_gz(path)
    data = (path / "M.mtx.gz").read_bytes()
    (path / "M.mtx.gz").write_bytes(data[: len(data) // 2])


def sparse_with_nan(path):
    matrix = sparse.csr_array(MATRIX)
    matrix.data[2] = np.nan
    sparse.save_npz(path / "M.npz", matrix)


def sparse_with_bad_indices(path):
    matrix = sparse.csr_array(MATRIX)
    matrix.indices[0] = 1000
    sparse.save_npz(path / "M.npz", matrix)


def sparse_without_shape(path):
    sparse.save_npz(path / "M.npz", sparse.csr_array(MATRIX))
    with np.load(path / "M.npz") as file:
        arrays = {**file, "shape": np.array(3)}
    np.savez(path / "M.npz", **arrays)


def market(kind, sizes):
    return written("M.mtx", f"%%MatrixMarket matrix {kind}\n{sizes}\n1 1 1.0\n")


NAN = np.ones((3, 4))
NAN[1, 2] = np.nan
NAN[2, 0] = np.inf
OBJECTS = np.array([[1, "a"], [None, 2]], dtype=object)

BAD = {
    "missing": (lambda path: None, "M.npy", FileFormatError, "no such file"),
    "folder": (lambda path: (path / "M.npy").mkdir(), "M.npy", FileFormatError, "a folder"),
    "unknown ending": (written("M.xlsx", "1"), "M.xlsx", FileFormatError, "known endings are .npy"),
    "empty npy": (written("M.npy", ""), "M.npy", FileFormatError, "an empty file"),
    "garbage npy": (written("M.npy", bytes(range(256))), "M.npy", FileFormatError, "not a .npy file"),
    "pickle": (written("M.npy", pickle.dumps(MATRIX)), "M.npy", FileFormatError, "pickle, which is never unpickled"),
    "objects": (saved("M.npy", OBJECTS, allow_pickle=True), "M.npy", DTypeError, "never unpickled"),
    "objects in npz": (saved_npz(M=OBJECTS), "M.npz", DTypeError, "never unpickled"),
    "strings": (saved("M.npy", np.array([["a", "b"]])), "M.npy", DTypeError, "holds text"),
    "dates": (saved("M.npy", np.zeros((2, 2), "M8[s]")), "M.npy", DTypeError, "holds dates"),
    "records": (saved("M.npy", np.zeros((2, 2), "f8,f4")), "M.npy", DTypeError, "holds records"),
    "damaged npy header": (written("M.npy", b"\x93NUMPY\x01\x00\x05\x00{'de'"), "M.npy", FileFormatError, "damaged"),
    "truncated npy": (truncated_npy, "M.npy", FileFormatError, "truncated, 10,064 of 20,128 bytes"),
    "npy of absurd size": (huge_npy, "M.npy", FileFormatError, "truncated"),
    "npy of negative size": (negative_npy, "M.npy", FileFormatError, "damaged"),
    "truncated npz": (truncated_npz, "M.npz", FileFormatError, "truncated or damaged"),
    "damaged npz": (damaged_npz, "M.npz", FileFormatError, "truncated or damaged"),
    "garbage npz": (written("M.npz", b"\x00" * 100), "M.npz", FileFormatError, "truncated or damaged"),
    "no arrays": (saved_npz(), "M.npz", FileFormatError, "no arrays"),
    "which array": (saved_npz(a=MATRIX, b=np.ones(3)), "M.npz", FileFormatError, r"holds a 2×3, b 3; name one"),
    "no such array": (saved_npz(a=MATRIX), "M.npz:b", FileFormatError, "no array 'b'; it holds a 2×3"),
    "0-d": (saved("M.npy", np.array(3.0)), "M.npy", ShapeError, "a 0-D array"),
    "1-d": (saved("M.npy", np.ones(3)), "M.npy", ShapeError, r"a 1-D array of shape \(3,\), a matrix \(2-D\) is due"),
    "3-d": (saved("M.npy", np.ones((2, 2, 2))), "M.npy", ShapeError, "a 3-D array"),
    "empty": (saved("M.npy", np.ones((0, 3))), "M.npy", ShapeError, "empty, of shape"),
    "NaN": (saved("M.npy", NAN), "M.npy", NonFiniteError, r"2 NaN or infinite entries, first at \[1, 2\]"),
    "one NaN, complex": (saved("M.npy", np.array([[1j, np.nan]])), "M.npy", NonFiniteError, r"1 NaN or infinite entry"),
    "NaN, sparse": (sparse_with_nan, "M.npz", NonFiniteError, r"first at \[0, 2\]"),
    "NaN, text": (written("M.csv", "1,2\n3,nan\n"), "M.csv", NonFiniteError, r"first at \[1, 1\]"),
    "sparse indices": (sparse_with_bad_indices, "M.npz", FileFormatError, "damaged"),
    "sparse shape": (sparse_without_shape, "M.npz", FileFormatError, "its arrays make no sparse matrix"),
    "mtx of absurd height": (
        market("coordinate real general", "3000000000 3000000000 1"),
        "M.mtx",
        TooLarge,
        r"3,000,000,000 × 3,000,000,000 with 1 entries, 22\.4 GiB; at most 2\.0 GiB are taken",
    ),
    "mtx of absurd count": (market("coordinate real symmetric", "9 9 9000000000"), "M.mtx", TooLarge, "GiB"),
    "dense mtx of absurd size": (market("array real general", "1000000 1000000"), "M.mtx", TooLarge, "7,450.6 GiB"),
    "mtx of endless size": (market("array real general", f"{10**30} 1"), "M.mtx", FileFormatError, "not a whole"),
    "index, names": (written("M.csv", ",a,b\n0,1,2\n"), "M.csv", FileFormatError, "without its index"),
    "index, numbers": (
        written("M.csv", ",0,1\n0,1,2\n"),
        "M.csv",
        FileFormatError,
        "line 1 starts with an empty field",
    ),
    "index, quoted": (written("M.csv", '"","a"\n1,1\n'), "M.csv", FileFormatError, "row.names = FALSE"),
    "garbage mtx": (written("M.mtx", bytes(range(256))), "M.mtx", FileFormatError, "not a whole Matrix Market file"),
    "truncated mtx.gz": (truncated_mtx_gz, "M.mtx.gz", FileFormatError, "not a whole Matrix Market file"),
    "binary csv": (written("M.csv", b"\xff\xfe\x00\x81"), "M.csv", FileFormatError, "not a text file"),
    "empty csv": (written("M.csv", "\n \n"), "M.csv", FileFormatError, "no numbers in it"),
    "only names": (written("M.csv", "a,b\n"), "M.csv", FileFormatError, "line 1: 'a,b' holds no numbers"),
    "ragged": (written("M.csv", "1,2,3\n4,5\n"), "M.csv", FileFormatError, "line 2: '4,5' has 2 numbers, line 1 has 3"),
    "words": (written("M.txt", "1 2\n\n3 four\n"), "M.txt", FileFormatError, "line 3: 'four' is not a number"),
    "hole": (written("M.csv", "1,2\n3,\n"), "M.csv", FileFormatError, "line 2: an empty field is not a number"),
    "decimal comma": (written("M.csv", "1,5;2,5\n"), "M.csv", FileFormatError, "holds no numbers"),
    "word in line one": (written("M.csv", "1,x\n2,3\n"), "M.csv", FileFormatError, "line 1: 'x' is not a number"),
}


@pytest.mark.parametrize(("make", "source", "error", "message"), BAD.values(), ids=BAD.keys())
def test_a_bad_file_is_named_and_explained(tmp_path, make, source, error, message):
    make(tmp_path)
    with pytest.raises(error, match=message) as caught:
        load_matrix(tmp_path / source)
    text = str(caught.value)
    assert source.split(":")[0] in text
    assert "\n" not in text


def test_a_file_that_may_not_be_read_says_why(tmp_path, monkeypatch):
    np.save(tmp_path / "M.npy", MATRIX)

    def refuse(*arguments, **options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.open", refuse)
    with pytest.raises(FileFormatError, match=r"M\.npy: cannot be read \(Permission denied\)"):
        load_matrix(tmp_path / "M.npy")


def test_nan_is_found_in_the_last_rows_of_a_tall_matrix(tmp_path):
    tall = np.zeros((3_000_000, 2), dtype=np.float32)
    tall[2_999_999, 1] = np.inf
    np.save(tmp_path / "M.npy", tall)
    with pytest.raises(NonFiniteError, match=r"first at \[2999999, 1\]"):
        load_matrix(tmp_path / "M.npy")
