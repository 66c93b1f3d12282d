"""The one loop from a tolerance to a grid: solve, estimate the error, grow, until the estimate is small enough."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import count
from typing import Protocol, TypeVar

from usadel.solvers.status import Status
from usadel.work import left

LEVELS = 8  # at most: every one grows some grid by a tenth or more, and five orders at 15 % make a factor of thirty


class Estimated(Protocol):
    """A solution (a dataclass) whose error has been estimated, and how its solve ended."""

    @property
    def error(self) -> float:
        """Estimated error."""

    @property
    def status(self) -> Status:
        """How the solve ended."""


Place = TypeVar("Place")
Solution = TypeVar("Solution", bound=Estimated)


def refine(
    place: Place,
    solve: Callable[[Place], Solution],
    grow: Callable[[Place, Solution], Place | None],
    tolerance: float,
    report: Callable[[int, Solution], None] | None = None,
    levels: int = LEVELS,
) -> Solution:
    """Solve at places that are finer and finer, until the estimated error is below the tolerance.

    Parameters
    ----------
    place : what the first solution is solved on, such as numbers of nodes.
    solve : the solution at a place, its error estimated.
    grow : the next, finer place; None if there is none.
    report : called with the number of the level, from 1, and its solution.

    Returns
    -------
    The last solution: converged, or with the status of a solve that failed, or `TOLERANCE_NOT_REACHED`. Where the work
    ends within a level, the solution of the one before.
    """
    last: Solution | None = None
    for level in count(1):
        before = left()
        found = solve(place)
        if found.status == Status.TOO_MUCH_WORK and last is not None:
            return replace(last, status=Status.TOO_MUCH_WORK)  # type: ignore[type-var]
        if report:
            report(level, found)
        if found.status != Status.CONVERGED or found.error <= tolerance:
            return found
        if left() < before - left():  # a finer one takes more than this one
            return replace(found, status=Status.TOO_MUCH_WORK)  # type: ignore[type-var]
        finer = grow(place, found) if level < levels else None
        if finer is None:
            return replace(found, status=Status.TOLERANCE_NOT_REACHED)  # type: ignore[type-var]
        place, last = finer, found
    raise AssertionError("an endless count ended")
