"""Threads of BLAS where they pay."""

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

from threadpoolctl import threadpool_limits

PAYING_COLUMNS = 512  # of a decomposition, from which a second thread shortens it

_lock = threading.Lock()
_inside: list[threadpool_limits] = []  # one entry per call under way; the first holds what is to be restored


def threads_for(columns: int) -> AbstractContextManager[None]:
    """Return a context in which BLAS uses one thread, if the decompositions have few columns.

    Thousands of small calls are no faster with threads, and on a busy machine ten times slower: each call waits for
    all its threads to be scheduled. The limit is the process's: of calls that overlap the first sets it and the last
    lifts it.
    """
    return nullcontext() if columns >= PAYING_COLUMNS else _one_thread()


@contextmanager
def _one_thread() -> Iterator[None]:
    with _lock:
        _inside.append(_inside[0] if _inside else threadpool_limits(limits=1, user_api="blas"))
    try:
        yield
    finally:
        with _lock:
            limits = _inside.pop()
            if not _inside:
                limits.restore_original_limits()
