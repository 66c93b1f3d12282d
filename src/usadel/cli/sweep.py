"""The command `usadel sweep`."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from usadel.cli.maps import Over, Resume, RetryFailed, Scheduler, Workers, finish, read_axes
from usadel.cli.outputs import Output
from usadel.cli.systems import Arguments, Assignments, Force, read_device, result_file


def sweep(
    system: Annotated[
        str | None, typer.Argument(help="Device: a .toml file, or a GENEUS configuration (.conf).", show_default=False)
    ] = None,
    arguments: Arguments = None,
    over: Over = None,
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
    workers: Workers = None,
    scheduler: Scheduler = None,
    resume: Resume = False,
    retry_failed: RetryFailed = False,
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
    axes = read_axes(device, over)
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
    finish(solved, target, partial(_shown, path=target.path))


def _shown(result: Any, seconds: float, path: Path) -> str:
    from usadel.results.rows import laid_out
    from usadel.results.summary import title

    rows = [*result.summary(), ("time", f"{seconds:.2f} s"), ("written to", str(path))]
    return laid_out(rows, title(result.data))


def _print_status(path: str) -> None:
    """Say how far a map is: of one that is finished, what was found."""
    import usadel as us
    from usadel.maps.unfinished import is_unfinished, progress_rows

    if is_unfinished(path):
        print(progress_rows(path))
        return
    found = us.load(path)
    if "map_key" not in found.data.attrs:
        raise us.InputError(f"{path} is the result of '{found.procedure}'; allowed: that of a sweep, or another map")
    print(found.summary())
