"""Files larger than memory: two passes, a limit that holds, nothing lost by an interruption."""

import tracemalloc
from functools import partial

import numpy as np
import pytest

import otimes as ox
from otimes.errors import DTypeError, FileFormatError, NonFiniteError, ShapeError, TooLarge
from otimes.factorization.sources import stored
from otimes.factorization.sources.checkpoint import Checkpoint
from otimes.factorization.sources.slabs import Slabs

SHAPES = ((12, 10), (14, 16))


def decaying(shapes, decay, dtype="float64", seed=0):
    """A matrix whose rearrangement has singular values decay(1), decay(2), …"""
    rng = np.random.default_rng(seed)
    sizes = [m * n for m, n in shapes]
    rank = min(sizes)
    bases = [rng.standard_normal((size, rank)) for size in sizes]
    if "complex" in dtype:
        bases = [basis + 1j * rng.standard_normal(basis.shape) for basis in bases]
    U, V = (np.linalg.qr(basis)[0] for basis in bases)
    values = decay(np.arange(1.0, rank + 1))
    return ox.restore((U * values) @ V.T, shapes=shapes).astype(dtype), values


def least(values, terms):
    return np.linalg.norm(values[terms:]) / np.linalg.norm(values)


def error_of(M, F):
    return np.linalg.norm(M - np.asarray(F.operator)) / np.linalg.norm(M)


def saved(folder, M, kind="npy"):
    path = folder / f"M.{kind}"
    if kind == "npy":
        np.save(path, M)
    elif kind == "h5":
        h5py = pytest.importorskip("h5py")
        with h5py.File(path, "w") as file:
            file.create_dataset("group/M", data=M, chunks=(50, 40), compression="gzip")
            file["vector"] = M[0]
    else:
        zarr = pytest.importorskip("zarr")
        zarr.open_group(path, mode="w").create_array("M", data=M, chunks=(50, 40))
    return path


class Interrupted(Exception):
    pass


