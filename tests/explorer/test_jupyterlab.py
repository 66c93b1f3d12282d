"""The page in a real JupyterLab, opened once: `pytest -m slow tests/explorer/test_jupyterlab.py`."""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request

import numpy as np
import pytest
from browser import PAPER, Page

import usadel as us

pytest.importorskip("jupyterlab", reason="jupyterlab is not installed")
pytest.importorskip("anywidget", reason="anywidget is not installed")
pytestmark = pytest.mark.slow

PORT, TOKEN = 28_888, "for-this-test-only"
CELLS = [
    f'import usadel as us\nexplorer = us.explore(us.Stack.from_toml("""{PAPER}"""))\nexplorer',
    'print("gap", float(explorer.result.data.gap.max()), explorer.device.value("S.spin_voltage"))',
]


def cell(source):
    return {"cell_type": "code", "source": source, "metadata": {}, "outputs": [], "execution_count": None, "id": "c"}


@pytest.fixture
def laboratory(tmp_path):
    """A JupyterLab with a notebook, and its address."""
    cells = [{**cell(source), "id": f"cell{k}"} for k, source in enumerate(CELLS)]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    book = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    (tmp_path / "book.ipynb").write_text(json.dumps(book), encoding="utf-8")
    own = {name: str(tmp_path / name) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")}
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--port={PORT}"]
    command += [f"--IdentityProvider.token={TOKEN}", f"--ServerApp.root_dir={tmp_path}", "--ServerApp.port_retries=0"]
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, **own}, cwd=tmp_path)
        try:
            wait_for(f"http://127.0.0.1:{PORT}/api?token={TOKEN}")
            yield f"http://127.0.0.1:{PORT}/lab/tree/book.ipynb?token={TOKEN}"
        finally:
            process.terminate()
            process.wait(timeout=20)


def wait_for(address, seconds=60):
    for _ in range(10 * seconds):
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
    raise AssertionError(f"nothing at {address}")


def test_in_jupyterlab(chromium, laboratory, tmp_path):
    context = chromium.new_context(bypass_csp=True, viewport={"width": 1400, "height": 1500})
    found = Page(context, laboratory)
    page = found.page
    page.locator(".jp-Notebook .jp-Cell").first.click()
    page.keyboard.press("Shift+Enter")
    converged = page.locator('[data-role="verdict"][data-converged="1"]')
    converged.wait_for()
    device = us.Stack.from_toml(PAPER)
    assert found.value("gap_max") == pytest.approx(float(us.solve(device).data.gap.max()), abs=2e-5)
    box = found.box("S.spin_voltage")
    box.fill("0.3")
    box.press("Enter")
    page.locator('[data-role="verdict"][data-sequence="2"][data-converged="1"]').wait_for()
    result = us.solve(device.replace({"S.spin_voltage": 0.3}))
    gap = float(result.data.gap.max())
    assert found.value("gap_max") == pytest.approx(gap, abs=2e-5)
    lines = page.locator("#gap").evaluate(
        "(figure) => figure.plotted().map(({x, y}) => [Array.from(x), Array.from(y)])"
    )
    assert np.allclose(lines[0][1], result.at(lines[0][0]).gap, atol=2e-5)
    page.locator("#map .legend").filter(has_text="whole").wait_for()
    page.screenshot(path=os.environ.get("USADEL_SCREENSHOT", str(tmp_path / "jupyterlab.png")))
    box.press("d")
    box.press("d")  # in JupyterLab that deletes a cell, unless it is typed into a box
    box.press("Escape")
    assert page.locator(".jp-Notebook .jp-Cell").count() == len(CELLS)
    page.locator(".jp-Notebook .jp-Cell").nth(1).click()
    page.keyboard.press("Shift+Enter")
    said = page.locator(".jp-OutputArea-output pre").filter(has_text="gap").inner_text().split()
    assert float(said[1]) == pytest.approx(gap, abs=2e-5) and said[2] == "0.3"
    context.close()
