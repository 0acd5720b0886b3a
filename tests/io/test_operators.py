"""`save` and `load`: every operator comes back as it was, and no file does harm."""

import json
import pickle
import zipfile

import numpy as np
import pytest
from market import CASES

import otimes as ox
from otimes.core.structure import flatten
from otimes.errors import DTypeError, FileFormatError, MissingExtra, StructureError


def is_data(A):
    return not any(record.kind is ox.External for record in flatten(A)[1])


def written(tmp_path, A, name="A.npz"):
    ox.save(tmp_path / name, A)
    return tmp_path / name


@pytest.mark.parametrize("case", CASES, ids=str)
def test_every_operator_comes_back(case, tmp_path):
    A = case.make()
    if not is_data(A):
        with pytest.raises(StructureError, match="behaviour"):
            ox.save(tmp_path / "A.npz", A)
        assert not list(tmp_path.iterdir())
        return
    B = ox.load(written(tmp_path, A))
    assert type(B) is type(A)
    assert (B.shape, B.spec, B.facts) == (A.shape, A.spec, A.facts)
    assert repr(B) == repr(A)
    assert np.array_equal(np.asarray(B), np.asarray(A))


def test_what_is_shared_is_written_once_and_stays_shared(tmp_path):
    A = ox.aslinearoperator(np.arange(9.0).reshape(3, 3))
    K = ox.load(written(tmp_path, ox.kron(A, A, A)))
    assert K.factors[0] is K.factors[1] is K.factors[2]


def test_facts_that_were_assumed_are_kept(tmp_path):
    A = ox.assume(np.array([[2.0, 1.0], [1.0, 2.0]]), "positive_definite", unitary=False)
    assert ox.load(written(tmp_path, A)).facts == A.facts


def test_billions_of_rows_take_kilobytes(tmp_path):
    K = ox.kron(*[np.eye(10) + i for i in range(9)]) + 0.1 * ox.eye(10**9)
    path = written(tmp_path, K)
    assert path.stat().st_size < 20_000
    assert ox.load(path).shape == (10**9, 10**9)
    assert ox.load(written(tmp_path, ox.eye(10**40))).shape == (10**40, 10**40)


def test_the_files_are_plain_arrays(tmp_path):
    path = written(tmp_path, ox.kron([[1.0, 2.0]], [[3.0], [4.0]]))
    with zipfile.ZipFile(path) as archive:
        header = json.loads(archive.read("header.json"))
    with np.load(path, allow_pickle=False) as arrays:
        assert np.array_equal(arrays["array0"], [[1.0, 2.0]])
    assert [record["class"] for record in header["operators"]] == ["Dense", "Dense", "Kronecker"]


@pytest.mark.parametrize("library", ["torch", "jax"])
def test_arrays_come_back_in_their_library(library, tmp_path):
    if library == "torch":
        import torch as xp
    else:
        import jax.numpy as xp
    a = xp.asarray(np.arange(6, dtype=np.float32).reshape(2, 3))
    K = ox.load(written(tmp_path, ox.kron(a, ox.eye(2)) * 2.0))
    assert type(K @ xp.ones(6, dtype=xp.float32)) is type(a)
    assert np.array_equal(np.asarray(K), 2 * np.kron(np.asarray(a), np.eye(2)))


def test_a_library_that_is_missing_is_named(tmp_path, monkeypatch):
    import torch

    path = written(tmp_path, ox.aslinearoperator(torch.ones((2, 2))))
    monkeypatch.setitem(__import__("sys").modules, "array_api_compat.torch", None)
    with pytest.raises(MissingExtra, match=r"otimes\[torch\]"):
        ox.load(path)


def test_entries_without_a_numpy_counterpart_are_refused(tmp_path):
    import torch

    with pytest.raises(DTypeError, match="bfloat16"):
        ox.save(tmp_path / "A.npz", ox.aslinearoperator(torch.ones((2, 2), dtype=torch.bfloat16)))


def test_what_load_could_not_read_is_not_written(tmp_path):
    xp = pytest.importorskip("array_api_strict")
    with pytest.raises(DTypeError, match="arrays of array_api_strict cannot be read again"):
        ox.save(tmp_path / "A.npz", ox.kron(xp.eye(2), ox.eye(2)))
    with pytest.raises(StructureError, match="a batch"):
        ox.save(tmp_path / "A.npz", ox.kron(np.ones((5, 2, 2)), np.eye(2)))
    assert not list(tmp_path.iterdir())


