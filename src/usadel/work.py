"""How much work and memory a procedure may take: counted where it is done, asked for where it could end.

A unit is one linear step of Newton's method at one node and one energy. Counts depend on nothing but the device, so a
procedure ends at the same place on every machine, with any number of threads: of several parallel parts each knows
what was left when they began and what it has done itself, nothing of the others.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import wraps
from math import inf
from typing import Literal, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True)
class Options:
    """Tuning numbers of this module, with their units and reasons."""

    solve: float = 8e6  # units of a solve, or of a point of a trace: two minutes of one core at most
    spectrum: float = 5e6  # units of what is asked for at many energies, which are cheaper: few right-hand sides
    circuit: float = 6e7  # units of the search for what floats: up to a dozen solves and responses
    response: float = 2e7  # units of all linear responses of a device, on two grids: several solves
    search: float = 2e7  # units of the search for a critical value: dozens of solves
    trace: float = 2e8  # units of a branch: hundreds of points
    columns: float = 20.0  # right-hand sides that take as long as the elimination
    residual: float = 0.2  # units of a residual
    memory: float = 1.0e9  # bytes that a solve may hold, beside what the program itself takes
    # bytes per node and energy: of a solution with its eliminated Jacobians, which networks know the responses to their
    # hubs of as well; of the error of each layer, whose steps are there at once
    chains: float = 8e3
    networks: float = 12e3
    layer: float = 0.65e3


OPTIONS = Options()

Procedure = Literal["solve", "spectrum", "search", "trace"]


class Allowance:
    """Work that may be done, in units: so much, and no more than is left of a whole that it is part of."""

    def __init__(self, most: float, whole: Allowance | None = None) -> None:
        self.left: float = most if whole is None else min(most, whole.left)
        self._whole, self._lock = whole, threading.Lock()

    def add(self, units: float) -> None:
        """Count work that is done, from any thread."""
        with self._lock:
            self.left -= units
        if self._whole is not None:
            self._whole.add(units)


_current: ContextVar[Allowance | None] = ContextVar("usadel_work", default=None)


@contextmanager
def _within(allowed: Allowance | None) -> Iterator[None]:
    token = _current.set(allowed)
    try:
        yield
    finally:
        _current.reset(token)


@contextmanager
def allowance(most: float) -> Iterator[None]:
    """Bound the work of what follows in this thread and its helpers; inside another bound, by that as well."""
    with _within(Allowance(most, _current.get())):
        yield


def bounded(procedure: Procedure) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Decorator of a procedure: each call has an allowance of its own."""

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @wraps(function)
        def call(*args: P.args, **kwargs: P.kwargs) -> R:
            with allowance(getattr(OPTIONS, procedure)):
                return function(*args, **kwargs)

        return call

    return decorate


def parts(count: int) -> list[Callable[[Callable[[], R]], R]]:
    """For parts that run in parallel: functions that call something with a part's own share of what is left."""
    whole = _current.get()

    def within(part: Allowance | None) -> Callable[[Callable[[], R]], R]:
        def run(call: Callable[[], R]) -> R:
            with _within(part):
                return call()

        return run

    return [within(None if whole is None else Allowance(inf, whole)) for _ in range(count)]


def count(nodes: int, energies: int, columns: int) -> None:
    """Count a linear step with some right-hand sides."""
    _add(nodes * energies * (1.0 + columns / OPTIONS.columns))


def count_columns(nodes: int, energies: int, columns: int) -> None:
    """Count some more right-hand sides of a step that was taken before."""
    _add(nodes * energies * columns / OPTIONS.columns)


def count_residual(nodes: int, energies: int) -> None:
    """Count an evaluation of the residual."""
    _add(OPTIONS.residual * nodes * energies)


def _add(units: float) -> None:
    current = _current.get()
    if current is not None:
        current.add(units)


def left() -> float:
    """Units that may still be done here; infinite where nothing is bounded."""
    current = _current.get()
    return inf if current is None else current.left


def exhausted() -> bool:
    """Whether all work that may be done here is done."""
    return left() < 0


def fits(nodes: int, energies: int, layers: int, is_network: bool) -> bool:
    """Whether a solve on that many nodes, at that many energies, holds no more memory than it may."""
    each = (OPTIONS.networks if is_network else OPTIONS.chains) + OPTIONS.layer * (1 + layers)
    return each * nodes * energies <= OPTIONS.memory
