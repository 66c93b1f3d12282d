"""Recorded pages: what is stored, what the page shows of it by itself, and what cannot be recorded."""

import gzip
import http.server
import struct
import threading
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from browser import PAPER, Page

import usadel as us
from usadel.cli.entry import execute
from usadel.explorer.answers.wire import unpack
from usadel.explorer.standalone.recording import STATES, Recording, page_of, usual_over

DEVICE = us.Stack.from_toml(PAPER).replace({"tolerance": 1e-3})
OVER = {"S.spin_voltage": [0.0, 0.5, 0.7, 1.0], "mixing": [0.2, 0.4]}
DOCS = Path(__file__).parents[2] / "docs" / "recorded"


def messages_of(packed):
    text, at = gzip.decompress(packed), 0
    while at < len(text):
        (length,) = struct.unpack_from("<I", text, at)
        yield unpack(text[at + 4 : at + 4 + length])
        at += 4 + length


def states_of(packed):
    """Changes -> messages of that state, by kind."""
    states = []
    for header, arrays in messages_of(packed):
        if header["kind"] == "state":
            states.append((header["changes"], {}))
        if states:
            states[-1][1][header["kind"]] = header, arrays
    return states


@pytest.fixture(scope="module")
def recording():
    made = Recording(DEVICE, OVER)
    made.run()
    assert (made.states, made.failed) == (7, 0)
    return made.packed()


def test_each_state_is_what_a_solve_from_nothing_finds(recording):
    states = states_of(recording)
    assert [changes for changes, _ in states] == [{}] + [{p: f"{v:g}"} for p, values in OVER.items() for v in values]
    for changes, found in states:
        result = us.solve(DEVICE.replace({path: float(text) for path, text in changes.items()}))
        header, arrays = found["profiles"]
        assert header["values"]["gap_max"] == pytest.approx(float(result.data.gap.max()), abs=1e-12)
        assert header["converged"] == 1
        assert np.allclose(arrays["gap"], result.at(arrays["position"]).gap, atol=1e-4)
        shown, density = found["map"][1], result.dos(found["map"][1]["energy"]).dos
        assert np.allclose(shown["dos"], density, atol=4e-3 * float(density.max()))


def test_the_branch_of_a_slider_is_stored_once(recording):
    branches = [header["path"] for header, _ in messages_of(recording) if header["kind"] == "branch"]
    assert branches == list(OVER)


def test_where_nothing_is_said_the_first_numbers_of_the_file_are_recorded():
    over = usual_over(DEVICE)
    assert list(over) == ["temperature", "mixing", "stack.0.spin_mixing"]
    assert all(len(values) == STATES for values in over.values())


@pytest.fixture(scope="module")
def shown(recording, tmp_path_factory):
    """The page on a web server that knows nothing; its address, and what it was asked for."""
    folder, asked = tmp_path_factory.mktemp("recorded"), []
    (folder / "page.html").write_text(page_of(recording), encoding="utf-8")

    class Plain(http.server.SimpleHTTPRequestHandler):
        def log_message(self, text, *words):
            asked.append(words[0])

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Plain, directory=folder)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/page.html", asked, folder / "page.html"
        server.shutdown()


def gap(**changes):
    return float(us.solve(DEVICE.replace(changes)).data.gap.max())


