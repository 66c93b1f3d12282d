"""Independent parts of a study side by side, each in a process of its own: threads would share one interpreter."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context
from typing import TypeVar

from usadel._cores import BLAS_THREADS, core_count
from usadel.progress import result_of

T = TypeVar("T")
R = TypeVar("R")


def side_by_side(function: Callable[[T], R], items: Sequence[T]) -> Iterator[R]:
    """function(item) of every item, in order.

    With one thread to use, and where processes cannot be started (a script that does not guard its main part), it is
    called here.
    """
    workers = min(len(items), core_count())
    if workers < 2:
        yield from map(function, items)
        return
    with ProcessPoolExecutor(workers, get_context("spawn"), _prepare) as pool:
        try:
            with _one_thread_for_blas():
                futures = [pool.submit(function, item) for item in items]
            for item, future in zip(items, futures, strict=True):
                try:
                    yield result_of(future)
                except BrokenProcessPool:
                    yield function(item)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


@contextmanager
def _one_thread_for_blas() -> Iterator[None]:
    """Let the processes that start meanwhile have one thread for BLAS each, which reads this when it is loaded."""
    wanted = {name: "1" for name in BLAS_THREADS if name not in os.environ}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name in wanted:
            del os.environ[name]


def _prepare() -> None:
    """One thread for each process, which Ctrl-C ends at once and without a word."""
    os.environ["USADEL_THREADS"] = "1"
    signal.signal(signal.SIGINT, signal.SIG_DFL)
