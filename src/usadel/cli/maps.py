"""What commands that compute a map have in common: their options, and how they end, with a map or a single result."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import typer

from usadel.cli.outputs import Output
from usadel.cli.systems import NOT_CONVERGED

Over = Annotated[
    list[str] | None,
    typer.Option("--over", metavar="PATH=START:STOP:N", help="Axis of the map; may be repeated."),
]
Workers = Annotated[
    int | None, typer.Option("--workers", metavar="N", help="Processes that may be used [number of cores].")
]
Scheduler = Annotated[
    str | None,
    typer.Option(
        "--scheduler",
        metavar="tcp://HOST:PORT",
        help="Have the points solved by the workers of a dask scheduler (extra usadel[cluster]).",
    ),
]
Resume = Annotated[
    bool, typer.Option("--resume", help="Go on with a map that was interrupted; start it if there is none.")
]
RetryFailed = Annotated[bool, typer.Option("--retry-failed", help="As --resume, and solve points that failed again.")]


def map_options(
    over: list[str] | None, workers: int | None, scheduler: str | None, resume: bool, retry_failed: bool
) -> dict[str, Any]:
    """What a map is told beside its axes; refused where there are none."""
    import usadel as us

    options = {"workers": workers, "scheduler": scheduler, "resume": resume, "retry_failed": retry_failed}
    if not over and any(value not in (None, False) for value in options.values()):
        raise us.InputError("--workers, --scheduler, --resume and --retry-failed are for maps; needed: --over")
    return options


def read_axes(device: Any, over: list[str]) -> dict[str, list[float]]:
    """Path -> values of each axis."""
    import usadel as us
    from usadel.description import read_grid

    axes = dict(read_grid(device, text) for text in over)
    if len(axes) < len(over):
        raise us.InputError(f"two axes have the same path; allowed: different ones, and not {', '.join(over)}")
    return axes


def finish(solved: Callable[..., Any], target: Output, shown: Callable[[Any, float], str]) -> None:
    """Compute a map, and say what was found, what it replaced, and what to do where it did not come to an end.

    solved : takes `progress`. shown : what is printed of a result that took so many seconds.
    """
    import time

    import usadel as us
    from usadel.cli.terminal import Progress, complain

    clock = time.perf_counter()
    with Progress() as progress:
        try:
            result = solved(progress=progress)
        except us.NotConverged as failure:
            result = failure.result
        except us.Interrupted:
            complain(f"what is done is in {target.path}.parts; the same command with --resume goes on with it")
            raise
    target.say_replaced()
    print(shown(result, time.perf_counter() - clock))
    if not result.converged:
        complain(f"not converged: {result.advice}")
        raise typer.Exit(NOT_CONVERGED)


def finish_one(solved: Callable[..., Any], kind: type[Any], target: Output) -> None:
    """Compute a result of a kind, write it, and say what was found, also as far as an interruption let it come.

    solved : takes `progress`.
    """
    import usadel as us
    from usadel.cli.terminal import Progress, complain
    from usadel.results.rows import laid_out

    advice = None
    with Progress() as progress:
        try:
            result = solved(progress=progress)
        except us.NotConverged as failure:
            result, advice = failure.result, failure.advice
        except us.Interrupted as stopped:
            with target.saving(stopped.result) as written:
                complain(f"what is done is in {written}")
            raise
    if not isinstance(result, kind):  # nothing that could be written
        complain(f"not converged: {advice}")
        raise typer.Exit(NOT_CONVERGED)
    with target.saving(result) as written:
        print(laid_out([*result.summary(), ("written to", written)], result.device.title))
    if advice is not None:
        complain(f"not converged: {advice}")
        raise typer.Exit(NOT_CONVERGED)
