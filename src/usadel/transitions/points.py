"""A point of a map of critical values searched: runs in whatever process, and hands back its record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from usadel.description.device.axes import number_at
from usadel.errors import InputError, NoTransition
from usadel.feedback.exchange_field import refuse_response
from usadel.gap.normal_state import refuse_driven, require_sharp_transition
from usadel.maps.record import Point, encode
from usadel.maps.task import Task, failed
from usadel.transitions.search import Search, Transition

if TYPE_CHECKING:
    from usadel.description import Device, Stack
    from usadel.description.device.resolved import Network

NUMBERS = ("value", "closing", "fold", "order", "error")
"""What is kept of a transition."""


def search_of(point: Stack | Device, find: str, limits: Sequence[float] | None) -> Search:
    """The search of one device, which must make sense."""

    def network(value: float) -> Network:
        return point.replace({find: value}).network()

    first = network(limits[0] if limits else number_at(point, find))
    refuse_driven(first)
    require_sharp_transition(first)
    refuse_response(first, "where a transition is searched for")
    address = point.address(find)
    tolerance = float(point.value("tolerance"))
    range_ = (limits[0], limits[1]) if limits else None
    return Search(network, find, number_at(point, find), range_, address.key == "temperature", tolerance)


def search_unit(task: Task) -> bytes:
    """The record of a unit: the transition of each point, or that there is none."""
    return encode([_found(task, changes) for changes in task.changes])


def _found(task: Task, changes: Mapping[str, float]) -> Point:
    try:
        search = search_of(task.device.replace(changes), task.settings["find"], task.settings["limits"])
    except InputError as error:
        return failed(error)
    try:
        return as_point(search.run())
    except NoTransition:
        return as_point(Transition())
    except Exception as error:
        return failed(error, sensible=True)


def as_point(found: Transition) -> Point:
    """A transition as it is kept."""
    numbers = {name: np.array(float(getattr(found, name))) for name in NUMBERS}
    return Point(found.status.name.lower(), found.advice, numbers)
