"""A server of its own for a test, and a headless browser that looks at it."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

EXAMPLES = Path(__file__).parents[2] / "examples"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+/\?token=[\w-]+")
PATIENCE = 60_000  # ms, of everything that is waited for: a busy machine is slow

PAPER = """title = "FI/S/FI under spin injection"
temperature = 0.1
tolerance = 1e-5

[parameters]
mixing = 0.6

[[stack]]
kind = "ferromagnetic_insulator"
spin_mixing = "mixing"
magnetization = [1, 0, 0]

[[stack]]
kind = "superconductor"
name = "S"
length = 1.5
spin_voltage = 0.25
spin_axis = [1, 0, 0]

[[stack]]
kind = "ferromagnetic_insulator"
spin_mixing = "mixing"
magnetization = [0, 1, 0]
"""


def browser_path() -> str | None:
    """The first browser that this machine has."""
    return next((found for name in BROWSERS if (found := shutil.which(name))), None)


@contextmanager
def server(*arguments: str, **more: str):
    """A server as a user starts it: its process and the address it prints."""
    command = [sys.executable, "-m", "usadel", "explore", *arguments, "--no-browser"]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, **more}
    )
    try:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        assert ADDRESS.fullmatch(address), process.communicate(timeout=5)
        yield process, address
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)


class Page:
    """A page in a browser, with what a test asks of it; remembers what should not happen."""

    def __init__(self, context, address: str):
        self.page = context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.complaints: list[str] = []
        self.page.on("console", lambda m: self.complaints.append(m.text) if m.type in ("error", "warning") else None)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", self._asked)
        self.host = urlsplit(address).netloc
        self.page.goto(address)

    def _asked(self, request):
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob") and parts.netloc != self.host:
            self.complaints.append(f"request outside: {request.url}")

    def box(self, path: str):
        return self.page.locator(f'input[type="text"][data-path="{path}"]')

    def slider(self, path: str):
        return self.page.locator(f'input[type="range"][data-path="{path}"]')

    def act(self, name: str) -> None:
        self.page.locator(f'[data-action="{name}"]').click()

    def verdict(self, name: str) -> str:
        return self.page.locator('[data-role="verdict"]').get_attribute(f"data-{name}") or ""

    @property
    def sequence(self) -> int:
        return int(self.verdict("sequence"))

    def value(self, name: str) -> float:
        return float(self.page.locator(f'[data-value="{name}"]').inner_text())

    def settled(self, after: int) -> None:
        """Wait for a converged answer to an input later than `after`."""
        self.page.wait_for_function(
            """(after) => { const found = document.querySelector('[data-role="verdict"]').dataset;
            return Number(found.sequence) > after && found.converged === "1"; }""",
            arg=after,
        )

    def type(self, path: str, text: str) -> None:
        """Type into a box, and wait for the converged answer."""
        before = self.sequence
        self.box(path).fill(text)
        self.box(path).press("Enter")
        self.settled(before)

    def after(self, action) -> None:
        """Do something, and wait for the converged answer."""
        before = self.sequence
        action()
        self.settled(before)

    def plotted(self, figure: str):
        """The lines of a plot: x, y, label."""
        return self.page.evaluate(
            f"""() => document.getElementById("{figure}").plotted().map(({{x, y, label, pin}}) =>
            ({{x: Array.from(x), y: Array.from(y), label, pin: pin ?? null}}))"""
        )
