"""The two streams: results on stdout, one-line complaints and progress on stderr."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import time
from pathlib import Path
from types import TracebackType

from usadel.cli.stopping import STOPPING
from usadel.progress import Event


def prepare_streams() -> None:
    """Write UTF-8 into files and pipes, on a terminal whatever it can show; into a closed stream, nothing."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 - for as long as the program
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, ValueError):  # replaced streams, as in tests or notebooks
            if stream.isatty():
                stream.reconfigure(errors="replace")  # type: ignore[union-attr]
            else:
                stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]


def complain(text: str) -> None:
    """Print one line on stderr, whatever line breaks the text holds."""
    with contextlib.suppress(OSError):  # a stream that nobody reads any more
        print("usadel:", " ".join(text.split()), file=sys.stderr, flush=True)


class Progress:
    """A line on stderr that shows how a procedure goes on, only when stderr is a terminal.

    Called with events; as a context it removes its line at the end. What is known to end, such as the points of a map,
    stands in front with its percentage, and what goes on within it behind.
    """

    def __init__(self, interval: float = 0.1) -> None:
        self._active = sys.stderr.isatty()
        self._interval = interval
        self._last = 0.0
        self._whole: Event | None = None

    def __call__(self, event: Event) -> None:
        """Show an event in place of the previous one, at most ten times a second; end the work if that is wanted."""
        STOPPING.check()
        self._follow(event)
        now = time.monotonic()
        if not self._active or now - self._last < self._interval:
            return
        self._last = now
        width = shutil.get_terminal_size().columns - 1
        sys.stderr.write("\r\x1b[K" + " ".join(self._line(event).split())[:width])
        sys.stderr.flush()

    def _follow(self, event: Event) -> None:
        """Remember the outermost stage whose total is known: the first one, until it is done."""
        whole = self._whole
        if event.total is None or event.total < 2:
            return
        if whole is None or whole.stage == event.stage or whole.done == whole.total:
            self._whole = event

    def _line(self, event: Event) -> str:
        whole = self._whole
        if whole is None or not whole.total or (whole.done == whole.total and whole is not event):
            return str(event)
        percent = f"{100 * whole.done // whole.total} % "
        return percent + (str(event) if whole.stage == event.stage else f"{whole.stage} | {event}")

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._last:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
