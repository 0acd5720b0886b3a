"""Streams that are stopped from outside, whatever was asked for: the same call goes on, and reads nothing twice."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

import otimes as ox
from otimes.errors import FileFormatError, TooLarge
from otimes.factorization.sources import stored
from otimes.factorization.sources.streamed import FileOperand

SHAPES = ((12, 10), (14, 16))
CUBE = ((6, 4), (2, 5), (14, 8))

STREAM = """
import signal, time
import otimes as ox
signal.signal(signal.SIGINT, signal.default_int_handler)  # jobs in the background are born deaf to it
file = ox.MatrixFile("M.npy", memory="430 kB", checkpoint="M.part", progress=lambda *_: time.sleep(0.1))
ox.nearest_kronecker(file, shapes=((12, 10), (14, 16)), terms=4)
"""


@pytest.fixture
def path(tmp_path):
    rng = np.random.default_rng(0)
    M = sum(np.kron(*map(rng.standard_normal, SHAPES)) / 3**k for k in range(8))
    np.save(tmp_path / "M.npy", M)
    return tmp_path / "M.npy"


def counted(monkeypatch):
    """Return a list to which the numbers of lines read are added."""
    found, lines = [], stored.NpyFile.lines

    def counting(self, start, stop):
        found.append(stop - start)
        return lines(self, start, stop)

    monkeypatch.setattr(stored.NpyFile, "lines", counting)
    return found


@pytest.mark.parametrize("sent", ["SIGKILL", "SIGINT"])
def test_a_process_that_is_stopped(path, sent, monkeypatch):
    undisturbed = ox.nearest_kronecker(ox.MatrixFile(path, memory="430 kB"), shapes=SHAPES, terms=4)
    checkpoint = path.with_name("M.part")
    process = subprocess.Popen([sys.executable, "-c", STREAM], cwd=path.parent, stderr=subprocess.PIPE)
    try:
        while not checkpoint.exists() and process.poll() is None:
            time.sleep(0.02)
        process.send_signal(getattr(signal, sent))
        _, message = process.communicate(timeout=20)
    finally:
        process.kill()
    assert process.returncode == -getattr(signal, sent) or (sent == "SIGINT" and b"KeyboardInterrupt" in message)
    read = counted(monkeypatch)
    (path.parent / f".M.part.{os.getpid()}.tmp").touch()  # as of a process that was killed while it wrote
    file = ox.MatrixFile(path, memory="430 kB", checkpoint=checkpoint)
    F = ox.nearest_kronecker(file, shapes=SHAPES, terms=4)
    assert sum(read) < 2 * 168
    assert F.error == undisturbed.error
    np.testing.assert_array_equal(F.factors[3][1], undisturbed.factors[3][1])
    assert F.certificate == undisturbed.certificate
    assert [entry.name for entry in path.parent.iterdir()] == ["M.npy"]


@pytest.mark.parametrize(
    "asked",
    [
        {"shapes": SHAPES, "tol": 0.1},
        {"shapes": SHAPES, "structure": ("toeplitz", None)},
        {"shapes": CUBE, "terms": 2, "iteration": ox.Alternating(starts=1, sweeps=5)},
        {"shapes": CUBE, "terms": 3, "form": "orthogonal"},
        {"shapes": CUBE, "terms": 3, "form": "train"},
    ],
    ids=lambda asked: ", ".join(asked),
)
def test_every_form_goes_on_and_reads_the_file_twice(path, asked, monkeypatch):
    """Interrupted after each slab, and once more when all slabs are read but nothing is returned."""
    stops = []

    def progress(done, total, label):
        if done not in stops:
            stops.append(done)
            raise KeyboardInterrupt

    checkpoint = path.with_name("M.part")
    options = {"memory": "1.25 MB" if asked.get("form") == "orthogonal" else "900 kB"}
    undisturbed = ox.nearest_kronecker(ox.MatrixFile(path, **options), **asked)
    read = counted(monkeypatch)
    file = ox.MatrixFile(path, **options, checkpoint=checkpoint, progress=progress)
    for _ in range(100):
        try:
            F = ox.nearest_kronecker(file, **asked)
            break
        except KeyboardInterrupt:
            assert checkpoint.exists() or stops == [0]
    assert len(stops) >= 3
    assert sum(read) == 2 * 168
    assert F.error == undisturbed.error
    assert not checkpoint.exists()


def test_interrupted_when_all_is_read(path, monkeypatch):
    """What is computed after the passes, for three factors for a long time, is no reason to read the file again."""
    file = ox.MatrixFile(path, checkpoint=path.with_name("M.part"))
    read = counted(monkeypatch)

    def interrupted(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("otimes.factorization.multiway.terms.sum_found", interrupted)
        with pytest.raises(KeyboardInterrupt):
            ox.nearest_kronecker(file, shapes=CUBE)
    ox.nearest_kronecker(file, shapes=CUBE)
    assert sum(read) == 2 * 168


def test_slabs_of_another_height_are_another_computation(path):
    """As many of them, but other lines: rows of R would be left out, or be taken twice."""

    def stop(done, total, label):
        if done == 1:
            raise KeyboardInterrupt

    heights = {}
    for memory in range(600_000, 700_000, 2_000):
        file = ox.MatrixFile(path, memory=memory)
        slabs = FileOperand.of(file)._slabs(SHAPES, 14)
        heights.setdefault(len(slabs), {})[slabs.height] = memory
    alike = next(list(found.values()) for found in heights.values() if len(found) > 1)
    checkpoint = path.with_name("M.part")
    stopped = ox.MatrixFile(path, memory=alike[0], checkpoint=checkpoint, progress=stop)
    with pytest.raises(KeyboardInterrupt):
        ox.nearest_kronecker(stopped, shapes=SHAPES, terms=4)
    with pytest.raises(FileFormatError, match="slabs was"):
        ox.nearest_kronecker(ox.MatrixFile(path, memory=alike[1], checkpoint=checkpoint), shapes=SHAPES, terms=4)


def test_a_file_that_is_cut_off_meanwhile(path):
    def cut(done, total, label):
        if done == 1:
            os.truncate(path, 100_000)

    file = ox.MatrixFile(path, memory="430 kB", progress=cut)
    with pytest.raises(FileFormatError, match=r"truncated while it was read, in line \d+"):
        ox.nearest_kronecker(file, shapes=SHAPES, terms=4)


def test_a_checkpoint_in_no_folder_is_refused_before_the_work(path):
    with pytest.raises(FileFormatError, match="its folder does not exist"):
        ox.MatrixFile(path, checkpoint=path.parent / "nowhere" / "M.part")


def test_what_cannot_be_streamed_keeps_to_the_limit(path):
    with pytest.raises(TooLarge, match="raise memory="):
        ox.nearest_kronecker(ox.MatrixFile(path, memory="100 kB"), shapes=SHAPES, weights=1)
    F = ox.nearest_kronecker(ox.MatrixFile(path, memory="1 MB"), shapes=SHAPES, weights=1, held_out=0)
    assert F.error == pytest.approx(ox.nearest_kronecker(np.load(path), shapes=SHAPES).error, rel=1e-6)


def test_a_search_has_streams_of_its_own(path):
    """A checkpoint holds one of them: it is left alone."""
    checkpoint = path.with_name("M.part")
    checkpoint.write_bytes(b"that of another call")
    F = ox.factorize(ox.MatrixFile(path, checkpoint=checkpoint), shapes=SHAPES, terms=2)
    assert F.terms == 2
    assert checkpoint.read_bytes() == b"that of another call"


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("memory", ["430 kB", "1 MB"])
@pytest.mark.parametrize("shapes", [SHAPES, CUBE])
def test_fresh_vectors_are_multiplied_in_the_second_pass(path, order, memory, shapes, monkeypatch):
    M = np.load(path)
    np.save(path, np.asarray(M, order=order))
    read = counted(monkeypatch)
    F = ox.nearest_kronecker(ox.MatrixFile(path, memory=memory), shapes=shapes, terms=2)
    X = np.random.default_rng([0, 0x5EED]).standard_normal((160, 4))
    left = np.linalg.norm(M @ X - F.operator @ X) / np.linalg.norm(M @ X)
    assert F.certificate.probe_residual == pytest.approx(left, rel=1e-9)
    assert sum(read) == 2 * len(M if order == "C" else M.T)