class TestAccuracy:
    @pytest.mark.parametrize("order", ["C", "F"])
    @pytest.mark.parametrize("shapes", [SHAPES, ((3, 2), (56, 80)), ((84, 40), (2, 4)), ((1, 160), (168, 1))])
    @pytest.mark.parametrize("decay", [lambda k: k**-1.0, lambda k: k**-0.3, lambda k: 0.5**k, np.ones_like])
    def test_within_a_twentieth_of_the_optimum(self, tmp_path, order, shapes, decay):
        M, values = decaying(shapes, decay)
        path = saved(tmp_path, np.asarray(M, order=order))
        terms = min(4, len(values) - 1)
        F = ox.nearest_kronecker(ox.MatrixFile(path, memory="4 MiB"), shapes=shapes, terms=terms)
        assert error_of(M, F) == pytest.approx(F.error, rel=1e-10)
        assert least(values, terms) * (1 - 1e-12) <= F.error <= 1.05 * least(values, terms)
        assert F.certificate.kind == "exact"

    @pytest.mark.parametrize("dtype", ["float32", "complex64", "complex128", ">f8", "int32"])
    def test_dtypes(self, tmp_path, dtype):
        M, _ = decaying(SHAPES, lambda k: 300 * 0.4**k, dtype="complex128" if "complex" in dtype else "float64")
        M = (M * 100).astype(dtype)
        F = ox.nearest_kronecker(ox.MatrixFile(saved(tmp_path, M)), shapes=SHAPES, terms=3)
        G = ox.nearest_kronecker(np.ascontiguousarray(M, M.dtype.newbyteorder("=")), shapes=SHAPES, terms=3)
        assert F.error == pytest.approx(G.error, rel=1e-3)
        assert F.factors[0][0].dtype == G.factors[0][0].dtype

    def test_small_errors_are_not_lost(self, tmp_path):
        M, values = decaying(SHAPES, lambda k: np.where(k <= 5, 10.0 ** (1 - 2.5 * k), 0) + 1e-14)
        F = ox.nearest_kronecker(ox.MatrixFile(saved(tmp_path, M)), shapes=SHAPES, terms=4)
        assert F.error == pytest.approx(least(values, 4), rel=0.02)

    @pytest.mark.parametrize("scale", [1e200, 1e-200])
    def test_scales_far_from_one(self, tmp_path, scale):
        M, values = decaying(SHAPES, lambda k: 0.5**k)
        mixed = M.copy()
        mixed[:14] *= 1e-250  # the first slab is of another scale than the rest
        F = ox.nearest_kronecker(ox.MatrixFile(saved(tmp_path, M * scale)), shapes=SHAPES, terms=3)
        assert F.error == pytest.approx(least(values, 3), rel=1e-3)
        G = ox.nearest_kronecker(ox.MatrixFile(saved(tmp_path, mixed), memory="1 MiB"), shapes=SHAPES, terms=3)
        assert G.error == pytest.approx(ox.nearest_kronecker(mixed, shapes=SHAPES, terms=3).error, rel=1e-3)

    def test_zeros(self, tmp_path):
        F = ox.nearest_kronecker(ox.MatrixFile(saved(tmp_path, np.zeros((168, 160)))), shapes=SHAPES, terms=2)
        assert F.error == 0
        assert not np.asarray(F.operator).any()

    def test_a_tolerance(self, tmp_path):
        M, values = decaying(SHAPES, lambda k: 0.3**k)
        file = ox.MatrixFile(saved(tmp_path, M))
        F = ox.nearest_kronecker(file, shapes=SHAPES, tol=1e-3)
        assert F.error <= 1e-3
        assert least(values, F.terms - 1) > 1e-3
        G = ox.nearest_kronecker(file, shapes=SHAPES, tol=1e-3, terms=2)
        assert G.reason.startswith("tolerance 0.001 not met: 2 terms")

    def test_the_search_with_given_shapes(self, tmp_path):
        M, values = decaying(SHAPES, lambda k: 0.3**k)
        F = ox.factorize(ox.MatrixFile(saved(tmp_path, M)), shapes=SHAPES, tol=1e-3)
        assert F.error == pytest.approx(least(values, F.terms), rel=1e-3)

    def test_the_search_tries_what_the_limit_allows(self, tmp_path):
        rng = np.random.default_rng(3)
        M = np.kron(rng.standard_normal((6, 10)), rng.standard_normal((10, 6))) + 1e-3 * rng.standard_normal((60, 60))
        path = saved(tmp_path, M)
        F = ox.factorize(ox.MatrixFile(path, memory="700 kB"), tol=0.1)
        assert (F.shapes, F.terms) == (((6, 10), (10, 6)), 1)
        assert F.error == pytest.approx(error_of(M, F), rel=1e-9)
        with pytest.raises(TooLarge, match=r"none of .* factor shapes"):
            ox.factorize(ox.MatrixFile(path, memory="10 kB"))

    def test_more_factors_have_a_bound(self, tmp_path):
        rng = np.random.default_rng(5)
        A, B, C = (rng.standard_normal((6, 6)) for _ in range(3))
        M = np.kron(np.kron(A, B), C) + 0.01 * rng.standard_normal((216, 216))
        F = ox.nearest_kronecker(ox.MatrixFile(saved(tmp_path, M)), shapes=((6, 6),) * 3)
        assert F.certificate.kind == "bound"
        assert error_of(M, F) <= F.error <= 2 * error_of(M, F)


def counting(monkeypatch, *, fails_at=None):
    """Count the lines read of `.npy` files; a call of that number raises."""
    counts = {"lines": 0, "calls": 0}
    lines = stored.NpyFile.lines

    def counted(self, start, stop):
        counts["calls"] += 1
        if counts["calls"] == fails_at:
            raise OSError("the disk was taken away")
        counts["lines"] += stop - start
        return lines(self, start, stop)

    monkeypatch.setattr(stored.NpyFile, "lines", counted)
    return counts


def kernel(n):
    axis = np.linspace(0, 3, n)
    squares = np.subtract.outer(axis, axis) ** 2
    return np.exp(-np.sqrt(squares[:, None, :, None] + 2 * squares[None, :, None, :])).reshape(n * n, n * n)


