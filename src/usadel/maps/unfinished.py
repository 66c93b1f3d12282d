"""Maps that are not finished, as they stand on the disk; nothing of them is changed."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from usadel.errors import StorageError
from usadel.maps.lock import holder
from usadel.maps.plan import Plan
from usadel.maps.store import DiskStore, parts_of, read_manifest
from usadel.results.rows import Rows


def opened(target: str | Path) -> DiskStore:
    """The records beside a result file, to be read only.

    Raises
    ------
    StorageError
        If there are none.
    """
    folder = parts_of(Path(target))
    manifest = read_manifest(folder) if folder.is_dir() else None
    if manifest is None:
        raise StorageError(f"cannot read '{target}': there is no such file, and no unfinished map beside it")
    store = DiskStore(Plan.from_manifest(manifest), Path(target))
    store.done = dict(store.read())
    return store


def is_unfinished(path: str | Path) -> bool:
    """Whether there is no result file, but what is finished of a map."""
    return not Path(path).exists() and (parts_of(Path(path)) / "manifest.json").exists()


def progress_rows(path: str | Path) -> Rows:
    """How far an unfinished map is, and who works on it; what stands on the disk is all that is asked."""
    store = opened(path)
    total, done, failed, times = store.plan.points, 0, 0, []
    for unit, points in store.done.items():
        done += len(points)
        failed += sum(not point.converged for point in points)
        times.append((store.folder / store.plan.record_name(unit)).stat().st_mtime)
    rows = Rows([("finished", f"{done} of {total} points, {store.plan.mode}"), ("failed", f"{failed} points")])
    lock = store.folder / "lock"
    owner = holder(lock)
    rows.append(("worked on by", owner or "nobody"))
    begun = lock.stat().st_mtime if lock.exists() else np.inf
    recent = [time for time in times if time >= begun]
    if owner and recent and max(recent) > begun:
        rate = len(recent) * store.plan.unit_points / (max(recent) - begun)
        rows.append(("rate", f"{rate:.3g} points/s, {duration((total - done) / rate)} left"))
    return rows


def duration(seconds: float) -> str:
    """A time in words of a clock: 0:05, 12:30, 3:00:00."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
