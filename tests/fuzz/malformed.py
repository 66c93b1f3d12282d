"""Malformed inputs by the thousand, and what becomes of them.

Whatever comes in, a command ends by itself: with a right answer, or with one line that says what is wrong (status 2),
or with what it has and why that is not enough (3). Never with a traceback, a warning of NumPy, or half a file.

Usage: python tests/fuzz/malformed.py FIRST:LAST, seeds; prints every input that is not taken that way, and a table.
"""

from __future__ import annotations

import contextlib
import io
import os
import signal
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from malformed_inputs import Case, make

import usadel as us
from usadel.__main__ import main

LONGEST = 60.0  # s of processor time, within which everything ends
AGAIN = 1.0  # s, after which that is said once more: within kernels and destructors an exception may be dropped


@dataclass(frozen=True)
class Outcome:
    """What became of it: exit status, streams, processor time (s), and what was not as it should be."""

    status: int | None
    out: str
    err: str
    seconds: float
    faults: tuple[str, ...]


class Endless(BaseException):
    """The time is over."""


def run(case: Case) -> Outcome:
    """Run the command line of a case in a new folder, in this process."""
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        for name, content in case.files.items():
            Path(name).write_bytes(content)
        out, err, start = io.StringIO(), io.StringIO(), time.process_time()
        status, late = None, f"not at its end after {LONGEST} s"
        try:
            with _limits(case.space), warnings.catch_warnings(), np.errstate(all="warn"):
                warnings.simplefilter("always")
                with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                    status = main(list(case.arguments))
            faults = tuple(_faults(case, status, out.getvalue(), err.getvalue()))
        except Endless:
            faults = (late,)
        if time.process_time() - start > LONGEST:  # the exception may have been taken for a failure of the command
            faults = (late,)
        return Outcome(status, out.getvalue(), err.getvalue(), time.process_time() - start, faults)


@contextlib.contextmanager
def _limits(space: int | None) -> Iterator[None]:
    """Limits of processor time and of the size of files, where the system has them."""
    if os.name == "nt":
        yield
        return
    import resource

    before = resource.getrlimit(resource.RLIMIT_FSIZE)

    def end(*_: object) -> None:
        raise Endless

    handler = signal.signal(signal.SIGPROF, end)
    try:
        signal.setitimer(signal.ITIMER_PROF, LONGEST, AGAIN)
        if space is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (space, before[1]))
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, handler)
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def _faults(case: Case, status: int, out: str, err: str) -> Iterator[str]:
    lines = err.splitlines()
    if status not in (0, 2, 3):
        yield f"status {status}"
    if any(not line.startswith("usadel: ") for line in lines):
        yield "something else than lines of usadel on stderr"
    if any("unexpected" in line for line in lines):
        yield "an unexpected failure"
    said = [line for line in lines if not line.startswith(("usadel: note: ", "usadel: compiling"))]
    if status == 2 and (len(said) != 1 or (out and case.space is None)):
        yield f"{len(said)} lines on stderr, {len(out)} characters on stdout"
    if status == 3 and len(said) != 1:
        yield f"{len(said)} lines on stderr"
    if any(Path().glob("*.tmp")) or any(Path().glob(".*.tmp")):
        yield "a temporary file is left"
    if status == 2:
        yield from (f"{name} has changed" for name, content in case.files.items() if Path(name).read_bytes() != content)
    if status in (0, 3) and case.arguments[0] in ("run", "trace", "critical") and "--help" not in case.arguments:
        yield from _faults_of_results(status)


def _faults_of_results(status: int) -> Iterator[str]:
    """What is wrong with the newest result of a command that ended well."""
    newest = max(Path().rglob("*.nc"), key=lambda file: file.stat().st_mtime_ns, default=None)
    if newest is None:
        yield "no result"
        return
    data = us.load(newest).data
    if bool(data.attrs["converged"]) != (status == 0):
        yield f"status {status}, converged {data.attrs['converged']}"
    if status == 0 and "gap" in data and not bool(np.all(np.isfinite(data.gap.values))):
        yield "a gap that is no number"


def campaign(first: int, last: int) -> Counter[str]:
    """Run the cases of some seeds; print those with faults, and return how often each family ended in which way."""
    table: Counter[str] = Counter()
    for seed in range(first, last):
        case = make(seed)
        outcome = run(case)
        table[f"{case.family}: {'FAULT' if outcome.faults else outcome.status}"] += 1
        if outcome.faults:
            print(f"seed {seed} ({outcome.seconds:.1f} s): {case.arguments}: {'; '.join(outcome.faults)}")
            print("    " + outcome.err.strip()[-600:].replace("\n", "\n    "), flush=True)
    return table


if __name__ == "__main__":
    begin, stop = map(int, sys.argv[1].split(":"))
    for name, count in sorted(campaign(begin, stop).items()):
        print(f"{count:6d}  {name}")