def test_names_end_in_npz(tmp_path):
    with pytest.raises(FileFormatError, match=r"ends in \.npz"):
        ox.save(tmp_path / "A.mat", np.eye(2))


class TestDamage:
    """A damaged file is refused with one clear error."""

    @pytest.fixture
    def content(self, tmp_path):
        return written(tmp_path, ox.kron(np.eye(2), ox.permutation([1, 0]), np.ones((2, 3)))).read_bytes()

    def test_truncation_at_every_length(self, content, tmp_path):
        path = tmp_path / "cut.npz"
        for length in range(0, len(content), 7):
            path.write_bytes(content[:length])
            with pytest.raises(FileFormatError, match=r"cut\.npz"):
                ox.load(path)

    def test_a_flipped_byte_is_seen_or_does_no_harm(self, content, tmp_path):
        path = tmp_path / "flipped.npz"
        wanted = np.kron(np.kron(np.eye(2), np.eye(2)[::-1]), np.ones((2, 3)))
        for place in range(len(content)):
            path.write_bytes(content[:place] + bytes([content[place] ^ 0x55]) + content[place + 1 :])
            try:
                found = ox.load(path)
            except (FileFormatError, DTypeError):
                continue
            assert np.array_equal(np.asarray(found), wanted), "a date or the like in the archive"

    @pytest.mark.parametrize("content", [b"", b"PK", b"\x93NUMPY", pickle.dumps({"a": 1}), b"\0" * 999], ids=repr)
    def test_other_files(self, content, tmp_path):
        path = tmp_path / "other.npz"
        path.write_bytes(content)
        with pytest.raises(FileFormatError, match=r"other\.npz"):
            ox.load(path)

    def test_factor_files_and_folders_are_told_apart(self, tmp_path):
        ox.save_factors(tmp_path / "F.npz", ox.kron(np.eye(2), np.eye(3)))
        with pytest.raises(FileFormatError, match="otimes-operator"):
            ox.load(tmp_path / "F.npz")
        with pytest.raises(FileFormatError, match="folder"):
            ox.load(tmp_path)


