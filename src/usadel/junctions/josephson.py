"""The public way to current-phase relations: `usadel.josephson`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from concurrent.futures import Executor
from typing import TYPE_CHECKING, Any

import numpy as np

from usadel._compile import announce_compilation
from usadel.description.device.axes import check_distinct
from usadel.errors import InputError, Interrupted, is_interruption
from usadel.junctions.crossings import with_crossings
from usadel.junctions.dataset import dataset_of, map_of, points_of
from usadel.junctions.phase import PhaseDifference, phase_difference
from usadel.junctions.points import Search, solve_unit
from usadel.junctions.relation import Relation
from usadel.junctions.result import Josephson
from usadel.maps.computed import Kind, Ways, computed
from usadel.maps.plan import Plan, devices_along_axes, make_plan
from usadel.progress import Progress, reporting, unheard
from usadel.results.josephson import JUNCTION
from usadel.solution.failures import ends_all, in_words

if TYPE_CHECKING:
    from usadel.description import Device, Stack

KIND = Kind(solve_unit, map_of, points_of, Josephson, with_crossings)


def josephson(
    device: Stack | Device,
    phase: str | None = None,
    over: Mapping[Any, Any] | None = None,
    *,
    workers: int | None = None,
    store: str | os.PathLike[str] | None = None,
    resume: bool = False,
    retry_failed: bool = False,
    scheduler: str | Executor | None = None,
    attributes: Mapping[str, str] | None = None,
    progress: Progress | None = None,
) -> Josephson:
    """Find the current-phase relation of a junction, its critical currents and its ground state.

    The phase difference φ is that of the left bank less that of the right one, and I(φ) the charge current from left
    to right, 2 ∂F/∂φ in equilibrium. Devices with gaps of their own are followed through every fold; others are solved
    at as many phases as the curve needs. Critical currents are located, not the largest samples.

    Parameters
    ----------
    device : with two superconducting reservoirs, or whatever `phase` makes a difference in.
    phase : path of what is varied: the phase of one bank, a parameter that it depends on, or the phase gradient of a
        ring. Default: the phase of one of two superconducting reservoirs.
    over : axes of a map, as those of `usadel.sweep`: path -> values, a tuple of paths -> tuples of values. With one
        axis the values are located at which the ground state changes between 0 and π.
    workers, store, resume, retry_failed, scheduler, attributes : of a map, as of `usadel.sweep`: processes that may be
        started; result file to write, beside which every finished point is kept until then; go on with what is there,
        also with points that failed; who solves the points; further attributes of the dataset.
    progress : called with an `Event` now and then; an exception that it raises ends the work.

    Returns
    -------
    Josephson
        With `.data` (xarray.Dataset): `current`, and in equilibrium `free_energy`, over `phase`;
        `critical_current_forward`, `critical_current_backward`, their phases, `ground_state_phase`,
        `diode_efficiency`, `harmonics`. With `over` these have the axis in front.

    Raises
    ------
    InputError
        If the device has no phase difference, or an axis makes no sense; in a map, if `store` holds another one, or
        one that is not to be resumed, or if a cluster cannot be reached, or ends.
    NotConverged
        If a point did not reach its tolerance; carries what was found as `.result`.
    Interrupted
        After Ctrl-C, if a phase was solved, or a point of a map; a KeyboardInterrupt that carries what is done as
        `.result`.
    """
    difference = phase_difference(device, phase)
    if over:
        ways = Ways(workers, store, resume, retry_failed, scheduler, attributes)
        return computed(KIND, _plan(device, difference, over), ways, progress).raise_if_unconverged()
    announce_compilation()
    search = Search(device, difference)
    with reporting(progress, JUNCTION):
        try:
            relation = search.run()
        except (Exception, KeyboardInterrupt) as error:
            if not search.is_begun or isinstance(error, InputError):
                raise
            if is_interruption(error):
                with unheard():
                    so_far = search.so_far("interrupted before its end")
                    raise Interrupted(_result(device, difference, so_far)) from None
            if ends_all(error):
                raise
            relation = search.so_far(in_words(error))
    return _result(device, difference, relation).raise_if_unconverged()


def _result(device: Stack | Device, difference: PhaseDifference, relation: Relation) -> Josephson:
    return Josephson(device, dataset_of(device, difference.path, relation))


def _plan(device: Stack | Device, difference: PhaseDifference, over: Mapping[Any, Any]) -> Plan:
    """The plan of a map, all of whose axes make sense."""
    paths = [path for axis in over for path in np.atleast_1d(axis)]
    check_distinct(device, paths, {device.address(difference.path): "the phase"})
    plan = make_plan(JUNCTION, device, over, settings={"phase": difference.path})
    for place in devices_along_axes(plan):
        phase_difference(place, difference.path)
    return plan
