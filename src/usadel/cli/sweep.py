"""The command `usadel sweep`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any

import typer

from usadel.cli.outputs import Output
from usadel.cli.systems import (
    NOT_CONVERGED,
    Arguments,
    Assignments,
    Force,
    read_device,
    read_grid,
    result_file,
)


def sweep(
    system: Annotated[
        str | None, typer.Argument(help="Device: a .toml file, or a GENEUS configuration (.conf).", show_default=False)
    ] = None,
    arguments: Arguments = None,
    over: Annotated[
        list[str] | None,
        typer.Option("--over", metavar="PATH=START:STOP:N", help="Axis of the map; may be repeated."),
    ] = None,
    follow: Annotated[
        str | None,
        typer.Option(
            "--follow",
            metavar="up|down|both",
            help="Follow the branch of solutions along the last axis, from START to STOP (up) or back (down) "
            "[every point is solved by itself].",
        ),
    ] = None,
    assignments: Assignments = None,
    output: Annotated[str | None, result_file("sweep")] = None,
    workers: Annotated[
        int | None, typer.Option("--workers", metavar="N", help="Processes that may be used [number of cores].")
    ] = None,
    scheduler: Annotated[
        str | None,
        typer.Option(
            "--scheduler",
            metavar="tcp://HOST:PORT",
            help="Have the points solved by the workers of a dask scheduler (extra usadel[cluster]).",
        ),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with a sweep that was interrupted; start it if there is none.")
    ] = False,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="As --resume, and solve points that failed again.")
    ] = False,
    quantities: Annotated[
        str | None,
        typer.Option(
            "--quantities",
            metavar="A,B",
            help="Variables to compute and write, such as gap,charge_current [all but maps over energy].",
        ),
    ] = None,
    status: Annotated[
        str | None,
        typer.Option("--status", metavar="OUT.nc", help="Instead, say how far the sweep with that result file is."),
    ] = None,
    force: Force = False,
) -> None:
    """Solve a device at all points of a map over one or several parameters; can be resumed."""
    import usadel as us

    if status is not None:
        _print_status(status)
        return
    if system is None or not over:
        missing = "SYSTEM" if system is None else "--over PATH=START:STOP:N"
        raise us.InputError(f"sweep: {missing} is missing; allowed: a device and at least one axis, or --status OUT.nc")
    device = read_device(system, assignments, arguments)
    axes = dict(read_grid(device, text) for text in over)
    if len(axes) < len(over):
        raise us.InputError(f"sweep: two axes have the same path; allowed: different ones, and not {', '.join(over)}")
    parameter = ", ".join(axes)
    target = Output(system, "sweep", device, output, force, parameter, resume=resume or retry_failed)
    solved = partial(
        us.sweep,
        device,
        axes,
        quantities=[name.strip() for name in quantities.split(",")] if quantities is not None else None,
        workers=workers,
        store=target.path,
        follow=follow,
        resume=resume,
        retry_failed=retry_failed,
        scheduler=scheduler,
        attributes={"source": target.source},
    )
    _finish(solved, target)


def _finish(solved: Callable[..., Any], target: Output) -> None:
    """Solve, and say what was found, what it replaced, and what to do where it did not come to an end."""
    import time

    import usadel as us
    from usadel.cli.terminal import Progress, complain
    from usadel.results.rows import laid_out
    from usadel.results.summary import title

    clock = time.perf_counter()
    with Progress() as progress:
        try:
            result = solved(progress=progress)
        except us.Interrupted:
            complain(f"what is done is in {target.path}.parts; the same command with --resume goes on with it")
            raise
    target.say_replaced()
    rows = [*result.summary(), ("time", f"{time.perf_counter() - clock:.2f} s"), ("written to", str(target.path))]
    print(laid_out(rows, title(result.data)))
    if not result.converged:
        complain(f"not converged: {result.advice}")
        raise typer.Exit(NOT_CONVERGED)


def _print_status(path: str) -> None:
    """Say how far a sweep is: of one that is finished, what was found."""
    import usadel as us
    from usadel.sweeps.result import is_unfinished, progress_rows

    if is_unfinished(path):
        print(progress_rows(path))
        return
    found = us.load(path)
    if not isinstance(found, us.Sweep):
        raise us.InputError(f"{path} is the result of '{found.procedure}'; allowed: that of a sweep")
    print(found.summary())