class TestHostility:
    """Headers that no `save` wrote."""

    def refused(self, change, match):
        records, arrays = ox.serialize(ox.kron(np.eye(2), ox.permutation([1, 0])) * 2.0)
        records = json.loads(json.dumps(records))
        change(records)
        with pytest.raises(FileFormatError, match=match):
            ox.deserialize(records, arrays)

    @pytest.mark.parametrize(
        "name", ["os.system", "LinearOperator", "object", "Function", None, 3, ["Dense"]], ids=repr
    )
    def test_only_classes_of_operators_are_made(self, name):
        self.refused(lambda records: records[0].update({"class": name}), "no class")

    @pytest.mark.parametrize("place", [7, -1, True, "0", None, 10**30, 1.0], ids=repr)
    def test_places_are_in_range(self, place):
        self.refused(lambda r: r[0]["arguments"].update(array={"array": place, "spec": r[0]["spec"]}), "array")
        self.refused(lambda r: r[-1]["arguments"].update(operator={"operator": place}), "operator")

    @pytest.mark.parametrize("shape", [[2, 3], [2], [], [-2, -2], [2.0, 2.0], "22", None, [10**9, 10**9]], ids=repr)
    def test_shapes_are_those_of_the_parts(self, shape):
        self.refused(lambda records: records[0].update(shape=shape), "record 0")

    def test_dtypes_are_those_of_the_parts(self):
        spec = {"library": "numpy", "dtype": "float32"}
        self.refused(lambda records: records[0].update(spec=spec), "float32 is written")
        self.refused(
            lambda records: records[0].update(spec={"library": "os", "dtype": "system"}), "numpy, torch and jax"
        )
        self.refused(lambda records: records[0].update(spec={"library": "numpy", "dtype": "O"}), "record 0")

    def test_facts_are_facts(self):
        self.refused(lambda records: records[0].update(facts={"beautiful": True}), "beautiful")
        self.refused(lambda records: records[0].update(facts={"symmetric": 7}), "True, False or None")

    def test_arguments_of_other_kinds(self):
        deep = {"tuple": []}
        for _ in range(500):
            deep = {"tuple": [deep]}
        for plain in (deep, {"call": "exit"}, [1, 2], {"float": "nonsense"}, {"complex": ["0x1p0"]}, {"tuple": 3}):
            self.refused(
                lambda records, plain=plain: records[-1]["arguments"].update(scalar=plain), "record 3|record 2"
            )

    def test_sparse_matrices_are_checked(self):
        import scipy.sparse

        records, arrays = ox.serialize(ox.aslinearoperator(scipy.sparse.csr_array(np.eye(3))))
        for part, wrong in ((1, np.array([0, 99, 2], np.int32)), (2, np.array([0, 1, 2, 9], np.int32))):
            with pytest.raises(FileFormatError, match="record 0"):
                ox.deserialize(records, [a if i != part else wrong for i, a in enumerate(arrays)])

    @pytest.mark.parametrize(
        ("make", "arguments"),
        [
            (lambda: ox.permutation([1, 0, 2]), {"index": [0, 0, 0]}),
            (lambda: ox.permutation([1, 0, 2]), {"index": [0, 1, 99]}),
            (lambda: ox.commutation(2, 3), {"sizes": {"tuple": [-2, -3]}}),
            (lambda: ox.permute_slots((2, 0, 1), (2, 3, 4)), {"order": {"tuple": [0, 0, 1]}}),
            (lambda: ox.duplication(3), {"order": -3}),
            (lambda: ox.diag([1.0, 2, 3]), {"entries": [[1.0, 2, 3]] * 3}),
            (lambda: ox.dct(4), {"family": "tangent"}),
            (lambda: ox.toeplitz([1.0, 2, 3]), {"coefficients": [1.0, 2]}),
            (lambda: ox.haar(4)[[0, 2]], {"rows": [0, 4]}),
            (lambda: ox.haar(4)[[0, 2]], {"rows": [[0], [3]]}),
            (lambda: ox.permutation([1, 0]) * np.array(2.0), {"scalar": [[2.0, 2.0], [2.0, 2.0]]}),
        ],
    )
    def test_parts_are_those_of_such_an_operator(self, make, arguments):
        """What a constructor takes on trust: it would give wrong numbers, or fail inside of NumPy, later."""
        records, arrays = ox.serialize(make())
        for name, value in arguments.items():
            if isinstance(value, list):
                array = np.array(value)
                value = {"array": len(arrays), "spec": {"library": "numpy", "dtype": str(array.dtype)}}
                arrays = [*arrays, array]
            records[-1]["arguments"][name] = value
        with pytest.raises(FileFormatError, match=f"record {len(records) - 1}"):
            ox.deserialize(records, arrays)

    def test_terms_and_factors_conform(self):
        parts = [ox.serialize(A)[0][0] for A in (ox.haar(2), ox.haar(4), ox.dct(2))]
        for kind, name, operands in (("Sum", "terms", [0, 1]), ("Product", "factors", [0, 1, 2])):
            whole = parts[0] | {
                "class": kind,
                "facts": {},
                "arguments": {name: {"tuple": [{"operator": i} for i in operands]}},
            }
            with pytest.raises(FileFormatError, match="record 3: A"):
                ox.deserialize([*parts, whole], [])

    @pytest.mark.parametrize("records", [None, [], {}, "", [None], [{}], [[]]], ids=repr)
    def test_what_is_no_list_of_records(self, records):
        with pytest.raises(FileFormatError):
            ox.deserialize(records, [])

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            *(("format", "x"), ("version", 2), ("version", None)),
            *(("arrays", -1), ("arrays", "2"), ("arrays", 10**18)),
            *(("operators", None), ("operators", {}), ("operators", [])),
        ],
    )
    def test_headers_are_checked(self, field, value, tmp_path):
        path = written(tmp_path, np.eye(2))
        with zipfile.ZipFile(path) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
        header = json.loads(members["header.json"]) | {field: value}
        members["header.json"] = json.dumps({k: v for k, v in header.items() if v is not None}).encode()
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in members.items():
                archive.writestr(name, content)
        with pytest.raises(FileFormatError, match=r"A\.npz"):
            ox.load(path)
