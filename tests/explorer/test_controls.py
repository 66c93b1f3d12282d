"""Controls of every device that the package ships with: ranges that hold the value, and paths that can be set."""

from pathlib import Path

import pytest

import usadel as us
from usadel.description.device.load import read_device
from usadel.explorer.answers.controls import controls_of, read_box, values_of
from usadel.explorer.answers.drawing import drawing

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.toml"))
NETWORK = """temperature = 0.2
[node.A]
kind = "normal_reservoir"
voltage = 0.3
[node.J]
kind = "junction"
[[wire]]
start = "A"
end = "J"
[[wire.stack]]
kind = "normal_metal"
length = 0.5
[[wire]]
start = "J"
[[wire.stack]]
kind = "superconductor"
name = "S"
length = 3
"""
DEVICES = {path.stem: us.load_device(path) for path in EXAMPLES}
DEVICES |= {kind: read_device(us.starter(kind)) for kind in us.starter_kinds()}
DEVICES["network"] = us.Device.from_toml(NETWORK)


@pytest.fixture(params=DEVICES)
def device(request):
    return DEVICES[request.param]


def test_every_number_of_the_device_has_a_control(device):
    found = {control.path for control in controls_of(device)}
    for path in device.paths():
        value = device.get(path)
        if isinstance(value, (bool, float, int)):
            assert path in found, path
    assert {control.path for control in controls_of(device)} == set(values_of(device))


def test_sliders_hold_the_value_and_offer_only_what_is_allowed(device):
    values = values_of(device)
    for control in controls_of(device):
        value = values[control.path][1]
        if control.words or value is None:
            continue
        low, high = (10**control.low, 10**control.high) if control.logarithmic else (control.low, control.high)
        assert low <= value * (1 + 1e-12) and value <= high * (1 + 1e-12), control
        assert 0 < control.step < high - low or control.logarithmic
        if control.group == "parameters" or (control.label.startswith("magnetization") or "axis" in control.label):
            continue  # what an expression, or a direction, allows depends on others
        for end in (low, high):
            try:
                device.replace({control.path: end})
            except us.InputError as error:  # contradicts another key, but lies in its own range
                assert not error.problem.startswith("must be a number"), (control, error)


def test_boxes_read_back_as_they_are_written(device):
    for path, (text, _) in values_of(device).items():
        try:
            again = device.replace({path: read_box(text)})
        except us.InputError as error:  # a value in force that may not be written down, such as a neighbour's
            assert "must be a number" not in error.problem
            continue
        assert values_of(again)[path] == values_of(device)[path]


def test_elements_with_a_name_go_by_it():
    paths = [control.path for control in controls_of(DEVICES["network"])]
    assert {"S.length", "A.voltage", "wire.0.stack.0.length", "temperature"} <= set(paths)


def test_the_drawing_has_every_element_once(device):
    parts = [part for wire in drawing(device) for part in wire["elements"]]
    parts += [contact for part in parts for contact in part.get("on_top", [])]
    places = [place for place in device.elements_by_place() if not place.startswith("node.")]
    assert len(parts) == len([place for place in places if not place.endswith(".reservoir")])
    assert all(part["length"] > 0 for part in parts if part["form"] == "layer")


def test_the_drawing_of_a_network_names_its_nodes():
    ends = [(wire["before"], wire["behind"]) for wire in drawing(DEVICES["network"])]
    assert ends == [("A", "J"), ("J", "")]
