"""The page in a real browser, as outsiders use it: every number against `us.solve` of the same device."""

import numpy as np
import pytest
from browser import PAPER, Page, server

import usadel as us

DEVICE = us.Stack.from_toml(PAPER)


def compare(page, changes, start=None):
    """All numbers of the page and its curve of the gap against a solve, within both errors."""
    result = us.solve(DEVICE.replace(changes), start=start)
    data, error = result.data, result.error + float(page.verdict("error"))
    assert float(page.verdict("error")) <= 1e-5
    expected = {"gap_max": data.gap.max(), "gap_min": data.gap.min()}
    expected["charge_current"] = data.charge_current.mean("position")
    for c in "xyz":
        expected[f"spin_current_{c}"] = data.spin_current.sel(component=c).mean("position")
    assert {name: page.value(name) for name in expected} == pytest.approx(
        {name: float(value) for name, value in expected.items()}, abs=error
    )
    (line,) = page.plotted("gap")
    assert np.allclose(line["y"], result.at(line["x"]).gap, atol=error + 1e-6)  # arrays of the page are float32
    return result


def test_starts_in_follow_and_shows_what_a_solve_finds(page):
    compare(page, {})
    assert page.page.locator('[data-action="follow"]').get_attribute("aria-pressed") == "true"
    assert page.page.locator('[data-action="undo"]').is_disabled()


def test_no_axis_is_shorter_than_ten_errors(page):
    """What a preview leaves of a current that vanishes does not look like one."""
    page.page.locator("#current select").first.select_option("energy_current")
    low, high = page.page.evaluate("""document.getElementById("current").limits()""")
    assert low < 0 < high and high - low >= 10 * float(page.verdict("error"))


def test_every_kind_of_control_by_keyboard_and_mouse(page):
    page.type("S.spin_voltage", "0.3")
    page.type("mixing", "0.5 + 0.3")  # an expression
    changes = {"S.spin_voltage": 0.3, "mixing": 0.8}
    compare(page, changes)
    page.after(lambda: page.slider("S.length").press("ArrowRight"))
    changes["S.length"] = float(page.box("S.length").input_value())
    assert changes["S.length"] == pytest.approx(1.51)
    compare(page, changes)
    page.after(lambda: page.slider("temperature").fill("0.2"))  # as a mouse sets it: an event of input, one of change
    page.after(lambda: page.box("stack.0.magnetization.2").press("ArrowUp"))
    page.after(lambda: page.page.get_by_role("button", name="increase S.spin_voltage").click())
    changes |= {"temperature": 0.2, "stack.0.magnetization.2": 0.01, "S.spin_voltage": 0.305}
    compare(page, changes)
    page.page.locator('fieldset[data-group="S"] summary').click()
    page.after(lambda: page.page.locator('select[data-path="S.self_consistent"]').select_option("false"))
    compare(page, {**changes, "S.self_consistent": False})
    place, mouse = page.slider("S.spin_voltage").bounding_box(), page.page.mouse
    mouse.move(place["x"] + 0.3 * place["width"], place["y"] + place["height"] / 2)

    def drag():
        mouse.down()
        mouse.move(place["x"] + 0.5 * place["width"], place["y"] + place["height"] / 2, steps=10)
        mouse.up()

    page.after(drag)
    moved = float(page.box("S.spin_voltage").input_value())
    assert moved == pytest.approx(0.5, abs=0.02)
    compare(page, {**changes, "S.self_consistent": False, "S.spin_voltage": moved})


def test_the_ends_of_a_slider_are_chosen(page):
    end = page.page.get_by_role("spinbutton", name="S.spin_voltage slider to")
    assert end.input_value() == "1"
    for text, taken in (("-3", "1"), ("", "1"), ("0.4", "0.4")):
        end.fill(text)
        end.press("Enter")
        assert end.input_value() == taken
    assert page.slider("S.spin_voltage").get_attribute("max") == "0.4"
    page.type("S.spin_voltage", "0.3")
    page.page.locator("#branch .legend").filter(has_text="you are here").wait_for()
    (line,) = page.plotted("branch")
    assert (min(line["x"]), max(line["x"])) == pytest.approx((0, 0.4))
    page.type("S.spin_voltage", "0.6")  # what is typed widens it again
    assert float(end.input_value()) == 0.6


