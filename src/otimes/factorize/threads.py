"""Threads of BLAS where they pay."""

from contextlib import AbstractContextManager, nullcontext

_PAYING = 512  # columns of a decomposition from which a second thread shortens it


def threads_for(columns: int) -> AbstractContextManager[object]:
    """Return a context in which BLAS uses one thread, if the decompositions have few columns.

    Thousands of small calls are no faster with threads, and on a busy machine ten times slower: each call waits for
    all its threads to be scheduled. The limit holds for the whole process while the context lasts. It takes
    threadpoolctl; without it BLAS keeps its threads.
    """
    if columns >= _PAYING:
        return nullcontext()
    try:
        from threadpoolctl import threadpool_limits
    except ImportError:
        return nullcontext()
    return threadpool_limits(limits=1, user_api="blas")
