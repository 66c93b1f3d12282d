"""Who solves the units of a map: this process, worker processes, or an executor. Each is kept when it is done."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future
from dataclasses import dataclass
from itertools import islice
from queue import Empty, SimpleQueue

from usadel._cores import one_thread
from usadel.errors import InputError
from usadel.maps.processes import workers
from usadel.maps.record import INVALID
from usadel.maps.store import Store
from usadel.maps.task import Task, task_of
from usadel.maps.unfinished import duration
from usadel.progress import INTERVAL, muffled, pulse, tell


@dataclass(frozen=True)
class Options:
    """Tuning numbers of this module, with their units and reasons."""

    startup: float = 4.0  # s, until worker processes have imported everything and loaded their kernels
    most_submitted: int = 1000  # units at once with an executor: enough for any, and few to be cancelled


OPTIONS = Options()
Solve = Callable[[Task], bytes]


class Run:
    """Solves what is open in a store, and tells how far it is.

    Parameters
    ----------
    store : gets each finished unit.
    solve : makes the record of a unit; a function of a module, which other processes import.
    count : worker processes that may be started.
    executor : who solves units instead of these.
    """

    def __init__(self, store: Store, solve: Solve, count: int, executor: Executor | None = None) -> None:
        self.store, self.plan, self.solve = store, store.plan, solve
        self.count, self.executor = count, executor
        self._resumed = self._done = store.points_done
        self._failed = sum(not point.converged for points in store.done.values() for point in points)
        self._begun = time.monotonic()

    def __call__(self) -> None:
        """Solve all open units.

        Raises
        ------
        InputError
            If the very first point makes no sense.
        """
        units = self.store.open_units()
        if not units:
            return
        self._tell()
        with one_thread():
            left = self._solve_here(units, always=self.count == 1 and self.executor is None)
            if left and self.executor is not None:
                self._hand_out(self.executor, left)
            elif left:
                self._in_processes()

    def _solve_here(self, units: Sequence[int], always: bool) -> list[int]:
        """Solve units in this process, which compiles the kernels, until others pay; returns what is left then."""
        for number, unit in enumerate(units):
            start = time.monotonic()
            with muffled():  # as if another process did it
                record = self.solve(task_of(self.plan, unit))
            self._take(unit, record)
            seconds = time.monotonic() - start
            left = len(units) - number - 1
            is_typical = number > 0 or self.plan.unit_points > 1  # the first point loads or compiles kernels
            if not always and (self.executor is not None or (is_typical and self._pays(seconds * left))):
                return list(units[number + 1 :])
        return []

    def _pays(self, seconds: float) -> bool:
        """Whether worker processes end sooner what would take some time in this one."""
        return seconds * (1 - 1 / self.count) > OPTIONS.startup

    def _in_processes(self) -> None:
        """Solve what is open in worker processes; in this one, if those end before they have done anything."""
        while left := self.store.open_units():
            before = len(self.store.done)
            try:
                with workers(min(self.count, len(left))) as pool:
                    self._hand_out(pool, left)
            except BrokenExecutor as error:
                logging.getLogger(__name__).debug("worker processes have ended", exc_info=error)
                if len(self.store.done) == before:
                    self._solve_here(left, always=True)

    def _hand_out(self, executor: Executor, units: Sequence[int]) -> None:
        """Have units solved by an executor, some at a time, and keep each when it is done."""
        finished: SimpleQueue[Future[bytes]] = SimpleQueue()
        waiting, pending = iter(units), dict[Future[bytes], int]()
        try:
            while self._submit(executor, islice(waiting, OPTIONS.most_submitted - len(pending)), pending, finished):
                try:
                    future = finished.get(timeout=INTERVAL)
                    self._take(pending.pop(future), future.result())
                except Empty:
                    pulse()
        except BaseException:
            for future in pending:
                future.cancel()
            raise

    def _submit(
        self,
        executor: Executor,
        units: Iterator[int],
        pending: dict[Future[bytes], int],
        finished: SimpleQueue[Future[bytes]],
    ) -> bool:
        """Hand out some more units; whether any is still to be waited for."""
        for unit in units:
            future = executor.submit(self.solve, task_of(self.plan, unit))
            pending[future] = unit
            future.add_done_callback(finished.put)
        return bool(pending)

    def _take(self, unit: int, record: bytes) -> None:
        """Keep what is finished; the very first point tells whether the input makes sense at all."""
        is_first = not self.store.done
        self.store.put(unit, record)
        points = self.store.done[unit]
        if is_first and points[0].status == INVALID:
            del self.store.done[unit]
            raise InputError(points[0].advice)
        self._done += len(points)
        self._failed += sum(not point.converged for point in points)
        self._tell()

    def _tell(self) -> None:
        new, seconds = self._done - self._resumed, time.monotonic() - self._begun
        words = [f"{self._failed} failed"] if self._failed else []
        if new and seconds > 0:
            left = duration((self.plan.points - self._done) * seconds / new)
            words += [f"{new / seconds:.3g} points/s", f"{left} left"]
        tell(self.plan.procedure, self._done, self.plan.points, ", ".join(words))
