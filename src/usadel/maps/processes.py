"""Worker processes: started afresh, one thread each, gone with the process that started them."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from usadel._cores import BLAS_THREADS


class Workers(ProcessPoolExecutor):
    """A pool of processes that import this package, and nothing of the script that is running."""

    def __init__(self, count: int) -> None:
        super().__init__(count, multiprocessing.get_context("spawn"), _prepare)

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Any:
        """As the pool's own, which starts processes."""
        with _one_thread_for_blas(), _without_script():
            return super().submit(fn, *args, **kwargs)


@contextmanager
def workers(count: int) -> Iterator[Executor]:
    """A pool that ends with what is done within: at once after an exception, whatever its processes are doing."""
    others = set(multiprocessing.active_children())
    pool = Workers(count)
    try:
        yield pool
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        for process in set(multiprocessing.active_children()) - others:
            process.terminate()
        raise
    pool.shutdown()


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


@contextmanager
def _without_script() -> Iterator[None]:
    """Let the processes that start meanwhile not run the script anew: what they do is imported by name."""
    script = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = script


def _prepare() -> None:
    """One thread for each process, which Ctrl-C ends at once and without a word, as does the end of its parent."""
    os.environ["USADEL_THREADS"] = "1"
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