def test_a_drag_of_many_events_ends_at_the_last_one(page):
    before = page.sequence
    sent = page.page.evaluate(
        """async () => { const slider = document.querySelector('input[type="range"][data-path="S.spin_voltage"]');
        const verdict = document.querySelector('[data-role="verdict"]'); window.seen = [];
        const seen = new MutationObserver(() => window.seen.push(Number(verdict.dataset.sequence)));
        seen.observe(verdict, {attributes: true});
        for (let k = 1; k <= 200; k += 1) { slider.value = 0.25 + 0.001 * k; slider.dispatchEvent(new Event("input"));
        if (k % 10 === 0) await new Promise((done) => setTimeout(done, 10)); }
        slider.dispatchEvent(new Event("change")); return 200; }"""
    )
    page.settled(before + sent - 1)
    seen = page.page.evaluate("() => window.seen")
    assert seen == sorted(seen) and seen[-1] == before + sent
    assert len(set(seen)) < sent  # most were dropped
    assert float(page.box("S.spin_voltage").input_value()) == 0.45
    compare(page, {"S.spin_voltage": 0.45})
    page.after(lambda: page.act("undo"))  # a drag is one step
    compare(page, {})
    assert page.page.locator('[data-action="undo"]').is_disabled()


def test_a_refused_value_keeps_the_picture_and_is_no_step(page):
    before, gap = page.sequence, page.value("gap_max")
    cases = {"-1": "not -1", "sin(": "never closed", "1e99": "not 1e+99", "os": "unknown name 'os'"}
    for text, line in cases.items():
        page.box("S.length").fill(text)
        page.box("S.length").press("Enter")
        problem = page.page.locator('[id="problem-S.length"]')
        problem.filter(has_text=line).wait_for()
        assert page.box("S.length").get_attribute("aria-invalid") == "true"
        assert (page.sequence, page.value("gap_max")) == (before, gap)
        assert page.verdict("converged") == "1"
    assert page.page.locator('[data-action="undo"]').is_disabled()
    page.box("S.length").press("Escape")
    assert page.box("S.length").input_value() == "1.5"
    page.type("S.length", "2")
    compare(page, {"S.length": 2.0})
    page.after(lambda: page.act("undo"))
    compare(page, {})


def test_as_long_as_an_input_is_not_answered_the_page_says_so(page):
    before = page.sequence
    page.box("S.spin_voltage").fill("0.31")
    seen = page.page.evaluate(
        """() => { const box = document.querySelector('input[type="text"][data-path="S.spin_voltage"]');
        box.dispatchEvent(new Event("change"));
        return {...document.querySelector('[data-role="verdict"]').dataset}; }"""
    )
    assert (seen["converged"], seen["stage"], int(seen["sequence"])) == ("0", "computing", before)
    page.settled(before)
    compare(page, {"S.spin_voltage": 0.31})


def test_over_the_fold_and_back(page):
    """Up to the normal state, which is followed below the fold; a fresh start finds the other one."""
    page.type("S.spin_voltage", "1.0")
    assert page.value("gap_max") == 0
    assert "normal" in page.page.locator("#state").inner_text()
    page.type("S.spin_voltage", "0.75")
    assert page.value("gap_max") == 0 and page.verdict("converged") == "1"
    page.page.locator("#state").filter(has_text="another solution exists").wait_for()
    page.after(lambda: page.act("fresh"))
    fresh = compare(page, {"S.spin_voltage": 0.75})
    assert fresh.data.gap.max() > 0.8
    page.after(lambda: page.act("undo"))
    page.after(lambda: page.act("follow"))
    page.page.locator("#branch .legend").filter(has_text="fold at").wait_for()
    (line,) = page.plotted("branch")
    assert max(line["y"]) > 0.9 and min(line["y"]) < 1e-3  # both ends of the S


def test_undo_redo_and_pins_survive_a_reload(page):
    page.act("pin")
    page.type("S.spin_voltage", "0.4")
    page.type("temperature", "0.3")
    assert [line["pin"] for line in page.plotted("gap")] == [0, None]
    page.after(lambda: page.act("undo"))
    compare_pinned(page, {"S.spin_voltage": 0.4})
    page.after(lambda: page.act("redo"))
    assert page.box("temperature").input_value() == "0.3"
    page.page.reload()
    page.settled(0)
    compare_pinned(page, {"S.spin_voltage": 0.4, "temperature": 0.3})
    page.after(lambda: page.page.get_by_role("button", name="A", exact=True).click())
    assert page.box("S.spin_voltage").input_value() == "0.25"
    page.page.get_by_role("button", name="Forget A").click()
    compare(page, {})


def compare_pinned(page, changes):
    first, now = us.solve(DEVICE), us.solve(DEVICE.replace(changes))
    pinned, line = page.plotted("gap")
    assert np.allclose(pinned["y"], first.at(pinned["x"]).gap, atol=2e-5)
    assert np.allclose(line["y"], now.at(line["x"]).gap, atol=2e-5)
    text = page.page.locator('tr:has([data-value="gap_max"]) td[data-pin="A"]').inner_text()
    change = float(text.split("±")[0].replace("−", "-"))
    assert change == pytest.approx(float(now.data.gap.max() - first.data.gap.max()), abs=2e-5)


