"""Sweeps that are killed at random times and resumed: nothing finished is lost, solved twice or unreadable.

Usage: python tests/sweeps/killed_sweeps.py COUNT [SWEEP]..., SIGKILLs of the process group over several sweeps; prints
faults and a table. Sweeps have names, see `SWEEPS`.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

import usadel as us

DEVICE = """\
temperature = 0.3
tolerance = 1e-2
[[stack]]
kind = "superconductor"
name = "S"
length = 1
spin_voltage = 0.25
"""
MAP = ("--over", "temperature=0.1:0.5:16", "--over", "S.spin_voltage=0:0.4:25")
ROWS = ("--over", "temperature=0.1:0.5:30", "--over", "S.spin_voltage=0:0.4:7")
SWEEPS = {
    "fresh, 1 worker": (*MAP, "--workers", "1"),
    "fresh, 2 workers": (*MAP, "--workers", "2"),
    "follow both, 1 worker": (*ROWS, "--follow", "both", "--workers", "1"),
    "follow both, 2 workers": (*ROWS, "--follow", "both", "--workers", "2"),
}
WATCHED = """\
import os, sys
from dataclasses import replace
from pathlib import Path
from usadel.maps import run, store
if "2" in sys.argv[-1:]:
    run.OPTIONS = replace(run.OPTIONS, startup=0.1)  # the second process starts soon
put = store.DiskStore.put
def noted(self, unit, record):
    put(self, unit, record)
    with open("solved.txt", "a") as file:
        file.write(f"{unit}\\n")
store.DiskStore.put = noted
from usadel.__main__ import main
sys.exit(main(sys.argv[1:]))
"""
PATIENCE = 120.0  # s for a sweep that nobody kills
EARLY = 0.2  # of the kills: while it starts; the others when something new is finished


@dataclass
class Campaign:
    """Kills of sweeps, each resumed until it is finished.

    Attributes
    ----------
    chance : where times come from.
    table : what happened -> how often.
    faults : what was not as it should be.
    """

    chance: random.Random
    table: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def run(self, name: str, kills: int) -> None:
        """Kill a sweep so often, and new ones when it ends before."""
        left = kills
        while left > 0:
            with tempfile.TemporaryDirectory() as folder:
                left -= self._sweep(name, left, Path(folder))

    def _sweep(self, name: str, kills: int, folder: Path) -> int:
        """One sweep, killed at most so often, then finished; returns how often it was."""
        (folder / "x.toml").write_text(DEVICE, encoding="utf-8")
        done, killed = set[str](), 0
        while True:
            process = _started(name, folder)
            try:
                _, err = process.communicate(timeout=self._until(folder, process) if killed < kills else PATIENCE)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.communicate()
                killed += 1
                self.faults += [f"{name}, kill {killed}: {fault}" for fault in _faults(folder, done)]
                new = _records(folder)
                self.table[f"{name}: killed, {'some' if new - done else 'nothing'} new"] += 1
                done = new
                continue
            self.faults += [f"{name}, end: {fault}" for fault in _end_faults(folder, done, process.returncode, err)]
            self.table[f"{name}: finished"] += 1
            return max(killed, 1)

    def _until(self, folder: Path, process: subprocess.Popen[str]) -> float:
        """Seconds until a kill; waits for something new to be finished before most of them."""
        if self.chance.random() < EARLY:
            return self.chance.uniform(0.0, 3.0)
        known, begun = len(_solved(folder)), time.monotonic()
        while len(_solved(folder)) == known and process.poll() is None and time.monotonic() - begun < PATIENCE:
            time.sleep(0.01)
        return self.chance.uniform(0.0, 1.0)


def _started(name: str, folder: Path) -> subprocess.Popen[str]:
    line = [sys.executable, "-c", WATCHED, "sweep", "x.toml", "--resume", *SWEEPS[name]]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(line, cwd=folder, text=True, process_group=0, **pipes)


def _records(folder: Path) -> set[str]:
    """Names of finished records."""
    parts = folder / "x.sweep.nc.parts"
    return {str(path.relative_to(parts)) for path in parts.rglob("*.bin")}


def _faults(folder: Path, before: set[str]) -> Iterator[str]:
    """What is not as it should be after a kill."""
    if (folder / "x.sweep.nc").exists():
        us.load(folder / "x.sweep.nc")
        return
    if lost := before - _records(folder):
        yield f"lost {sorted(lost)}"
    if not (folder / "x.sweep.nc.parts" / "manifest.json").exists():
        return
    found = us.load(folder / "x.sweep.nc").data
    solved = _solved(folder)
    if len(solved) > len(set(solved)):
        yield f"solved twice: {[unit for unit, count in Counter(solved).items() if count > 1]}"
    per_unit = found.sizes["S.spin_voltage"] if "direction" in found.dims else 1
    finished = int((found.converged == 1).sum())
    if finished != per_unit * len(_records(folder)):
        yield f"{finished} points are read of {len(_records(folder))} records"


def _solved(folder: Path) -> list[str]:
    """Units in the order in which they were kept."""
    notes = folder / "solved.txt"
    return notes.read_text().split() if notes.exists() else []


def _end_faults(folder: Path, done: set[str], status: int, err: str) -> Iterator[str]:
    """What is not as it should be of a finished sweep."""
    if status != 0:
        yield f"status {status}: {err[-1000:]}"
        return
    found = us.load(folder / "x.sweep.nc").data
    if not np.all(found.converged == 1) or not np.all(np.isfinite(found.gap)):
        yield "holes"
    solved, per_unit = _solved(folder), found.sizes["S.spin_voltage"] if "direction" in found.dims else 1
    if len(set(solved)) != len(solved) or len(solved) > found.status.size // per_unit:
        yield f"{len(solved)} units solved, {len(set(solved))} of them different"
    if found.attrs["resumed_points"] != per_unit * len(done):
        yield f"{found.attrs['resumed_points']} points resumed of {len(done)} records"
    if sorted(path.name for path in folder.iterdir()) != ["solved.txt", "x.sweep.nc", "x.toml"]:
        yield f"leaves {sorted(path.name for path in folder.iterdir())}"


def campaign(count: int, names: list[str], seed: int = 1) -> Campaign:
    """Kill each of some sweeps so often."""
    found = Campaign(random.Random(seed))
    for name in names:
        found.run(name, count)
    return found


if __name__ == "__main__":
    begun, chosen = time.monotonic(), sys.argv[2:] or list(SWEEPS)
    result = campaign(-(-int(sys.argv[1]) // len(chosen)), chosen)
    print(*result.faults, sep="\n")
    for line, times in sorted(result.table.items()):
        print(f"{times:6d}  {line}")
    print(f"{time.monotonic() - begun:.0f} s")
