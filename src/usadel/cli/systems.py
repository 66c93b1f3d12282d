"""What commands ask for alike: SYSTEM with its arguments and changes, ranges and axes, the name of the result."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

import typer

from usadel.cli.outputs import ENDINGS

NOT_CONVERGED = 3

System = Annotated[str, typer.Argument(help="Device: a .toml file, or a GENEUS configuration (.conf).")]
Arguments = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="ARG",
        help="What takes the place of {1}, {2}, … in a .conf file; numbers become its parameters arg1, arg2, …; "
        "-- before a negative one.",
    ),
]
Force = Annotated[
    bool, typer.Option("--force", help="Replace whatever file has that name, also one of another device or program.")
]
Assignments = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="PATH=VALUE", help="Change one value of the device; may be repeated."),
]


def result_file(procedure: str) -> Any:
    """The option that names the result file of a procedure."""
    return typer.Option(
        "-o", "--output", metavar="OUT.nc", help=f"Result file [stem of SYSTEM + {ENDINGS[procedure]}]."
    )


def read_device(system: str, assignments: list[str] | None, arguments: list[str] | None = None) -> Any:
    """Return the device of a file that is to be solved, and say what in it is most often a mistake."""
    device = device_of(system, assignments, arguments)
    say(device.notes())
    return device


def device_of(system: str, assignments: list[str] | None, arguments: list[str] | None = None) -> Any:
    """Return the device of a file, with its arguments and the values of ``--set`` in place."""
    from usadel.description import read_assignment

    changes = dict(read_assignment(text) for text in assignments or [])  # of several for one path the last counts
    device = _read_system(system, arguments or [])
    return device.replace(changes) if changes else device


def read_range(device: Any, text: str) -> tuple[str, list[float]]:
    """Path, start and stop of ``PATH=START:STOP``; the path alone of ``PATH``."""
    from usadel.description import read_axis

    return read_axis(device, text) if "=" in text else (text.strip(), [])


def _read_system(system: str, arguments: list[str]) -> Any:
    import usadel as us
    from usadel.description.geneus.convert import convert as convert_geneus

    if system.endswith(".conf"):
        conversion = convert_geneus(system, arguments)
        say(conversion.notes)
        return conversion.device
    if arguments:
        raise us.InputError(f"{system} takes no arguments, but {arguments[0]!r} is given; only .conf files do")
    return us.load_device(system)


def say(notes: Iterable[str]) -> None:
    """Print notes on stderr, one line each."""
    from usadel.cli.terminal import complain

    for note in notes:
        complain(f"note: {note}")
