"""What one page is about: a device with its history, and the way answers are looked for.

No web and no threads: messages go in, and what is to be solved comes out as a `Request`. Only the newest one counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import usadel as us
from usadel.description import STARTERS, check_solvable
from usadel.description.device.load import read_device
from usadel.explorer.answers.controls import changed, read_box

MOST_STEPS = 50  # back, each with its result: about 0.2 MB of states


@dataclass(frozen=True)
class Moment:
    """A device that was on the page, and what was found of it; None as long as nothing was."""

    device: Any
    result: Any = None
    path: str = ""  # that was moved last


@dataclass(frozen=True)
class Request:
    """What is to be solved.

    Attributes
    ----------
    sequence : number of the input that asks for it.
    device, path : as of a `Moment`.
    start : result whose branch is followed; None: from nothing.
    """

    sequence: int
    device: Any
    path: str
    start: Any


@dataclass
class Counts:
    """Inputs that were taken, answers that were sent, and inputs that a newer one has made needless."""

    asked: int = 0
    answered: int = 0
    dropped: int = 0


@dataclass
class Session:
    """The state of a page.

    Attributes
    ----------
    original : the device as it was opened.
    now : what is on the page.
    following : whether the branch of the last answer is followed; else every answer is found from nothing.
    newest : number of the newest input.
    bounds : path -> ends of a slider that were chosen on the page.
    """

    original: Any
    following: bool = True
    newest: int = 0
    bounds: dict[str, tuple[float, float]] = field(default_factory=dict)
    counts: Counts = field(default_factory=Counts)

    def __post_init__(self) -> None:
        self.now = Moment(self.original)
        self._shown: Any = None  # the result that was shown last
        self._past: list[Moment] = []
        self._future: list[Moment] = []
        self._gesture: Any = None
        self._waiting: Request | None = None

    @property
    def can_undo(self) -> bool:
        """Whether there is a step back."""
        return bool(self._past)

    @property
    def can_redo(self) -> bool:
        """Whether there is a step forward."""
        return bool(self._future)

    def change(self, sequence: int, texts: Mapping[str, str], gesture: Any = None) -> None:
        """Take what was typed or moved; inputs of one gesture, such as a drag, are one step.

        Raises
        ------
        InputError
            If there can be no such device, or it has no stationary state: nothing is changed then.
        """
        device = self.now.device.replace({path: read_box(text) for path, text in texts.items()})
        check_solvable(device)
        path = next(iter(texts), self.now.path)
        self._step(Moment(device, path=path), gesture)
        self._ask(sequence, self._shown if self.following else None)

    def undo(self, sequence: int) -> None:
        """One step back, to the very solution that was found there."""
        self._move(sequence, self._past, self._future)

    def redo(self, sequence: int) -> None:
        """One step forward again."""
        self._move(sequence, self._future, self._past)

    def follow(self, sequence: int) -> None:
        """Follow the branch of what is shown from now on."""
        self.following = True
        self._ask(sequence, self._shown)

    def fresh(self, sequence: int) -> None:
        """Find every answer from nothing from now on, this one first."""
        self.following = False
        self._ask(sequence, None)

    def jump(self, sequence: int, path: str, value: float, start: Any) -> None:
        """Go to a point of a branch, from the solution there."""
        device = self.now.device.replace({path: value})
        self._step(Moment(device, path=path), None)
        self._ask(sequence, start)

    def begin(self, sequence: int) -> None:
        """Ask for the first answer, or once more for the one that is there: a page may be shown again."""
        self._ask(sequence, self.now.result if self.following else None)

    def take(self) -> Request | None:
        """What is to be solved next, once."""
        request, self._waiting = self._waiting, None
        return request

    def wants(self, request: Request) -> bool:
        """Whether there is nothing newer to be solved."""
        return request.sequence == self.newest

    def found(self, request: Request, result: Any) -> None:
        """Keep the result of a request: the next one starts from it, and steps back lead to it."""
        self._shown = result
        if self.wants(request):
            self.now = replace(self.now, result=result)

    def withdraw(self, request: Request) -> None:
        """Take back an input that turned out, only when it was solved for, to be none."""
        if self.wants(request) and self._past:
            self.now = self._past.pop()

    def changes(self) -> dict[str, str]:
        """Path -> text of everything in which the device on the page differs from the one that was opened."""
        return changed(self.original, self.now.device)

    def _step(self, moment: Moment, gesture: Any) -> None:
        """Make a new moment the present one."""
        if gesture is None or gesture != self._gesture:
            self._past = [*self._past, self.now][-MOST_STEPS:]
        self._gesture = gesture
        self._future = []
        self.now = moment

    def _move(self, sequence: int, source: list[Moment], target: list[Moment]) -> None:
        self._gesture = None
        if source:
            target.append(self.now)
            self.now = source.pop()
        self._ask(sequence, (self.now.result or self._shown) if self.following else None)

    def _ask(self, sequence: int, start: Any) -> None:
        self.counts.asked += 1
        self.counts.dropped += self._waiting is not None
        self.newest = sequence
        self._waiting = Request(sequence, self.now.device, self.now.path, start)


def device_of(text: str) -> Any:
    """A device from the text of a TOML file; raises InputError."""
    return read_device(f"{text}\n")  # of several lines: never the name of a file


def gallery() -> dict[str, str]:
    """Kind -> what the device of a starter file is."""
    return dict(STARTERS)


def starter_device(kind: str) -> Any:
    """The device of a starter file; raises InputError."""
    return device_of(us.starter(kind))