def test_the_page_shows_what_was_recorded_and_asks_for_nothing(chromium, shown):
    address, asked, _ = shown
    context = chromium.new_context(bypass_csp=True)
    found = Page(context, address)
    found.settled(0)
    assert found.value("gap_max") == pytest.approx(gap(), abs=1e-8)
    assert "one moved at a time" in found.page.locator("#about").inner_text()
    assert not found.page.locator('[data-action="export-toml"]').is_visible()
    assert found.box("S.length").is_disabled()
    found.act("pin")
    found.after(lambda: found.slider("S.spin_voltage").fill("0.69"))  # the nearest is 0.7
    assert found.box("S.spin_voltage").input_value() == "0.7"
    assert found.value("gap_max") == pytest.approx(gap(**{"S.spin_voltage": 0.7}), abs=1e-8)
    assert [line["pin"] for line in found.plotted("gap")] == [0, None]
    found.page.locator("#branch .legend").filter(has_text="fold at").wait_for()
    found.type("mixing", "0.4")  # the other slider goes back
    assert found.box("S.spin_voltage").input_value() == "0.25"
    assert found.value("gap_max") == pytest.approx(gap(mixing=0.4), abs=1e-8)
    found.page.locator("#log").filter(has_text="S.spin_voltage is back").wait_for()
    found.box("mixing").fill("0.1 + x")
    found.box("mixing").press("Enter")
    found.page.locator('[id="problem-mixing"]').filter(has_text="numbers from 0.2 to 0.4").wait_for()
    found.page.reload()
    found.settled(0)
    assert found.box("mixing").input_value() == "0.4"
    found.after(lambda: found.page.get_by_role("button", name="A", exact=True).click())
    assert found.value("gap_max") == pytest.approx(gap(), abs=1e-8)
    assert found.complaints == []
    assert {line.split()[1] for line in asked} == {"/page.html"}
    context.close()


def test_without_any_server_and_under_its_own_policy(chromium, shown):
    context = chromium.new_context()
    found = Page(context, shown[2].as_uri())
    found.page.locator('[data-role="verdict"][data-converged="1"]').wait_for()
    found.slider("S.spin_voltage").fill("1")
    found.page.locator("#state").filter(has_text="normal: Δ = 0").wait_for()
    assert found.complaints == []
    context.close()


def test_the_command_writes_a_page_and_replaces_nothing_else(tmp_path, capsys):
    device, target = tmp_path / "device.toml", tmp_path / "page.html"
    device.write_text(DEVICE.to_toml(), encoding="utf-8")
    command = ["explore", str(device), "--record", str(target), "--over", "S.spin_voltage=0:0.2:2"]
    assert execute(command) == execute(command) == 0
    assert f"{target}: 3 states" in capsys.readouterr().out
    assert "</html>" in target.read_text(encoding="utf-8")
    target.write_text("mine", encoding="utf-8")
    assert execute(command) == 2
    assert "is no recorded page, and stays" in capsys.readouterr().err
    assert target.read_text(encoding="utf-8") == "mine" and len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--record", "page.txt"], "ends in .html"),
        (["--record", "nowhere/page.html"], "cannot write"),
        (["--record", "page.html", "--over", "S.self_consistent=0:1:2"], "S.self_consistent"),
        (["--record", "page.html", "--over", "S.gap_phase=0:1:2"], "S.gap_phase"),
        (["--over", "S.length=1:2:3"], "needed: --record"),
    ],
)
def test_what_cannot_be_recorded_is_said_in_one_line(words, said, paper, capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert execute(["explore", str(paper), *words]) == 2
    err = capsys.readouterr().err
    assert said in err and err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_what_was_recorded_before_an_interruption_is_kept(tmp_path):
    def stop(event):
        if event.stage == "recorded state" and event.done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        us.explore(DEVICE, record=tmp_path / "page.html", over=OVER, progress=stop)
    assert "</html>" in (tmp_path / "page.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["fi_s_fi", "sf_bilayer", "sns_transistor"])
def test_the_recordings_of_the_documentation_are_what_is_found_now(name):
    """Made by tools/record.py: to be made anew where the answers or the messages have changed."""
    path = DOCS / f"{name}.toml"
    device = us.load_device(path if path.exists() else Path(__file__).parents[2] / "examples" / path.name)
    device = device.replace({"tolerance": max(1e-4, float(device.value("tolerance")))})
    states = states_of((DOCS / f"{name}.gz").read_bytes())
    assert len(states) >= 2 * STATES
    changes, found = states[STATES // 2]
    (path,) = changes
    now = Recording(device, {path: [float(changes[path])]})
    now._solve(changes, lambda event: None)
    again = states_of(now.packed())[0][1]
    for kind, (header, arrays) in again.items():
        stored, drawn = found[kind]
        assert set(stored) == set(header) and set(drawn) == set(arrays)
    error = 2 * again["profiles"][0]["error"]
    assert found["profiles"][0]["values"] == pytest.approx(again["profiles"][0]["values"], abs=error)
    assert found["state"][0]["values"][path] == again["state"][0]["values"][path]
