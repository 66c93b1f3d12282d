"""How many cores a computation may use, and how many threads."""

from __future__ import annotations

import os
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


@contextmanager
def one_thread() -> Iterator[None]:
    """Let what is computed meanwhile have one thread, as where many processes share the cores."""
    before = os.environ.get("USADEL_THREADS")
    os.environ["USADEL_THREADS"] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ["USADEL_THREADS"]
        else:
            os.environ["USADEL_THREADS"] = before
