"""Terminals that float: against resistor networks, heat balance, held terminals, and what nothing holds."""

import numpy as np
import pytest

import usadel as us

TC = 1 / 1.7638769  # kB Tc in units of Δ0: the BCS ratio


def star(tolerance: float = 1e-6, **probe: object) -> us.Device:
    """Three normal wires of 1, 2 and 1 ξ: V at L, 0 at R, and a probe."""
    lengths = {"L": 1.0, "R": 2.0, "P": 1.0}
    wires = [us.Wire([us.NormalMetal(length=a)], start=name, end="hub") for name, a in lengths.items()]
    nodes = {
        "L": us.NormalReservoir(voltage=0.3),
        "R": us.NormalReservoir(),
        "P": us.NormalReservoir(**probe),
        "hub": us.Junction(),
    }
    return us.Device(wires, nodes, temperature=0.2, tolerance=tolerance)


@pytest.fixture(scope="module")
def heated() -> us.Solution:
    return us.solve(star(floating=["voltage", "temperature"]))


def test_voltage_divider_and_joule_heat(heated: us.Solution) -> None:
    """V of a divider, and T² = T0² + (3/π²) x(1 - x) (eU)² of a wire without relaxation, x = 1/3 from the hot end."""
    found = heated.terminals.sel(terminal="P")
    temperature = np.sqrt(0.2**2 + 3 / np.pi**2 * (1 / 3) * (2 / 3) * (0.3 / TC) ** 2)
    assert float(found.voltage) == pytest.approx(0.2, abs=1e-6)
    assert float(found.temperature) == pytest.approx(temperature, abs=1e-6)
    assert abs(float(found.charge_current)) < 1e-6
    assert abs(float(found.energy_current)) < 1e-6
    assert heated.data.terminal_voltage.attrs["estimated_error"] <= 1e-6
    assert "voltage              L 0.3, R 0, P 0.2 Δ0/|e|" in str(heated.summary())


def test_saved_loaded_and_started_from(heated: us.Solution, tmp_path) -> None:
    heated.save(tmp_path / "a.nc")
    loaded = us.load(tmp_path / "a.nc")
    assert loaded.device == heated.device
    assert loaded.terminals.identical(heated.terminals)
    again = us.solve(heated.device, start=loaded)
    assert float(again.terminals.voltage.sel(terminal="P")) == pytest.approx(0.2, abs=1e-6)


def test_response_is_that_of_held_terminals(heated: us.Solution) -> None:
    charge = heated.response().response.sel(current="charge", drive="voltage", terminal="P")
    assert charge.values == pytest.approx([-0.4, -0.2, 0.6], abs=1e-6)


def between_magnets(**probe: object) -> us.Stack:
    """Spins are injected along x through one magnet, and seen along another axis through another one."""
    law = {"conductance": 0.5, "polarization": 0.4, "spin_mixing": 0.3}
    return us.Stack(
        [
            us.NormalReservoir(name="source", spin_voltage=0.2, spin_axis=[1, 0, 0]),
            us.SpinActive(**law, magnetization=[0, 0, 1]),
            us.NormalMetal(length=1.0, spin_flip=0.1),
            us.SpinActive(**law, magnetization=[0, 1, 1]),
            us.NormalReservoir(name="probe", spin_axis=[1, 1, 0], **probe),
        ],
        temperature=0.2,
    )


def test_no_spin_enters_a_reservoir_whose_spin_voltage_floats() -> None:
    """On its own side of the contact, whose magnet takes what the layer's side has more; and it is a fixed point."""
    result = us.solve(between_magnets(floating=["voltage", "spin_voltage"]))
    found = result.terminals.sel(terminal="probe")
    axis = np.array([1, 1, 0]) / np.sqrt(2)
    inside = found.spin_current.values
    beyond = inside + result.data.torque.isel(interface=-1).values
    assert abs(axis @ beyond) < 1e-6
    assert abs(axis @ inside) > 1e-3
    assert abs(float(found.charge_current)) < 1e-6
    assert abs(float(found.spin_voltage)) > 1e-2
    assert "stable" not in result.data.attrs  # nothing says that there are others
    held = us.solve(between_magnets(voltage=float(found.voltage), spin_voltage=float(found.spin_voltage)))
    places = np.linspace(0, 1, 7)
    difference = held.at(places).spin_accumulation.values - result.at(places).spin_accumulation.values
    assert np.max(np.abs(difference)) <= held.error + result.error


