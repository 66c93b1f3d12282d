"""`usadel.explore`: the live page of a device."""

from __future__ import annotations

import asyncio
import secrets
import sys
import webbrowser
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from usadel.description import check_solvable
from usadel.errors import InputError
from usadel.progress import Progress

EXTRAS = {"explore": ("starlette", "uvicorn", "websockets"), "notebook": ("anywidget",)}
LARGEST_PORT = 65535
LOOPBACK = "127.0.0.1"
EVERYWHERE = ("0.0.0.0", "::")  # all addresses of this machine, whatever their names


def explore(
    device: Any = None,
    *,
    port: int = 0,
    browser: bool = True,
    host: str = LOOPBACK,
    source: str = "",
    record: str | Path | None = None,
    over: Mapping[str, Sequence[float]] | None = None,
    progress: Progress | None = None,
) -> Any:
    """A page on which every value of a device is a control: in a notebook below the cell, else served until Ctrl-C.

    The server prints one line with its address, which whoever opens the page needs: it holds a token. The page starts
    from `device` for each that opens it.

    Parameters
    ----------
    device : what to begin with; None: a gallery of starters.
    port : of the server; 0: any that is free.
    browser : whether to open the page.
    host : address to listen at. With any but that of this machine itself, others in the network who have the token
        can use the page; that is said.
    source : name of the file that says just this device, for the command line that the page offers.
    record : file (.html) to write instead: a recorded page, which any web server, or none, can show. It holds the
        answers to a few sliders, each moved alone and every state found from nothing, and asks nothing of anybody.
    over : path -> values of a slider that is recorded; None: 30 values of each of the first three of the file.
    progress : called with `usadel.progress.Event` while states are recorded; an exception that it raises ends that,
        and the page holds what was recorded until then.

    Returns
    -------
    In a notebook the page, a widget: its `device` is what is on it now, its `result` the solution. With `record` what
    was recorded: its `states`, of which `failed` did not converge, are counted. Else None.

    Raises
    ------
    InputError
        If the packages that it needs are not installed, the port is none or taken, a notebook is given one, the device
        has no stationary state, an event loop runs that is not that of a notebook; or there is nothing to record.
    """
    if record is not None:
        return _record(device, Path(record), over, progress)
    if over is not None:
        raise InputError("is for recorded pages; needed: record, the file to write", key="over")
    if is_notebook():
        return _in_notebook(device, source, port, host)
    if _is_loop_running():
        raise InputError("cannot serve while an event loop runs; in a terminal: usadel explore FILE")
    _serve(device, port, browser, host, source)
    return None


def _record(device: Any, target: Path, over: Mapping[str, Sequence[float]] | None, progress: Progress | None) -> Any:
    from usadel.explorer.standalone.recording import Recording, page_of, usual_over

    if device is None:
        raise InputError("there is no device to record; needed: a device file", key="record")
    check_solvable(device)
    recording = Recording(device, usual_over(device) if over is None else over)
    beside = _beside(target)
    try:
        recording.run(progress)
    finally:
        if recording.states:
            beside.write_text(page_of(recording.packed()), encoding="utf-8")
            beside.replace(target)
        beside.unlink(missing_ok=True)
    return recording


def _beside(target: Path) -> Path:
    """A file next to the one that is to be written, whose place it takes in the end; raises InputError."""
    from usadel.explorer.standalone.recording import is_recorded_page

    if target.suffix != ".html":
        raise InputError(f"must be the name of a file that ends in .html, not {str(target)!r}", key="record")
    beside = target.with_name(f"{target.name}.part")
    try:
        if target.exists() and not is_recorded_page(target.read_text(encoding="utf-8", errors="replace")):
            raise InputError(f"{target} is no recorded page, and stays; allowed: another name", key="record")
        beside.touch()
    except OSError as error:
        raise InputError(f"cannot write {target}: {error.strerror or error}", key="record") from error
    return beside


def is_notebook() -> bool:
    """Whether a cell of a notebook is running: Jupyter's kernels and marimo say so."""
    ipython, marimo = sys.modules.get("IPython"), sys.modules.get("marimo")
    if ipython is not None and getattr(ipython.get_ipython(), "kernel", None) is not None:
        return True
    return marimo is not None and bool(marimo.running_in_notebook())


def _in_notebook(device: Any, source: str, port: int, host: str) -> Any:
    _require("notebook")
    if port or host != LOOPBACK:
        raise InputError("must be left out in a notebook, where the page is the value of a cell", key="port and host")
    from usadel.explorer.standalone.widget import Explorer

    if device is not None:
        check_solvable(device)
    return Explorer(device, source)


def _serve(device: Any, port: int, browser: bool, host: str, source: str) -> None:
    _require("explore")
    if not 0 <= port <= LARGEST_PORT:
        raise InputError(f"must be a whole number from 0 (any that is free) to {LARGEST_PORT}, not {port}", key="port")
    from usadel.explorer.server import LOCAL, Service, serve

    if device is not None:
        check_solvable(device)
    if host not in LOCAL:
        print(f"usadel: others in the network can reach {host}; the token is all that keeps them out", file=sys.stderr)
    hosts = () if host in EVERYWHERE else (*LOCAL, host)
    service = Service(device, source, secrets.token_urlsafe(16), hosts)

    def opened(address: str) -> None:
        print(address, flush=True)
        if browser:
            webbrowser.open(address)

    try:
        serve(service, host, port, opened)
    except OSError as error:
        raise InputError(f"cannot listen at {host}:{port}: {error.strerror or error}", key="port") from error


def _require(extra: str) -> None:
    """Raise InputError if packages of an extra are missing."""
    missing = [name for name in EXTRAS[extra] if not _is_installed(name)]
    if missing:
        raise InputError(
            f"the explorer needs {', '.join(missing)}; install what it needs with: pip install 'usadel[{extra}]'"
        )


def _is_installed(name: str) -> bool:
    try:
        import_module(name)
    except ImportError:
        return False
    return True


def _is_loop_running() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
