"""The command `usadel josephson`."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

import typer

from usadel.cli.maps import Over, Resume, RetryFailed, Scheduler, Workers, finish, finish_one, map_options, read_axes
from usadel.cli.outputs import Output
from usadel.cli.systems import Arguments, Assignments, Force, System, read_device, result_file


def josephson(
    system: System,
    arguments: Arguments = None,
    phase: Annotated[
        str | None,
        typer.Option("--phase", metavar="PATH", help="What is varied [the phase of one of two reservoirs]."),
    ] = None,
    over: Over = None,
    assignments: Assignments = None,
    output: Annotated[str | None, result_file("josephson")] = None,
    workers: Workers = None,
    scheduler: Scheduler = None,
    resume: Resume = False,
    retry_failed: RetryFailed = False,
    force: Force = False,
) -> None:
    """Find the current-phase relation of a junction, its critical currents and its ground state."""
    import usadel as us

    device = read_device(system, assignments, arguments)
    options = map_options(over, workers, scheduler, resume, retry_failed)
    axes = read_axes(device, over or [])
    again = resume or retry_failed
    target = Output(system, "josephson", device, output, force, ", ".join(axes), resume=again)
    if not axes:
        finish_one(partial(us.josephson, device, phase), us.Josephson, target)
        return
    attributes = {"source": target.source}
    solved = partial(us.josephson, device, phase, over=axes, store=target.path, attributes=attributes, **options)
    finish(solved, target, partial(_shown, path=target.path))


def _shown(result: Any, seconds: float, path: Any) -> str:
    from usadel.results.rows import laid_out

    return laid_out([*result.summary(), ("time", f"{seconds:.2f} s"), ("written to", path)], result.device.title)
