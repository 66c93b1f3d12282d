"""The two streams: results on stdout, one-line complaints and progress on stderr."""

from __future__ import annotations

import contextlib
import shutil
import sys
import time
from types import TracebackType


def prepare_streams() -> None:
    """Write UTF-8 into files and pipes, and on a terminal whatever it can show, never an encoding error."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, ValueError):  # replaced streams, as in tests or notebooks
            if stream.isatty():
                stream.reconfigure(errors="replace")  # type: ignore[union-attr]
            else:
                stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]


def complain(text: str) -> None:
    """Print one line on stderr, whatever line breaks the text holds."""
    print("usadel:", " ".join(text.split()), file=sys.stderr, flush=True)


class Progress:
    """A line on stderr that shows how a solve goes on, only when stderr is a terminal.

    Called with a short text by the solver; as a context it removes its line at the end.
    """

    def __init__(self, interval: float = 0.1) -> None:
        self._active = sys.stderr.isatty()
        self._interval = interval
        self._last = 0.0

    def __call__(self, text: object) -> None:
        """Show `text` in place of the previous one, at most ten times a second."""
        now = time.monotonic()
        if not self._active or now - self._last < self._interval:
            return
        self._last = now
        width = shutil.get_terminal_size().columns - 1
        sys.stderr.write("\r\x1b[K" + " ".join(str(text).split())[:width])
        sys.stderr.flush()

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._last:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
