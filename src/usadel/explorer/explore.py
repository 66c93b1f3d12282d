"""`usadel.explore`: the live page of a device."""

from __future__ import annotations

import asyncio
import secrets
import sys
import webbrowser
from importlib import import_module
from typing import Any

from usadel.errors import InputError

NEEDED = ("starlette", "uvicorn", "websockets")
LARGEST_PORT = 65535
EVERYWHERE = ("0.0.0.0", "::")  # all addresses of this machine, whatever their names


def explore(
    device: Any = None, *, port: int = 0, browser: bool = True, host: str = "127.0.0.1", source: str = ""
) -> None:
    """Serve a page on which every value of a device is a control, until Ctrl-C.

    Prints one line with its address, which whoever opens the page needs: it holds a token. The page starts from
    `device` for each that opens it.

    Parameters
    ----------
    device : what to begin with; None: a gallery of starters.
    port : of the server; 0: any that is free.
    browser : whether to open the page.
    host : address to listen at. With any but that of this machine itself, others in the network who have the token
        can use the page; that is said.
    source : name of the file that says just this device, for the command line that the page offers.

    Raises
    ------
    InputError
        If the server's packages are not installed, the port is none or taken, the device has no stationary state, or an
        event loop runs already, as in notebooks.
    """
    missing = [name for name in NEEDED if not _is_installed(name)]
    if missing:
        raise InputError(
            f"the explorer needs {', '.join(missing)}; install what it needs with: pip install 'usadel[explore]'"
        )
    if _is_loop_running():
        raise InputError("cannot serve within a notebook, whose event loop runs; in a terminal: usadel explore FILE")
    if not 0 <= port <= LARGEST_PORT:
        raise InputError(f"must be a whole number from 0 (any that is free) to {LARGEST_PORT}, not {port}", key="port")
    from usadel.explorer.server import LOCAL, Service, serve

    if device is not None:
        _check(device)
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


def _check(device: Any) -> None:
    from usadel.description import check_solvable

    check_solvable(device)