@pytest.mark.parametrize("count", [1, 2])
def test_spin_voltage_divider(count: int) -> None:
    """As the voltage divider; a linear circuit has one solution, and nothing says that it has others."""
    lengths = {"L": 1.0, "R": 2.0, "P": 1.0, "Q": 0.5}
    wires = [us.Wire([us.NormalMetal(length=a)], start=name, end="hub") for name, a in lengths.items()]
    nodes = {name: us.NormalReservoir(floating=["spin_voltage"]) for name in ("P", "Q")[:count]}
    nodes = {"L": us.NormalReservoir(spin_voltage=0.3), "R": us.NormalReservoir(), "hub": us.Junction(), **nodes}
    result = us.solve(us.Device(wires[: 2 + count], nodes, temperature=0.2, tolerance=1e-5))
    found = result.terminals.spin_voltage.sel(terminal=["P", "Q"][:count])
    assert found.values == pytest.approx([0.2] * count, abs=1e-5)
    assert "stable" not in result.data.attrs


def test_sweeps_and_traces_hold_what_was_found() -> None:
    device = star(1e-3, floating=["voltage"])
    data = us.sweep(device, {"L.voltage": [0.1, 0.2]}).data
    assert data.terminal_voltage.sel(terminal="P").values == pytest.approx([0.2 / 3, 0.4 / 3], abs=1e-3)
    (lines,) = us.plots.default_figure(data, ["terminal_voltage"]).axes
    assert lines.lines[2].get_ydata() == pytest.approx(data.terminal_voltage.sel(terminal="P").values)
    assert [text.get_text() for text in lines.get_legend().get_texts()] == ["L", "R", "P"]
    branch = us.trace(device, "L.voltage", 0, 0.01, step=0.2)
    assert branch.data.terminal_voltage.sel(terminal="P").values[-1] == pytest.approx(0.02 / 3, abs=1e-3)


def test_a_superconductor_in_reach() -> None:
    """A tunnel probe on a superconductor between a biased contact and a reservoir, in voltage and with its gap."""
    wires = [
        us.Wire([us.Tunnel(conductance=0.3), us.Superconductor(length=1.0)], start="L", end="c"),
        us.Wire([us.Superconductor(length=1.0)], start="c", end="S"),
        us.Wire([us.NormalMetal(length=0.5), us.Tunnel(conductance=0.3)], start="c", end="P"),
    ]
    nodes = {"L": us.NormalReservoir(voltage=0.6), "S": us.SuperconductingReservoir(), "c": us.Junction()}
    nodes["P"] = us.NormalReservoir(floating=["voltage"])
    result = us.solve(us.Device(wires, nodes, temperature=0.4, tolerance=1e-3))
    assert abs(float(result.terminals.charge_current.sel(terminal="P"))) < 1e-3 * 0.3
    assert 0 < float(result.terminals.voltage.sel(terminal="P")) < 0.6


@pytest.mark.parametrize(
    ("probe", "words"),
    [
        ({"floating": "voltage"}, "must be a list of any of"),
        ({"floating": ["phase"]}, "must be a list of any of"),
        ({"floating": ["voltage", "voltage"]}, "must be a list of any of"),
        ({"floating": ["voltage"], "voltage": 0.1}, "is given and found"),
        ({"floating": ["temperature"], "spin_temperature": 0.1}, "has no meaning where values float"),
    ],
)
def test_nonsense_is_refused(probe: dict[str, object], words: str) -> None:
    with pytest.raises(us.InputError, match=words):
        us.solve(star(**probe))


def test_what_nothing_holds_is_refused() -> None:
    floating = us.NormalReservoir(floating=["voltage"])
    with pytest.raises(us.InputError, match="the voltage of every reservoir floats"):
        us.solve(us.Stack([floating, us.NormalMetal(length=1.0), floating]))
    with pytest.raises(us.InputError, match=r"distribution of .* is imposed"):
        us.solve(us.Stack([us.NormalReservoir(), us.NormalMetal(length=1.0, nonequilibrium=False), floating]))
    with pytest.raises(us.InputError, match="always in equilibrium"):
        us.SuperconductingReservoir(floating=["voltage"])
    with pytest.raises(us.InputError, match=r"zeeman: cannot be given where"):
        us.solve(us.Stack([us.NormalReservoir(), us.NormalMetal(length=1.0, zeeman=0.1), floating]))
    with pytest.raises(us.InputError, match="what floats is found where currents are integrated"):
        us.distributions(us.Stack([us.NormalReservoir(), us.NormalMetal(length=1.0), floating]))
