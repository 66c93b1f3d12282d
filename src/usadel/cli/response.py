"""`usadel response`: the matrix of linear response of a device."""

from __future__ import annotations

from typing import Annotated

import typer

from usadel.cli.outputs import Output
from usadel.cli.systems import NOT_CONVERGED, Arguments, Assignments, Force, System, read_device, result_file


def response(
    system: System,
    arguments: Arguments = None,
    assignments: Assignments = None,
    output: Annotated[str | None, result_file("response")] = None,
    force: Force = False,
) -> None:
    """Find the derivatives of all currents and torques by what terminals are held at."""
    import usadel as us
    from usadel.cli.terminal import Progress, complain
    from usadel.results.rows import laid_out

    device = read_device(system, assignments, arguments)
    target, advice = Output(system, "response", device, output, force), None
    with Progress() as progress:
        try:
            result = us.solve(device, progress=progress).response()
        except us.NotConverged as failure:
            result, advice = failure.result, failure.advice
    if not isinstance(result, us.Response):  # there is no solution to take derivatives about
        complain(f"not converged: {advice}")
        raise typer.Exit(NOT_CONVERGED)
    with target.saving(result) as written:
        print(laid_out([*result.summary(), ("written to", written)], device.title))
    if advice is not None:
        complain(f"not converged: {advice}")
        raise typer.Exit(NOT_CONVERGED)
