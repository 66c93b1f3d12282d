"""A small thread pool: kernels release the GIL, results come back in order, so threads change no digit."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import TypeVar

from usadel._cores import core_count

T = TypeVar("T")
R = TypeVar("R")


@lru_cache(maxsize=1)
def _pool(process: int, threads: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(threads, thread_name_prefix="usadel")


def parallel(function: Callable[[T], R], items: Iterable[T]) -> list[R]:
    """[function(item) for item in items], on the pool where that can pay."""
    items = list(items)
    threads = core_count()
    if threads == 1 or len(items) < 2:
        return [function(item) for item in items]
    return list(_pool(os.getpid(), threads).map(function, items))
