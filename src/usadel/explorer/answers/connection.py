"""One page and its session: messages from the page in, answers to it out, solves in threads beside the event loop."""

from __future__ import annotations

import asyncio
import json
import logging
import math
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import Executor
from contextlib import suppress
from typing import Any

import usadel as us
from usadel.description import check_solvable
from usadel.explorer.answers import exports, headers, stages
from usadel.explorer.answers.controls import controls_of, values_of
from usadel.explorer.answers.session import Moment, Request, Session, device_of, gallery, starter_device
from usadel.explorer.answers.stages import Answer, Outdated, Pause
from usadel.explorer.answers.wire import pack
from usadel.progress import Event

LONGEST_TEXT = 1000  # characters of one box
MOST_TEXTS = 400  # boxes in one message: as many as a device of a hundred elements has changed
TELL = 0.2  # s between two lines of progress

Send = Callable[[bytes], Awaitable[None]]
_log = logging.getLogger(__name__)


class Connection:
    """What happens between a page and its session.

    Parameters
    ----------
    device : to begin with; None: the gallery of starters.
    source : file it was read from, if any.
    send : sends a message to the page.
    pool : threads in which is solved, shared with other pages.
    """

    def __init__(self, device: Any, source: str, send: Send, pool: Executor) -> None:
        self.session = Session(device) if device is not None else None
        self._source, self._send, self._pool = source, send, pool
        self._woken = asyncio.Event()
        self._exports: list[str] = []
        self._last: Request | None = None  # that was answered
        self._branch: Any = None  # that is drawn
        self._has_branch = True  # or there is to be none
        self._is_closed = False
        self._told = 0.0
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop = asyncio.get_running_loop()

    def close(self) -> None:
        """End whatever is being solved."""
        self._is_closed = True

    async def take(self, text: str) -> None:
        """Do what a message of the page asks for; what cannot be done is said, and changes nothing."""
        sequence, path = 0, ""
        try:
            message = json.loads(text)
            sequence, path = int(message.get("sequence", 0)), str(message.get("path", ""))
            await self._do(str(message["kind"]), sequence, message)
        except us.InputError as error:
            await self._say("refused", sequence=sequence, path=path, text=str(error))
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
            _log.debug("a message that cannot be understood", exc_info=error)
            await self._say("refused", sequence=sequence, path=path, text=f"message not understood: {error}")

    async def _do(self, kind: str, sequence: int, message: dict[str, Any]) -> None:
        if kind in ("hello", "open"):
            await self._open(sequence, message)
            return
        if self.session is None:
            raise us.InputError("there is no device yet; allowed: open one, or choose a starter")
        session = self.session
        match kind:
            case "set":
                session.change(sequence, _texts(message["changes"]), message.get("gesture"))
            case "undo" | "redo" | "fresh" | "follow":
                getattr(session, kind)(sequence)
            case "jump":
                self._jump(session, sequence, int(message["index"]))
            case "export":
                await self._ask_export(session, str(message["format"]))
                return
            case "bounds":
                self._bound(session, str(message["path"]), float(message["low"]), float(message["high"]))
                return
            case _:
                raise us.InputError(f"unknown message {kind!r}")
        self._woken.set()
        await self._say_state(sequence)

    def _bound(self, session: Session, path: str, low: float, high: float) -> None:
        """Take other ends of a slider, which are those of its branch, too."""
        if path not in values_of(session.now.device) or not -math.inf < low < high < math.inf:
            raise us.InputError("must be two numbers, the smaller one first, of a slider", key="bounds")
        session.bounds[path] = low, high
        if self._last is not None and self._last.path == path:
            self._branch, self._has_branch = None, False
            self._woken.set()

    async def _open(self, sequence: int, message: dict[str, Any]) -> None:
        """Begin with the device of a message, if it names one, else with that of the server."""
        device = None
        if message.get("toml"):
            device = device_of(str(message["toml"]))
        elif message.get("starter"):
            device = starter_device(str(message["starter"]))
        if device is not None:
            check_solvable(device)
            self.session, self._source, self._branch, self._last = Session(device), "", None, None
        if self.session is None:
            await self._say("gallery", starters=gallery())
            return
        if "following" in message:
            self.session.following = bool(message["following"])
        await self._greet(sequence, _texts(message.get("changes", {})))
        await self._send(pack(headers.structure(self.session.now.device, self.session.bounds)))
        await self._say_state(sequence)
        self._woken.set()

    async def _greet(self, sequence: int, changes: dict[str, str]) -> None:
        """Begin, with the values of a link if there are any that fit."""
        assert self.session is not None
        if not us.kernel_cache_info()["files"]:
            text = "compiling the kernels once, this takes about half a minute"
            await self._say("note", text=text, until_answered=True)
        try:
            if changes:
                self.session.change(sequence, changes)
                return
        except us.InputError as error:
            await self._say("note", text=f"the link does not fit this device: {error}")
        self.session.begin(sequence)

    def _jump(self, session: Session, sequence: int, index: int) -> None:
        start = stages.point_of(self._branch, index)
        session.jump(sequence, self._branch.path, float(start.data[self._branch.path]), start)

    async def work(self) -> None:
        """Answer requests, the newest first, until the page is gone."""
        while True:
            request = self.session.take() if self.session is not None else None
            if request is not None:
                self._last, self._has_branch = request, not request.path
                await self._guarded(self._answer(request), request)
            elif self._exports:
                await self._guarded(self._make_export(self._exports.pop(0)), None)
            elif self._last is not None and not self._has_branch:
                if await self._is_undisturbed(stages.OPTIONS.idle):
                    await self._guarded(self._draw_branch(self._last), None)
            else:
                await self._woken.wait()
                self._woken.clear()

    async def _guarded(self, work: Awaitable[None], request: Request | None) -> None:
        """Do some work, of a request or beside it; a defect must not end the session."""
        sequence = 0 if request is None else request.sequence
        try:
            await work
        except Outdated:
            return
        except us.InputError as error:
            if request is not None and self.session is not None:
                self.session.withdraw(request)
                await self._say_state(sequence)
            path = "" if request is None else request.path
            await self._say("refused", sequence=sequence, path=path, text=str(error), withdrawn=True)
        except Exception as error:
            self._has_branch = True
            _log.exception("an answer failed")
            text = f"unexpected {type(error).__name__}: {error} (please report it); the last picture stays"
            await self._say("fault", sequence=sequence, text=text)

    async def _answer(self, request: Request) -> None:
        """Send the answers to a request, until a newer one comes."""
        session = self.session
        assert session is not None
        began = time.monotonic()
        await self._say("busy", sequence=request.sequence)
        found = stages.answers(request, lambda: self._wants(request), self._tell)
        async for answer in self._computed(found, lambda: self._wants(request)):
            if answer.result is not None:
                session.found(request, answer.result)
                session.counts.answered += 1
            answer.header["milliseconds"] = 1e3 * (time.monotonic() - began)
            await self._send_answer(answer, request)
        await self._say("idle", sequence=request.sequence, counts=vars(session.counts))

    async def _computed(self, found: Iterator[Answer | Pause], wanted: Callable[[], bool]) -> Any:
        """The answers, each computed in a thread."""
        while True:
            answer = await self._loop.run_in_executor(self._pool, next, found, None)
            if answer is None:
                return
            if isinstance(answer, Pause):
                await self._is_undisturbed(answer.seconds)
            else:
                yield answer
            if not wanted():
                raise Outdated

    async def _is_undisturbed(self, seconds: float) -> bool:
        """Wait, but not longer than until something is to be done; whether nothing was."""
        try:
            await asyncio.wait_for(self._woken.wait(), seconds)
        except TimeoutError:
            return True
        self._woken.clear()
        return False

    async def _draw_branch(self, request: Request) -> None:
        """Trace the branch in the parameter that was moved last, unless the one that is drawn is it."""
        assert self.session is not None
        span = _span(request, self.session)
        if span is not None and not self._is_drawn(request):

            def wanted() -> bool:
                return self._wants(request) and not self._exports

            await self._say("busy", sequence=request.sequence)
            traced = stages.branch_answer(request, span, stages.Watch(wanted, self._tell))
            async for answer in self._computed(traced, lambda: True):
                self._branch = answer.data
                await self._send_answer(answer, request)
            await self._say("idle", sequence=request.sequence)
        self._has_branch = True

    def _is_drawn(self, request: Request) -> bool:
        """Whether the branch on the page is that of this device, but for the parameter itself."""
        branch = self._branch
        if branch is None or branch.path != request.path:
            return False
        over = branch.data[branch.path].values
        value = float(request.device.value(request.path))
        same = {request.path: float(over[0]), "tolerance": branch.device.value("tolerance")}
        return bool(over.min() <= value <= over.max() and request.device.replace(same) == branch.device)

    def _wants(self, request: Request) -> bool:
        """Whether a request is still to be answered."""
        return not self._is_closed and self.session is not None and self.session.wants(request)

    async def _ask_export(self, session: Session, kind: str) -> None:
        if exports.needs_result(kind):
            self._exports.append(kind)
            self._woken.set()
        else:
            await self._send_export(kind, session.now)

    async def _make_export(self, kind: str) -> None:
        """Make a file that is waited for, of the solution on the page."""
        assert self.session is not None
        now = self.session.now
        if now.result is None or now.result.device != now.device:
            raise us.InputError(f"export of {kind}: there is no solution of this device at its tolerance yet")
        await self._send_export(kind, now)

    async def _send_export(self, kind: str, moment: Moment) -> None:
        assert self.session is not None
        shown = exports.Shown(moment.device, self.session.original, self._source, moment.result)
        name, content = await self._loop.run_in_executor(self._pool, exports.export, kind, shown)
        await self._send(pack({"kind": "file", "name": name, "format": kind, "size": len(content)}) + content)

    def _tell(self, event: Event) -> None:
        """Tell the page how a solve goes on; called from its thread."""
        now = time.monotonic()
        if now - self._told >= TELL:
            self._told = now
            with suppress(RuntimeError):  # the server has ended
                self._loop.call_soon_threadsafe(self._say_soon, str(event))

    def _say_soon(self, text: str) -> None:
        task = self._loop.create_task(self._say("progress", text=text))
        self._tasks.add(task)  # the loop itself keeps none alive
        task.add_done_callback(self._tasks.discard)

    async def _send_answer(self, answer: Answer, request: Request) -> None:
        header = {"kind": answer.kind, "sequence": request.sequence, "path": request.path, **answer.header}
        await self._send(pack(header, answer.arrays))

    async def _say(self, kind: str, **header: Any) -> None:
        await self._send(pack({"kind": kind, **header}))

    async def _say_state(self, sequence: int) -> None:
        """What stands in all boxes, and what can be done."""
        assert self.session is not None
        await self._send(pack(headers.state(self.session, sequence)))


def _span(request: Request, session: Session) -> tuple[float, float] | None:
    """The range of the slider that the page shows for a request; None where the parameter is no number."""
    control = next((c for c in controls_of(session.original) if c.path == request.path), None)
    value = request.device.value(request.path)
    if control is None or control.words or control.logarithmic or isinstance(value, (bool, str)) or value is None:
        return None
    control = headers.bounded(control, session.bounds)
    return min(control.low, float(value)), max(control.high, float(value))


def _texts(changes: Any) -> dict[str, str]:
    """Path -> text, as a page may send it."""
    if not isinstance(changes, dict) or len(changes) > MOST_TEXTS:
        raise us.InputError(f"changes: must be a table of at most {MOST_TEXTS} values")
    for path, text in changes.items():
        if not isinstance(text, str) or len(text) > LONGEST_TEXT:
            raise us.InputError(f"must be text of at most {LONGEST_TEXT} characters", key=path)
    return changes
