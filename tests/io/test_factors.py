"""Factor files: exact round trips, and hostile, damaged or foreign files refused before their arrays are read."""

import json
import zipfile

import numpy as np
import pytest

import otimes as ox
from otimes.errors import DTypeError, FileFormatError, NonFiniteError, StructureError
from otimes.io import FactorFile, load_factors, save_factors

A0, B0 = np.arange(6.0).reshape(2, 3), np.array([[1.0], [2.0], [1 / 3], [4.0]])
A1, B1 = np.cos(A0), np.exp(B0)
SAVED = FactorFile(((A0, B0), (A1, B1)), error=0.25, singular_values=np.array([3.0, 2.0, 0.5]), source="M.npy")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "factors.npz"


def assert_same(found, saved):
    assert (found.error, found.source, found.shapes) == (saved.error, saved.source, saved.shapes)
    np.testing.assert_array_equal(found.singular_values, saved.singular_values)
    for term, expected in zip(found.factors, saved.factors, strict=True):
        for factor, original in zip(term, expected, strict=True):
            np.testing.assert_array_equal(factor, original)
            assert factor.dtype == original.dtype


def test_round_trip(path):
    save_factors(path, SAVED, source="M.npy")
    found = load_factors(path)
    assert_same(found, SAVED)
    assert (found.shape, found.terms, found.numbers_stored) == ((8, 3), 2, 20)
    assert found.compression == pytest.approx(24 / 20)


@pytest.mark.parametrize("dtype", ["f4", "c8", "c16", "i8"])
def test_dtypes_and_three_factors(path, dtype):
    saved = FactorFile(((A0.astype(dtype), B0.astype(dtype), np.ones((1, 2), dtype)),))
    save_factors(path, saved)
    assert_same(load_factors(path), saved)


def test_the_operator_is_the_sum_of_the_products(path):
    save_factors(path, SAVED)
    np.testing.assert_allclose(ox.to_dense(load_factors(path).operator), np.kron(A0, B0) + np.kron(A1, B1))


def test_operators_are_saved_by_their_factors(path):
    save_factors(path, ox.kron(A0, B0) + ox.kron(A1, B1))
    assert_same(load_factors(path), FactorFile(SAVED.factors))


def test_the_header_is_readable_without_otimes(path):
    save_factors(path, SAVED, source="M.npy")
    with np.load(path) as arrays:
        header = json.loads(arrays["header.json"])
        np.testing.assert_array_equal(arrays["term1_factor0"], A1)
    assert (header["shapes"], header["terms"], header["shape"]) == ([[2, 3], [4, 1]], 2, [8, 3])


def test_the_same_factors_give_the_same_bytes(tmp_path):
    save_factors(tmp_path / "a.npz", SAVED)
    save_factors(tmp_path / "b.npz", SAVED)
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


def test_a_failing_write_leaves_the_old_file_whole(path, monkeypatch):
    save_factors(path, SAVED)
    before = path.read_bytes()
    real = np.lib.format.write_array

    def fail_on_the_second_term(file, array, **options):
        if array is A1:
            raise KeyboardInterrupt
        real(file, array, **options)

    monkeypatch.setattr(np.lib.format, "write_array", fail_on_the_second_term)
    with pytest.raises(KeyboardInterrupt):
        save_factors(path, FactorFile(((2 * A0, B0), (A1, B1))))
    assert path.read_bytes() == before
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_what_cannot_be_saved_is_refused(tmp_path):
    with pytest.raises(FileFormatError, match=r"ends in \.npz"):
        save_factors(tmp_path / "factors.npy", SAVED)
    with pytest.raises(DTypeError, match="never unpickled"):
        save_factors(tmp_path / "factors.npz", FactorFile(((np.array([[None]]), A0),)))


def rewrite(path, *, header=None, arrays=None, drop=(), compression=zipfile.ZIP_STORED):
    """Write ``SAVED`` with changes to its header and arrays."""
    save_factors(path, SAVED, source="M.npy")
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist() if name not in drop}
    if header is not None and "header.json" in members:
        fields = {**json.loads(members["header.json"]), **header}
        members["header.json"] = json.dumps(fields).encode()
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
        for name, array in (arrays or {}).items():
            with archive.open(f"{name}.npy", "w") as file:
                np.lib.format.write_array(file, array)


