"""``otimes factor``: what it prints, writes and refuses."""

import json
from pathlib import Path

import numpy as np
import pytest

import otimes as ox
from otimes.factorization.sources.stored import NpyFile
from otimes.io import load_factors


def error_of(matrix, factors):
    approximation = sum(np.kron(*term) for term in factors)
    return np.linalg.norm(matrix - approximation) / np.linalg.norm(matrix)


def test_given_shapes_and_terms(run, matrix, matrix_file):
    result = run("factor", matrix_file, "--shapes", "4x4,6x6", "--terms", 2, "--out", "factors.npz")
    assert result.code == 0
    saved = load_factors("factors.npz")
    assert (saved.shapes, saved.terms, saved.source) == (((4, 4), (6, 6)), 2, "M.npy")
    assert saved.error == pytest.approx(error_of(matrix, saved.factors), rel=1e-6)
    assert saved.error < 1e-5
    assert "4×4 ⊗ 6×6" in result.out
    assert "32 fresh random vectors" in result.out
    assert "wrote factors.npz" in result.err


def test_the_table_fits_eighty_columns_and_marks_the_choice(run, matrix_file):
    result = run("factor", matrix_file)
    assert result.code == 0
    assert all(len(line) <= 80 for line in result.out.splitlines() if "⊗" in line)
    assert sum(line.startswith("→") for line in result.out.splitlines()) == 1


def test_json_is_the_only_thing_on_stdout(run, matrix, matrix_file):
    result = run("factor", matrix_file, "--tol", 1e-3, "--json", "--out", "factors.npz")
    assert result.code == 0
    fields = json.loads(result.out)
    assert fields["error"] <= 1e-3
    assert fields["error"] == pytest.approx(error_of(matrix, load_factors("factors.npz").factors), rel=1e-6)
    measured = fields["measured"]
    assert abs(measured["error"] - fields["error"]) <= 6 * measured["standard_error"] + 1e-7
    assert {"shapes", "terms", "error", "numbers_stored", "compression"} == set(fields["candidates"][0])
    stored = [row["numbers_stored"] for row in fields["candidates"] if row["error"] <= 1e-3]
    assert fields["numbers_stored"] == min(stored)


def test_a_criterion_finds_the_shapes_under_noise(run):
    rng = np.random.default_rng(0)
    M = np.kron(rng.standard_normal((3, 4)), rng.standard_normal((8, 5))) + rng.standard_normal((24, 20))
    np.save("M.npy", M)
    fields = json.loads(run("factor", "M.npy", "--criterion", "bic", "--json").out)
    assert (fields["shapes"], fields["terms"]) == ([[3, 4], [8, 5]], 1)
    assert fields["reason"].startswith("bic: least for 1 term of 3×4 ⊗ 8×5")


def test_the_certificate_is_written_out(run, matrix_file):
    certificate = json.loads(run("factor", matrix_file, "--shapes", "4x4,6x6", "--seed", 5, "--json").out)[
        "certificate"
    ]
    assert certificate["kind"] == "exact"
    assert certificate["seed"] == 5
    assert certificate["gap"] > 1


def test_three_factors_and_a_train(run):
    rng = np.random.default_rng(0)
    M = np.kron(np.kron(rng.standard_normal((2, 2)), rng.standard_normal((3, 3))), rng.standard_normal((4, 4)))
    np.save("M.npy", M)
    result = run("factor", "M.npy", "--shapes", "2x2,3x3,4x4", "--out", "F.npz")
    assert result.code == 0, result.err
    assert "2×2 ⊗ 3×3 ⊗ 4×4" in result.out
    (term,) = load_factors("F.npz").factors
    np.testing.assert_allclose(np.kron(np.kron(*term[:2]), term[2]), M, atol=1e-12)
    noisy = M + 0.1 * rng.standard_normal(M.shape)
    np.save("M.npy", noisy)
    result = run("factor", "M.npy", "--shapes", "2x2,3x3,4x4", "--form", "train", "--tol", 0.01, "--out", "T.npz")
    assert result.code == 0, result.err
    assert np.linalg.norm(np.asarray(ox.load("T.npz")) - noisy) <= 0.01 * np.linalg.norm(noisy)
    assert "train" in result.out


