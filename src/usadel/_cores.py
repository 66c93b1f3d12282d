"""How many cores a computation may use."""

from __future__ import annotations

import os

BLAS_THREADS = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS")  # variables that limit them


def core_count() -> int:
    """USADEL_THREADS, or the cores that this process may run on."""
    if "USADEL_THREADS" in os.environ:
        return max(1, int(os.environ["USADEL_THREADS"]))
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
