"""What can be taken away from the page: device, result, figures, a Python snippet, a command line."""

from __future__ import annotations

import re
import shlex
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import usadel as us
from usadel.explorer.answers.controls import changed, read_box

LONGEST_NAME = 60  # characters


def stem_of(device: Any) -> str:
    """File name, without its ending, after the title of a device."""
    words = re.sub(r"[^\w]+", "_", device.title.lower(), flags=re.ASCII).strip("_")
    return words[:LONGEST_NAME] or "device"


@dataclass(frozen=True)
class Shown:
    """What is on the page.

    Attributes
    ----------
    device : what is, or was, solved.
    original, source : the device as it was opened, and the file that says just this, if any.
    result : the solution at the tolerance of the device; needed by what holds numbers only.
    """

    device: Any
    original: Any
    source: str = ""
    result: Any = None


def needs_result(kind: str) -> bool:
    """Whether an export holds results; raises InputError if there is no such kind."""
    if kind not in KINDS:
        raise us.InputError(f"unknown export {kind!r}; allowed: {', '.join(KINDS)}")
    return kind not in ("toml", "python", "command")


def export(kind: str, shown: Shown) -> tuple[str, bytes]:
    """Name and content of a file."""
    ending, make = KINDS[kind]
    return f"{stem_of(shown.device)}.{ending}", make(shown)


def snippet(device: Any) -> str:
    """A script that solves a device."""
    text = device.to_toml().replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    kind = type(device).__name__
    return (
        f'"""Solve a device that was found in the explorer of usadel {us.__version__}."""\n\n'
        f'import usadel as us\n\ndevice = us.{kind}.from_toml("""\n{text}""")\n'
        "# from nothing: where a device has several solutions, the page may have followed another one\n"
        "result = us.solve(device)\nprint(result.summary())\n"
    )


def command(device: Any, original: Any, source: str) -> str:
    """The command line that solves a device: by its differences from its file, or by the file that `_toml` makes."""
    changes = differences(original, device)
    if changes is None or not source:
        return shlex.join(["usadel", "run", f"{stem_of(device)}.toml"])
    words = ["usadel", "run", source]
    for path, text in changes.items():
        words += ["--set", f"{path}={text}"]
    return shlex.join(words)


def differences(original: Any, device: Any) -> dict[str, str] | None:
    """Path -> text of what differs between two devices; None if that is more than values, or one became a default."""
    changes = changed(original, device)
    try:
        same = original.replace({path: read_box(text) for path, text in changes.items()}) == device
    except us.InputError:
        return None
    return changes if same and "" not in changes.values() else None


def _toml(shown: Shown) -> bytes:
    return bytes(shown.device.to_toml(), "utf-8")


def _python(shown: Shown) -> bytes:
    return snippet(shown.device).encode("utf-8")


def _command(shown: Shown) -> bytes:
    return (command(shown.device, shown.original, shown.source) + "\n").encode("utf-8")


def _netcdf(shown: Shown) -> bytes:
    return _written("result.nc", shown.result.save)


def _figure(shown: Shown, ending: str) -> bytes:
    figure = us.plots.default_figure(shown.result.file_data())
    return _written(f"figure.{ending}", lambda path: us.plots.save_figure(figure, path))


def _written(name: str, write: Callable[[Path], Any]) -> bytes:
    """What is written into a file, which is then removed again."""
    with tempfile.TemporaryDirectory(prefix="usadel-") as folder:
        path = Path(folder) / name
        write(path)
        return path.read_bytes()


KINDS: dict[str, tuple[str, Callable[[Shown], bytes]]] = {
    "toml": ("toml", _toml),
    "netcdf": ("nc", _netcdf),
    "python": ("py", _python),
    "command": ("sh", _command),
    **{ending: (ending, partial(_figure, ending=ending)) for ending in ("png", "svg", "pdf")},
}
"""Kind -> ending of the file, and what makes it."""
