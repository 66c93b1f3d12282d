"""Networks on the page: the graph, one wire at a time, and the branch of what flows in at a terminal."""

import numpy as np
import pytest
from browser import Page, server

import usadel as us
from usadel.description.device.load import read_device
from usadel.explorer.answers.drawing import drawing, nodes

TEXT = us.starter("network").replace("[parameters]", "tolerance = 1e-4\n\n[parameters]", 1)
DEVICE = read_device(TEXT)


@pytest.fixture(scope="module")
def network(chromium, tmp_path_factory):
    path = tmp_path_factory.mktemp("network") / "network.toml"
    path.write_text(TEXT, encoding="utf-8")
    context = chromium.new_context(bypass_csp=True)
    with server(str(path)) as (_, address):
        found = Page(context, address)
        found.settled(0)
        yield found
        assert found.complaints == []
    context.close()


def part(page, name):
    return page.page.locator(f'#sketch .part[aria-label="{name}"]')


def test_every_node_and_element_is_in_the_graph_and_leads_to_its_keys(network):
    for one in nodes(DEVICE) + [part for wire in drawing(DEVICE) for part in wire["elements"]]:
        assert part(network, f"{one['kind']} {one['name'] or one['path']}").count() == 1
    part(network, "normal_reservoir N").press("Enter")
    assert network.page.locator("fieldset.chosen").get_attribute("data-group") == "N"


def test_one_wire_at_a_time(network):
    result = us.solve(DEVICE)
    currents = result.terminals.charge_current
    network.page.locator("#current select").first.select_option("charge_current")
    part(network, "normal_metal wire.1.stack.0").press("Enter")
    assert network.page.locator("fieldset.chosen").get_attribute("data-group") == "wire.1.stack.0"
    (line,) = network.plotted("current")
    begin = float(result.data.position[int(np.flatnonzero(result.data.wire == 1)[0])])
    assert (line["x"][0], line["x"][-1]) == pytest.approx((begin, begin + 1))
    error = result.error + float(network.verdict("error"))
    assert np.allclose(line["y"], -float(currents.sel(terminal="S1")), atol=error + 1e-6)  # from the hub to S1
    network.page.locator("#map .legend").filter(has_text="whole").wait_for()
    span = network.page.evaluate(
        "(({position: x}) => [x[0], x[x.length - 1]])(document.getElementById('map').plotted())"
    )
    assert span == pytest.approx([begin, begin + 1])
    network.page.locator("#wire").select_option(label="wire 0: N – hub")
    (line,) = network.plotted("current")
    assert np.allclose(line["y"], float(currents.sel(terminal="N")), atol=error + 1e-6)
    network.page.locator("#wire").select_option(label="all wires")
    (line,) = network.plotted("current")
    assert line["x"][-1] == pytest.approx(float(result.data.position[-1]))


def test_the_branch_of_a_network_is_drawn_for_what_flows_in_at_its_terminals(network):
    network.page.get_by_role("spinbutton", name="N.voltage slider to").fill("0.2")
    network.page.get_by_role("spinbutton", name="N.voltage slider to").press("Enter")
    network.type("N.voltage", "0.1")
    network.page.locator("#branch .legend").filter(has_text="you are here").wait_for()
    network.page.locator("#branch select").select_option("charge_into_N")
    (line,) = network.plotted("branch")
    assert max(line["x"]) == pytest.approx(0.2)
    k = int(np.argmin(np.abs(np.array(line["x"]) - 0.15)))
    there = us.solve(DEVICE.replace({"N.voltage": float(line["x"][k]), "tolerance": 1e-4}))
    assert line["y"][k] == pytest.approx(float(there.terminals.charge_current.sel(terminal="N")), abs=1e-3)
