"""What a sweep returns, finished or not."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np

from usadel.errors import StorageError
from usadel.results.labelled import Labelled
from usadel.results.rows import Rows
from usadel.sweeps.dataset import PROCEDURE, sweep_dataset
from usadel.sweeps.lock import holder
from usadel.sweeps.plan import Plan
from usadel.sweeps.store import DiskStore, parts_of, read_manifest

if TYPE_CHECKING:
    from usadel.description import Device, Stack


class Sweep(Labelled):
    """A sweep over the axes that `data` has as dimensions."""

    procedure: ClassVar[str] = PROCEDURE
    public_name: ClassVar[str] = "Sweep"
    device: Stack | Device

    @property
    def mode(self) -> str:
        """How points depend on each other: "fresh" or "follow up", "follow down", "follow both"."""
        return str(self.data.attrs["mode"])

    @property
    def failed(self) -> int:
        """Number of points that did not converge."""
        return int(self.data.attrs["failed_points"])

    @property
    def open(self) -> int:
        """Number of points that are not finished."""
        return int(self.data.attrs["open_points"])

    @property
    def resumed(self) -> int:
        """Number of points that were found finished when the sweep was resumed."""
        return int(self.data.attrs["resumed_points"])

    def summary(self) -> Rows:
        """The sweep in a few rows of label and text."""
        data, points = self.data, self.data["status"].size
        word = "yes" if self.converged else "NO"
        rows = Rows([("converged", f"{word}, {points} points, {self.mode}")])
        rows += [("failed", f"{self.failed} points")] if self.failed else []
        rows += [("not finished", f"{self.open} points")] if self.open else []
        rows += [("resumed", f"{self.resumed} points")] if self.resumed else []
        for name in str(data.attrs["parameter"]).split(", "):
            values = data[name].values
            rows.append((f"over {name}", f"{values[0]:.6g} to {values[-1]:.6g}, {values.size} values"))
        if np.isfinite(self.error):
            rows.append(("estimated error", f"{self.error:.0e}"))
            rows.append(("conservation error", f"{data.attrs['conservation_error']:.0e}"))
        return rows

    def _about(self) -> str:
        return f" over {self.data.attrs['parameter']}, {self.data['status'].size} points"

    @classmethod
    def unfinished(cls, path: str | Path) -> Self:
        """What is finished of a sweep whose result file would be `path`; everything else is NaN.

        Raises
        ------
        StorageError
            If there is no such sweep.
        """
        store = _opened(Path(path))
        done = dict(store.read())
        return cls(store.plan.device, sweep_dataset(store.plan, done, sum(map(len, done.values()))))


def _opened(target: Path) -> DiskStore:
    """The records beside a result file, to be read only."""
    folder = parts_of(target)
    manifest = read_manifest(folder) if folder.is_dir() else None
    if manifest is None:
        raise StorageError(f"cannot read '{target}': there is no such file, and no unfinished sweep beside it")
    return DiskStore(Plan.from_manifest(manifest), target)


def is_unfinished(path: str | Path) -> bool:
    """Whether there is no result file, but what is finished of a sweep."""
    return not Path(path).exists() and (parts_of(Path(path)) / "manifest.json").exists()


def progress_rows(path: str | Path) -> Rows:
    """How far an unfinished sweep is, and who works on it; what stands on the disk is all that is asked."""
    store = _opened(Path(path))
    total, done, failed, times = store.plan.points, 0, 0, []
    for unit, points in store.read():
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
