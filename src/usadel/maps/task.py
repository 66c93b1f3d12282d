"""A unit of a map as it travels to whoever solves it, in whatever process."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from usadel._version import __version__
from usadel.description.device.load import read_device
from usadel.errors import InputError, NotConverged
from usadel.maps.plan import Changes, Plan, Settings
from usadel.maps.record import FAILED, INVALID, NOT_CONVERGED, Point
from usadel.solution.failures import ends_all, in_words

if TYPE_CHECKING:
    from usadel.description import Device, Stack


@dataclass(frozen=True)
class Task:
    """A unit of a plan.

    Attributes
    ----------
    text : of the device.
    changes : of each point, in the order in which they are solved.
    settings : of the plan.
    version : of this package; no other one may solve it.
    """

    text: str
    changes: tuple[Changes, ...]
    settings: Settings
    version: str = __version__

    @property
    def device(self) -> Stack | Device:
        """The device of the plan.

        Raises
        ------
        InputError
            If another version of this package asks.
        """
        if self.version != __version__:
            raise InputError(f"a worker has usadel {__version__}, and this process {self.version}; allowed: the same")
        return _device(self.text)


def task_of(plan: Plan, unit: int) -> Task:
    """A unit of a plan as a task."""
    return Task(plan.text, tuple(plan.changes(unit)), dict(plan.settings))


@lru_cache(maxsize=1)
def _device(text: str) -> Stack | Device:
    return read_device(f"{text}\n")


def failed(error: Exception, sensible: bool = False) -> Point:
    """The point at which something went wrong; what ends everything is raised again.

    sensible : whether the device makes sense, so that what is refused later is a failure like others.
    """
    if ends_all(error):
        raise error
    return Point(_status(error, sensible), in_words(error))


def _status(error: Exception, sensible: bool) -> str:
    if isinstance(error, NotConverged) and error.result is not None:
        return str(error.result.status.name.lower())
    if not isinstance(error, InputError):
        return FAILED
    return NOT_CONVERGED if sensible else INVALID
