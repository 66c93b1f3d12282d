"""The public way to maps over several parameters: `usadel.sweep`."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from usadel._compile import announce_compilation
from usadel._cores import core_count
from usadel.errors import InputError, Interrupted, StorageError, is_interruption, shown
from usadel.progress import Progress, reporting, unheard
from usadel.results.storage import check_writable, load, save
from usadel.sweeps.cluster import cluster
from usadel.sweeps.dataset import points_of, sweep_dataset
from usadel.sweeps.plan import Plan, make_plan
from usadel.sweeps.result import Sweep
from usadel.sweeps.run import Run
from usadel.sweeps.store import DiskStore, Store, check_same

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
    plan = make_plan(device, over, follow, quantities)
    count = core_count() if workers is None else workers
    if isinstance(count, bool) or not isinstance(count, int) or count < 1:
        raise InputError(f"must be a whole number, at least 1, not {shown(workers)}", key="workers")
    labels = dict(attributes or {})
    announce_compilation()
    with reporting(progress, "sweep"), _executor(scheduler) as executor:
        if store is None:
            return _swept(Store(plan), count, executor, labels)
        return _stored(plan, Path(store), count, executor, labels, resume or retry_failed, retry_failed)


@contextmanager
def _executor(scheduler: Any) -> Iterator[Executor | None]:
    """Who solves the points, if not this process and processes of its own."""
    if isinstance(scheduler, str):
        with cluster(scheduler) as executor:
            yield executor
    elif scheduler is None or isinstance(scheduler, Executor):
        yield scheduler
    else:
        raise InputError(
            f"must be an executor of concurrent.futures or the address of a dask scheduler, not {shown(scheduler)}",
            key="scheduler",
        )


def _stored(
    plan: Plan,
    target: Path,
    count: int,
    executor: Executor | None,
    labels: dict[str, str],
    resume: bool,
    retry: bool,
) -> Sweep:
    """A sweep with a result file, and records beside it until that is written."""
    check_writable(target)
    with DiskStore(plan, target) as store:
        finished = _finished(plan, target, store) if resume else None
        if finished is not None and not (finished.failed and (retry or store.is_begun)):
            store.remove()  # what was left between writing the file and removing the records
            return finished
        store.begin(resume)
        if finished is not None:
            store.done = dict(points_of(finished.data, plan)) | store.done
        if retry:
            store.forget_failed()
        found = _swept(store, count, executor, labels)
        try:
            save(found.data, target)
        except StorageError as error:
            raise StorageError(f"{error}; all points are kept in '{store.folder}'") from error
        store.remove()
    return found


def _finished(plan: Plan, target: Path, store: DiskStore) -> Sweep | None:
    """The sweep that a result file holds; None if there is none, or records beside it are to replace another one.

    Raises
    ------
    InputError
        If it holds something else.
    """
    if not target.exists():
        return None
    data = load(target)
    if data.attrs.get("procedure") != Sweep.procedure:
        raise InputError(f"{target} holds no sweep that could be resumed; allowed: the same sweep, or another file")
    try:
        check_same(target, data.attrs.get("sweep_key"), data.attrs, plan)
    except InputError:
        if store.is_begun:
            return None
        raise
    return Sweep(plan.device, data)


def _swept(store: Store, count: int, executor: Executor | None, labels: dict[str, str]) -> Sweep:
    """Everything that is open solved, and all of it as a result."""
    resumed = sum(map(len, store.done.values()))

    def found() -> Sweep:
        return Sweep(store.plan.device, sweep_dataset(store.plan, store.done, resumed).assign_attrs(labels))

    try:
        Run(store, count, executor)()
    except BaseException as error:
        if not is_interruption(error) or not store.done:
            raise
        with unheard():
            raise Interrupted(found()) from None
    return found()
