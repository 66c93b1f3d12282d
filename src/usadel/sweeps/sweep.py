"""The public way to maps over several parameters: `usadel.sweep`."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from typing import TYPE_CHECKING, Any

from usadel.description.device.solvable import check_stationary
from usadel.maps.computed import Kind, Ways, computed
from usadel.maps.plan import Plan, devices_along_axes, make_plan
from usadel.progress import Progress
from usadel.results.schema import check_quantities
from usadel.sweeps.dataset import PROCEDURE, points_of, sweep_dataset
from usadel.sweeps.points import FRACTIONS, solve_unit
from usadel.sweeps.result import Sweep

if TYPE_CHECKING:
    from usadel.description import Device, Stack


def sweep(
    device: Stack | Device,
    over: Mapping[Any, Any],
    *,
    quantities: Sequence[str] | None = None,
    workers: int | None = None,
    store: str | os.PathLike[str] | None = None,
    follow: str | None = None,
    resume: bool = False,
    retry_failed: bool = False,
    scheduler: str | Executor | None = None,
    attributes: Mapping[str, str] | None = None,
    progress: Progress | None = None,
) -> Sweep:
    """Solve a device at all points of a map over one or several of its parameters.

    The value of a point depends on device, axes and mode only: not on workers, on what else is solved, or on whether
    the sweep was interrupted and resumed.

    Parameters
    ----------
    device : what to solve.
    over : path -> values of an axis, the last one varies fastest; a tuple of paths -> list of tuples of values for
        axes that vary together.
    quantities : variables to compute, such as "gap"; default: those of the device, or all but maps over energy.
    workers : processes that may be started; they are, where that pays. Default: as many as there are cores.
    store : result file to write. Until it is, every finished point is kept in the folder of that name + ".parts".
    follow : None: every point is solved by itself, from nothing. "up", "down", "both": each row along the last axis
        follows its branch of solutions from the first to the last value, or back, from a first point that is solved
        from nothing.
    resume : go on with what is in `store`; finished points are not computed again.
    retry_failed : as `resume`, and points that failed are solved again.
    scheduler : an executor of `concurrent.futures`, whose workers can import this package; or the address of a dask
        scheduler, such as "tcp://host:8786", with the extra `usadel[cluster]`.
    attributes : further attributes of the dataset.
    progress : called with an `Event` now and then; an exception that it raises ends the sweep.

    Returns
    -------
    Sweep
        With `.data` (xarray.Dataset): the axes, then what a result has, with profiles at fixed fractions of each
        layer. Points that failed are NaN; `status` and `advice` say why, `.converged` is False then.

    Raises
    ------
    InputError
        If the axes make no sense, or `store` holds another sweep, or one that is not to be resumed; if the cluster
        cannot be reached, or ends: what is finished is kept.
    StorageError
        If nothing can be written to `store`.
    Interrupted
        After Ctrl-C, if a point was done; a KeyboardInterrupt that carries the sweep so far as `.result`.
    """
    plan = sweep_plan(device, over, follow, quantities)
    for place in devices_along_axes(plan):
        check_stationary(place.network())
    ways = Ways(workers, store, resume, retry_failed, scheduler, attributes)
    return computed(KIND, plan, ways, progress)


def sweep_plan(
    device: Stack | Device, over: Mapping[Any, Any], follow: str | None, quantities: Sequence[str] | None
) -> Plan:
    """What is to be solved; the arguments are those of `sweep`."""
    if quantities is not None:
        names = quantities if isinstance(quantities, str) else list(quantities)
        device = device.replace({"output.quantities": names})
    check_quantities(device.output.quantities or ())
    return make_plan(PROCEDURE, device, over, follow, {"fractions": list(FRACTIONS)})


KIND = Kind(solve_unit, sweep_dataset, points_of, Sweep)
