"""The command `usadel fit`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from usadel.cli.maps import finish_one
from usadel.cli.outputs import Output
from usadel.cli.systems import Assignments, Force, System, read_device, result_file


def fit(
    system: System,
    data: Annotated[
        str,
        typer.Argument(
            metavar="DATA.csv",
            help="A line of names, such as temperature (K), gap (meV), then lines of coordinate, value and, if known, "
            "standard error.",
        ),
    ],
    free: Annotated[
        list[str] | None,
        typer.Option("--free", metavar="PATH=LOW:HIGH", help="Number to fit, and its bounds; may be repeated."),
    ] = None,
    quantity: Annotated[
        str | None,
        typer.Option(
            "--quantity",
            metavar="NAME",
            help="What was measured: a variable such as gap or spin_current.z, critical_PATH, or tunnel_conductance "
            "over voltage [name of the second column].",
        ),
    ] = None,
    position: Annotated[
        float | None, typer.Option("--position", metavar="X", help="Where, in ξ [mean along the device].")
    ] = None,
    starts: Annotated[int, typer.Option("--starts", metavar="N", help="Number of descents.")] = 3,
    assignments: Assignments = None,
    output: Annotated[str | None, result_file("fit")] = None,
    force: Force = False,
) -> None:
    """Find the numbers of a device that fit measured data, with their errors."""
    import usadel as us
    from usadel.description import read_axis

    device = read_device(system, assignments)
    bounds = {path: (low, high) for path, (low, high) in (read_axis(device, text) for text in free or [])}
    if len(bounds) < len(free or []) or not bounds:
        raise us.InputError("--free: needed once for each number to fit, such as --free S.length=1:2")

    def fitted(progress: Any) -> Any:
        return us.fit(device, data, bounds, quantity, position=position, starts=starts, progress=progress)

    finish_one(fitted, us.Fit, Output(system, "fit", device, output, force, ", ".join(bounds)))
