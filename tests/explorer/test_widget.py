"""The page in a notebook: what its widget says and holds, by its own messages, and its picture among foreign styles."""

import asyncio
import json
import sys

import pytest
from browser import PAPER, Page

import usadel as us
from usadel.explorer import explore as ways
from usadel.explorer.answers.wire import unpack

pytest.importorskip("anywidget", reason="anywidget is not installed")
from usadel.explorer.standalone.widget import MODULE

DEVICE = us.Stack.from_toml(PAPER).replace({"tolerance": 1e-4})


class Front:
    """What the browser would be: takes messages of a widget from its comm, and sends it some."""

    def __init__(self, device):
        self.explorer = us.explore(device)
        self.sent = []
        self.explorer.comm.publish_msg = lambda kind, data=None, buffers=None, **_: self.sent.extend(buffers or [])
        self.sequence = 0

    async def say(self, kind, **content):
        """Send an input; the last message of each kind until the answer to it has come to an end."""
        self.sequence += 1
        text = json.dumps({"kind": kind, "sequence": self.sequence, **content})
        message = {"method": "custom", "content": {"text": text}}
        self.explorer._handle_msg({"content": {"data": message}, "buffers": []})
        found = {}
        while not {"idle", "refused", "gallery"} & set(found):
            await asyncio.sleep(0.01)
            while self.sent:
                header, arrays = unpack(self.sent.pop(0))
                if header.get("sequence", self.sequence) == self.sequence:
                    found[header["kind"]] = header, arrays
        return found


@pytest.fixture
def notebook(monkeypatch, without_the_loop_of_the_browser):
    """Runs something as the cells of a notebook are: within the loop of the kernel."""
    monkeypatch.setattr(ways, "is_notebook", lambda: True)

    def run(cells):
        return asyncio.run(asyncio.wait_for(cells(), timeout=120))

    return run


def test_the_widget_answers_as_the_server_does_and_holds_the_present_state(notebook):
    async def cells():
        front = Front(DEVICE)
        assert front.explorer.device == DEVICE and front.explorer.result is None
        found = await front.say("hello")
        assert {"controls", "state", "profiles", "map"} <= set(found)
        result = us.solve(DEVICE)
        values = found["profiles"][0]["values"]
        assert values["gap_max"] == pytest.approx(float(result.data.gap.max()), abs=1e-12)
        await front.say("set", changes={"S.spin_voltage": "1"}, path="S.spin_voltage")
        await front.say("set", changes={"S.spin_voltage": "0.75"}, path="S.spin_voltage")
        changed = DEVICE.replace({"S.spin_voltage": 0.75})
        assert front.explorer.device == front.explorer.result.device == changed
        assert front.explorer.result.converged and front.explorer.result.data.gap.max() == 0  # followed over the fold
        again = await front.say("hello")  # shown by another cell: the state stays, on its branch
        assert front.explorer.device == changed and again["profiles"][0]["values"]["gap_max"] == 0
        refused = await front.say("set", changes={"S.length": "-1"}, path="S.length")
        assert "must be a number > 0" in refused["refused"][0]["text"] and front.explorer.device == changed
        front.explorer.close()

    notebook(cells)


def test_without_a_device_the_widget_offers_starters(notebook):
    async def cells():
        front = Front(None)
        assert front.explorer.device is front.explorer.result is None
        assert set((await front.say("hello"))["gallery"][0]["starters"]) == set(us.starter_kinds())
        await front.say("open", starter="sf")
        assert front.explorer.device.title == us.Stack.from_toml(us.starter("sf")).title
        assert front.explorer.result.converged
        front.explorer.close()

    notebook(cells)


def test_a_widget_that_is_closed_solves_no_more(notebook):
    async def cells():
        before = asyncio.all_tasks()
        front = Front(DEVICE)
        front.explorer.close()
        await asyncio.sleep(0)
        assert asyncio.all_tasks() == before

    notebook(cells)


def test_what_has_no_sense_in_a_notebook_is_refused(notebook, monkeypatch):
    with pytest.raises(us.InputError, match="left out in a notebook"):
        us.explore(DEVICE, port=8000)
    monkeypatch.setitem(sys.modules, "anywidget", None)
    with pytest.raises(us.InputError, match=r"needs anywidget; .*pip install 'usadel\[notebook\]'"):
        us.explore(DEVICE)


def test_the_kernel_of_a_notebook_is_known(monkeypatch):
    assert not ways.is_notebook()

    class Shell:
        kernel = object()

    class Python:
        get_ipython = staticmethod(Shell)

    monkeypatch.setitem(sys.modules, "IPython", Python)
    assert ways.is_notebook()


HOSTILE = """* { color: rgb(255, 0, 0) !important; font-size: 31px !important; } button { display: none; }"""
SHOWN = """async ([module, hostile]) => {
  document.head.replaceChildren();
  document.body.className = "";
  document.body.innerHTML = `<style>${hostile}</style><header id="outside">outside</header><div id="cell"></div>`;
  const socket = new WebSocket(`ws://${location.host}/socket${location.search}`);
  socket.binaryType = "arraybuffer";
  await new Promise((done) => (socket.onopen = done));
  const takers = [];
  const model = {
    send: ({ text }) => socket.send(text),
    on: (_, take) => takers.push(take),
    off: (_, take) => takers.splice(takers.indexOf(take), 1),
  };
  socket.onmessage = ({ data }) => takers.forEach((take) => take({}, [new DataView(data)]));
  window.keys = [];
  document.addEventListener("keydown", (event) => window.keys.push(event.key));
  const { default: widget } = await import(URL.createObjectURL(new Blob([module], { type: "text/javascript" })));
  window.end = widget.render({ model, el: document.getElementById("cell") });
  window.takers = takers;
}"""


def test_among_foreign_styles_and_keys(chromium, address):
    """The module of the widget in a browser; in place of a kernel the server, which speaks the same language."""
    context = chromium.new_context(bypass_csp=True)
    context.route("**/app.js", lambda route: route.fulfill(body="", content_type="text/javascript"))
    found = Page(context, address)  # a page on which nothing runs yet
    outside = "getComputedStyle(document.getElementById('outside')).position"
    found.page.evaluate(SHOWN, [MODULE, HOSTILE])
    converged = found.page.locator('[data-role="verdict"][data-converged="1"]')
    converged.wait_for()
    assert found.page.evaluate(outside) == "static"  # that of the page is not
    box = found.box("S.spin_voltage")
    inside = box.evaluate("(box) => [getComputedStyle(box).fontSize, getComputedStyle(box).color]")
    assert inside == ["14px", "rgb(27, 36, 48)"]
    assert found.page.locator('[data-action="pin"]').is_visible()
    assert not found.page.locator('[data-action="link"]').is_visible()
    box.fill("0.3")
    box.press("Enter")
    box.press("d")
    found.page.locator('[data-role="verdict"][data-sequence="2"][data-converged="1"]').wait_for()
    gap = us.solve(us.Stack.from_toml(PAPER).replace({"S.spin_voltage": 0.3})).data.gap
    assert found.value("gap_max") == pytest.approx(float(gap.max()), abs=2e-5)
    assert found.page.evaluate("window.keys") == []
    found.page.evaluate("window.end()")
    assert found.page.evaluate("window.takers.length") == 0
    assert found.complaints == []
    context.close()