def test_terms_of_their_own_shapes(run):
    rng = np.random.default_rng(0)
    shapes = [((4, 4), (8, 8)), ((16, 8), (2, 4))]
    M = sum(np.kron(rng.standard_normal(first), rng.standard_normal(second)) for first, second in shapes)
    np.save("M.npy", M)
    result = run("factor", "M.npy", "--form", "hybrid", "--criterion", "ebic", "--out", "H.npz")
    assert result.code == 0, result.err
    assert "ebic: least for" in result.out
    assert "each of its own shapes" in result.out
    np.testing.assert_allclose(np.asarray(ox.load("H.npz")), M, atol=1e-12)


def test_structured_factors(run, matrix):
    np.save("M.npy", np.random.default_rng(0).standard_normal((24, 24)))
    result = run("factor", "M.npy", "--shapes", "4x4,6x6", "--structure", "banded(1, 0), spd", "--out", "F.npz")
    assert result.code == 0, result.err
    A, B = load_factors("F.npz").factors[0]
    assert np.count_nonzero(np.triu(A, 1)) == np.count_nonzero(np.tril(A, -2)) == 0
    assert np.linalg.eigvalsh(B)[0] > 0
    assert "positive definite" in result.out
    np.save("M.npy", matrix)
    found = run("factor", "M.npy", "--structure", "symmetric", "--json")
    assert json.loads(found.out)["shapes"] == json.loads(run("factor", "M.npy", "--json").out)["shapes"]


def test_the_shapes_of_three_factors_are_found(run):
    rng = np.random.default_rng(0)
    M = np.kron(np.kron(rng.standard_normal((2, 2)), rng.standard_normal((3, 3))), rng.standard_normal((4, 4)))
    np.save("M.npy", M)
    fields = json.loads(run("factor", "M.npy", "--factors", 3, "--json").out)
    assert fields["shapes"] == [[2, 2], [3, 3], [4, 4]]
    assert fields["error"] < 1e-14


def test_terms_with_shapes_of_their_own(run):
    rng = np.random.default_rng(0)
    shapes = (((12, 6), (2, 4)), ((4, 2), (6, 12)))
    M = sum(np.kron(*map(rng.standard_normal, pair)) * 3 ** (1 - r) for r, pair in enumerate(shapes))
    np.save("M.npy", M)
    result = run("factor", "M.npy", "--form", "hybrid", "--out", "K.npz")
    assert result.code == 0, result.err
    assert "12×6 ⊗ 2×4 + 4×2 ⊗ 6×12" in result.out
    assert np.linalg.norm(np.asarray(ox.load("K.npz")) - M) < 1e-6 * np.linalg.norm(M)
    np.save("x.npy", np.arange(24.0))
    assert run("apply", "K.npz", "x.npy", "--out", "y.npy").code == 0
    np.testing.assert_allclose(np.load("y.npy"), M @ np.arange(24.0), rtol=1e-9)
    fields = json.loads(run("info", "K.npz", "--json").out)
    assert (fields["shape"], fields["dtype"]) == ([24, 24], "float64")


def test_shapes_that_were_found_are_said_to_be_found(run, matrix_file):
    searched = json.loads(run("factor", matrix_file, "--json").out)
    assert json.loads(run("factor", matrix_file, "--form", "terms", "--json").out) | {"measured": None} == searched | {
        "measured": None
    }
    train = json.loads(run("factor", matrix_file, "--form", "train", "--json").out)
    assert train["reason"].startswith(f"shapes found ({searched['reason']}); then given: shapes and largest rank")


class TestWeights:
    def test_missing_entries_are_predicted(self, run):
        rng = np.random.default_rng(0)
        M = np.kron(rng.standard_normal((4, 4)), rng.standard_normal((6, 6)))
        np.save("M.npy", np.where(rng.random(M.shape) < 0.3, np.nan, M))
        assert "NaN or infinite" in run("factor", "M.npy", "--shapes", "4x4,6x6").err
        result = run("factor", "M.npy", "--shapes", "4x4,6x6", "--weights", 1, "--out", "F.npz", "--plot", "F.png")
        assert result.code == 0, result.err
        np.testing.assert_allclose(np.kron(*load_factors("F.npz").factors[0]), M, atol=1e-6)
        held_out = float(result.out.split("held out:")[1])
        assert held_out < 1e-6
        fields = json.loads(run("factor", "M.npy", "--shapes", "4x4,6x6", "--weights", 1, "--json").out)
        assert fields["measured"] is None
        assert fields["certificate"]["held_out_error"] < 1e-6

    def test_weights_of_a_file_decide_what_counts(self, run):
        rng = np.random.default_rng(0)
        M = np.kron(rng.standard_normal((4, 4)), rng.standard_normal((6, 6)))
        spoiled = rng.random(M.shape) < 0.1
        np.save("M.npy", M + 100 * spoiled)
        np.save("W.npy", np.where(spoiled, 0.0, 1 + rng.random(M.shape)))
        assert run("factor", "M.npy", "--shapes", "4x4,6x6", "--weights", "W.npy", "--out", "F.npz").code == 0
        np.testing.assert_allclose(np.kron(*load_factors("F.npz").factors[0]), M, atol=1e-6)

    def test_infinite_entries_are_no_missing_ones(self, run):
        np.save("M.npy", np.array([[np.nan, np.inf], [1.0, 2.0]]))
        result = run("factor", "M.npy", "--shapes", "1x2,2x1", "--weights", 1)
        assert (result.code, result.err) == (2, "otimes: M.npy: 1 infinite entry, first at [0, 1]\n")


