"""Where finished units are kept: in memory, and as one small file each, so that nothing finished is ever lost.

Beside the result OUT.nc, until that is written, stands a folder OUT.nc.parts: `manifest.json`, which says what the
map is, `lock`, held by the one process that works on it, and the records. Each file is written under another name
and renamed: it is there whole or not at all.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from usadel.errors import InputError, StorageError
from usadel.maps.lock import Lock
from usadel.maps.plan import FORMAT, Plan
from usadel.maps.record import Point, decode
from usadel.results.storage import write_file

ENDING = ".parts"


class Store:
    """Finished units of a plan, in memory; as a context it is open.

    Attributes
    ----------
    plan : what is kept here.
    done : unit -> its points, in the order in which they were solved.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.done: dict[int, list[Point]] = {}

    def open_units(self) -> list[int]:
        """Units that are not finished."""
        return [unit for unit in range(self.plan.units) if unit not in self.done]

    @property
    def points_done(self) -> int:
        """Number of points that are finished."""
        return sum(map(len, self.done.values()))

    def put(self, unit: int, record: bytes) -> None:
        """Keep the record of a finished unit."""
        points = decode(record)
        if points is None or len(points) != self.plan.unit_points:
            raise StorageError("a record of a point came back damaged from the process that made it")
        self.done[unit] = points

    def forget_failed(self) -> None:
        """Open units with points that did not converge again."""
        self.done = {unit: points for unit, points in self.done.items() if all(point.converged for point in points)}

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *failure: object) -> None:
        """Nothing to be closed."""


class DiskStore(Store):
    """Finished units of a plan, each also a file; see the module.

    Parameters
    ----------
    plan : what is kept here.
    target : result file OUT.nc.
    """

    def __init__(self, plan: Plan, target: Path) -> None:
        super().__init__(plan)
        self.folder = parts_of(target)
        self._is_new = False
        self._lock = Lock(self.folder / "lock")

    def __enter__(self) -> DiskStore:
        """Make the folder, and be the only one who works on it.

        Raises
        ------
        InputError
            If another process does.
        StorageError
            If nothing can be written there.
        """
        try:
            self.folder.mkdir(exist_ok=True)
            if other := self._lock.acquire():
                raise InputError(f"{self.folder}: {other} works on this {self.plan.noun}; allowed: one at a time")
        except OSError as error:
            raise StorageError(f"cannot write '{self.folder}': {error.strerror or error}") from error
        return self

    def __exit__(self, *failure: object) -> None:
        """Let others work on it; where nothing was kept, nothing is left."""
        if not self.is_begun or (self._is_new and not self.done):
            self.remove()
        self._lock.release()

    @property
    def is_begun(self) -> bool:
        """Whether there are records, or could be."""
        return read_manifest(self.folder) is not None

    def begin(self, resume: bool) -> None:
        """Read what is finished, and say what the map is.

        Raises
        ------
        InputError
            If there are records, and they are not to be resumed, or are those of another map.
        """
        manifest = read_manifest(self.folder)
        if manifest is None:
            self._is_new = True
            write_file(self.folder / "manifest.json", json.dumps(self.plan.manifest(), indent=1).encode())
            return
        if not resume:
            raise InputError(
                f"{self.folder} holds an unfinished {self.plan.noun}; allowed: "
                "go on with it (--resume, resume=True), or remove it"
            )
        check_same(self.folder, manifest.get("key"), manifest, self.plan)
        self.done = dict(self.read())

    def read(self) -> Iterator[tuple[int, list[Point]]]:
        """Each finished unit with its points; what a crash has damaged counts as not finished."""
        for unit in range(self.plan.units):
            with suppress(OSError):
                points = decode((self.folder / self.plan.record_name(unit)).read_bytes())
                if points is not None and len(points) == self.plan.unit_points:
                    yield unit, points

    def put(self, unit: int, record: bytes) -> None:
        """Keep the record of a finished unit, on disk as well."""
        path = self.folder / self.plan.record_name(unit)
        temporary = path.with_suffix(".tmp")
        try:
            path.parent.mkdir(exist_ok=True)
            temporary.write_bytes(record)
            temporary.replace(path)
        except OSError as error:
            raise StorageError(
                f"cannot write '{path}': {error.strerror or error}; what was finished before is kept"
            ) from error
        super().put(unit, record)

    def remove(self) -> None:
        """Remove all records, once the result file holds them."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self._lock.release()
        shutil.rmtree(self.folder, ignore_errors=True)  # Windows keeps the lock as long as it is held


def parts_of(target: Path) -> Path:
    """The folder of records beside a result file."""
    return target.with_name(target.name + ENDING)


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """What the records in a folder are; None if there are none yet.

    Raises
    ------
    StorageError
        If that is damaged.
    """
    path = folder / "manifest.json"
    try:
        found = json.loads(path.read_bytes())
        if found["format"] == FORMAT:
            Plan.from_manifest(found)
        return dict(found)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StorageError(f"cannot read '{path}': {error.strerror or error}") from error
    except (KeyError, TypeError, ValueError) as error:
        raise StorageError(f"cannot read '{path}': it is damaged, or no manifest of a map") from error


def check_same(place: Path, key: Any, found: Mapping[str, Any], plan: Plan) -> None:
    """Refuse to resume another map; `found`: what is said of it beside its key, in a manifest or a result file."""
    if key == plan.key:
        return
    wanted = plan.manifest()
    words = {"usadel_version": "version of usadel", "procedure": "kind", "over": "axes", "mode": "mode"}
    differing = [word for name, word in words.items() if found.get(name) != wanted[name]]
    what = " and ".join(differing) or "device, or other values along its axes"
    raise InputError(f"{place} holds a {plan.noun} of another {what}; allowed: the same one, or another file")
