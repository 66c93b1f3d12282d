"""What a notebook shows of a device: drawn to scale, what differs from defaults, and what looks like a mistake."""

import re
from itertools import pairwise
from xml.etree import ElementTree

import pytest

import usadel.description as us
from usadel.description.device.load import read_device

FI = us.FerromagneticInsulator(spin_mixing=0.6, magnetization=[1, 0, 0])
STACK = us.Stack(
    [
        us.SuperconductingReservoir(phase="a/2"),
        us.Superconductor(name="S", length=1.5, spin_voltage=0.0),
        us.Tunnel(conductance=0.3, relative_to="left"),
        us.Ferromagnet(length=0.5, exchange_field=[0, 0, 2]),
        FI,
    ],
    title="A & B", temperature=0.1, parameters={"a": 0.5}, output=us.Output(energies=[-2, 2]),
)  # fmt: skip
NETWORK = us.Device(
    [
        us.Wire([us.Tunnel(conductance=0.5), us.Superconductor(name="island", length=1)], start="left", end="mid"),
        us.Wire([us.NormalMetal(length=2)], start="mid"),
    ],
    {"left": us.NormalReservoir(voltage=0.2), "mid": us.Junction()},
)


def drawn(device):
    """Rectangles of the drawing: (tooltip, x, width), in order."""
    svg = re.search("<svg.*?</svg>", device._repr_html_(), re.DOTALL)[0]
    root = ElementTree.fromstring(svg)
    space = "{http://www.w3.org/2000/svg}"
    width = float(root.get("width"))
    boxes = []
    for group in root.iter(f"{space}g"):
        rectangle = group.find(f"{space}rect")
        x, w = float(rectangle.get("x")), float(rectangle.get("width"))
        assert x >= 0 and x + w <= width
        boxes.append((group.find(f"{space}title").text, x, w))
    return boxes


def test_layers_are_to_scale_and_touch():
    boxes = drawn(STACK)
    assert [text.split()[1] for text, _, _ in boxes] == [element.kind for element in STACK.elements]
    widths = {text.split()[1]: w for text, _, w in boxes}
    assert widths["superconductor"] / widths["ferromagnet"] == pytest.approx(3, rel=1e-3)
    for (_, x, w), (_, following, _) in pairwise(boxes):
        assert following == pytest.approx(x + w, abs=0.11)


def test_wires_of_a_network_have_one_scale_and_begin_below_each_other():
    boxes = {text.splitlines()[0]: (x, w) for text, x, w in drawn(NETWORK)}
    island, lead = boxes["wire.0.stack.1 superconductor"], boxes["wire.1.stack.0 normal_metal"]
    assert lead[1] / island[1] == pytest.approx(2, rel=1e-3)
    assert boxes["wire.0.stack.0 tunnel"][0] == lead[0]
    assert "(left)" in NETWORK._repr_html_() and "(mid)" in NETWORK._repr_html_()


def test_what_differs_from_defaults_is_listed_and_all_else_is_folded():
    html = STACK._repr_html_()
    table = re.search("<table>.*?</table>", html)[0]
    for text in (
        "temperature = 0.1 Tc", "energies = -2 to 2 Δ0", "a = 0.5", "phase = 0.25 rad from a/2", "length = 1.5 ξ",
        "conductance = 0.3 G_N", "exchange_field = (0, 0, 2) Δ0", "magnetization = (1, 0, 0)",
    ):  # fmt: skip
        assert text in table
    assert "spin_voltage" not in table  # written, but the default
    assert "tolerance" not in table and "tolerance = 1e-06" in html.split("<details>")[1]
    assert "A &amp; B" in html and "A & B" not in html


def test_a_plain_device_says_that_it_is():
    html = us.Stack([us.NormalReservoir(), us.NormalMetal(length=1), us.NormalReservoir()])._repr_html_()
    assert html.count("all as by default") == 3


def test_long_devices_stay_short():
    many = us.Stack([us.NormalMetal(length=1e-3) for _ in range(200)])
    html = many._repr_html_()
    assert html.split("<details>")[0].count("<tr>") == 41 and "and 161 more elements" in html
    assert all(w >= 3 for _, _, w in drawn(many))


@pytest.mark.parametrize("kind", us.starter_kinds())
def test_every_starter_is_drawn(kind):
    assert len(drawn(read_device(us.starter(kind)))) >= 3


def test_temperatures_in_kelvin_are_noted_not_refused():
    assert STACK.notes() == [] and NETWORK.notes() == []
    warm = us.Stack([us.NormalReservoir(temperature=3), us.NormalMetal(length=1, name="N")], temperature=4.2)
    assert [note.split(":")[0] for note in warm.notes()] == ["temperature = 4.2 Tc", "stack.0.temperature = 3 Tc"]
    assert all("not in kelvin" in note for note in warm.notes())
    assert str(warm).endswith("\n".join(f"note: {note}" for note in warm.notes()))
    assert "not in kelvin" in warm._repr_html_().split("<details>")[0]
    assert us.Stack([us.NormalMetal(length=1)], temperature=2).notes() == []