class TestPassesAndMemory:
    @pytest.mark.parametrize("order", ["C", "F"])
    def test_a_file_four_times_the_limit_in_two_passes(self, tmp_path, monkeypatch, order):
        shapes = ((40, 40), (40, 40))
        M = kernel(40)
        best = ox.nearest_kronecker(M, shapes=shapes, terms=4)
        path, limit = saved(tmp_path, np.asarray(M, order=order)), M.nbytes // 4
        counts = counting(monkeypatch)
        tracemalloc.start()
        F = ox.nearest_kronecker(ox.MatrixFile(path, memory=limit), shapes=shapes, terms=4)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert counts["lines"] == 2 * 1600
        assert F.error <= 1.05 * best.error
        assert peak <= limit

    def test_progress(self, tmp_path):
        M, _ = decaying(SHAPES, lambda k: 0.5**k)
        calls = []
        file = ox.MatrixFile(saved(tmp_path, M), memory="350 kB", progress=lambda *call: calls.append(call))
        ox.nearest_kronecker(file, shapes=SHAPES)
        done, totals, labels = zip(*calls, strict=True)
        assert list(done) == sorted(done)
        assert set(totals) == {done[-1]}
        assert done[-1] > 4
        assert (labels[0], labels[-1]) == ("first pass", "second pass")

    def test_too_little(self, tmp_path):
        path = saved(tmp_path, np.ones((168, 160)))
        with pytest.raises(TooLarge, match=r"sketches of 14 columns .* above memory=97.7 KiB"):
            ox.nearest_kronecker(ox.MatrixFile(path, memory="100 kB"), shapes=SHAPES, terms=4)
        with pytest.raises(TooLarge, match=r"a slab of the 168×160 file .* raise memory="):
            ox.nearest_kronecker(ox.MatrixFile(path, memory="395 kB"), shapes=SHAPES, terms=4)

    @pytest.mark.parametrize("order", ["C", "F"])
    @pytest.mark.parametrize("exchanged", [False, True])
    def test_slabs_tile_the_rearrangement(self, tmp_path, order, exchanged):
        M, _ = decaying(SHAPES, lambda k: 1 / k)
        file = ox.MatrixFile(saved(tmp_path, np.asarray(M, order=order)))
        slabs = Slabs(file.stored, SHAPES, exchanged, 3)
        R = ox.rearrange(M, shapes=SHAPES)
        R = R.T if exchanged else R
        seen, image, X = np.zeros(R.shape), np.zeros((168, 3)), np.random.default_rng(1).standard_normal((160, 3))
        assert slabs.shape == R.shape
        for k in range(len(slabs)):
            slab = slabs.read(k)
            seen[slab.rows] += slab.rearranged(np.dtype(float), 1.0).product(np.eye(R.shape[1]))
            image = slab.with_image(image, X)
        np.testing.assert_array_equal(seen, R)
        np.testing.assert_allclose(image, M @ X, rtol=1e-12, atol=1e-14)


