"""Paths: how values are called, and devices in which some differ."""

import pytest

import usadel.description as us
from usadel.description import InputError


@pytest.fixture
def device():
    return us.Stack(
        [
            us.FerromagneticInsulator(spin_mixing=0.6, magnetization=[1, 0, 0]),
            us.Superconductor(name="S", length=1.5, spin_axis=[1, 0, 0]),
            us.Ferromagnet(length="2*a", exchange_field=[0, 0, 1]),
            us.SuperconductingReservoir(phase=0.5),
        ],
        parameters={"a": 0.5, "b": "a+1"},
        title="t",
    )


@pytest.mark.parametrize(
    ("path", "raw", "value"),
    [
        ("temperature", 0.01, 0.01),
        ("tolerance", 1e-6, 1e-6),
        ("title", "t", "t"),
        ("a", 0.5, 0.5),
        ("b", "a+1", 1.5),
        ("parameters.b", "a+1", 1.5),
        ("S.length", 1.5, 1.5),
        ("stack.1.length", 1.5, 1.5),
        ("stack.2.length", "2*a", 1.0),
        ("S.temperature", None, 0.01),
        ("S.gap", None, None),
        ("S.spin_axis", (1, 0, 0), (1, 0, 0)),
        ("S.spin_axis.0", 1, 1),
        ("stack.0.magnetization.2", 0, 0),
        ("exchange_field.2", 1, 1),
        ("phase", 0.5, 0.5),
        ("spin_mixing", 0.6, 0.6),
        ("output.energies", (-3, 3), us.EnergyRequest(-3.0, 3.0)),
    ],
)
def test_look_up(device, path, raw, value):
    assert device.get(path) == raw
    assert device.value(path) == value


@pytest.mark.parametrize(
    ("path", "match"),
    [
        ("length", "'length' is written at 2 places; allowed: stack.1.length, stack.2.length"),
        ("gap", "written nowhere; allowed: stack.1.gap, stack.3.gap"),
        ("S.lenght", "unknown key 'lenght', did you mean 'length'"),
        ("S", "unknown path 'S'.*S.length"),
        ("stack.1", "unknown path 'stack.1'"),
        ("stack.9.length", "unknown path 'stack.9.length', did you mean"),
        ("stack.01.length", "unknown path"),
        ("stack.-1.length", "unknown path"),
        ("S.spin_axis.3", "nothing below.*allowed: stack.1.spin_axis, or stack.1.spin_axis.0"),
        ("S.length.0", "nothing below the key 'length'.*allowed: stack.1.length"),
        ("S.kind", "unknown key 'kind'"),
        ("temprature", "did you mean 'temperature'"),
        ("", "path must be text"),
        (None, "path must be text"),
        ("S.__class__", "unknown key '__class__'"),
        ("S..length", "unknown key ''"),
    ],
)
def test_unknown_or_ambiguous(device, path, match):
    with pytest.raises(InputError, match=match) as caught:
        device.replace({path: 1})
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("temperature", 0.5),
        ("a", 2.0),
        ("b", "2*a"),
        ("S.spin_voltage", 0.25),
        ("S.gap", "0.5+a*z"),
        ("stack.1.self_consistent", False),
        ("S.spin_axis.2", 1.0),
        ("stack.0.magnetization", (0.0, 0.0, 1.0)),
        ("phase", "pi/4"),
        ("stack.3.temperature", 0.2),
        ("output.energies", (0.0, 1.0)),
        ("title", "other"),
    ],
)
def test_replace_changes_that_and_nothing_else(device, path, value):
    changed = device.replace({path: value})
    assert changed != device and changed.get(path) == value
    assert {other for other in device.paths() if changed.get(other) != device.get(other)} <= {
        p for p in device.paths() if device.address(p).key == device.address(path).key
    }
    assert changed.replace({path: device.get(path)}) == device


def test_every_listed_path_works_and_each_is_its_own(device):
    paths = device.paths()
    addresses = [device.address(path) for path in paths]
    assert len(set(addresses)) == len(paths)
    assert "S.spin_axis.1" in paths and "stack.2.exchange_field" in paths


def test_written_counts_only_what_was_given():
    layers = [us.NormalMetal(length=1, voltage=0), us.NormalMetal(length=1)]
    assert us.Stack(layers).address("voltage").place == "stack.0"
    changed = us.Stack(layers).replace({"stack.1.voltage": 0})
    with pytest.raises(InputError, match="written at 2 places"):
        changed.get("voltage")


