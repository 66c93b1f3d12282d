"""Ctrl-C, SIGTERM and a terminal that is closed: all end a command in order, and what is done is kept."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Any

SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


class Stopping:
    """While entered, a signal to stop raises KeyboardInterrupt, and is remembered.

    The exception alone is not enough: it arrives at any place, also within imports, compiled code and destructors,
    which wrap it into another one or drop it.

    Attributes
    ----------
    received : number of the first signal, None before.
    """

    def __init__(self) -> None:
        self.received: int | None = None
        self._is_held = False
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Stopping:
        self.received = None
        if threading.current_thread() is threading.main_thread():  # signals can be handled there only
            handlers = {number: signal.getsignal(number) for number in SIGNALS}
            self._before = {n: h for n, h in handlers.items() if h not in (signal.SIG_IGN, None)}  # as nohup wants it
            for number in self._before:
                signal.signal(number, self._receive)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before = {}

    def _receive(self, number: int, frame: FrameType | None) -> None:
        self.received = number if self.received is None else self.received
        if not self._is_held:
            raise KeyboardInterrupt

    def check(self) -> None:
        """Raise KeyboardInterrupt if a signal was received: the one that it raised then may have been dropped."""
        if self.received is not None and not self._is_held:
            raise KeyboardInterrupt

    @contextmanager
    def held(self) -> Iterator[None]:
        """Raise nothing while what is done is being written."""
        self._is_held, before = True, self._is_held
        try:
            yield
        finally:
            self._is_held = before

    @property
    def status(self) -> int:
        """Exit status of a command that was stopped, as shells have it: 130 after Ctrl-C, 143 after SIGTERM."""
        return 128 + (self.received or signal.SIGINT)


STOPPING = Stopping()
"""That of the running command."""
