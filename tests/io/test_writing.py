"""A write happens whole or not at all: the old file survives every failure and nothing is left beside it."""

import errno
import os
import stat

import numpy as np
import pytest

from otimes.errors import DTypeError, FileFormatError
from otimes.io import atomic_write, load_array, save_array


def names(folder):
    return sorted(entry.name for entry in folder.iterdir())


@pytest.mark.parametrize("name", ["x.npy", "x.csv", "x.txt"])
@pytest.mark.parametrize(
    "array",
    [np.array([1.0, 0.1, 1e-300]), np.array([[1 / 3, 2], [-3, 4e17]]), np.array([1 + 2j, -0.5j]), np.arange(4)],
    ids=["vector", "matrix", "complex", "integers"],
)
def test_arrays_come_back_exactly(tmp_path, name, array):
    save_array(tmp_path / name, array)
    np.testing.assert_array_equal(load_array(tmp_path / name), array)
    assert names(tmp_path) == [name]


@pytest.mark.parametrize("fault", [RuntimeError("stop"), KeyboardInterrupt(), OSError(errno.ENOSPC, "No space left")])
def test_a_failure_midway_leaves_the_old_file_whole(tmp_path, fault):
    target = tmp_path / "x.bin"
    target.write_bytes(b"old")
    with pytest.raises(type(fault)) as caught, atomic_write(target) as file:  # noqa: PT012  the fault comes in the middle
        file.write(b"half of the n")
        raise fault
    assert target.read_bytes() == b"old"
    assert names(tmp_path) == ["x.bin"]
    if isinstance(fault, OSError):
        assert caught.value.filename == str(target)


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_failing_system_call_leaves_the_old_file_whole(tmp_path, monkeypatch, call):
    target = tmp_path / "x.npy"
    save_array(target, np.zeros(3))

    def fail(*arguments):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, call, fail)
    with pytest.raises(OSError, match=r"Input/output error: '.*x\.npy'"):
        save_array(target, np.ones(3))
    monkeypatch.undo()
    np.testing.assert_array_equal(load_array(target), np.zeros(3))
    assert names(tmp_path) == ["x.npy"]


def test_nothing_is_seen_before_the_end(tmp_path):
    target = tmp_path / "x.bin"
    with atomic_write(target) as file:
        file.write(b"new")
        assert not target.exists()
    assert target.read_bytes() == b"new"


def test_mode_and_link_survive(tmp_path):
    target, link = tmp_path / "x.npy", tmp_path / "link.npy"
    save_array(target, np.zeros(2))
    target.chmod(0o640)
    link.symlink_to(target)
    save_array(link, np.ones(2))
    assert link.is_symlink()
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    np.testing.assert_array_equal(load_array(target), np.ones(2))


@pytest.mark.parametrize(
    ("place", "error", "message"),
    [
        ("no/such/x.npy", FileNotFoundError, "no folder"),
        ("folder.npy", IsADirectoryError, "is a folder"),
        ("file/x.npy", FileNotFoundError, "no folder"),
    ],
)
def test_a_place_that_cannot_be_written_is_named(tmp_path, place, error, message):
    (tmp_path / "folder.npy").mkdir()
    (tmp_path / "file").write_text("")
    with pytest.raises(error, match=message) as caught:
        save_array(tmp_path / place, np.ones(2))
    assert caught.value.filename == str(tmp_path / place)


def test_a_read_only_folder_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(PermissionError, match="the folder is not writable"):
        save_array(tmp_path / "x.npy", np.ones(2))


def test_what_is_not_numbers_or_not_an_array_file_is_refused(tmp_path):
    with pytest.raises(DTypeError, match="never unpickled"):
        save_array(tmp_path / "x.npy", np.array([None]))
    with pytest.raises(FileFormatError, match=r"known endings are \.npy"):
        save_array(tmp_path / "x.mat", np.ones(2))
    assert names(tmp_path) == []


def test_a_read_only_file_is_named_and_kept(tmp_path):
    target = tmp_path / "x.npy"
    save_array(target, np.zeros(2))
    target.chmod(0o444)
    with pytest.raises(PermissionError, match="the file is read-only") as caught:
        save_array(target, np.ones(2))
    assert caught.value.filename == str(target)
    np.testing.assert_array_equal(load_array(target), np.zeros(2))
