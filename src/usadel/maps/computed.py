"""A map computed: what is open of it solved, kept, and gathered as a result, whoever asks for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from usadel._compile import announce_compilation
from usadel._cores import core_count
from usadel.errors import InputError, Interrupted, StorageError, is_interruption, shown
from usadel.maps.cluster import cluster
from usadel.maps.plan import Plan
from usadel.maps.record import Point
from usadel.maps.run import Run, Solve
from usadel.maps.store import DiskStore, Store, check_same
from usadel.progress import Progress, reporting, unheard
from usadel.results.labelled import Labelled
from usadel.results.storage import check_writable, load, save

if TYPE_CHECKING:
    import xarray as xr

R = TypeVar("R", bound=Labelled)
Done = Mapping[int, list[Point]]


@dataclass(frozen=True)
class Kind(Generic[R]):
    """What makes a map of a procedure out of its points.

    Attributes
    ----------
    solve : makes the record of a unit; a function of a module, which other processes import.
    dataset : from the plan, what is done of it (unit -> points), and how many points were resumed.
    points : the units of a finished dataset, as they were kept.
    result : class of the result.
    complete : adds to the dataset of a map, when all its points are finished, what lies between them.
    """

    solve: Solve
    dataset: Callable[[Plan, Done, int], xr.Dataset]
    points: Callable[[xr.Dataset, Plan], Iterable[tuple[int, list[Point]]]]
    result: type[R]
    complete: Callable[[Plan, xr.Dataset], xr.Dataset] = lambda _, data: data

    def unfinished(self, store: Store) -> R:
        """What is done in a store; everything else is NaN."""
        return self.result(store.plan.device, self.dataset(store.plan, store.done, store.points_done))


@dataclass(frozen=True)
class Ways:
    """How a map is computed, as the public functions are told.

    Attributes
    ----------
    workers : processes that may be started; None: as many as there are cores.
    store : result file to write; every finished point is kept beside it until then.
    resume : go on with what is there. retry_failed : and solve points that failed again.
    scheduler : an executor, or the address of a dask scheduler.
    attributes : further attributes of the dataset.
    """

    workers: int | None = None
    store: Any = None
    resume: bool = False
    retry_failed: bool = False
    scheduler: Any = None
    attributes: Mapping[str, str] | None = None

    @property
    def count(self) -> int:
        """Processes that may be started."""
        count = core_count() if self.workers is None else self.workers
        if isinstance(count, bool) or not isinstance(count, int) or count < 1:
            raise InputError(f"must be a whole number, at least 1, not {shown(self.workers)}", key="workers")
        return count


def computed(kind: Kind[R], plan: Plan, ways: Ways, progress: Progress | None) -> R:
    """A map, all of it; what was kept of it is not computed again.

    Raises
    ------
    InputError
        If `store` holds another map, or one that is not to be resumed; if a cluster cannot be reached, or ends.
    StorageError
        If nothing can be written to `store`.
    Interrupted
        After Ctrl-C, if a point was done; carries the map so far as `.result`.
    """
    count = ways.count
    announce_compilation()
    with reporting(progress, plan.procedure), _executor(ways.scheduler) as executor:
        job = _Job(kind, plan, count, executor, dict(ways.attributes or {}))
        if ways.store is None:
            return job.solved(Store(plan))
        return job.stored(Path(ways.store), ways.resume or ways.retry_failed, ways.retry_failed)


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


@dataclass(frozen=True)
class _Job(Generic[R]):
    """A plan with everything that it takes."""

    kind: Kind[R]
    plan: Plan
    count: int
    executor: Executor | None
    labels: dict[str, str]

    def stored(self, target: Path, resume: bool, retry: bool) -> R:
        """With a result file, and records beside it until that is written."""
        check_writable(target)
        with DiskStore(self.plan, target) as store:
            finished = self._finished(target, store) if resume else None
            if finished is not None and (finished.attrs["converged"] or not (retry or store.is_begun)):
                store.remove()  # what was left between writing the file and removing the records
                return self.kind.result(self.plan.device, finished)
            store.begin(resume)
            if finished is not None:
                store.done = dict(self.kind.points(finished, self.plan)) | store.done
            if retry:
                store.forget_failed()
            found = self.solved(store)
            try:
                save(found.data, target)
            except StorageError as error:
                raise StorageError(f"{error}; all points are kept in '{store.folder}'") from error
            store.remove()
        return found

    def _finished(self, target: Path, store: DiskStore) -> xr.Dataset | None:
        """What a result file holds; None if there is none, or records beside it are to replace another one.

        Raises
        ------
        InputError
            If it holds something else.
        """
        if not target.exists():
            return None
        data, noun = load(target), self.plan.noun
        if data.attrs.get("procedure") != self.plan.procedure or "map_key" not in data.attrs:
            raise InputError(f"{target} holds no {noun} that could be resumed; allowed: the same one, or another file")
        try:
            check_same(target, data.attrs["map_key"], data.attrs, self.plan)
        except InputError:
            if store.is_begun:
                return None
            raise
        return data

    def solved(self, store: Store) -> R:
        """Everything that is open solved, and all of it as a result."""
        resumed = store.points_done

        def found(complete: bool) -> R:
            data = self.kind.dataset(self.plan, store.done, resumed)
            if complete:
                data = self.kind.complete(self.plan, data)
            return self.kind.result(self.plan.device, data.assign_attrs(self.labels))

        try:
            Run(store, self.kind.solve, self.count, self.executor)()
            return found(complete=True)
        except BaseException as error:
            if not is_interruption(error) or not store.done:
                raise
            with unheard():
                raise Interrupted(found(complete=False)) from None