def test_exports_open_again_and_are_equal(page, tmp_path):
    page.type("S.spin_voltage", "0.35")
    device = DEVICE.replace({"S.spin_voltage": 0.35})

    def saved(name):
        if not page.page.locator(f'[data-action="export-{name}"]').is_visible():
            page.page.locator(".menu summary").click()
        with page.page.expect_download() as waiting:
            page.act(f"export-{name}")
        target = tmp_path / waiting.value.suggested_filename
        waiting.value.save_as(target)
        return target

    assert us.load_device(saved("toml")) == device
    loaded = us.load(saved("netcdf"))
    assert loaded.device == device and loaded.converged and "dos" in loaded.data
    assert float(loaded.data.gap.max()) == pytest.approx(page.value("gap_max"), abs=1e-9)
    scope = {}
    exec(saved("python").read_text(encoding="utf-8"), scope)
    assert scope["device"] == device and scope["result"].converged
    assert "--set S.spin_voltage=0.35" in saved("command").read_text(encoding="utf-8")
    for name, start in (("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")):
        assert saved(name).read_bytes().startswith(start)


def test_two_pages_do_not_mix(page, chromium, address):
    context = chromium.new_context(bypass_csp=True)
    other = Page(context, address)
    other.settled(0)
    page.type("S.spin_voltage", "0.5")
    other.type("S.length", "2")
    assert other.box("S.spin_voltage").input_value() == "0.25"
    compare(other, {"S.length": 2.0})
    compare(page, {"S.spin_voltage": 0.5})
    assert other.complaints == []
    context.close()


def test_nothing_is_evaluated_and_nothing_asked_outside(chromium, address):
    """With the page's own policy in force, which a browser reports whatever breaks it."""
    context = chromium.new_context()
    found = Page(context, address)
    found.page.locator('[data-role="verdict"][data-converged="1"]').wait_for()
    found.box("S.spin_voltage").fill("0.3")
    found.box("S.spin_voltage").press("Enter")
    found.page.locator('[data-role="verdict"][data-sequence="2"][data-converged="1"]').wait_for()
    with found.page.expect_download():
        found.act("export-toml")
    assert found.complaints == []
    context.close()


def test_the_server_goes_and_comes_back(chromium, paper):
    context = chromium.new_context(bypass_csp=True)
    with server(str(paper)) as (process, address):
        found = Page(context, address)
        found.settled(0)
        found.type("S.spin_voltage", "0.3")
    assert process.returncode == 130
    found.page.locator("#banner").filter(has_text="server is gone").wait_for()
    assert found.box("S.spin_voltage").input_value() == "0.3"
    context.close()


def test_a_lost_connection_comes_back_with_the_state_of_the_page(chromium, address):
    context, sockets = chromium.new_context(bypass_csp=True), []

    def through(socket):
        sockets.append(socket)
        socket.connect_to_server()

    context.route_web_socket("**/socket?*", through)
    found = Page(context, address)
    found.settled(0)
    found.type("S.spin_voltage", "0.3")
    before = found.sequence
    sockets[0].close()
    found.page.locator("#banner").filter(has_text="server is gone").wait_for()
    found.settled(before)
    assert len(sockets) == 2 and not found.page.locator("#banner").is_visible()
    assert found.box("S.spin_voltage").input_value() == "0.3"
    compare(found, {"S.spin_voltage": 0.3})
    context.close()


def test_a_click_on_the_branch_goes_to_the_stable_solution_there(page):
    page.type("S.spin_voltage", "1")
    page.type("S.spin_voltage", "0.7")
    assert page.value("gap_max") == 0
    page.page.locator("#branch .legend").filter(has_text="fold at").wait_for()
    (line,) = page.plotted("branch")
    x, y = np.array(line["x"]), np.array(line["y"])

    def click(k):
        place = page.page.evaluate(
            """([x, y]) => document.getElementById("branch").pixelOf(x, y)""", [float(x[k]), float(y[k])]
        )
        page.page.locator("#branch canvas").click(position={"x": place[0], "y": place[1]})

    before = page.sequence
    click(np.argmin(np.abs(y - 0.5)))  # between the ends of the fold
    page.page.locator("#log li").filter(has_text="unstable").wait_for()
    assert page.sequence == before
    k = np.flatnonzero((x > 0.75) & (y > 0.85))[0]
    page.after(lambda: click(k))
    assert float(page.box("S.spin_voltage").input_value()) == pytest.approx(x[k], abs=1e-6)
    assert page.value("gap_max") == pytest.approx(y[k], abs=1e-3)
    page.after(lambda: page.act("undo"))
    assert page.value("gap_max") == 0


def test_without_a_file_there_is_a_choice_of_starters(chromium):
    context = chromium.new_context(bypass_csp=True)
    with server() as (_, address):
        found = Page(context, address)
        found.page.locator("#gallery button", has=found.page.get_by_text("fi_s_fi", exact=True)).click()
        found.settled(0)
        expected = us.solve(us.Stack.from_toml(us.starter("fi_s_fi"))).data.gap
        assert found.value("gap_max") == pytest.approx(float(expected.max()), abs=1e-5)
        assert found.complaints == []
    context.close()
