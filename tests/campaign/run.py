"""Many seeds, side by side in processes that have their kernels loaded before they fork."""

import multiprocessing
import os
import signal
from collections.abc import Iterator
from functools import partial

from .found import silent, solved
from .trial import trial

WARM = (  # devices that load the kernels: gaps and states, distributions, the density of states
    {"stack": [{"kind": "superconductor", "length": 1.0}]},
    {
        "stack": [
            {"kind": "normal_reservoir", "voltage": 0.2},
            {"kind": "tunnel", "conductance": 1.0},
            {"kind": "half_metal", "length": 0.5, "polarization": 0.5, "magnetization": [0, 0, 1]},
            {"kind": "spin_active", "conductance": 1.0, "magnetization": [1, 0, 0], "relative_to": "left"},
            {"kind": "superconductor", "length": 1.0},
            {"kind": "superconducting_reservoir"},
        ]
    },
    {
        "node": {"o": {"kind": "junction"}},
        "wire": [{"end": "o", "stack": [{"kind": "superconductor", "length": 1.0}]}]
        + [{"start": "o", "stack": [{"kind": "normal_metal", "length": 1.0}]}] * 2,
    },
)


def run(seeds, jobs=1, **what) -> Iterator[dict]:
    """Records of all seeds, as they are finished; `what` is asked of each as by `trial`.

    Each process has one thread, and forks for each piece of work.
    """
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "USADEL_THREADS"):
        os.environ[name] = "1"
    context = multiprocessing.get_context("fork")
    with context.Pool(jobs, initializer=_begin) as pool:
        yield from pool.imap_unordered(partial(trial, **what), seeds)


def _begin():
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # the pool ends its processes by it
    warm()


def warm():
    """Load or compile the kernels, so that no trial pays for it."""
    with silent():
        for tables in WARM:
            result = solved({"tolerance": 1e-3, "temperature": 0.3, "output": {"quantities": ["gap"]}} | tables)
            result.dos([0.5], tolerance=1e-3)
