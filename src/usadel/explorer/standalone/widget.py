"""The page in a notebook: a widget over the session that a page of the server has, with its messages."""

from __future__ import annotations

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

import anywidget

from usadel._cores import core_count
from usadel.explorer.answers.connection import Connection
from usadel.explorer.standalone import bundle

LOOKS = f"{json.dumps(bundle.style())}, {json.dumps(bundle.markup())}"
MODULE = f"{bundle.script('widget')}\nexport default {{ render: module_widget.rendering({LOOKS}) }};\n"


class Explorer(anywidget.AnyWidget):
    """The live page of a device, shown where it is the value of a cell; see `usadel.explore`.

    Attributes
    ----------
    device : that is on the page now; None: the page offers starters.
    result : its solution, a `usadel.Solution`: a rough one while the page says "preview", None until there is one.
    """

    _esm = MODULE

    def __init__(self, device: Any, source: str = "") -> None:
        super().__init__()
        self._connection = Connection(device, source, self._send_bytes, _pool())
        self._loop = asyncio.get_running_loop()
        self._tasks = {self._loop.create_task(self._connection.work())}
        self.on_msg(self._take)

    @property
    def device(self) -> Any:
        """The device that is on the page now."""
        session = self._connection.session
        return None if session is None else session.now.device

    @property
    def result(self) -> Any:
        """What was found of that device, as good as it is by now."""
        session = self._connection.session
        return None if session is None else session.now.result

    def close(self) -> None:
        """End the page, and whatever is being solved for it."""
        self._connection.close()
        for task in self._tasks:
            task.cancel()
        super().close()

    async def _send_bytes(self, message: bytes) -> None:
        self.send({}, buffers=[message])

    def _take(self, widget: Any, content: Any, buffers: Any) -> None:
        self._loop.call_soon_threadsafe(self._begin, str(content["text"]))

    def _begin(self, text: str) -> None:
        task = self._loop.create_task(self._connection.take(text))
        self._tasks.add(task)  # the loop itself keeps none alive
        task.add_done_callback(self._tasks.discard)


@cache
def _pool() -> ThreadPoolExecutor:
    """Threads in which is solved, shared by all pages of a notebook."""
    return ThreadPoolExecutor(core_count(), thread_name_prefix="usadel-explorer")
