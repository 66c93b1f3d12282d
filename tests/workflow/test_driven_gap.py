"""Gaps that are solved for together with the distribution functions."""

import numpy as np
import pytest
from scipy.interpolate import CubicSpline

import usadel as us
from usadel.kinetics import equation as kinetics
from usadel.kinetics import reference

SOLVED = {"nonequilibrium": True}
GAP = us.Output(quantities=["gap", "charge_current"])


def between(left, layers, right, conductance=0.3, **settings):
    """Layers between reservoirs behind tunnel barriers."""
    barrier = us.Tunnel(conductance=conductance)
    inner = [barrier, *layers, barrier]
    return us.Stack([left, *inner, right], output=GAP, **{"temperature": 0.1, "tolerance": 1e-5, **settings})


def reservoir(**keys):
    return us.NormalReservoir(**keys)


def gap(device):
    return us.solve(device).data.gap.values


def test_equilibrium_from_another_reference(monkeypatch):
    """Reservoirs at 0.6 Tc, integrals relative to 0.2 Tc: what δh adds makes the gap of the Matsubara sums."""
    device = between(reservoir(), [us.Superconductor(length=2.0, **SOLVED)], reservoir(), temperature=0.6)
    plain = us.solve(device.replace({"stack.2.nonequilibrium": False}))
    for module in (kinetics, reference):
        monkeypatch.setattr(module, "reference_temperature", lambda network: 0.2)
    driven = us.solve(device)
    places = np.linspace(0.1, 1.9, 7)
    found, expected = (CubicSpline(r.data.position.values, r.data.gap.values)(places) for r in (driven, plain))
    assert expected.min() > 0.3
    assert np.abs(found - expected).max() < 5e-5  # both to 1e-5, and splines on different grids
    ends = [r.data.gap.values[[0, -1]] for r in (driven, plain)]
    assert np.abs(ends[0] - ends[1]).max() < 2e-5
    warmer = gap(between(reservoir(), [us.Superconductor(length=2.0)], reservoir(), temperature=0.2))
    assert warmer[0] > expected[0] + 0.05


def test_equilibrium():
    device = between(reservoir(), [us.Superconductor(length=2.0, **SOLVED)], reservoir(), tolerance=3e-8)
    plain = gap(device.replace({"stack.2.nonequilibrium": False}))
    assert np.abs(gap(device)[[0, -1]] - plain[[0, -1]]).max() < 1e-8


@pytest.mark.parametrize("spin_voltage", [0.2, 0.35])
def test_injected_spin_voltage_is_the_imposed_one(spin_voltage):
    """Without relaxation h is that of the two reservoirs: an imposed distribution, summed on the contour."""
    keys = {"spin_voltage": spin_voltage, "spin_axis": [1, 0, 1]}
    wire = {"length": 1.2, "exchange_field": [0.1, 0.0, 0.1]}
    settings = {"conductance": 0.05, "temperature": 0.2}
    solved = between(reservoir(**keys), [us.Superconductor(**wire, **SOLVED)], reservoir(**keys), **settings)
    imposed = between(reservoir(), [us.Superconductor(**wire, **keys)], reservoir(), **settings)
    first, second = us.solve(solved), us.solve(imposed)
    assert np.abs(first.data.gap.values[[0, -1]] - second.data.gap.values[[0, -1]]).max() < 2e-5
    assert 0.3 < second.data.gap.values[0] < 0.97


def test_biased_wire():
    """Currents turn into supercurrents and back; the bias lowers the gap; a large one destroys it."""
    wire = [us.Superconductor(length=4.0, **SOLVED)]
    rest, driven = (between(reservoir(voltage=v), wire, reservoir(voltage=-v)) for v in (0.0, 0.6))
    results = us.solve(rest), us.solve(driven)
    current = results[1].data.charge_current.values
    assert abs(current[0]) > 1e-3
    assert np.ptp(current) < 1e-5
    assert abs(results[1].data.charge_current_resistive.values[current.size // 2]) < 0.3 * abs(current[0])
    assert np.all(results[1].data.gap.values < results[0].data.gap.values)
    assert np.all(gap(between(reservoir(voltage=1.5), wire, reservoir(voltage=-1.5))) == 0.0)


def test_transparent_contacts():
    """The current is resistive at the ends, where the gap vanishes, and a supercurrent inside."""
    end = us.NormalReservoir
    elements = [end(voltage=0.1), us.Superconductor(length=6.0, **SOLVED), end(voltage=-0.1)]
    result = us.solve(us.Stack(elements, temperature=0.1, tolerance=1e-3, output=GAP))
    current, resistive = result.data.charge_current.values, result.data.charge_current_resistive.values
    assert abs(current[0]) > 0.05
    assert np.ptp(current) < 1e-4
    assert resistive[[0, -1]] == pytest.approx(current[[0, -1]], abs=1e-3)
    assert resistive.min() < 0.2 * current[0]


def test_injection_into_a_superconducting_reservoir():
    elements = [us.Superconductor(length=2.0, **SOLVED), us.SuperconductingReservoir()]
    device = us.Stack(
        [reservoir(voltage=0.3), us.Tunnel(conductance=0.3), *elements], temperature=0.1, tolerance=1e-5, output=GAP
    )
    result = us.solve(device)
    current = result.data.charge_current.values
    assert abs(current[0]) > 1e-3
    assert np.ptp(current) < 1e-5
    rigid = us.solve(device.replace({"stack.2.self_consistent": False}))
    assert np.ptp(rigid.data.charge_current.values) > 1e-4  # a gap that is given does not conserve charge


def test_two_superconductors():
    island = us.Superconductor(length=1.5, **SOLVED)
    normal = us.NormalMetal(length=0.5, **SOLVED)
    barrier = us.Tunnel(conductance=0.5, relative_to="right")
    layers = [island, barrier, normal, us.Tunnel(conductance=0.5, relative_to="left"), island]
    result = us.solve(between(reservoir(voltage=0.3), layers, reservoir(voltage=-0.3), tolerance=1e-4))
    current = result.data.charge_current.values
    assert abs(current[0]) > 1e-4
    assert np.ptp(current) < 1e-4
    values = result.data.gap.values
    assert values == pytest.approx(values[::-1], abs=1e-4)


@pytest.mark.parametrize("voltage", [0.3, 0.9])
def test_weak_contacts_at_low_temperature(voltage):
    """Two steps at ±V < Δ0 leave the gap alone (Snyman and Nazarov, PRB 79, 014510 (2009))."""
    settings = {"conductance": 1e-5, "temperature": 0.02, "inelastic": 1e-5}
    wire = [us.Superconductor(length=0.3, **SOLVED)]
    values = gap(between(reservoir(voltage=voltage), wire, reservoir(voltage=-voltage), **settings))
    assert values == pytest.approx(1.0, abs=1e-3)


def test_charge_flows_into_the_condensate():
    """With contacts that differ, the condensate is not half-way between the reservoirs: its phase turns."""
    barriers = [us.Tunnel(conductance=g) for g in (0.3, 0.1)]
    wire = us.Superconductor(length=2.0, **SOLVED)
    device = us.Stack(
        [reservoir(voltage=0.2), barriers[0], wire, barriers[1], reservoir(voltage=-0.2)], temperature=0.1,
        tolerance=1e-4, output=GAP,
    )  # fmt: skip
    with pytest.raises(us.NotConverged, match="phase of a superconductor"):
        us.solve(device)