HOSTILE = {
    "another format": ({"header": {"format": "other"}}, "not a factor file"),
    "a later version": ({"header": {"version": 2}}, "version 2 of the format, this otimes reads 1"),
    "no header": ({"drop": ("header.json",)}, "no header.json"),
    "shapes of text": ({"header": {"shapes": "37x37"}}, "shapes must be pairs of positive integers"),
    "no shapes": ({"header": {"shapes": []}}, "shapes must be pairs"),
    "negative sizes": ({"header": {"shapes": [[-2, 3], [4, 1]]}}, "shapes must be pairs"),
    "absurd sizes": ({"header": {"shapes": [[2**62, 2**62], [4, 1]]}}, "is not the product"),
    "other shape": ({"header": {"shape": [9, 3]}}, r"shape \[9, 3\] is not the product \[8, 3\]"),
    "absurd terms": ({"header": {"terms": 10**15}}, "the file has 5"),
    "terms of text": ({"header": {"terms": "2"}}, "terms must be a positive integer"),
    "terms true": ({"header": {"terms": True}}, "terms must be a positive integer"),
    "negative error": ({"header": {"error": -1.0}}, "error must be a real number"),
    "error not a number": ({"header": {"error": float("nan")}}, "error must be a real number"),
    "absurd error": ({"header": {"error": 10**400}}, "error must be a real number"),
    "absurd count of values": ({"header": {"singular_values": 10**12}}, "singular_values has shape"),
    "source not text": ({"header": {"source": 3}}, "source must be text"),
    "missing array": ({"drop": ("term1_factor0.npy",)}, "announces 5 arrays, the file has 4"),
    "array of other name": (
        {"drop": ("term1_factor0.npy",), "arrays": {"extra": A1}},
        "the array term1_factor0 is missing",
    ),
    "wrong shape": (
        {"drop": ("term1_factor0.npy",), "arrays": {"term1_factor0": A1.T}},
        r"term1_factor0 has shape \(3, 2\), the header says \(2, 3\)",
    ),
    "compressed": ({"compression": zipfile.ZIP_DEFLATED}, "compressed members"),
}


@pytest.mark.parametrize(("changes", "message"), HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_files_are_refused(path, changes, message):
    rewrite(path, **changes)
    with pytest.raises(FileFormatError, match=message) as caught:
        load_factors(path)
    assert "factors.npz" in str(caught.value)


def test_a_header_that_is_not_json(path):
    rewrite(path, drop=("header.json",))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("header.json", b"{" * 5000)
    with pytest.raises(FileFormatError, match="not JSON"):
        load_factors(path)


def test_a_header_of_absurd_length(path):
    rewrite(path, drop=("header.json",))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("header.json", b" " * (2**20 + 1))
    with pytest.raises(FileFormatError, match="a header of over"):
        load_factors(path)


def test_members_that_claim_more_than_the_file_holds(path):
    save_factors(path, SAVED)
    data = bytearray(path.read_bytes())
    entry = data.index(b"PK\x01\x02")
    data[entry + 24 : entry + 28] = (2**31).to_bytes(4, "little")
    path.write_bytes(data)
    with pytest.raises(FileFormatError, match="claim more bytes"):
        load_factors(path)


@pytest.mark.parametrize("keep", [0, 10, 300, 0.5, 0.9])
def test_truncated_files_are_refused(path, keep):
    save_factors(path, SAVED)
    data = path.read_bytes()
    path.write_bytes(data[: keep if isinstance(keep, int) else int(keep * len(data))])
    with pytest.raises(FileFormatError, match="not a whole factor file"):
        load_factors(path)


def test_every_flipped_byte_is_noticed_or_harmless(path):
    save_factors(path, SAVED)
    data = path.read_bytes()
    for place in range(0, len(data), 7):
        damaged = bytearray(data)
        damaged[place] ^= 0x55
        path.write_bytes(damaged)
        try:
            found = load_factors(path)
        except (FileFormatError, DTypeError):
            continue
        assert_same(found, FactorFile(SAVED.factors, 0.25, SAVED.singular_values, found.source))


def test_pickled_objects_are_refused(path):
    rewrite(path, drop=("term0_factor0.npy",), arrays={"term0_factor0": np.array([[None] * 3] * 2)})
    with pytest.raises(DTypeError, match="never unpickled"):
        load_factors(path)


def test_nan_is_refused(path):
    spoilt = np.full_like(B1, np.nan)
    with pytest.raises(NonFiniteError, match=r"term0_factor1: 4 NaN or infinite entries, first at \[0, 0\]"):
        save_factors(path, FactorFile(((A0, spoilt),)))
    rewrite(path, drop=("term1_factor1.npy",), arrays={"term1_factor1": spoilt})
    with pytest.raises(NonFiniteError, match="term1_factor1: 4 NaN or infinite entries"):
        load_factors(path)


def test_missing_and_folder(tmp_path):
    with pytest.raises(FileFormatError, match="no such file"):
        load_factors(tmp_path / "none.npz")
    with pytest.raises(FileFormatError, match="a folder"):
        load_factors(tmp_path)


def test_structure_errors(path):
    with pytest.raises(StructureError, match="only Kronecker products and sums of them"):
        save_factors(path, ox.aslinearoperator(A0))
    with pytest.raises(StructureError, match="different shapes"):
        save_factors(path, ox.kron(A0, B0) + ox.kron(np.ones((4, 3)), np.ones((2, 1))))


def test_a_singular_value_may_be_infinite_and_a_factor_may_not(tmp_path):
    path = tmp_path / "F.npz"
    save_factors(path, FactorFile(SAVED.factors, singular_values=np.array([np.inf, 1e300])))
    np.testing.assert_array_equal(load_factors(path).singular_values, [np.inf, 1e300])
    for factors, values in [(((np.full((2, 2), np.inf), B0),), [1.0]), (SAVED.factors, [np.nan])]:
        with pytest.raises(NonFiniteError):
            save_factors(path, FactorFile(factors, singular_values=np.array(values)))
