"""What `usadel info` prints: enough to repeat a run elsewhere or to report a problem."""

from __future__ import annotations

import os
import platform
from importlib import metadata
from pathlib import Path

_PACKAGES = ("numpy", "scipy", "numba", "xarray", "h5netcdf", "h5py", "matplotlib")


def information_text() -> str:
    """Return versions, processor, threads and kernel cache, one per line."""
    import usadel as us

    rows = [("usadel", us.__version__), ("python", f"{platform.python_version()} ({platform.platform()})")]
    rows += [(name, _version(name)) for name in _PACKAGES]
    rows += [("processor", _processor()), ("cores", _cores()), ("threads", _threads())]
    rows += [(f"kernel cache {key}".replace("_", " "), str(value)) for key, value in us.kernel_cache_info().items()]
    width = max(len(label) for label, _ in rows)
    return "\n".join(f"{label:<{width}}  {text}" for label, text in rows)


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def _cores() -> str:
    total = os.cpu_count() or 1
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else total
    return f"{usable} usable of {total}"


def _threads() -> str:
    """Return the environment's limits on threads, those that are set."""
    names = (
        "USADEL_THREADS",
        "NUMBA_NUM_THREADS",
        "OMP_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "MKL_NUM_THREADS",
    )
    limits = [f"{name}={os.environ[name]}" for name in names if name in os.environ]
    return ", ".join(limits) or "not limited by the environment"
