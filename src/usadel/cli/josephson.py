"""The command `usadel josephson`."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

import typer

from usadel.cli.maps import Over, Resume, RetryFailed, Scheduler, Workers, finish, map_options, read_axes
from usadel.cli.outputs import Output
from usadel.cli.systems import NOT_CONVERGED, Arguments, Assignments, Force, System, read_device, result_file


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
        _single(device, phase, target)
        return
    attributes = {"source": target.source}
    solved = partial(us.josephson, device, phase, over=axes, store=target.path, attributes=attributes, **options)
    finish(solved, target, partial(_shown, path=target.path))


def _shown(result: Any, seconds: float, path: Any) -> str:
    from usadel.results.rows import laid_out

    return laid_out([*result.summary(), ("time", f"{seconds:.2f} s"), ("written to", path)], result.device.title)


def _single(device: Any, phase: str | None, target: Output) -> None:
    import usadel as us
    from usadel.cli.terminal import Progress, complain
    from usadel.results.rows import laid_out

    advice = None
    with Progress() as progress:
        try:
            result = us.josephson(device, phase, progress=progress)
        except us.NotConverged as failure:
            result, advice = failure.result, failure.advice
        except us.Interrupted as stopped:
            with target.saving(stopped.result) as written:
                complain(f"what is done is in {written}")
            raise
    if not isinstance(result, us.Josephson):  # the very first phase failed: there is no relation
        complain(f"not converged: {advice}")
        raise typer.Exit(NOT_CONVERGED)
    with target.saving(result) as written:
        print(laid_out([*result.summary(), ("written to", written)], device.title))
    if advice is not None:
        complain(f"not converged: {advice}")
        raise typer.Exit(NOT_CONVERGED)
