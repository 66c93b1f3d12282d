"""Commands that are stopped at random times by Ctrl-C, SIGTERM or SIGKILL: what is on the disk, and what is said.

Usage: python tests/fuzz/killed.py COUNT [COMMAND]..., stops of each command by each signal; prints faults and a table.
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
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

import usadel as us

DEVICE = """\
temperature = 0.1
tolerance = 1e-4
[[stack]]
kind = "ferromagnetic_insulator"
spin_mixing = 0.6
magnetization = [1, 0, 0]
[[stack]]
kind = "superconductor"
name = "S"
length = 1.5
spin_voltage = 0.25
spin_axis = [1, 0, 0]
[[stack]]
kind = "ferromagnetic_insulator"
spin_mixing = 0.6
magnetization = [0, 1, 0]
"""
COMMANDS = {
    "run": ["run", "x.toml"],
    "trace": ["trace", "x.toml", "--over", "S.spin_voltage=0.25:0.6"],
    "trace --both": ["trace", "x.toml", "--both", "--over", "S.spin_voltage=0.5:1"],
    "critical": ["critical", "x.toml", "--over", "S.length=1:2:4"],
}
OUTPUTS = {"run": "x.nc", "trace": "x.trace.nc", "trace --both": "x.trace.nc", "critical": "x.critical.nc"}
STATUS = {signal.SIGINT: (130,), signal.SIGTERM: (143, -15), signal.SIGKILL: (-9,)}  # -15: nothing had begun
PYTHONS_OWN = "Fatal Python error"  # Ctrl-C within the first tenth of a second, while Python itself starts
PATIENCE = 60.0  # s until a stopped command is at its end


def listen() -> None:
    """Shells start background jobs with Ctrl-C ignored, and children inherit it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def start(command: str, folder: Path) -> subprocess.Popen[str]:
    """Start a command in a folder with a device."""
    (folder / "x.toml").write_text(DEVICE, encoding="utf-8")
    return subprocess.Popen(
        [sys.executable, "-m", "usadel", *COMMANDS[command]],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=listen,
    )


def duration(command: str) -> float:
    """Seconds that a command takes."""
    with tempfile.TemporaryDirectory() as folder:
        begin = time.monotonic()
        process = start(command, Path(folder))
        process.communicate()
        assert process.returncode == 0
        return time.monotonic() - begin


def stopped(command: str, number: signal.Signals, after: float) -> tuple[str, list[str]]:
    """How a command ended that was stopped after some seconds, and what was not as it should be."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        process = start(command, folder)
        time.sleep(after)
        process.send_signal(number)
        try:
            _, err = process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            return "endless", [f"not at its end {PATIENCE} s after it was stopped"]
        faults = list(_faults(command, number, process.returncode, err, folder))
        kept = (folder / OUTPUTS[command]).exists()
        return f"{process.returncode}{', kept' if kept else ''}", faults


def _faults(command: str, number: signal.Signals, status: int, err: str, folder: Path) -> Iterator[str]:
    if PYTHONS_OWN in err:
        return
    if status not in (0, *STATUS[number]):
        yield f"status {status}: {err[-1000:]}"
    lines = [line for line in err.splitlines() if "compiling" not in line]
    if any(not line.startswith("usadel: ") for line in lines):
        yield f"said {err[-1000:]}"
    if status > 0 and (not lines or lines[-1] != "usadel: interrupted"):
        yield f"does not say that it was interrupted: {lines}"
    for file in folder.iterdir():
        if file.suffix == ".nc":
            data = us.load(file).data
            if command.startswith("trace") and not np.any(np.isfinite(data.gap.values)):
                yield "keeps nothing"
        elif file.name != "x.toml" and number != signal.SIGKILL:
            yield f"leaves {file.name}"
    if "what is done is in" in err and not (folder / OUTPUTS[command]).exists():
        yield "says that something is kept, and it is not there"


def campaign(count: int, commands: Sequence[str] = tuple(COMMANDS), seed: int = 1) -> tuple[Counter[str], list[str]]:
    """Stop each command so often by each signal; how they ended, and all faults."""
    chance, table, faults = random.Random(seed), Counter[str](), []
    for command in commands:
        duration(command)  # kernels are compiled
        seconds = duration(command)
        for number in STATUS:
            for _ in range(count):
                after = chance.uniform(0.0, 1.05 * seconds)
                ended, found = stopped(command, number, after)
                table[f"{command}, {number.name}: {ended}"] += 1
                faults += [f"{command}, {number.name} after {after:.2f} s of {seconds:.2f}: {fault}" for fault in found]
    return table, faults


if __name__ == "__main__":
    os.environ.setdefault("USADEL_THREADS", "1")
    table, faults = campaign(int(sys.argv[1]), sys.argv[2:] or tuple(COMMANDS))
    print(*faults, sep="\n")
    for name, times in sorted(table.items()):
        print(f"{times:6d}  {name}")
