"""Write a file whole or not at all."""

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

__all__ = ["atomic_write", "check_writable"]


@contextmanager
def atomic_write(path: str | Path) -> Iterator[BinaryIO]:
    """Open a temporary neighbour of ``path`` for writing and rename it to ``path`` when the block ends well.

    Whatever goes wrong inside the block (an exception, Ctrl-C, a full disk), the file that was there before
    stays whole and the temporary one is removed. A reader sees the old file or the new one, never a part.

    Cost: one ``fsync`` and one ``rename``.

    Parameters
    ----------
    path : str or Path
        Target; a symbolic link is followed, so that the link itself survives.

    Yields
    ------
    BinaryIO
        The file to write into, seekable.

    Raises
    ------
    OSError
        When the folder or the target is read-only, the folder is missing, the target is a folder, or the disk is
        full; names ``path``.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from otimes.io import atomic_write
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     target = pathlib.Path(folder, "x.bin")
    ...     with atomic_write(target) as file:
    ...         _ = file.write(b"all of it")
    ...     target.read_bytes(), [entry.name for entry in pathlib.Path(folder).iterdir()]
    (b'all of it', ['x.bin'])
    """
    check_writable(path)
    target = Path(path).resolve()
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(6)}.tmp")
    try:
        with temporary.open("xb") as file:
            if target.exists():
                os.chmod(temporary, target.stat().st_mode & 0o777)
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, target)
    except BaseException as error:
        with suppress(OSError):
            temporary.unlink()
        if isinstance(error, OSError) and error.errno is not None:
            raise OSError(error.errno, error.strerror, str(path)) from error
        raise


def check_writable(path: str | Path) -> None:
    """Raise the ``OSError`` that writing ``path`` would meet, as far as it can be known before the work is done.

    A file of mode 444 is refused even where the folder, or the rights of an administrator, would let it be replaced:
    its owner has asked for it to stay.

    Cost: some system calls.

    Parameters
    ----------
    path : str or Path

    Raises
    ------
    OSError
        The folder is missing or not writable, or ``path`` is itself a folder or a read-only file.

    Examples
    --------
    >>> from otimes.io import check_writable
    >>> check_writable("no/such/folder/factors.npz")
    Traceback (most recent call last):
        ...
    FileNotFoundError: [Errno 2] no folder 'no/such/folder' to write into: 'no/such/folder/factors.npz'
    """
    target = Path(path)
    if target.is_dir():
        raise IsADirectoryError(errno.EISDIR, "is a folder, not a file", str(path))
    if not target.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, f"no folder '{target.parent}' to write into", str(path))
    if not os.access(target.parent, os.W_OK):
        raise PermissionError(errno.EACCES, "the folder is not writable", str(path))
    if target.exists() and not (target.stat().st_mode & 0o222 and os.access(target, os.W_OK)):
        raise PermissionError(errno.EACCES, "the file is read-only", str(path))
