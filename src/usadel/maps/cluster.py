"""Units of a map on a cluster: a dask scheduler, its workers, and the end of either."""

from __future__ import annotations

import logging
import pkgutil
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Executor, Future, InvalidStateError
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from usadel import _version as version
from usadel.errors import InputError, shown

R = TypeVar("R")
GONE = "the connection to the scheduler is lost"


@dataclass(frozen=True)
class Options:
    """Tuning numbers of this module, with their units and reasons."""

    reached: float = 5.0  # s, within which a scheduler answers
    patience: float = 300.0  # s without any worker, after which a map ends; batch systems take their time
    looked: float = 0.5  # s between two looks at scheduler and workers


OPTIONS = Options()


class Cluster(Executor):
    """Hands calls to a dask client; each of its futures ends, also if the cluster does.

    Parameters
    ----------
    client : of dask.distributed, connected.
    address : as typed, for messages.
    """

    def __init__(self, client: Any, address: str) -> None:
        self._inner, self._client, self._address = client.get_executor(pure=False), client, address
        self._pending: set[Future[Any]] = set()
        self._closed = threading.Event()
        self._worked = time.monotonic()
        threading.Thread(target=self._watch, daemon=True).start()

    def submit(self, fn: Callable[..., R], /, *args: Any, **kwargs: Any) -> Future[R]:
        """As of any executor; what goes wrong with the cluster is an InputError of one line."""
        inner, outer = self._inner.submit(fn, *args, **kwargs), Future[R]()

        def finished(done: Future[R]) -> None:
            with suppress(InvalidStateError):
                try:
                    outer.set_result(done.result())
                except (CancelledError, Exception) as error:
                    outer.set_exception(self._in_one_line(error))

        def ended(done: Future[R]) -> None:
            self._pending.discard(done)
            inner.cancel()

        self._pending.add(outer)
        outer.add_done_callback(ended)
        inner.add_done_callback(finished)
        return outer

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Leave the cluster as it is."""
        self._closed.set()

    def _in_one_line(self, error: BaseException) -> InputError:
        if isinstance(error, InputError):
            return error
        if isinstance(error, CancelledError):
            return self._lost(GONE)
        return self._lost(f"a worker could not solve a point ({type(error).__name__}: {error})")

    def _lost(self, what: str) -> InputError:
        return InputError(
            f"{self._address}: {what}; what was finished is kept in the folder of a store, and resumed from there; "
            "allowed: a running scheduler with workers that can import this version of usadel",
            key="scheduler",
        )

    def _watch(self) -> None:
        """End all futures when nobody is there any more who could."""
        while not self._closed.wait(OPTIONS.looked):
            if lost := self._end():
                for future in list(self._pending):
                    with suppress(InvalidStateError):
                        future.set_exception(self._lost(lost))

    def _end(self) -> str:
        """What has become of the cluster, if it is of no use any more."""
        if self._client.status != "running":
            return GONE
        if self._client.scheduler_info(n_workers=-1)["workers"] or not self._pending:
            self._worked = time.monotonic()
        waited = time.monotonic() - self._worked
        return f"no worker for {waited:.0f} s" if waited > OPTIONS.patience else ""


@contextmanager
def cluster(address: str) -> Iterator[Executor]:
    """The cluster of a scheduler, such as tcp://host:8786; it is left running.

    Raises
    ------
    InputError
        If there is none, or what talks to it is not installed.
    """
    try:
        from distributed import Client
    except ImportError:
        raise InputError(
            "a cluster needs dask.distributed; install it with: pip install 'usadel[cluster]'", key="scheduler"
        ) from None
    with _quiet():
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of versions of what is not needed
                client = Client(address, timeout=OPTIONS.reached, set_as_default=False)
        except (OSError, ValueError, TypeError, RuntimeError) as error:
            raise InputError(
                f"{shown(address)} cannot be reached ({error}); allowed: the address of a running dask scheduler, such "
                "as tcp://host:8786",
                key="scheduler",
            ) from None
        executor = Cluster(client, address)
        try:
            _check_workers(client, address)
            yield executor
        finally:
            executor.shutdown()
            client.close(timeout=OPTIONS.reached)


def _check_workers(client: Any, address: str) -> None:
    """Refuse workers without this version: what they cannot import ends them, and others are started for ever."""
    found = client.run(pkgutil.resolve_name, f"{version.__name__}:__version__", on_error="return")
    for worker, other in found.items():
        if other != version.__version__:
            what = f"usadel {other}" if isinstance(other, str) else f"no usadel ({other})"
            raise InputError(
                f"{address}: the worker {worker} has {what}; allowed: workers with usadel {version.__version__}",
                key="scheduler",
            )


@contextmanager
def _quiet() -> Iterator[None]:
    """Dask says in many lines what is said here in one."""
    logger = logging.getLogger("distributed")
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(before)