class TestStream:
    OPTIONS = ("--shapes", "40x40,50x50", "--terms", 2)

    @pytest.fixture
    def terms(self):
        rng = np.random.default_rng(0)
        M = sum(np.kron(rng.standard_normal((40, 40)), rng.standard_normal((50, 50))) / 10**r for r in range(3))
        np.save("M.npy", M)
        return M

    def test_a_file_larger_than_the_limit(self, run, terms):
        result = run("factor", "M.npy", *self.OPTIONS, "--stream", "--memory", "12MiB", "--out", "F.npz")
        assert result.code == 0, result.err
        held = json.loads(run("factor", "M.npy", *self.OPTIONS, "--json").out)
        saved = load_factors("F.npz")
        assert error_of(terms, saved.factors) <= 1.05 * held["error"]
        assert "exact" in result.out
        assert not list(Path().glob("*.part"))

    def test_goes_on_after_an_interruption(self, run, terms, monkeypatch):
        whole = json.loads(run("factor", "M.npy", *self.OPTIONS, "--stream", "--memory", "12MiB", "--json").out)
        read = NpyFile.lines
        calls = []

        def interrupted(self, start, stop):
            calls.append(start)
            if len(calls) == 4:
                raise KeyboardInterrupt
            return read(self, start, stop)

        monkeypatch.setattr(NpyFile, "lines", interrupted)
        result = run("factor", "M.npy", *self.OPTIONS, "--stream", "--memory", "12MiB", "--json")
        assert result.code == 130
        assert "the same command goes on from M.npy.part" in result.err
        again = json.loads(run("factor", "M.npy", *self.OPTIONS, "--stream", "--memory", "12MiB", "--json").out)
        assert again["error"] == whole["error"]
        assert len(set(calls)) < len(calls)  # the second pass
        assert not list(Path().glob("*.part"))


class TestDetect:
    def test_a_structure_that_holds(self, run):
        T = 2 * np.eye(4) - np.eye(4, k=1) - np.eye(4, k=-1)
        M = np.kron(T, np.eye(3)) + np.kron(np.eye(4), T[:3, :3])
        np.save("M.npy", M)
        result = run("factor", "M.npy", "--detect", "--out", "K.npz")
        assert result.code == 0
        assert "Kronecker sum 4×4 ⊕ 3×3" in result.out
        np.testing.assert_array_equal(np.asarray(ox.load("K.npz")), M)
        fields = json.loads(run("factor", "M.npy", "--detect", "--json").out)
        assert (fields["holds"], fields["structure"], fields["distance"]) == (True, "Kronecker sum", 0)

    def test_the_nearest_miss_ends_with_3(self, run):
        np.save("M.npy", np.random.default_rng(0).standard_normal((6, 6)))
        result = run("factor", "M.npy", "--detect", "--tol", 0.01)
        assert result.code == 3
        assert "no structure within 0.01" in result.out
        fields = json.loads(run("factor", "M.npy", "--detect", "--json").out)
        assert not fields["holds"]
        assert fields["misses"][0]["distance"] == fields["distance"] > 0.1


def test_help_is_one_screen(run):
    lines = run("factor", "--help").out.splitlines()
    assert len(lines) <= 40
    assert max(map(len, lines)) <= 80


def test_the_picture_is_written(run, matrix_file, tmp_path):
    assert run("factor", matrix_file, "--plot", "picture.png").code == 0
    assert (tmp_path / "picture.png").read_bytes()[:4] == b"\x89PNG"


@pytest.mark.parametrize("dtype", ["f4", "c16", "i8", "?"])
def test_dtypes(run, matrix, dtype):
    np.save("M.npy", (3 * matrix).astype(dtype) if dtype != "?" else np.kron(np.eye(4), np.ones((6, 6))) > 0)
    assert run("factor", "M.npy", "--shapes", "4x4,6x6", "--terms", 1, "--json").code == 0


