"""The command `usadel critical`."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

import typer

from usadel.cli.maps import Over, Resume, RetryFailed, Scheduler, Workers, finish, map_options, read_axes
from usadel.cli.outputs import Output
from usadel.cli.systems import (
    NOT_CONVERGED,
    Arguments,
    Assignments,
    Force,
    System,
    read_device,
    read_range,
    result_file,
)


def critical(
    system: System,
    arguments: Arguments = None,
    find: Annotated[
        str, typer.Option("--find", metavar="PATH[=START:STOP]", help="What to find, and where to look for it.")
    ] = "temperature",
    over: Over = None,
    assignments: Assignments = None,
    output: Annotated[str | None, result_file("critical")] = None,
    workers: Workers = None,
    scheduler: Scheduler = None,
    resume: Resume = False,
    retry_failed: RetryFailed = False,
    force: Force = False,
) -> None:
    """Find where the gap opens: critical temperature, spin voltage, length, ..., and the order of the transition."""
    import usadel as us

    device = read_device(system, assignments, arguments)
    path, limits = read_range(device, find)
    options = map_options(over, workers, scheduler, resume, retry_failed)
    target = Output(system, "critical", device, output, force, path, resume=resume or retry_failed)
    if not over:
        _single(device, path, limits, target)
        return
    attributes = {"source": target.source}
    axes = read_axes(device, over)
    solved = partial(us.critical, device, path, *limits, over=axes, store=target.path, attributes=attributes, **options)
    finish(solved, target, partial(_shown, path=target.path))


def _shown(result: Any, seconds: float, path: Any) -> str:
    from usadel.results import critical_text

    return f"{critical_text(result.data, result.beside)}\n{seconds:.2f} s, written to {path}"


def _single(device: Any, path: str, limits: list[float], target: Output) -> None:
    import usadel as us
    from usadel.cli.terminal import Progress, complain
    from usadel.results import critical_text

    with Progress() as progress:
        try:
            result = us.critical(device, path, *limits, progress=progress)
        except us.NotConverged as failure:
            result = failure.result
    with target.saving(result) as written:
        print(critical_text(result.data, result.beside))
        print(f"written to {written}")
    if not result.converged:
        complain(f"not converged: {result.advice}")
        raise typer.Exit(NOT_CONVERGED)
