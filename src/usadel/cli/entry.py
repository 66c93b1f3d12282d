"""One command line in, one exit status out: every way to fail becomes one line on stderr."""

from __future__ import annotations

import logging
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from usadel.cli.commands import app
from usadel.cli.stopping import STOPPING
from usadel.cli.terminal import complain, prepare_streams
from usadel.errors import is_interruption

FAILED, INVALID = 1, 2
READER_GONE = 141  # what shells report of a program that SIGPIPE ended

# typer has carried this class of click's under different modules; its own exports have it as a base
_UsageProblem: type[Exception] = next(base for base in typer.BadParameter.__mro__ if base.__name__ == "ClickException")


def execute(argv: list[str]) -> int:
    """Run the command line `argv` (without the program's name) and return its exit status."""
    prepare_streams()
    with STOPPING:
        status = _executed(argv)
        if STOPPING.received is None:
            return status
    complain("interrupted")
    return STOPPING.status


def _executed(argv: list[str]) -> int:
    try:
        with _survived_failures_shown(), _overflows_unsaid():
            status = _invoke(argv)
        sys.stdout.flush()  # here, not at exit, where a closed pipe or a full disk could no longer be told
        return status
    except _UsageProblem as problem:
        complain(_usage_text(problem))
        return INVALID
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        _discard_stdout()
        return READER_GONE
    except (Exception, KeyboardInterrupt) as error:
        _flush_or_discard_stdout()
        if STOPPING.received is not None:  # `execute` says so
            return STOPPING.status
        if is_interruption(error) or isinstance(error, typer.Abort):
            complain("interrupted")
            return STOPPING.status
        return _report(error)


def _invoke(argv: list[str]) -> int:
    """Run the command; failures and interruptions pass through unchanged with every version of typer."""
    try:
        with typer.main.get_command(app).make_context("usadel", argv) as context:
            context.command.invoke(context)
    except typer.Exit as leaving:
        return leaving.exit_code
    return 0


def _usage_text(problem: Exception) -> str:
    """Return what is wrong with the command line and where its help is."""
    message = problem.format_message() if hasattr(problem, "format_message") else str(problem)
    context = getattr(problem, "ctx", None)
    command = context.command_path if context is not None else "usadel"
    return f"{message.rstrip()} (see {command} --help)"


def _report(error: BaseException) -> int:
    """Say in one line what went wrong and return the status: the input's fault, or ours."""
    if _is_debugging():
        import traceback

        traceback.print_exception(error)
    if isinstance(error, OSError) or _is_input_error(error):
        complain(_file_error(error) if isinstance(error, OSError) else str(error))
        return INVALID
    complain(f"unexpected {type(error).__name__}: {error} (set USADEL_DEBUG=1 to see where, and please report it)")
    return FAILED


def _is_debugging() -> bool:
    return os.environ.get("USADEL_DEBUG", "0") not in ("", "0")


@contextmanager
def _survived_failures_shown() -> Iterator[None]:
    """Show on stderr, where debugging is asked for, what failures a long procedure went on without."""
    logger, handler = logging.getLogger("usadel"), logging.StreamHandler()
    level = logger.level
    if _is_debugging():
        logger.setLevel(logging.DEBUG)
        logger.addHandler(handler)
    try:
        yield
    finally:
        logger.setLevel(level)
        logger.removeHandler(handler)


@contextmanager
def _overflows_unsaid() -> Iterator[None]:
    """No warnings of NumPy: trial states may overflow, what is found is judged by its finiteness and its error."""
    with warnings.catch_warnings():
        if not _is_debugging():
            warnings.filterwarnings("ignore", category=RuntimeWarning)
        yield


def _file_error(error: OSError) -> str:
    """Return the system's words without its number: "cannot use 'x.toml': No such file or directory"."""
    if error.filename is not None and error.strerror:
        return f"cannot use '{error.filename}': {error.strerror}"
    return error.strerror or str(error)


def _is_input_error(error: BaseException) -> bool:
    try:
        import usadel as us

        return isinstance(error, us.InputError)
    except ImportError:  # a broken installation is what is being reported
        return False


def _flush_or_discard_stdout() -> None:
    try:
        sys.stdout.flush()
    except OSError:
        _discard_stdout()


def _discard_stdout() -> None:
    """Send what is still buffered nowhere, so that Python does not complain while it closes stdout."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
