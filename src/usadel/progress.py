"""Progress as events: what procedures tell while they work, and where they can be stopped.

A public procedure opens a channel to the caller's function with `reporting`. Whatever it calls, however deep, tells
with `tell` how far it is, and says `pulse` often: where nothing was told for `INTERVAL`, the last event is sent again.
So an exception thrown by the function ends the work within a fraction of a second. It is called from the thread that
called the procedure and from no other: a channel belongs to a thread, and threads that help have one that only says
whether their work is still wanted (`helping`).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, wait
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import wraps
from typing import Concatenate, ParamSpec, Protocol, TypeVar

INTERVAL = 0.1  # s, after which an event is repeated: the longest that a wish to stop waits, but for a running kernel

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")


@dataclass(frozen=True)
class Event:
    """How far a procedure is; `str(event)` is a line of text.

    Attributes
    ----------
    stage : what goes on, such as "trace", "level", "gap step" or "energies".
    done : how many points, levels, steps, … of it are done.
    total : how many there will be; None where that is not known.
    text : what is known of the last one.
    """

    stage: str
    done: int
    total: int | None = None
    text: str = ""

    def __str__(self) -> str:
        count = f"{self.stage} {self.done}" + ("" if self.total is None else f"/{self.total}")
        return f"{count}: {self.text}" if self.text else count


_MARK = "_usadel_thrown_by_caller"

Progress = Callable[[Event], None]
"""What a caller may give to a procedure; an exception that it raises ends the procedure."""


class _Stopped(BaseException):
    """The work of a helping thread is no longer wanted."""


class _Channel(Protocol):
    def send(self, event: Event) -> None:
        """Tell an event."""

    def pulse(self) -> None:
        """Say that the work goes on."""


class _ToCaller:
    """Sends events to the caller's function."""

    def __init__(self, progress: Progress, first: Event):
        self._progress = progress
        self.send(first)

    def send(self, event: Event) -> None:
        self._last = event
        token = _channel.set(None)  # what the function does itself is not reported
        try:
            self._progress(event)
        except BaseException as error:
            vars(error)[_MARK] = True
            raise
        finally:
            _channel.reset(token)
        self._when = time.monotonic()

    def pulse(self) -> None:
        if time.monotonic() - self._when >= INTERVAL:
            self.send(self._last)


@dataclass(frozen=True)
class _OfHelper:
    """Sends nothing, and ends the work once it is not wanted any more."""

    stop: threading.Event

    def send(self, event: Event) -> None:
        self.pulse()

    def pulse(self) -> None:
        if self.stop.is_set():
            raise _Stopped


@dataclass(frozen=True)
class _Muffled:
    """Repeats the last event of the channel outside, and sends none of its own."""

    outside: _Channel

    def send(self, event: Event) -> None:
        self.pulse()

    def pulse(self) -> None:
        self.outside.pulse()


class _Reporter(Protocol):
    progress: Progress | None


S = TypeVar("S", bound=_Reporter)

_channel: ContextVar[_Channel | None] = ContextVar("usadel_progress", default=None)


@contextmanager
def _through(channel: _Channel | None) -> Iterator[None]:
    token = _channel.set(channel)
    try:
        yield
    finally:
        _channel.reset(token)


@contextmanager
def reporting(progress: Progress | None, stage: str) -> Iterator[None]:
    """Send events of this thread to a function, first the opening of a stage; with None, to where they go already."""
    if progress is None:
        yield
        return
    with _through(_ToCaller(progress, Event(stage, 0))):
        yield


def reported(stage: str) -> Callable[[Callable[Concatenate[S, P], R]], Callable[Concatenate[S, P], R]]:
    """Decorator of methods of an object that holds a `progress`: events go there, first the opening of a stage."""

    def decorate(method: Callable[Concatenate[S, P], R]) -> Callable[Concatenate[S, P], R]:
        @wraps(method)
        def told(self: S, *args: P.args, **kwargs: P.kwargs) -> R:
            with reporting(self.progress, stage):
                return method(self, *args, **kwargs)

        return told

    return decorate


def is_thrown_by_caller(error: BaseException) -> bool:
    """Whether an exception comes from the function that events are sent to: the caller ends the work by it."""
    return _MARK in vars(error)


def unheard() -> AbstractContextManager[None]:
    """Send no events of this thread, so that what is being saved after an interruption is not interrupted by them."""
    return _through(None)


def muffled() -> AbstractContextManager[None]:
    """Send no events of what is done within, but repeat the last one before, so that the work can be stopped."""
    channel = _channel.get()
    return _through(None if channel is None else _Muffled(channel))


def helping(stop: threading.Event) -> AbstractContextManager[None]:
    """Send no events of a thread that helps another one; end its work at the next one if `stop` is set."""
    return _through(_OfHelper(stop))


def tell(stage: str, done: int, total: int | None = None, text: str = "") -> None:
    """Send an event, see `Event`, if anyone listens to this thread."""
    channel = _channel.get()
    if channel is not None:
        channel.send(Event(stage, done, total, text))


def counted(stage: str, parts: Iterable[T], size: Callable[[T], int] = lambda part: 1) -> Iterator[T]:
    """The parts one by one, with an event before each and after the last; `size` is what each counts."""
    parts = list(parts)
    done, total = 0, sum(map(size, parts))
    for part in parts:
        if total:
            tell(stage, done, total)
        yield part
        done += size(part)
    if total:
        tell(stage, total, total)


def pulse() -> None:
    """Say that the work goes on: where nothing was told for a while, the last event is sent again."""
    channel = _channel.get()
    if channel is not None:
        channel.pulse()


def result_of(future: Future[R]) -> R:
    """The result of a future; meanwhile the work goes on."""
    while _channel.get() is not None and not future.done():
        wait([future], INTERVAL)
        pulse()
    return future.result()