class TestInterruptions:
    @pytest.mark.parametrize("at", [0, 4, 11, 17])
    def test_the_same_call_goes_on_and_gives_the_same(self, tmp_path, monkeypatch, at):
        M, _ = decaying(SHAPES, lambda k: 0.7**k)
        path, checkpoint = saved(tmp_path, M), tmp_path / "progress.npz"
        file = ox.MatrixFile(path, memory="430 kB")
        undisturbed = ox.nearest_kronecker(file, shapes=SHAPES, terms=4)
        counts = counting(monkeypatch)

        interruptions = [at]

        def progress(done, total, label):
            if done in interruptions:
                interruptions.remove(done)
                raise KeyboardInterrupt

        kept = ox.MatrixFile(path, memory="430 kB", checkpoint=checkpoint, progress=progress)
        with pytest.raises(KeyboardInterrupt):
            ox.nearest_kronecker(kept, shapes=SHAPES, terms=4)
        assert checkpoint.exists()
        F = ox.nearest_kronecker(kept, shapes=SHAPES, terms=4)
        assert not checkpoint.exists()
        assert counts["lines"] == 2 * 168
        assert F.error == undisturbed.error
        for pair, other in zip(F.factors, undisturbed.factors, strict=True):
            for factor, same in zip(pair, other, strict=True):
                np.testing.assert_array_equal(factor, same)

    @pytest.mark.parametrize("at", [2, 15])
    def test_a_disk_that_fails(self, tmp_path, monkeypatch, at):
        M, _ = decaying(SHAPES, lambda k: 0.7**k)
        kept = ox.MatrixFile(saved(tmp_path, M), memory="430 kB", checkpoint=tmp_path / "progress.npz")
        counts = counting(monkeypatch, fails_at=at)
        with pytest.raises(OSError, match="taken away"):
            ox.nearest_kronecker(kept, shapes=SHAPES, terms=4)
        ox.nearest_kronecker(kept, shapes=SHAPES, terms=4)
        assert counts["lines"] == 2 * 168

    def test_inside_a_slab(self, tmp_path, monkeypatch):
        M, _ = decaying(SHAPES, lambda k: 0.7**k)
        kept = ox.MatrixFile(saved(tmp_path, M), memory="430 kB", checkpoint=tmp_path / "progress.npz")
        undisturbed = ox.nearest_kronecker(kept, shapes=SHAPES, terms=4)
        from otimes.factorization.rearrangement import Rearrangement

        product, calls = Rearrangement.product, []

        def disturbed(self, V):
            calls.append(V)
            result = product(self, V)
            if len(calls) in (8, 30):
                raise KeyboardInterrupt
            return result

        monkeypatch.setattr(Rearrangement, "product", disturbed)
        for _ in range(2):
            with pytest.raises(KeyboardInterrupt):
                ox.nearest_kronecker(kept, shapes=SHAPES, terms=4)
        assert ox.nearest_kronecker(kept, shapes=SHAPES, terms=4).error == undisturbed.error

    def test_killed_between_two_saves(self, tmp_path, monkeypatch):
        """What is written now and then is enough: the state after the kill is never saved here."""
        M, _ = decaying(SHAPES, lambda k: 0.7**k)
        kept = ox.MatrixFile(saved(tmp_path, M), memory="430 kB", checkpoint=tmp_path / "progress.npz")
        undisturbed = ox.nearest_kronecker(kept, shapes=SHAPES, terms=4)
        save, states = Checkpoint.save, []

        def every_third(self, state):
            states.append(state)
            if len(states) % 3 == 0:
                save(self, state)
            if len(states) == 8:
                raise MemoryError

        monkeypatch.setattr(Checkpoint, "save_now_and_then", every_third)
        monkeypatch.setattr(Checkpoint, "save", lambda self, state: None)
        with pytest.raises(MemoryError):
            ox.nearest_kronecker(kept, shapes=SHAPES, terms=4)
        assert ox.nearest_kronecker(kept, shapes=SHAPES, terms=4).error == undisturbed.error
        assert len(states) == 8 + 2 * len(kept_slabs(kept)) - 6

    def test_of_another_computation(self, tmp_path):
        def stop(done, total, label):
            raise Interrupted

        M, _ = decaying(SHAPES, lambda k: 0.7**k)
        kept = partial(ox.MatrixFile, saved(tmp_path, M), checkpoint=tmp_path / "progress.npz")
        with pytest.raises(Interrupted):
            ox.nearest_kronecker(kept(progress=stop), shapes=SHAPES, terms=4)
        with pytest.raises(FileFormatError, match=r"another computation \(columns of a sketch was 14, now 15\)"):
            ox.nearest_kronecker(kept(), shapes=SHAPES, terms=5)
        (tmp_path / "progress.npz").write_bytes(b"something else")
        with pytest.raises(FileFormatError, match="no checkpoint"):
            ox.nearest_kronecker(kept(), shapes=SHAPES, terms=4)
        assert (tmp_path / "progress.npz").read_bytes() == b"something else"

    def test_without_a_checkpoint_the_error_says_how(self, tmp_path):
        def stop(done, total, label):
            raise Interrupted

        file = ox.MatrixFile(saved(tmp_path, np.ones((168, 160))), progress=stop)
        with pytest.raises(Interrupted) as caught:
            ox.nearest_kronecker(file, shapes=SHAPES)
        assert "checkpoint=" in caught.value.__notes__[0]


def kept_slabs(file):
    from otimes.factorization.sources.streamed import FileOperand

    return FileOperand.of(file)._slabs(SHAPES, 14)


