"""The relation of one device, and of a point of a map: runs in whatever process, and hands back its record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from usadel.description.device.driven import has_kinetics
from usadel.errors import InputError, NotConverged
from usadel.junctions.interpolation import TURN
from usadel.junctions.located import solved_relation
from usadel.junctions.phase import PhaseDifference, phase_difference
from usadel.junctions.relation import Relation, branch_relation
from usadel.junctions.samples import Sampler, follow
from usadel.maps.record import CONVERGED, NOT_CONVERGED, Point, encode
from usadel.maps.task import Task, failed
from usadel.solution.failures import ends_all, in_words
from usadel.work import bounded

if TYPE_CHECKING:
    from usadel.description import Device, Stack

PHASES = np.linspace(0.0, TURN, 73)
"""Phases (rad) that the relations of a map have in common."""


class Search:
    """The search for the relation of a device.

    Parameters
    ----------
    device : with two banks. difference : the phase difference between these.
    """

    def __init__(self, device: Stack | Device, difference: PhaseDifference) -> None:
        self._sampler = Sampler(device, difference)
        self._network = device.network()

    @bounded("trace")
    def run(self) -> Relation:
        """The relation.

        Raises
        ------
        NotConverged
            If no phase did.
        """
        sampler = self._sampler
        if not self._network.has_unknown_gap or has_kinetics(self._network):
            return solved_relation(sampler)
        follow(sampler)
        if not any(sample.converged for sample in sampler.samples):
            raise NotConverged(None, sampler.failures[0])
        return branch_relation(sampler.samples, sampler.failures)

    @property
    def is_begun(self) -> bool:
        """Whether there is something to keep."""
        return any(sample.converged for sample in self._sampler.samples)

    def so_far(self, reason: str) -> Relation:
        """What there is of a relation that was not finished, and why it was not."""
        return Relation(self._sampler.in_order(), [*self._sampler.failures, reason])


def solve_unit(task: Task) -> bytes:
    """The record of a unit: the relation of each point."""
    return encode([_found(task, changes) for changes in task.changes])


def _found(task: Task, changes: Mapping[str, float]) -> Point:
    try:
        device = task.device.replace(changes)
        search = Search(device, phase_difference(device, task.settings["phase"]))
    except InputError as error:
        return failed(error)
    try:
        return as_point(search.run())
    except Exception as error:
        if ends_all(error) or isinstance(error, InputError) or not search.is_begun:
            return failed(error, sensible=True)
        return as_point(search.so_far(in_words(error)))


def as_point(relation: Relation) -> Point:
    """A relation as it is kept, also where it is not all that it should be."""
    status = CONVERGED if relation.converged else NOT_CONVERGED
    return Point(status, advice_of(relation), relation.values(PHASES))


def advice_of(relation: Relation) -> str:
    """Where and why a relation is not what it should be; empty if it is."""
    more = len(relation.failures) - 1
    return " ".join(relation.failures[:1]) + (f" (and {more} more)" if more > 0 else "")