def test_sparse_and_rectangular(run):
    from scipy import sparse

    M = sparse.kron(sparse.eye(3, 5), np.array([[1.0, 0], [2, 0], [0, 4]]), format="csr")
    sparse.save_npz("M.npz", M)
    result = run("factor", "M.npz", "--shapes", "3x5,3x2", "--json", "--out", "F.npz")
    assert result.code == 0
    np.testing.assert_allclose(sum(np.kron(*term) for term in load_factors("F.npz").factors), M.toarray(), atol=1e-12)


BAD = {
    "missing": (["nowhere.npy"], "nowhere.npy: no such file"),
    "terms and tol": (["M.npy", "--terms", 1, "--tol", 0.1], "--terms and --tol exclude each other"),
    "no terms": (["M.npy", "--terms", 0], "--terms"),
    "hybrid of given shapes": (["M.npy", "--shapes", "4x4,6x6", "--form", "hybrid"], "--form hybrid and --shapes"),
    "terms not a number": (["M.npy", "--terms", "many"], "--terms"),
    "negative tol": (["M.npy", "--tol", -1], "--tol"),
    "too many terms": (["M.npy", "--shapes", "4x4,6x6", "--terms", 17], "16"),
    "tol and criterion": (["M.npy", "--criterion", "bic", "--tol", 0.1], "--criterion and --tol exclude each other"),
    "unknown criterion": (["M.npy", "--criterion", "cic"], "'aic' or 'bic' or 'ebic' or 'cv'"),
    "shapes and factors": (["M.npy", "--shapes", "4x4,6x6", "--factors", 2], "--shapes and --factors exclude"),
    "criterion and structure": (["M.npy", "--criterion", "bic", "--structure", "spd"], "--criterion and --structure"),
    "memory without stream": (["M.npy", "--memory", "2GiB"], "give both"),
    "stream without shapes": (["M.npy", "--stream"], "give --shapes"),
    "stream and weights": (["M.npy", "--stream", "--weights", 1, "--shapes", "4x4,6x6"], "--stream and --weights"),
    "stream and detect": (["M.npy", "--stream", "--detect"], "--detect and --stream exclude each other"),
    "shapes and detect": (["M.npy", "--detect", "--shapes", "4x4,6x6"], "--detect and --shapes exclude each other"),
    "weights and detect": (["M.npy", "--detect", "--weights", 1], "--detect and --weights exclude each other"),
    "plot and detect": (["M.npy", "--detect", "--plot", "F.png"], "--detect and --plot exclude each other"),
    "dataset of HDF5": (["M.h5:M", "--shapes", "4x4,6x6"], "M.h5:M: HDF5 and Zarr are not read at once but streamed"),
    "stream and criterion": (
        ["M.npy", "--stream", "--criterion", "bic", "--shapes", "4x4,6x6"],
        "--stream and --criterion",
    ),
    "no size": (["M.npy", "--stream", "--memory", "much", "--shapes", "4x4,6x6"], "'much' is no size"),
    "weights without shapes": (["M.npy", "--weights", "1"], "give --shapes"),
    "unknown form": (["M.npy", "--shapes", "4x4,6x6", "--form", "tree"], "'tree' is none of"),
    "unknown structure": (["M.npy", "--shapes", "4x4,6x6", "--structure", "round"], "'round' is none of"),
    "one shape": (["M.npy", "--shapes", "4x4"], "one shape; write two shapes or more as in --shapes 37x37,49x49"),
    "shapes grammar": (["M.npy", "--shapes", "4x4,6"], "'6' is not rows x columns"),
    "zero shape": (["M.npy", "--shapes", "0x4,6x6"], "without rows or columns"),
    "shapes that do not fit": (["M.npy", "--shapes", "5x5,6x6"], "24"),
    "unknown option": (["M.npy", "--term", 3], "--term"),
    "no matrix": ([], "MATRIX"),
    "out in no folder": (["M.npy", "--out", "no/F.npz"], "no/F.npz: no folder 'no'"),
    "out is a folder": (["M.npy", "--out", "folder.npz"], "folder.npz: is a folder"),
    "out of another kind": (["M.npy", "--out", "F.mat"], "F.mat: the name of a factor file ends in .npz"),
    "plot of another kind": (["M.npy", "--plot", "F.bmp"], "F.bmp: unknown kind of picture"),
    "out is the input": (["M.npz:M", "--out", "M.npz"], "M.npz: is the file being read"),
    "prime": (["prime.npy"], "7 is prime"),
}


