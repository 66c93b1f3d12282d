"""One browser for all tests of the page."""

import asyncio
import os

import pytest
from browser import PAPER, Page, browser_path, server


@pytest.fixture(scope="session")
def chromium():
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = browser_path()
    if os.name == "nt":
        pytest.skip("servers are ended by signals of POSIX")
    if path is None:
        pytest.skip("no Chromium on this machine")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def paper(tmp_path_factory):
    path = tmp_path_factory.mktemp("explorer") / "paper.toml"
    path.write_text(PAPER, encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def address(paper):
    with server(str(paper)) as (_, found):
        yield found


@pytest.fixture
def page(chromium, address):
    """A fresh page of the paper's device, solved; nothing may have gone wrong with it in the end."""
    context = chromium.new_context(bypass_csp=True, accept_downloads=True)  # waiting for a condition evaluates code
    found = Page(context, address)
    found.settled(0)
    yield found
    assert found.complaints == []
    context.close()


@pytest.fixture
def without_the_loop_of_the_browser():
    """Playwright keeps an event loop running in its thread, which is this one where its tests came before."""
    loop = asyncio._get_running_loop()
    asyncio._set_running_loop(None)
    yield
    asyncio._set_running_loop(loop)
