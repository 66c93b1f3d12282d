"""Contacts on top of layers as they are written: files, paths, what is refused."""

import pytest

import usadel as us

TEXT = """\
temperature = 0.2

[[stack]]
kind = "normal_metal"
name = "N"
length = 2
thickness = 0.2

[[stack.on_top]]
kind = "tunnel"
range = [0, 0.5]
reservoir = {kind = "normal_reservoir", name = "T", voltage = 0.1}
conductance = 0.4

[[stack.on_top]]
kind = "ferromagnetic_insulator"
spin_mixing = 0.1
magnetization = [1, 0, 0]

[[stack]]
kind = "normal_reservoir"
name = "R"
"""


@pytest.fixture
def device():
    return us.Stack.from_toml(TEXT)


def test_a_file_is_written_as_it_was_read(device):
    assert device.to_toml() == TEXT
    assert us.Stack.from_toml(device.to_toml()) == device


def test_a_network_has_them_too(device):
    network = us.Device([us.Wire([device.elements[0]], start="a")], {"a": us.NormalReservoir()})
    assert us.Device.from_toml(network.to_toml()) == network
    assert network.value("wire.0.stack.0.on_top.1.spin_mixing") == 0.1
    assert [part.length for part in network.network().layers] == [1.0, 1.0]


def test_paths(device):
    other = device.replace({"N.on_top.0.conductance": 0.1, "T.voltage": 0.3, "N.on_top.1.magnetization.2": 1})
    assert other.value("stack.0.on_top.0.conductance") == 0.1
    assert other.value("N.on_top.0.reservoir.voltage") == 0.3
    assert other.value("spin_mixing") == 0.1
    assert {"N.on_top.1.spin_mixing", "T.voltage", "N.on_top.0.range"} <= set(device.paths())
    for path in device.paths():
        if path.partition(".on_top.")[2].count(".") < 2:
            device.value(path)


def test_layers_are_cut_where_contacts_begin(device):
    network = device.network()
    assert [layer.length for layer in network.layers] == [1.0, 1.0]
    assert network.layer_names == ("N", "N") and network.written == (0, 0)
    assert [len(layer.on_top) for layer in network.layers] == [2, 1]
    assert list(network.terminal_reservoirs) == ["R", "T"]
    assert all(layer.nonequilibrium for layer in network.layers)  # reservoirs differ
    same = device.replace({"T.voltage": None, "R.voltage": None})
    assert not any(layer.nonequilibrium for layer in same.network().layers)


def test_real_units():
    """1/R A over σ0/ξ."""
    pytest.importorskip("pint")
    scale = us.Scale(critical_temperature="9.2 K", coherence_length="10 nm", resistivity="10 µΩ cm")
    contact = {"kind": "tunnel", "conductance": "5 fΩ m^2", "reservoir": us.NormalReservoir()}
    layer = us.NormalMetal(length="30 nm", thickness="2 nm", conductivity=2.0, on_top=[contact])
    device = us.Stack([layer], scale=scale)
    assert device.network().layers[0].on_top[0].interface.conductance == pytest.approx(10e-9 * 1e-7 / 5e-15 / 2)
    assert device.network().layers[0].on_top[0].thickness == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("thickness = 0.2\n", "", "stack.0.thickness"),
        ('kind = "tunnel"', 'kind = "tunel"', "did you mean 'tunnel'"),
        ('kind = "tunnel"', 'kind = "transparent"', "stack.0.on_top.0.kind"),
        ("reservoir = {", "# {", "on_top.0.reservoir"),
        ("voltage = 0.1", "voltge = 0.1", "on_top.0.reservoir.voltge"),
        ("range = [0, 0.5]", "range = [0.5, 0.2]", "0 <= start < end <= 1"),
        ("range = [0, 0.5]", "range = [0, 0.00001]", "apart"),
        ("range = [0, 0.5]", 'range = ["sqrt(-1)", 0.5]', "on_top.0.range"),
        ("conductance = 0.4", "conductance = 0.4\nsecond_order = 0.1", "first order"),
        ("spin_mixing = 0.1", 'spin_mixing = 0.1\nreservoir = {kind = "normal_reservoir"}', "behind an insulator"),
        ('kind = "normal_metal"', 'kind = "half_metal"\npolarization = 0.5\nmagnetization = [0, 0, 1]', "half_metal"),
        ('name = "T"', 'name = "N"', "names must be unique"),
        ('kind = "tunnel"', 'kind = "spin_active"\nfloating = ["voltage"]', "unknown key 'floating'"),
    ],
)
def test_what_is_refused(old, new, said):
    assert old in TEXT
    with pytest.raises(us.InputError) as refused:
        us.solve(us.Stack.from_toml(TEXT.replace(old, new, 1)))
    assert said in str(refused.value) and "\n" not in str(refused.value)


def test_a_spin_voltage_behind_a_magnet_cannot_float():
    behind = us.NormalReservoir(name="T", floating=["spin_voltage"])
    contact = {"kind": "spin_active", "conductance": 0.1, "reservoir": behind}
    layer = us.NormalMetal(length=1, thickness=0.1, on_top=[contact])
    with pytest.raises(us.InputError, match="behind a magnet on top"):
        us.solve(us.Stack([layer, us.NormalReservoir(voltage=0.1)]))


def test_thick_layers_are_noted(device):
    assert not device.notes()
    (note,) = device.replace({"N.thickness": 0.8}).notes()
    assert "thickness" in note
    assert "N^(|[N])^(FI)" in device.sketch()