def test_changes_are_made_together(device):
    changed = device.replace({"S.temperature": 0.5, "S.spin_temperature": 0.4})
    assert changed.network().layers[0].spin_temperature == 0.4
    with pytest.raises(InputError, match="smaller in magnitude"):
        device.replace({"S.spin_temperature": 0.4})


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"S.length": -1}, "S.length .superconductor.*> 0"),
        ({"S.length": True}, "boolean"),
        ({"S.length": None}, "S.length.*required"),
        ({"a": -1}, "stack.2.length .ferromagnet.*> 0.*which is -2"),
        ({"a": "b"}, "circle"),
        ({"temperature": 0}, "temperature.*> 0"),
        ({"stack.0.magnetization.0": 0}, "not all zero"),
        ({"S.length": 1, "stack.1.length": 2}, "set twice"),
        ({"S.spin_axis.2": 1, "spin_axis": [0, 1, 0]}, "set twice: also as S.spin_axis.2"),
        ({"output.energies": [0, 1], "output": None}, "set twice: also as output.energies"),
        ({"parameters": {"a": 1}, "a": 2}, "set twice: also as parameters"),
        ({"output": 3}, "output: must be a table"),
        ({"output": {"energy": [0, 1]}}, "output.energy.*did you mean 'energies'"),
        ({"parameters": {"b": 1}}, "stack.2.length.*unknown name 'a'"),
        ({"S.name": "length"}, "choose another name"),
    ],
)
def test_validated_again(device, changes, match):
    with pytest.raises(InputError, match=match):
        device.replace(changes)


def test_none_restores_the_default(device):
    changed = device.replace({"S.gap": 0.5, "temperature": 0.3})
    assert changed.replace({"S.gap": None, "temperature": None}) == device


@pytest.mark.parametrize("shape", ["stack", "network"])
def test_output_and_all_else_at_the_top_are_replaced(device, shape):
    if shape == "network":
        device = us.Device([us.Wire(device.elements[1:3])], parameters={"a": 0.5}, title="t")
    changes = {
        "output.quantities": ("gap", "charge_current"), "output.energies": (0.0, 2.0, 5.0), "tolerance": 1e-4,
        "temperature": 0.3, "inelastic": 0.02, "title": "new",
    }  # fmt: skip
    changed = device.replace(changes)
    assert {path: changed.get(path) for path in changes} == changes
    assert changed.quantities() == ("gap", "charge_current") and changed.energies().points[1] == 0.5
    assert changed.network().layers[0].temperature == 0.3
    assert changed.replace({"output.energies": None}).get("output.quantities") == ("gap", "charge_current")
    tables = {"output": {"energies": [0, 1]}, "parameters": {"a": "c/2", "c": 3}}
    whole = changed.replace(tables)
    assert whole.get("output") == us.Output(energies=[0, 1]) and whole.value("a") == 1.5
    assert whole.replace({"output": changed.output}).output == changed.output
    assert type(device).from_toml(whole.to_toml()) == whole


def test_nodes_and_wires():
    layer = us.NormalMetal(name="N", length=1)
    device = us.Device(
        [us.Wire([layer], start="A", end="B")],
        {"A": us.SuperconductingReservoir(), "B": us.NormalReservoir()},
    )
    for path, value in {
        "A.phase": 1.0,
        "node.A.gap": 0.9,
        "wire.0.stack.0.length": 2.0,
        "N.area": 3.0,
    }.items():
        changed = device.replace({path: value})
        assert changed.value(path) == value and changed != device
    assert device.replace({"length": 5}).network().layers[0].length == 5
    with pytest.raises(InputError, match=r"written nowhere; allowed: wire\.0\.stack\.0\.voltage, node\.B\.voltage$"):
        device.get("voltage")
    with pytest.raises(
        InputError, match=r"written nowhere; allowed: wire\.0\.stack\.0\.spin_axis\.1, node\.B\.spin_axis\.1$"
    ):
        device.get("spin_axis.1")
    with pytest.raises(InputError, match=r"unknown path 'voltage\.0'"):
        device.get("voltage.0")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("S.length=1.5", ("S.length", 1.5)),
        ("a = pi/4", ("a", "pi/4")),
        ("S.self_consistent=false", ("S.self_consistent", False)),
        ("m=[1, 0, 'cos(a)']", ("m", [1, 0, "cos(a)"])),
        ("title=a # b", ("title", "a # b")),
        ("t=1979-05-27", ("t", "1979-05-27")),
        ("t=1\nu = 2", ("t", "1\nu = 2")),
        ("t='x=y'", ("t", "x=y")),
    ],
)
def test_assignments(text, expected):
    assert us.read_assignment(text) == expected


@pytest.mark.parametrize("text", ["S.length", "=1", "a=", ""])
def test_assignments_refused(text):
    with pytest.raises(InputError, match="PATH=VALUE"):
        us.read_assignment(text)


def test_numbers_of_the_command_line(device):
    assert us.read_number(device, "2*b") == 3.0
    with pytest.raises(InputError, match="unknown name"):
        us.read_number(device, "2*c")
