"""Threads of BLAS where they pay."""

import functools
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

from threadpoolctl import ThreadpoolController

FEW_ROWS = range(17, 128)  # of one decomposition: with less BLAS takes one thread anyway, with more a second one pays
PAYING_COLUMNS = 512  # of thousands of decompositions, from which a second thread pays

_lock = threading.Lock()
_inside: list = []  # one entry per call under way; the first holds what is to be restored


@functools.cache
def _blas() -> ThreadpoolController:
    return ThreadpoolController().select(user_api="blas")


def one_thread(when: bool) -> AbstractContextManager[None]:
    """Return a context in which BLAS uses one thread, if `when`: small calls follow one another.

    They are no faster with threads, and up to a hundred times slower: each waits for all its threads to be scheduled.
    The limit is the process's: of calls that overlap the first sets it and the last lifts it. Setting it takes some
    10 µs.
    """
    return _one_thread() if when else nullcontext()


@contextmanager
def _one_thread() -> Iterator[None]:
    with _lock:
        _inside.append(_inside[0] if _inside else _blas().limit(limits=1))
    try:
        yield
    finally:
        with _lock:
            limits = _inside.pop()
            if not _inside:
                limits.restore_original_limits()
