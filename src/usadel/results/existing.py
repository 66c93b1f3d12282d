"""What stands under a name already: the result of a procedure, or a file that is none of this package's."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from usadel.errors import StorageError
from usadel.results.labelled import procedure_of
from usadel.results.storage import read_header


@dataclass(frozen=True)
class Existing:
    """A file that is there.

    Attributes
    ----------
    problem : why it is no readable result; empty if it is one.
    empty : whether it has no content.
    procedure : what made it: "solve", "trace", "critical"; "" if that cannot be told.
    source : SYSTEM file, relative to the folder of the result; "" if it was saved from Python, None if version 0.1.0
        wrote it, which did not say.
    parameter : path that was traced or sought, "" where there is none.
    device, converged : as in its attributes.
    """

    problem: str = ""
    empty: bool = False
    procedure: str = ""
    source: str | None = ""
    parameter: str = ""
    device: str = ""
    converged: bool = False


def examine(path: str | os.PathLike[str]) -> Existing | None:
    """Return what stands at `path`, None if nothing does; its arrays are not read."""
    file = Path(path)
    if not file.exists():
        return None
    try:
        attrs, names = read_header(file)
    except StorageError as error:
        return Existing(problem=str(error), empty=file.stat().st_size == 0)
    unsaid = None if "procedure" not in attrs else ""
    return Existing(
        procedure=procedure_of(attrs, names),
        source=str(attrs["source"]) if "source" in attrs else unsaid,
        parameter=str(attrs.get("parameter", "")),
        device=str(attrs["device"]),
        converged=str(attrs["converged"]) == "1",
    )
