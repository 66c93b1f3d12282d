"""Reservoirs that differ drive currents without being told to, at each point of a trace on its own."""

import numpy as np
import pytest

import usadel as us
from usadel.results import summarize, summary_text

LENGTH, VOLTAGE = 2.0, 0.3
KT = np.exp(np.euler_gamma) / np.pi  # k Tc in Δ0
PLAIN = us.Output(quantities=["gap", "charge_current"])


def wire(left, right, **keys):
    layer = us.NormalMetal(name="N", length=LENGTH, area=1.5, **keys)
    return us.Stack([left, layer, right], temperature=0.1, tolerance=1e-7)


def test_ohm():
    """I = V σA/L; with an imposed equilibrium nothing flows."""
    ends = us.NormalReservoir(name="bias", voltage=VOLTAGE), us.NormalReservoir()
    data = us.solve(wire(*ends)).data
    assert data.charge_current.values == pytest.approx(1.5 * VOLTAGE / LENGTH, abs=1e-7)
    assert data.attrs["solved_layers"] == "N"
    assert "distributions        solved for in N" in summary_text(summarize(data))
    imposed = us.solve(wire(*ends, nonequilibrium=False)).data
    assert np.abs(imposed.charge_current.values).max() == 0
    assert "solved_layers" not in imposed.attrs and "distributions" not in summary_text(summarize(imposed))


def test_equal_voltages():
    """No current, and the layer takes the voltage over: a charge accumulation V in these units."""
    data = us.solve(wire(*2 * [us.NormalReservoir(voltage=VOLTAGE)])).data
    assert np.abs(data.charge_current.values).max() < 1e-12
    assert data.charge_accumulation.values == pytest.approx(VOLTAGE, abs=1e-7)


def test_heat():
    """Wiedemann and Franz: (π²/6)(T1² - T2²) σA/L."""
    data = us.solve(wire(us.NormalReservoir(temperature=0.5), us.NormalReservoir(temperature=0.2))).data
    exact = np.pi**2 / 6 * KT**2 * (0.5**2 - 0.2**2) * 1.5 / LENGTH
    assert data.energy_current.values == pytest.approx(exact, abs=1e-7)


def test_spin_axes():
    """Equal spin voltages along two axes: each component of Vs falls linearly."""
    axes = np.eye(3)[[0, 2]]
    left, right = (us.NormalReservoir(spin_voltage=VOLTAGE, spin_axis=list(axis)) for axis in axes)
    data = us.solve(wire(left, right)).data
    flow = -1.5 * VOLTAGE / LENGTH * (axes[0] - axes[1])
    assert data.spin_current.values == pytest.approx(np.broadcast_to(flow[:, None], data.spin_current.shape), abs=1e-7)


def test_a_junction():
    """Three equal wires from ±V and 0 to a point at 0: Ohm's law in two of them."""
    layer = us.NormalMetal(length=LENGTH)
    wires = [us.Wire([layer], start=name, end="centre") for name in "abc"]
    voltages = {"a": VOLTAGE, "b": -VOLTAGE, "c": 0.0}
    nodes = {name: us.NormalReservoir(voltage=v) for name, v in voltages.items()}
    data = us.solve(us.Device(wires, {**nodes, "centre": us.Junction()}, temperature=0.1)).data
    for k, voltage in enumerate(voltages.values()):
        assert data.charge_current.values[data.layer.values == k] == pytest.approx(voltage / LENGTH, abs=1e-6)


def test_the_rule_holds_at_each_point_of_a_trace():
    """At V = 0 equilibrium, elsewhere distributions: Ohm's law throughout, and there and back the same."""
    device = wire(us.NormalReservoir(name="bias"), us.NormalReservoir())
    branch = us.trace(device, "bias.voltage", -0.2, 0.2, step=0.1, both=True)
    assert branch.converged and branch.method == "point by point"
    voltage = branch.data["bias.voltage"].values
    current = branch.data.charge_current.isel(position=0).values
    assert np.any(np.abs(voltage) < 1e-12)
    assert current == pytest.approx(np.broadcast_to(1.5 * voltage / LENGTH, current.shape), abs=1e-7)
    assert np.all(branch.data.stable == 1)


@pytest.mark.parametrize("start, stop", [(0.0, 0.3), (0.3, 0.0)])
def test_a_trace_through_equilibrium_with_a_gap(start, stop):
    barrier = us.Tunnel(conductance=0.3)
    ends = [us.NormalReservoir(voltage=v) for v in ("V", "-V")]
    device = us.Stack(
        [ends[0], barrier, us.Superconductor(name="S", length=2.0), barrier, ends[1]],
        temperature=0.2, tolerance=1e-5, parameters={"V": start}, output=PLAIN,
    )  # fmt: skip
    branch = us.trace(device, "V", start, stop, step=0.2)
    assert branch.converged
    for at in (0, -1):
        point = branch.data.isel(branch_point=at)
        alone = us.solve(device.replace({"V": (start, stop)[at]})).data
        assert float(point.gap.mean()) == pytest.approx(float(alone.gap.mean()), abs=1e-4)
        assert float(point.charge_current[0]) == pytest.approx(float(alone.charge_current[0]), abs=2e-5)
    assert float(abs(branch.data.charge_current).max()) > 1e-3


def test_equilibrium_is_still_followed_along_its_arc():
    device = us.Stack([us.Superconductor(name="S", length=1.0), us.NormalReservoir()], temperature=0.3, output=PLAIN)
    assert us.trace(device.replace({"tolerance": 1e-4}), "S.length", 3.0, 3.2, step=0.2).method == "arclength"


def test_refusals_name_the_way_out():
    barrier = us.Tunnel(conductance=0.1)
    superconductor = us.Superconductor(name="S", length=3.0)
    ends = us.NormalReservoir(name="bias"), us.NormalReservoir()
    device = us.Stack([ends[0], barrier, superconductor, barrier, ends[1]], temperature=0.1, tolerance=1e-4)
    way_out = r"solved for \(S\); allowed: nonequilibrium = false in these layers, or a trace"
    with pytest.raises(us.InputError, match=way_out):
        us.critical(device.replace({"bias.voltage": 0.1}))
    with pytest.raises(us.InputError, match=way_out):
        us.critical(device, "bias.voltage", 0.0, 1.0)
    with pytest.raises(us.InputError, match=way_out):
        us.critical(device, "bias.voltage")
    with pytest.raises(us.InputError, match=way_out):
        us.critical(device, over={"bias.voltage": [0.0, 0.1]})
    imposed = device.replace({"bias.voltage": 0.1, "S.nonequilibrium": False})
    found = us.critical(imposed), us.critical(device)
    assert found[0].value == pytest.approx(found[1].value, abs=1e-3) and 0.8 < found[0].value < 1


def test_a_given_current():
    ends = us.SuperconductingReservoir(current=0.01, temperature=0.2), us.SuperconductingReservoir()
    device = us.Stack([ends[0], us.NormalMetal(name="N", length=1), ends[1]], temperature=0.1, tolerance=1e-4)
    with pytest.raises(us.InputError, match=r"current: cannot be given.*\(N\); allowed: nonequilibrium = false"):
        us.solve(device)
    imposed = us.solve(device.replace({"N.nonequilibrium": False})).data
    assert imposed.charge_current.values == pytest.approx(0.01, abs=1e-4)