@pytest.mark.parametrize(("arguments", "message"), BAD.values(), ids=BAD.keys())
def test_bad_usage_is_one_clear_line(run, matrix, matrix_file, tmp_path, arguments, message):
    np.savez("M.npz", M=matrix)
    np.save("prime.npy", np.ones((1, 7)))
    (tmp_path / "folder.npz").mkdir()
    before = {path: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    result = run("factor", *arguments)
    assert result.code == 2
    assert message in result.err
    assert len(result.err.splitlines()) == 1
    assert result.out == ""
    assert before == {path: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (np.ones(3), "1-D"),
        (np.ones((2, 2, 2)), "3-D"),
        (np.full((2, 2), np.nan), "4 NaN or infinite entries, first at [0, 0]"),
        (np.array([["a", "b"]]), "holds text"),
        (np.empty((0, 4)), "empty"),
    ],
)
def test_bad_matrices_are_one_clear_line(run, content, message):
    np.save("bad.npy", content)
    result = run("factor", "bad.npy")
    assert result.code == 2
    assert result.err.startswith("otimes: bad.npy: ")
    assert message in result.err
    assert len(result.err.splitlines()) == 1


def test_a_failing_write_keeps_the_old_factors(run, matrix_file, tmp_path, monkeypatch):
    assert run("factor", matrix_file, "--shapes", "4x4,6x6", "--terms", 1, "--out", "F.npz").code == 0
    before = (tmp_path / "F.npz").read_bytes()

    def full(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    result = run("factor", matrix_file, "--shapes", "4x4,6x6", "--terms", 2, "--out", "F.npz")
    assert result.code == 2
    assert result.err == "otimes: F.npz: No space left on device\n"
    assert (tmp_path / "F.npz").read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["F.npz", "M.npy"]


def test_singular_values_beyond_the_range_of_numbers_are_null(run, tmp_path):
    np.save("M.npy", np.full((4, 4), 1e308))
    result = run("factor", "M.npy", "--shapes", "2x2,2x2", "--terms", 1, "--json", "--out", "F.npz")
    assert result.code == 0, result.err
    fields = json.loads(result.out)
    assert fields["singular_values"][0] is None
    assert fields["measured"]["error"] < 1e-12
    assert load_factors("F.npz").singular_values[0] == np.inf
    assert json.loads(run("info", "F.npz", "--json").out)["singular_values"][0] is None
    assert "singular values  -, " in run("info", "F.npz").out


def test_singular_values_of_single_precision_are_finite(run):
    np.save("M.npy", np.full((4, 4), 3e38, np.float32))
    fields = json.loads(run("factor", "M.npy", "--shapes", "2x2,2x2", "--terms", 1, "--json").out)
    assert fields["singular_values"][0] == pytest.approx(12e38)


def test_a_tolerance_that_is_not_met_is_told_to_people_and_scripts(run):
    np.save("M.npy", np.random.default_rng(0).standard_normal((8, 8)))
    result = run("factor", "M.npy", "--tol", 1e-3, "--json", "--out", "F.npz")
    assert result.code == 3
    assert json.loads(result.out)["tolerance_met"] is False
    plain = run("factor", "M.npy", "--tol", 1e-3, "--out", "F.npz")
    assert plain.code == 3
    assert load_factors("F.npz").error > 1e-3
    for message in (result.err, plain.err):
        assert message.splitlines()[-1].startswith("otimes factor: tolerance 0.001 not met: the error is 0.")


@pytest.mark.parametrize(("options", "met"), [(("--tol", 0.5), True), ((), None), (("--terms", 1), None)])
def test_a_tolerance_that_is_met_or_not_given(run, matrix_file, options, met):
    result = run("factor", matrix_file, *options, "--json")
    assert json.loads(result.out)["tolerance_met"] is met
    assert result.err == ""


@pytest.mark.parametrize(("option", "name"), [("--out", "F.npz"), ("--plot", "F.png")])
def test_a_read_only_target_is_refused_before_the_work(run, matrix_file, tmp_path, monkeypatch, option, name):
    (tmp_path / name).write_bytes(b"keep")
    (tmp_path / name).chmod(0o444)
    monkeypatch.setattr("otimes.factorize", None)
    result = run("factor", matrix_file, option, name)
    assert (result.code, result.err) == (2, f"otimes: {name}: the file is read-only\n")
    assert (tmp_path / name).read_bytes() == b"keep"
