"""The server of the page: for this machine only, for whoever has the address that was printed."""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

import usadel as us
from usadel._cores import core_count
from usadel.explorer.answers.connection import Connection
from usadel.explorer.answers.stages import Outdated, Watch
from usadel.explorer.answers.wire import pack

MOST_SESSIONS = 8
LARGEST_MESSAGE = 65_536  # bytes, of the page: a device file fits
POLICY_VIOLATION, TRY_AGAIN_LATER = 1008, 1013  # codes of a closed socket
LOCAL = ("127.0.0.1", "localhost", "::1")
HEADERS = {
    "content-security-policy": "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
}
TYPES = {".js": "text/javascript", ".css": "text/css", ".html": "text/html", ".svg": "image/svg+xml"}


class Service:
    """What all pages of a server share.

    Parameters
    ----------
    device : that a page begins with; None: the gallery of starters.
    source : file it was read from, if any.
    token : that an address needs.
    hosts : names that this server goes by; empty: any, where it listens at all addresses of this machine.
    """

    def __init__(self, device: Any, source: str, token: str, hosts: Collection[str] = LOCAL) -> None:
        self.device, self.source, self.token, self.hosts = device, source, token, hosts
        self.pool = ThreadPoolExecutor(core_count(), thread_name_prefix="usadel-explorer")
        self.connections: set[Connection] = set()
        self._is_closed = False

    def app(self) -> Starlette:
        """The application."""
        routes = [
            Route("/", self._page),
            Route("/static/{name}", self._static),
            WebSocketRoute("/socket", self._socket),
        ]
        app = Starlette(routes=routes)
        app.add_middleware(_Guard, hosts=self.hosts)
        return app

    def warm(self) -> None:
        """Load the kernels while the browser starts."""
        if self.device is not None:
            self.pool.submit(self._warmed, self.device)

    def _warmed(self, device: Any) -> None:
        watch = Watch(lambda: not self._is_closed, lambda event: None)
        with suppress(us.UsadelError, Outdated):
            us.solve(device.replace({"tolerance": 1e-2}), progress=watch)

    def close(self) -> None:
        """End all that is being solved."""
        self._is_closed = True
        for connection in self.connections:
            connection.close()
        self.pool.shutdown(wait=False, cancel_futures=True)

    def _is_allowed(self, token: str | None) -> bool:
        return secrets.compare_digest((token or "").encode(), self.token.encode())

    async def _page(self, request: Request) -> Response:
        if not self._is_allowed(request.query_params.get("token")):
            return PlainTextResponse("Open the address that `usadel explore` has printed: it has a token.", 403)
        return _file("index.html")

    async def _static(self, request: Request) -> Response:
        return _file(request.path_params["name"])

    async def _socket(self, page: WebSocket) -> None:
        own = f"//{page.headers.get('host', '')}"
        is_own = page.headers.get("origin", "") in (f"http:{own}", f"https:{own}")
        if not is_own or not self._is_allowed(page.query_params.get("token")):
            await page.close(POLICY_VIOLATION)
            return
        await page.accept()
        if len(self.connections) >= MOST_SESSIONS:
            await page.send_bytes(pack({"kind": "full", "text": f"{MOST_SESSIONS} pages are open already"}))
            await page.close(TRY_AGAIN_LATER)
            return
        await self._serve(page)

    async def _serve(self, page: WebSocket) -> None:
        async def send(message: bytes) -> None:
            with suppress(WebSocketDisconnect, RuntimeError):  # the page is gone; its reader ends the session
                await page.send_bytes(message)

        connection = Connection(self.device, self.source, send, self.pool)
        self.connections.add(connection)
        worker = asyncio.create_task(connection.work())
        try:
            while True:
                await connection.take(await page.receive_text())
        except (WebSocketDisconnect, KeyError):  # KeyError: a message of bytes
            pass
        finally:
            connection.close()
            self.connections.discard(connection)
            worker.cancel()


class _Guard:
    """Refuses requests under a foreign name, against DNS rebinding, and adds headers."""

    def __init__(self, app: ASGIApp, hosts: Collection[str]) -> None:
        self._app, self._hosts = app, hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
        elif self._hosts and _name(Headers(scope=scope).get("host", "")) not in self._hosts:
            await self._refuse(scope, receive, send)
        else:
            await self._app(scope, receive, _with_headers(send))

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await WebSocket(scope, receive, send).close(POLICY_VIOLATION)
        else:
            await PlainTextResponse("Unknown host.", 400)(scope, receive, send)


def _name(host: str) -> str | None:
    """The name in a header `host`, without its port; None if that cannot be read."""
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None


def _with_headers(send: Send) -> Send:
    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], *((k.encode(), v.encode()) for k, v in HEADERS.items())]
        await send(message)

    return sent


def _file(name: str) -> Response:
    """One of the files of the page; there are no others."""
    found = {entry.name: entry for entry in files("usadel.explorer").joinpath("static").iterdir()}
    ending = name[name.rfind(".") :]
    if name not in found or ending not in TYPES:
        return PlainTextResponse("There is no such file.", 404)
    return Response(found[name].read_bytes(), media_type=TYPES[ending])


def _listening(host: str, port: int) -> socket.socket:
    """A socket that listens, and whose connections send small messages at once.

    Event loops ask for that only of sockets that say they are TCP, which those of `socket.create_server` do not: each
    message would wait 40 ms for the acknowledgement of the one before.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name != "nt":  # there it would share a port that is in use
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((host, port))
        made.listen()
    except OSError:
        made.close()
        raise
    return made


def serve(service: Service, host: str, port: int, opened: Callable[[str], None]) -> None:
    """Serve until Ctrl-C; `opened` is called with the address once it can be reached.

    Raises
    ------
    OSError
        If the port is taken.
    """
    import uvicorn

    config = uvicorn.Config(
        service.app(),
        log_level="warning",
        ws="websockets-sansio",
        ws_max_size=LARGEST_MESSAGE,
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=1,
    )
    with _listening(host, port) as listening:
        place = f"[{host}]" if ":" in host else host
        service.warm()
        opened(f"http://{place}:{listening.getsockname()[1]}/?token={service.token}")
        try:
            uvicorn.Server(config).run(sockets=[listening])
        finally:
            service.close()
