"""How much work a solve may take: counted where it is done, asked for where it could end.

A unit is one linear step of Newton's method at one node and one energy. Counts depend on nothing but the device, so a
solve ends at the same place on every machine, with any number of threads: of several parallel parts each knows what was
left when they began and what it has done itself, nothing of the others.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import wraps
from math import inf
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True)
class Options:
    """Tuning numbers of this module, with their units and reasons."""

    solve: float = 2e6  # units of a solve: about half a minute of one core
    spectrum: float = 4e6  # units of densities of states asked for at once, which are cheaper: few right-hand sides
    columns: float = 20.0  # right-hand sides that take as long as the elimination
    residual: float = 0.2  # units of a residual
    # bytes that a solve may hold, and what it holds per node and energy: eliminated Jacobians and what is in flight
    memory: float = 0.9e9
    node: float = 14e3
    given: float = 5.5e3  # the same where every gap is given


OPTIONS = Options()


@dataclass
class Allowance:
    """Work that a solve may do, and what it has done, in units."""

    most: float
    done: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, units: float) -> None:
        """Count work that is done, from any thread."""
        with self._lock:
            self.done += units

    @property
    def left(self) -> float:
        """Work that may still be done; less than 0 where more was done."""
        return self.most - self.done


class Part:
    """What one of several parallel parts may do: what was left when they began."""

    def __init__(self, whole: Allowance) -> None:
        self._whole, self.left = whole, whole.left

    def add(self, units: float) -> None:
        """Count work that is done, by this part alone."""
        self.left -= units
        self._whole.add(units)


_current: ContextVar[Allowance | Part | None] = ContextVar("usadel_work", default=None)


@contextmanager
def allowance(most: float) -> Iterator[None]:
    """Bound the work of what follows in this thread and its helpers; inside another bound, by that alone."""
    if _current.get() is not None:
        yield
        return
    token = _current.set(Allowance(most))
    try:
        yield
    finally:
        _current.reset(token)


def bounded(function: Callable[P, R]) -> Callable[P, R]:
    """Decorator of a solve: each call has an allowance of its own, but for those that are part of another."""

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        with allowance(OPTIONS.solve):
            return function(*args, **kwargs)

    return call


def parts(count: int) -> list[Callable[[Callable[[], R]], R]]:
    """For parts that run in parallel: functions that call something with a part's own share of what is left."""
    whole = _current.get()

    def within(part: Part | None) -> Callable[[Callable[[], R]], R]:
        def run(call: Callable[[], R]) -> R:
            token = _current.set(part)
            try:
                return call()
            finally:
                _current.reset(token)

        return run

    return [within(Part(whole) if isinstance(whole, Allowance) else None) for _ in range(count)]


def count(nodes: int, energies: int, columns: int) -> None:
    """Count a linear step with some right-hand sides."""
    _add(nodes * energies * (1.0 + columns / OPTIONS.columns))


def count_residual(nodes: int, energies: int) -> None:
    """Count an evaluation of the residual."""
    _add(OPTIONS.residual * nodes * energies)


def _add(units: float) -> None:
    current = _current.get()
    if current is not None:
        current.add(units)


def left() -> float:
    """Units that may still be done here; infinite outside a solve."""
    current = _current.get()
    return inf if current is None else current.left


def exhausted() -> bool:
    """Whether all work that a solve may take is done."""
    return left() < 0


def fits(nodes: int, energies: int, with_gap: bool) -> bool:
    """Whether a solve on that many nodes, at that many energies, holds no more memory than it may.

    with_gap : whether a gap is solved for.
    """
    return (OPTIONS.node if with_gap else OPTIONS.given) * nodes * energies <= OPTIONS.memory