class TestFormats:
    @pytest.mark.parametrize("kind", ["h5", "zarr"])
    @pytest.mark.parametrize("dataset", [None, "named"])
    def test_as_npy(self, tmp_path, kind, dataset):
        M, _ = decaying(SHAPES, lambda k: 0.6**k)
        name = {"h5": "/group/M", "zarr": "M"}[kind] if dataset else None
        F, G = (
            ox.nearest_kronecker(ox.MatrixFile(saved(tmp_path, M, k), d), shapes=SHAPES, terms=3)
            for k, d in ((kind, name), ("npy", None))
        )
        assert F.error == pytest.approx(G.error, rel=1e-12)
        np.testing.assert_allclose(F.factors[0][0], G.factors[0][0], atol=1e-12)

    @pytest.mark.parametrize("kind", ["h5", "zarr"])
    def test_datasets_that_are_not_there(self, tmp_path, kind):
        path = saved(tmp_path, np.ones((60, 40)), kind)
        with pytest.raises(FileFormatError, match=r"no dataset 'N'; it holds .*M 60×40"):
            ox.MatrixFile(path, "N")
        (tmp_path / f"bad.{kind}").write_bytes(b"no such thing")
        with pytest.raises(FileFormatError, match="damaged"):
            ox.MatrixFile(tmp_path / f"bad.{kind}")

    def test_several_datasets(self, tmp_path):
        h5py = pytest.importorskip("h5py")
        with h5py.File(tmp_path / "M.h5", "w") as file:
            file["A"], file["B"] = np.ones((4, 4)), np.ones((6, 6))
            file["texts"] = np.array([[b"a"]])
        with pytest.raises(FileFormatError, match=r"A 4×4, B 6×6.* name one by dataset="):
            ox.MatrixFile(tmp_path / "M.h5")
        with pytest.raises(DTypeError, match="not plain numbers"):
            ox.MatrixFile(tmp_path / "M.h5", "texts")

    def test_npy_files_that_are_none(self, tmp_path):
        path = saved(tmp_path, np.ones((60, 40)))
        path.write_bytes(path.read_bytes()[:-8])
        with pytest.raises(FileFormatError, match=r"truncated, 19,320 of 19,328 bytes"):
            ox.MatrixFile(path)
        path.write_bytes(b"no header")
        with pytest.raises(FileFormatError, match=r"not a \.npy file"):
            ox.MatrixFile(path)
        with pytest.raises(ShapeError, match=r"is \(5,\); a matrix with rows"):
            ox.MatrixFile(saved(tmp_path, np.ones(5)))
        with pytest.raises(DTypeError):
            ox.MatrixFile(saved(tmp_path, np.full((2, 2), "a")))
        with pytest.raises(FileFormatError, match="no such file"):
            ox.MatrixFile(tmp_path / "N.npy")
        (tmp_path / "M.mat").touch()
        with pytest.raises(FileFormatError, match=r"known endings are \.npy, \.h5"):
            ox.MatrixFile(tmp_path / "M.mat")

    @pytest.mark.parametrize("order", ["C", "F"])
    @pytest.mark.parametrize("memory", ["430 kB", "363.5 kB"])  # with the second one slabs are taken across
    def test_not_finite(self, tmp_path, order, memory):
        M = np.ones((168, 160), order=order)
        M[133, 77] = np.inf
        with pytest.raises(NonFiniteError, match=r"at \(row, column\) = \(133, 77\)"):
            ox.nearest_kronecker(ox.MatrixFile(saved(tmp_path, M), memory=memory), shapes=SHAPES, terms=2)

    @pytest.mark.parametrize(
        ("text", "size"), [("2GiB", 2**31), ("500 MB", 5 * 10**8), ("1.5kib", 1536), ("4096", 4096), (77, 77)]
    )
    def test_memory(self, tmp_path, text, size):
        assert ox.MatrixFile(saved(tmp_path, np.ones((2, 2))), memory=text).bytes_allowed == size

    @pytest.mark.parametrize("text", ["much", "2 GiBs", "-1", -1, 1.5, None])
    def test_memory_that_is_none(self, tmp_path, text):
        with pytest.raises(ShapeError, match="memory"):
            ox.MatrixFile(saved(tmp_path, np.ones((2, 2))), memory=text)
