"""Threads where they pay: those of BLAS, or as many of our own that each call it."""

import functools
import itertools
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TypeVar

from threadpoolctl import ThreadpoolController

FEW_ROWS = range(17, 128)  # of one decomposition: with less BLAS takes one thread anyway, with more a second one pays
PAYING_COLUMNS = 512  # of thousands of decompositions, from which a second thread pays
PAYING_ENTRIES = 2**20  # of a matrix that is read once, from which a second thread pays

T = TypeVar("T")

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


def threads_of_blas() -> int:
    """Return how many threads BLAS takes where `one_thread` does not hold it to one."""
    with _lock:
        if _inside:
            return _inside[0].get_original_num_threads()["blas"] or 1
        return max((library.num_threads for library in _blas().lib_controllers), default=1)


def in_threads(work: Callable[[range], T], count: int, entries: int) -> list[T]:
    """Return what `work` makes of ranges that together are those of `count` indices, one for each thread.

    There are as many as BLAS would take, and in each BLAS takes one; of a matrix of few entries there is one range.
    NumPy lets go of the interpreter while it computes.
    """
    threads = min(count, threads_of_blas() if entries >= PAYING_ENTRIES else 1)
    edges = [count * k // threads for k in range(threads + 1)]
    spans = [range(*pair) for pair in itertools.pairwise(edges)]
    if threads == 1:
        return [work(spans[0])]
    with one_thread(True), ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, spans))
