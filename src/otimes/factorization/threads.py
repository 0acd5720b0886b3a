"""Threads of BLAS where they pay."""

from contextlib import AbstractContextManager, nullcontext

from threadpoolctl import threadpool_limits

PAYING_COLUMNS = 512  # of a decomposition, from which a second thread shortens it


def threads_for(columns: int) -> AbstractContextManager[object]:
    """Return a context in which BLAS uses one thread, if the decompositions have few columns.

    Thousands of small calls are no faster with threads, and on a busy machine ten times slower: each call waits for
    all its threads to be scheduled. The limit holds for the whole process while the context lasts.
    """
    return nullcontext() if columns >= PAYING_COLUMNS else threadpool_limits(limits=1, user_api="blas")
