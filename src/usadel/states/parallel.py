"""A small thread pool: kernels release the GIL, results come back in order, so threads change no digit."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, wait
from functools import lru_cache, partial
from threading import Event
from typing import TypeVar

from usadel._cores import core_count
from usadel.progress import helping, result_of
from usadel.work import parts

PATIENCE = 2.0  # s, for what was begun to end after an exception; a kernel that is being compiled takes longer

T = TypeVar("T")
R = TypeVar("R")


@lru_cache(maxsize=1)
def _pool(process: int, threads: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(threads, thread_name_prefix="usadel")


def parallel(function: Callable[[T], R], items: Iterable[T]) -> list[R]:
    """[function(item) for item in items], on the pool where that can pay.

    After an exception, also one by which the caller ends the work, nothing that was begun goes on.
    """
    items = list(items)
    threads, shares = core_count(), parts(len(items))
    if threads == 1 or len(items) < 2:
        return [share(partial(function, item)) for share, item in zip(shares, items, strict=True)]
    stop, pool = Event(), _pool(os.getpid(), threads)
    futures = [
        pool.submit(_help, stop, share, partial(function, item)) for share, item in zip(shares, items, strict=True)
    ]
    try:
        return [result_of(future) for future in futures]
    except BaseException:
        stop.set()
        for future in futures:
            future.cancel()
        wait(futures, PATIENCE)
        raise


def _help(stop: Event, share: Callable[[Callable[[], R]], R], call: Callable[[], R]) -> R:
    with helping(stop):
        return share(call)
