"""Work in a process of its own that may neither run without end nor take all memory."""

import gc
import os
import pickle
import resource
import select
import signal
import sys
import time
from dataclasses import dataclass
from typing import Any

GRACE = 5  # s of processor time between the limit and what no process survives
WAITING = 40.0  # seconds of the clock per second of processor time: a process that sleeps longer is stuck
LOOK = 0.1  # s between two looks at the memory
MEGABYTE = 2**20


@dataclass(frozen=True)
class Limits:
    """What one piece of work may take.

    Attributes
    ----------
    seconds : of processor time.
    memory : resident memory of the process (MB).
    """

    seconds: float = 60.0
    memory: float = 1024.0


@dataclass(frozen=True)
class Attempt:
    """How a piece of work ended.

    Attributes
    ----------
    ending : "done", "raised", "time", "memory", or "died" (by a signal, or without a word).
    value : what it returned, or the exception as a text with its last places.
    seconds : of processor time.
    memory : largest resident memory (MB).
    """

    ending: str
    value: Any
    seconds: float
    memory: float


def attempt(work, limits):
    """Call `work` in a fork of this process; what it returns has to be picklable. For systems that fork."""
    gc.collect()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _child(work, limits, writing)
    os.close(writing)
    payload, over = _received(child, reading, limits)
    _, status, usage = os.wait4(child, 0)
    seconds, memory = usage.ru_utime + usage.ru_stime, _megabytes(usage.ru_maxrss)
    if over:
        return Attempt(over, "", seconds, memory)
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        ending = "time" if number in (signal.SIGXCPU, signal.SIGKILL) else "died"
        return Attempt(ending, f"signal {number}", seconds, memory)
    if not payload:
        return Attempt("died", f"ended without a word, status {os.waitstatus_to_exitcode(status)}", seconds, memory)
    ending, value = pickle.loads(payload)
    return Attempt(ending, value, seconds, memory)


def _child(work, limits, writing):
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    whole = max(1, round(limits.seconds))
    resource.setrlimit(resource.RLIMIT_CPU, (whole, whole + GRACE))
    try:
        try:
            answer = "done", work()
        except BaseException as error:
            answer = "raised", _described(error)
        with os.fdopen(writing, "wb") as stream:
            stream.write(pickle.dumps(answer))
    finally:
        os._exit(0)


def _described(error):
    import traceback

    places = traceback.extract_tb(error.__traceback__)[-3:]
    where = "; ".join(f"{place.name} at line {place.lineno} of {os.path.basename(place.filename)}" for place in places)  # noqa: PTH119 - a text
    return f"{type(error).__name__}: {error} ({where})"


def _received(child, reading, limits):
    """Bytes that the child writes until it ends, and the limit that it was stopped for, if it was."""
    parts, over, until = [], "", time.monotonic() + WAITING * limits.seconds
    while True:
        ready, _, _ = select.select([reading], [], [], LOOK)
        if ready:
            part = os.read(reading, MEGABYTE)
            if not part:
                break
            parts.append(part)
        elif not over:
            over = "memory" if resident(child) > limits.memory else "time" if time.monotonic() > until else ""
            if over:
                os.kill(child, signal.SIGKILL)
    os.close(reading)
    return b"".join(parts), over


def resident(process):
    """Resident memory (MB) of a process; 0 where the system has no /proc."""
    try:
        with open(f"/proc/{process}/statm", encoding="ascii") as stream:  # noqa: PTH123 - no file
            return int(stream.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / MEGABYTE
    except (OSError, IndexError, ValueError):
        return 0.0


def _megabytes(size):
    """Size of `ru_maxrss`: kilobytes, on macOS bytes."""
    return size / (MEGABYTE if sys.platform == "darwin" else 1024)
