"""Makes the pictures of the page that the documentation shows: python tests/explorer/screenshots.py

With a folder as argument it makes those that are only to be looked at, too: narrow, light, a driven device.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from browser import PAPER, Page, browser_path, server

import usadel as us

IMAGES = Path(__file__).parents[2] / "docs" / "images"
NETWORK = us.starter("ring")
DRIVEN = """title = "Normal wire on a superconductor, driven"
temperature = 0.1
tolerance = 1e-5
[[stack]]
kind = "normal_reservoir"
name = "N"
voltage = 0.4
[[stack]]
kind = "normal_metal"
length = 2
name = "W"
[[stack]]
kind = "tunnel"
conductance = 2
[[stack]]
kind = "superconducting_reservoir"
name = "S"
"""


def main(folder: Path | None) -> None:
    """Take the pictures."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as work:
        browser = playwright.chromium.launch(executable_path=browser_path(), args=["--no-sandbox"])

        def shot(target: Path, device: str, act, width: int = 1400, height: int = 930, scheme: str = "light") -> None:
            file = Path(work) / "device.toml"
            file.write_text(device, encoding="utf-8")
            view = {"width": width, "height": height}
            with server(str(file)) as (_, address):
                context = browser.new_context(bypass_csp=True, viewport=view, color_scheme=scheme)
                page = Page(context, address)
                page.settled(0)
                act(page)
                page.page.wait_for_timeout(500)
                page.page.screenshot(path=target, full_page=True)
                print(target, page.complaints)
                context.close()

        shot(IMAGES / "explorer.png", PAPER, _paper)
        shot(IMAGES / "explorer_dark.png", DRIVEN, _driven, scheme="dark")
        shot(IMAGES / "explorer_network.png", NETWORK, _network)
        if folder is not None:
            shot(folder / "light.png", PAPER, _paper)
            shot(folder / "narrow.png", PAPER, _nothing, width=420)
            shot(folder / "driven.png", DRIVEN, _driven, scheme="dark")
        browser.close()


def _paper(page: Page) -> None:
    page.act("pin")
    page.type("S.spin_voltage", "0.72")
    page.page.locator("#branch .legend").filter(has_text="fold at").wait_for()
    page.page.locator("#gap canvas").hover(position={"x": 180, "y": 100})


def _driven(page: Page) -> None:
    page.act("pin")
    page.type("N.voltage", "0.9")
    page.page.locator("#map .legend").filter(has_text="whole").wait_for()
    page.page.locator("#cut select").select_option("distribution")
    page.page.locator("#gap select").select_option("charge_accumulation")
    page.page.locator("#gap canvas").hover(position={"x": 220, "y": 100})


def _network(page: Page) -> None:
    _nothing(page)
    page.page.locator("#sketch .part").first.press("Enter")
    page.page.locator("#gap canvas").hover(position={"x": 180, "y": 100})


def _nothing(page: Page) -> None:
    page.page.locator("#map .legend").filter(has_text="whole").wait_for()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
