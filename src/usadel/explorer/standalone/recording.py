"""Recorded pages: answers of a session, stored beside the page in one file, in which a few sliders replay them."""

from __future__ import annotations

import base64
import gzip
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

import usadel as us
from usadel.explorer.answers import headers, stages
from usadel.explorer.answers.controls import Control, controls_of
from usadel.explorer.answers.session import Request, Session
from usadel.explorer.answers.stages import Answer, Watch
from usadel.explorer.answers.wire import pack
from usadel.explorer.standalone import bundle
from usadel.progress import Event, Progress

Array = NDArray[Any]

DIGITS = {"profiles": 1e-4, "map": 4e-3}  # of the largest value, what is kept of arrays; 256 colours tell no more apart
EXACT = ("position", "layer", "energy", "parameter")  # arrays that say where
STATES = 30  # of a slider, unless its values are given
SLIDERS = 3  # whose values are not given: the first ones that the file says
POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:"


@dataclass
class Recording:
    """The states of a device along a few sliders, each moved alone and found from nothing.

    Attributes
    ----------
    device : that the page begins with.
    over : path -> values of its slider; each path is that of a control.
    messages : what a page was told, so far: the device as it is first, then state by state.
    states, failed : number of states so far, and of those that did not converge.
    """

    device: Any
    over: Mapping[str, Sequence[float]]
    messages: list[bytes] = field(default_factory=list)
    states: int = 0
    failed: int = 0

    def __post_init__(self) -> None:
        self._controls = {control.path: control for control in controls_of(self.device)}
        for path in self.over:
            if path not in self._controls or self._controls[path].words:
                allowed = ", ".join(_usual(self._controls.values())[:8])
                raise us.InputError(f"there is no slider of this path; allowed are {allowed}, …", key=path)

    def run(self, progress: Progress | None = None) -> None:
        """Solve all states, and then the branch of each slider."""
        tell = progress or (lambda event: None)
        texts = list(self._texts())
        for k, changes in enumerate(texts):
            tell(Event("recorded state", k, len(texts)))
            self._solve(changes, tell)
        for path, values in self.over.items():
            tell(Event("branch", 0, text=path))
            self._branch(path, (min(values), max(values)), tell)

    def packed(self) -> bytes:
        """All messages, each behind its length, compressed; first those that say which controls there are."""
        over = {path: [float(value) for value in values] for path, values in self.over.items()}
        controls = [self._shown(control).message() for control in self._controls.values()]
        first = {**headers.structure(self.device), "controls": controls, "about": self._about(), "recorded": over}
        parts = [pack(first), *self.messages]
        return gzip.compress(b"".join(struct.pack("<I", len(part)) + part for part in parts), mtime=0)

    def _texts(self) -> Iterator[dict[str, str]]:
        yield {}
        for path, values in self.over.items():
            for value in values:
                yield {path: f"{value:.9g}"}

    def _solve(self, changes: Mapping[str, str], tell: Progress) -> None:
        session = Session(self.device, following=False)
        session.change(0, changes)
        request = session.take()
        assert request is not None
        kept: dict[str, Answer] = {}
        for answer in stages.answers(request, lambda: True, tell):
            if isinstance(answer, Answer) and answer.header.get("stage") != "whole":  # that map is ten times as large
                kept[answer.kind] = answer  # a later one is a better one
        self.states += 1
        self.failed += not kept["profiles"].result.converged
        self._keep({**headers.state(session, 0), "changes": changes})
        for kind, answer in kept.items():
            self._keep({"kind": kind, "path": request.path, **answer.header, "milliseconds": 0}, answer)

    def _branch(self, path: str, span: tuple[float, float], tell: Progress) -> None:
        request = Request(0, self.device, path, None)
        for answer in stages.branch_answer(request, span, Watch(lambda: True, tell)):
            if answer.kind == "branch":
                self._keep({"kind": "branch", "path": path, **answer.header}, answer)

    def _keep(self, header: dict[str, Any], answer: Answer | None = None) -> None:
        arrays = {} if answer is None else answer.arrays
        least = float(header.get("error") or 0) / 2
        rounded = {
            name: array if name in EXACT else _rounded(array, DIGITS.get(header["kind"], 1e-4), least)
            for name, array in arrays.items()
        }
        self.messages.append(pack(header, rounded))

    def _shown(self, control: Control) -> Control:
        values = self.over.get(control.path)
        if values is None:
            return replace(control, fixed=True)
        low, high = min(values), max(values)
        return replace(control, low=low, high=high, step=(high - low) / max(1, len(values) - 1), logarithmic=False)

    def _about(self) -> str:
        sliders = ", ".join(f"{len(values)} values of {path}" for path, values in self.over.items())
        return f"Recorded: {sliders}, one moved at a time, each found from nothing. All else is live in usadel explore."


def usual_over(device: Any) -> dict[str, list[float]]:
    """What is recorded where nothing is said: the first numbers that the file says, over the range of their sliders."""
    controls = {control.path: control for control in controls_of(device)}
    paths = _usual(controls.values())[:SLIDERS]
    return {path: list(np.linspace(controls[path].low, controls[path].high, STATES)) for path in paths}


def _usual(controls: Any) -> list[str]:
    return [c.path for c in controls if c.written and not c.words and not c.logarithmic]


def page_of(recording: bytes) -> str:
    """The page of a recording: one HTML file that asks nothing of anybody."""
    page = bundle.static("index.html")
    icon = base64.b64encode(bundle.static("icon.svg").encode()).decode()
    replaced = {
        '<link rel="icon" href="/static/icon.svg">': f'<link rel="icon" href="data:image/svg+xml;base64,{icon}">',
        '<link rel="stylesheet" href="/static/style.css">': f"<style>{bundle.style()}</style>",
        '<script type="module" src="/static/app.js"></script>': (
            f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
            f'<script type="module">{bundle.script("recorded")}</script>'
        ),
        'data-way="server"': 'data-way="recorded"',
        "</main>": f'</main>\n<script type="text/plain" id="recording">{base64.b64encode(recording).decode()}</script>',
    }
    for old, new in replaced.items():
        assert page.count(old) == 1, old
        page = page.replace(old, new)
    return page


def is_recorded_page(text: str) -> bool:
    """Whether a file is what `page_of` makes."""
    return '<script type="text/plain" id="recording">' in text


def _rounded(array: Array, part: float, least: float) -> Array:
    """Values without the digits that nobody sees, in powers of two: they compress to a fraction."""
    largest = np.max(np.abs(array), initial=0.0, where=np.isfinite(array))
    unit = max(float(largest) * part, least)
    if unit == 0:
        return array
    unit = 2.0 ** np.floor(np.log2(unit))
    return np.asarray(np.round(array / unit) * unit)
