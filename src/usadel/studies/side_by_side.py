"""Independent parts of a study side by side, each in a process of its own: threads would share one interpreter."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

from usadel._cores import core_count
from usadel.maps.processes import workers
from usadel.progress import result_of

T = TypeVar("T")
R = TypeVar("R")


def side_by_side(function: Callable[[T], R], items: Sequence[T]) -> Iterator[R]:
    """function(item) of every item, in order.

    With one thread to use, and where a process ends before its time, it is called here.
    """
    count = min(len(items), core_count())
    if count < 2:
        yield from map(function, items)
        return
    with workers(count) as pool:
        futures = [pool.submit(function, item) for item in items]
        for item, future in zip(items, futures, strict=True):
            try:
                yield result_of(future)
            except BrokenProcessPool:
                yield function(item)
