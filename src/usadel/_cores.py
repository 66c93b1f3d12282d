"""How many cores a computation may use, and how many threads."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

BLAS_THREADS = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS")  # variables that limit them


def core_count() -> int:
    """USADEL_THREADS, or the cores that this process may run on."""
    if "USADEL_THREADS" in os.environ:
        return max(1, int(os.environ["USADEL_THREADS"]))
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


_lock = threading.Lock()
_limited: list[str | None] = []  # what USADEL_THREADS was before each of those who limit it now


@contextmanager
def one_thread() -> Iterator[None]:
    """Let what is computed meanwhile have one thread, as where many processes share the cores.

    Several threads may do so at once: the first one sets it, the last one to leave restores what was before.
    """
    with _lock:
        _limited.append(_limited[0] if _limited else os.environ.get("USADEL_THREADS"))
        os.environ["USADEL_THREADS"] = "1"
    try:
        yield
    finally:
        with _lock:
            before = _limited.pop()
            if not _limited and before is None:
                del os.environ["USADEL_THREADS"]
            elif not _limited:
                os.environ["USADEL_THREADS"] = str(before)
