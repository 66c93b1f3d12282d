"""The public way to critical temperatures, fields, voltages and lengths."""

from __future__ import annotations

import os
from collections.abc import Mapping
from concurrent.futures import Executor
from typing import TYPE_CHECKING, Any

import numpy as np

from usadel._compile import announce_compilation
from usadel.description.device.axes import check_distinct, number_at
from usadel.errors import InputError
from usadel.maps.computed import Kind, Ways, computed
from usadel.maps.plan import devices_along_axes, make_plan
from usadel.progress import Progress, reporting
from usadel.solution.failures import ends_all, in_words
from usadel.solvers.status import Status
from usadel.transitions.dataset import PROCEDURE, dataset_of, map_of, points_of
from usadel.transitions.points import as_point, search_of, search_unit
from usadel.transitions.result import Critical
from usadel.transitions.search import Transition
from usadel.transitions.tricritical import with_tricritical

if TYPE_CHECKING:
    from usadel.description import Device, Stack
    from usadel.transitions.search import Search

KIND = Kind(search_unit, map_of, points_of, Critical, with_tricritical)


def critical(
    device: Stack | Device,
    find: str = "temperature",
    start: float | None = None,
    stop: float | None = None,
    *,
    over: Mapping[Any, Any] | None = None,
    workers: int | None = None,
    store: str | os.PathLike[str] | None = None,
    resume: bool = False,
    retry_failed: bool = False,
    scheduler: str | Executor | None = None,
    attributes: Mapping[str, str] | None = None,
    progress: Progress | None = None,
) -> Critical:
    """Find where the gap of a device opens.

    The normal state loses stability where the lowest eigenvalue λ of the linearized gap problem vanishes. If the gap
    opens continuously there, that is the transition (second order). If a finite gap survives beyond, the transition
    is of first order: in equilibrium the place where the free energies of both states are equal, else, where there
    is no free energy, the place where the superconducting state ends.

    Parameters
    ----------
    device : what to search; needs a self-consistent gap and no imposed one.
    find : path of the parameter. A temperature is searched from the top down.
    start, stop : range; the transition found is the first one from `start`. By default all temperatures up to
        1.05 Tc, and for anything else twenty times more and less than the present value.
    over : axes of a map, as those of `usadel.sweep`: path -> values, a tuple of paths -> tuples of values.
    workers, store, resume, retry_failed, scheduler, attributes : of a map, as of `usadel.sweep`: processes that may be
        started; result file to write, beside which every finished point is kept until then; go on with what is there,
        also with points that failed; who solves the points; further attributes of the dataset.
    progress : called with an `Event` now and then; an exception that it raises ends the search.

    Returns
    -------
    Critical
        With `.value`, `.order` (1 or 2), `.error` and `.data` (xarray.Dataset); over one axis tricritical points, where
        the order changes because a gap begins to open backwards, are located (`tricritical_PATH`).

    Raises
    ------
    InputError
        If no gap could open, or there is no transition in the range (in a map such points are NaN, order 0); in a map,
        if `store` holds another one, or one that is not to be resumed, or if a cluster cannot be reached, or ends.
    NotConverged
        If the tolerance was not reached; carries what was reached as `.result`.
    Interrupted
        After Ctrl-C, if a point of a map was done; a KeyboardInterrupt that carries the map so far as `.result`.
    """
    if (start is None) != (stop is None):
        raise InputError("start and stop: give both or neither")
    limits = None if start is None or stop is None else (float(start), float(stop))
    if limits is not None and not (np.all(np.isfinite(limits)) and limits[0] != limits[1]):
        raise InputError("start and stop: must be two different finite numbers")
    number_at(device, find)
    if not over:
        search = search_of(device, find, limits)
        announce_compilation()
        with reporting(progress, PROCEDURE):
            found = _transition(search)
        return Critical(device, dataset_of(device, find, as_point(found))).raise_if_unconverged()
    check_distinct(device, [p for paths in over for p in np.atleast_1d(paths)], {device.address(find): "sought"})
    plan = make_plan(PROCEDURE, device, over, settings={"find": find, "limits": limits})
    for point in devices_along_axes(plan):
        search_of(point, find, limits)
    ways = Ways(workers, store, resume, retry_failed, scheduler, attributes)
    return computed(KIND, plan, ways, progress).raise_if_unconverged()


def _transition(search: Search) -> Transition:
    """What a search finds, or why it failed."""
    try:
        return search.run()
    except Exception as error:
        if ends_all(error) or isinstance(error, InputError):
            raise
        return Transition(status=Status.NOT_CONVERGED, reason=in_words(error))
