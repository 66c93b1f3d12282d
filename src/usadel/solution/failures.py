"""What goes wrong at one point of a long procedure: what is done is kept, and the reason is said in words."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from usadel.errors import InputError, Interrupted, NotConverged, is_interruption
from usadel.progress import is_thrown_by_caller, unheard
from usadel.solvers.status import Status
from usadel.work import exhausted


@contextmanager
def kept(
    where: Callable[[], str], is_begun: Callable[[], bool], failures: list[str], so_far: Callable[[], Any]
) -> Iterator[None]:
    """Let a computation fail without losing what was done before it.

    Parameters
    ----------
    where : place of the computation, in words.
    is_begun : whether anything was done before; if not, an interruption, and an input that makes no sense, are raised.
    failures : gets place and reason of a failure.
    so_far : what is done, for an interruption to carry away.

    Raises
    ------
    Interrupted
        After Ctrl-C. An exception that the caller's `progress` threw is raised as it is.
    """
    try:
        yield
    except (Exception, KeyboardInterrupt) as error:
        if is_interruption(error):
            if not is_begun():
                raise
            with unheard():  # what is done is not to be lost to another interruption by an event
                raise Interrupted(so_far()) from None
        if ends_all(error):
            raise
        if isinstance(error, InputError) and not is_begun():
            raise
        failures.append(f"{where()}: {in_words(error)}")


def require_work() -> None:
    """Raise `NotConverged` where all work that may be done here is done."""
    if exhausted():
        raise NotConverged(None, Status.TOO_MUCH_WORK.advice)


def ends_all(error: BaseException) -> bool:
    """Whether an exception is not survived, but ends all: a Ctrl-C, or what the caller's `progress` threw."""
    return is_interruption(error) or is_thrown_by_caller(error)


def in_words(error: BaseException) -> str:
    """Why a computation failed; where nobody foresaw it, the logger of this module is told where (`USADEL_DEBUG`)."""
    if isinstance(error, NotConverged):
        return error.advice
    if isinstance(error, InputError):
        return str(error)
    logging.getLogger(__name__).debug("a failure that was survived", exc_info=error)
    text = " ".join(str(error).split())
    return f"the calculation failed ({type(error).__name__}{': ' * bool(text)}{text}); try a larger tolerance"
