"""The answer to a request, in stages: what is wanted first comes first, and a newer request ends the rest.

    profiles → coarse map → full map → (a pause) → profiles at the device's tolerance → its map → (a pause) → branch

`answers` is a generator that computes one stage each time it is asked, so that whoever runs it may look for a newer
request in between; within a stage the progress events of the solver do.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

import usadel as us
from usadel.explorer.answers import pictures
from usadel.explorer.answers.session import Request
from usadel.progress import Event, reporting
from usadel.solution.solve import follow

Array = NDArray[Any]


@dataclass(frozen=True)
class Options:
    """Tuning numbers of this module, with their units and reasons."""

    preview: float = 1e-4  # tolerance while a slider moves: 1e-3 is no faster
    patience: float = 0.5  # s that a first answer may go on while newer inputs wait: else a drag would show nothing
    rest: float = 0.25  # s without input before the tolerance of the device is reached for
    idle: float = 1.0  # s more before a branch is traced
    energies: tuple[int, int] = (21, 61)  # from 0 on, of the two maps; those at -E share their states
    highest: float = 2.0  # Δ0, of maps while a slider moves
    branch: float = 1e-4  # tolerance of a branch: it is a picture
    branch_step: float = 0.03  # of a branch: 3 s for the paper's device at 0.015


OPTIONS = Options()
ARCLENGTH = "arclength"  # method of branches whose stability is known


class Outdated(Exception):
    """A newer request has come."""


@dataclass(frozen=True)
class Pause:
    """Nothing to do for some seconds, unless a newer request comes."""

    seconds: float


@dataclass(frozen=True)
class Answer:
    """One picture.

    Attributes
    ----------
    kind : "profiles", "map", "branch", "other" (solution than the one that is followed) or "note".
    header : what is said with it.
    arrays : what is drawn.
    result : the solution, of profiles.
    data : dataset behind it, of a branch.
    """

    kind: str
    header: dict[str, Any]
    arrays: dict[str, Array] = field(default_factory=dict)
    result: Any = None
    data: Any = None


@dataclass
class Watch:
    """Ends the work on a request that nobody waits for any more, and tells how it goes on.

    Attributes
    ----------
    wanted : whether the request is still the newest.
    tell : called with events.
    patience : s from now on in which it goes on even so.
    """

    wanted: Callable[[], bool]
    tell: Callable[[Event], None]
    patience: float = 0.0

    def __post_init__(self) -> None:
        self._began = time.monotonic()

    def __call__(self, event: Event) -> None:
        """Raise Outdated, or tell."""
        if not self.wanted() and time.monotonic() - self._began >= self.patience:
            raise Outdated
        self.tell(event)


Told = Callable[[Event], None]


def answers(request: Request, wanted: Callable[[], bool], tell: Told) -> Iterator[Answer | Pause]:
    """The stages of the answer to a request.

    Parameters
    ----------
    request : what is to be solved.
    wanted : whether it is still the newest one.
    tell : called with the events of what is being solved.

    Raises
    ------
    InputError
        If the device turns out to be none.
    Outdated
        If a newer request has come.
    """
    exact = float(request.device.value("tolerance"))
    watch = partial(Watch, wanted, tell)
    loose = request.device.replace({"tolerance": max(OPTIONS.preview, exact)})
    first = solved(loose, request.start, watch(OPTIONS.patience))
    is_final = exact >= OPTIONS.preview
    yield profiles(first, "converged" if is_final else "preview")
    yield from _maps(first, watch)
    yield Pause(OPTIONS.rest)
    final = first
    if not is_final:
        final = solved(request.device, first if first.converged else None, watch())
        yield profiles(final, "converged")
    if final.converged:
        yield from _whole_map(final, watch)
    if request.start is not None and _is_normal(final):
        yield from _other(loose, watch)


def solved(device: Any, start: Any, watch: Watch) -> Any:
    """The solution near another one, or from nothing; also one that did not converge."""
    try:
        with reporting(watch, "solve"):
            return us.solve(device) if start is None else follow(device, start)
    except us.NotConverged as failure:
        return failure.result


def profiles(result: Any, stage: str) -> Answer:
    """Gap and currents of a solution."""
    data = result.profiles()
    header = {
        **pictures.verdict(result, stage),
        "state": pictures.state_text(result, data),
        "values": pictures.numbers(result, data),
    }
    return Answer("profiles", header, pictures.curves(result, data), result)


def _maps(result: Any, watch: Callable[[], Watch]) -> Iterator[Answer]:
    """Density of states on a few energies, then on more."""
    if not result.converged:
        return
    for stage, count in zip(("coarse", "full"), OPTIONS.energies, strict=True):
        positive = np.linspace(0.0, OPTIONS.highest, count)
        try:
            with reporting(watch(), "density of states"):
                data = result.dos(np.concatenate([-positive[:0:-1], positive]))
        except us.NotConverged as failure:
            yield Answer("note", {"text": str(failure)})
            return
        error = float(data.attrs["estimated_error"])
        yield Answer("map", {"stage": stage, "error": error}, pictures.energy_map(data))


def _whole_map(result: Any, watch: Callable[[], Watch]) -> Iterator[Answer]:
    """The maps that the result file holds, on energies as close as they need to be."""
    with reporting(watch(), "maps"):
        data = result.file_data()
    if "dos" in data:
        error = float(data.attrs.get("spectral_error", np.nan))
        header = {"stage": "whole", "error": error if np.isfinite(error) else None}
        yield Answer("map", header, pictures.energy_map(data))


def _is_normal(result: Any) -> bool:
    has_gap = result.device.network().has_unknown_gap
    return bool(has_gap and np.abs(result.profiles().gap).max() < pictures.CLOSED)


def _other(device: Any, watch: Callable[[], Watch]) -> Iterator[Answer]:
    """Say what a fresh start finds, where the branch that is followed is the normal one."""
    fresh = solved(device, None, watch())
    gap = float(fresh.profiles().gap.max())
    if fresh.converged and gap >= pictures.CLOSED:
        yield Answer("other", {"gap": gap, "text": f"another solution exists: Δ = {gap:.3g} (Fresh finds it)"})


def branch_answer(request: Request, span: tuple[float, float], watch: Watch) -> Iterator[Answer]:
    """The branch of a request in the parameter that was moved last; a note where that cannot be drawn."""
    device = request.device.replace({"tolerance": max(OPTIONS.branch, float(request.device.value("tolerance")))})
    try:
        branch = us.trace(device, request.path, *span, step=OPTIONS.branch_step, progress=watch)
    except us.InputError as error:
        yield Answer("note", {"text": f"no branch: {error}"})
        return
    header = {
        "path": request.path,
        "end": branch.end,
        "folds": branch.folds,
        "span": span,
        "method": branch.method,
        "advice": branch.advice,
    }
    yield Answer("branch", header, pictures.branch_curve(branch), data=branch)


def point_of(branch: Any, index: int) -> Any:
    """The solution at a point of a branch, to start from.

    Raises
    ------
    InputError
        If there is no such point, or it is unstable: solves leave such states.
    """
    if branch is None or not 0 <= index < branch.data.sizes["branch_point"]:
        raise us.InputError("there is no such point of a branch")
    data = branch.data.isel(branch_point=index)
    if branch.method == ARCLENGTH and not int(data.stable):
        gap, value = float(data.gap.max()), float(data[branch.path])
        where = f"Δ = {gap:.4g} at {branch.path} = {value:.6g}"
        raise us.InputError(f"unstable: {where} is left by any change; allowed: points of a full line")
    device = branch.device.replace({branch.path: float(data[branch.path])})
    return us.Solution(device, data)
